// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_remote.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <mutex>

#include <souschef/file_name.hpp>
#include <souschef/hash.hpp>

#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_trace.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kMaxIdle = 4;  // processes that wait for the next call

// The processes of one plugin: a call takes an idle one or a new one for itself.
class Processes {
 public:
  Processes(RemotePlugin plugin, ProcessStarter& starter, PluginLog log)
      : plugin_(std::move(plugin)), starter_(starter), log_(std::move(log)) {}

  Result<Json> call(CallContext& context, std::string_view method, std::string_view params) {
    SOUSCHEF_TRY(std::unique_ptr<PluginProcess> process, take());
    auto answer = process->call(context, method, params);
    give_back(std::move(process));
    return answer;
  }
  Result<std::unique_ptr<PluginProcess>> take() {
    {
      const std::scoped_lock lock(mutex_);
      while (!idle_.empty()) {
        auto process = std::move(idle_.back());
        idle_.pop_back();
        if (process->usable()) return process;
      }
    }
    if (plugin_.may_start) SOUSCHEF_CHECK(plugin_.may_start());
    return PluginProcess::start(starter_, plugin_.command, log_);
  }
  void give_back(std::unique_ptr<PluginProcess> process) {
    if (!process->usable()) return;
    const std::scoped_lock lock(mutex_);
    if (idle_.size() < kMaxIdle) idle_.push_back(std::move(process));
  }

  [[nodiscard]] const RemotePlugin& plugin() const { return plugin_; }

 private:
  RemotePlugin plugin_;
  ProcessStarter& starter_;
  PluginLog log_;
  std::mutex mutex_;  // guards idle_
  std::vector<std::unique_ptr<PluginProcess>> idle_;
};

class RemoteCalls final : public Calls {
 public:
  explicit RemoteCalls(Processes& processes) : processes_(processes) {}
  Result<std::string> call(CallContext& context, std::string_view method, std::string_view request) override {
    SOUSCHEF_TRY(const Json answer, processes_.call(context, method, request));
    return json_text(answer);
  }

 private:
  Processes& processes_;
};

// The file itself: what is inside a wrapper only the plugin knows.
class RemoteAnalysis final : public Analysis {
 public:
  RemoteAnalysis(const InputFile& file, fs::path temporary_folder)
      : file_(file), temporary_folder_(std::move(temporary_folder)) {}

  [[nodiscard]] std::uint64_t content_size() const override { return file_.size(); }
  [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override {
    if (offset >= file_.size()) return {};
    buffer_.resize(std::min<std::uint64_t>(size, file_.size() - offset));
    const std::int64_t count = file_.read_at(offset, buffer_);
    return count <= 0 ? std::span<const std::byte>()
                      : std::span(buffer_).first(static_cast<std::size_t>(count));
  }

  // The name under which the plugin's process can open it.
  [[nodiscard]] Result<std::string> path() const {
    const fs::path path(file_.name());
    std::error_code failed;
    if (!path.is_absolute() || fs::file_size(path, failed) != file_.size() || failed)
      return Error(ErrorCode::unsupported,
                   std::string(file_.name()) + " cannot be given to a plugin's process",
                   "it is not a file with a path of its own, or has just changed");
    return path.string();
  }
  [[nodiscard]] const fs::path& temporary_folder() const { return temporary_folder_; }

 private:
  const InputFile& file_;
  fs::path temporary_folder_;
  std::vector<std::byte> buffer_;
};

RemoteAnalysis& of(Analysis& analysis) {
  return static_cast<RemoteAnalysis&>(analysis);
}

class RemoteAnalyser final : public Analyser {
 public:
  explicit RemoteAnalyser(const std::vector<PluginMagic>& accepts) : accepts_(accepts) {}
  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override {
    const std::string_view bytes(reinterpret_cast<const char*>(head.data()), head.size());
    return std::any_of(accepts_.begin(), accepts_.end(), [&](const PluginMagic& magic) {
      return magic.offset <= bytes.size() && bytes.substr(magic.offset, magic.bytes.size()) == magic.bytes;
    });
  }
  [[nodiscard]] Result<std::unique_ptr<Analysis>> open(const InputFile& file,
                                                       const fs::path& temporary_folder) override {
    return std::unique_ptr<Analysis>(std::make_unique<RemoteAnalysis>(file, temporary_folder));
  }

 private:
  const std::vector<PluginMagic>& accepts_;
};

// A file for an answer that is too long for a line; removed with the object.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create(const fs::path& folder) {
    std::string name = (folder / "souschef-plugin-XXXXXX").string();
    const FileDescriptor file(::mkstemp(name.data()));
    if (!file) return Error(ErrorCode::io, "cannot make a temporary file in " + folder.string());
    return TemporaryFile(name);
  }
  ~TemporaryFile() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TemporaryFile& operator=(TemporaryFile&&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }
  Status copy_to(ByteSink& out) const {
    std::ifstream in(path_, std::ios::binary);
    std::array<char, 1U << 16> piece;
    while (in.read(piece.data(), piece.size()) || in.gcount() > 0)
      if (!out.write(std::string_view(piece.data(), static_cast<std::size_t>(in.gcount()))))
        return abi::stopped();
    if (!in.eof()) return Error(ErrorCode::io, "cannot read " + path_.string());
    return {};
  }

 private:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

class RemoteTracer final : public Tracer {
 public:
  explicit RemoteTracer(Processes& processes) : processes_(processes) {}
  [[nodiscard]] std::uint32_t version() const override { return processes_.plugin().tracer_version; }
  Status trace(Analysis& analysis, TraceSink& sink) override {
    SOUSCHEF_TRY(const std::string path, of(analysis).path());
    QuietCall quiet;
    SOUSCHEF_TRY(const Json answer,
                 processes_.call(quiet, "tracer.trace", json_text({{"path", escape_name(path)}})));
    return replay_trace(answer, sink);
  }
  Status rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) override {
    SOUSCHEF_TRY(const std::string path, of(analysis).path());
    SOUSCHEF_TRY(const TemporaryFile output, TemporaryFile::create(of(analysis).temporary_folder()));
    QuietCall quiet;
    SOUSCHEF_CHECK(processes_.call(quiet, "tracer.rewrite",
                                   json_text({{"path", escape_name(path)},
                                              {"changes", changes_json(changes)},
                                              {"output", escape_name(output.path().string())}})));
    return output.copy_to(out);
  }

 private:
  Processes& processes_;
};

std::array<std::uint8_t, 16> digest_of(const std::string& hex) {
  std::array<std::uint8_t, 16> digest{};
  const auto whole = Hash::from_hex(hex + std::string(32, '0'));
  for (std::size_t i = 0; whole && i < digest.size(); ++i)
    digest[i] = std::to_integer<std::uint8_t>(whole->bytes[i]);
  return digest;
}

class RemoteInspector final : public Inspector {
 public:
  explicit RemoteInspector(Processes& processes) : processes_(processes) {}
  Status outline(Analysis& analysis, OutlineSink& sink) override {
    SOUSCHEF_TRY(const Json answer, ask("inspect.outline", analysis, Json::object()));
    const Json items = answer.value("items", Json());
    if (!items.is_array())
      return Error(ErrorCode::plugin, "the inspector's answer is wrong", "items is not a list");
    for (const Json& item : items) {
      const auto name = unescape_name(text_at(item, "name"));
      if (!name)
        return Error(ErrorCode::plugin, "the inspector's answer is wrong", "a name is spelled wrongly");
      if (!sink.item(
              {text_at(item, "kind"), *name, digest_of(text_at(item, "digest")), text_at(item, "detail")}))
        return abi::stopped();
    }
    return {};
  }
  [[nodiscard]] std::string commands() const override {
    QuietCall quiet;
    const auto answer = processes_.call(quiet, "inspect.commands", "{}");
    const Json list = answer ? answer->value("commands", Json()) : Json();
    return list.is_array() ? json_text(list) : "[]";
  }
  Status run(std::string_view command, std::string_view arguments, Analysis& analysis,
             ByteSink& out) override {
    SOUSCHEF_TRY(Json list, parse_json(arguments));
    SOUSCHEF_TRY(const Json answer,
                 ask("inspect.run", analysis, {{"command", command}, {"arguments", list}}));
    return out.write(text_at(answer, "text")) ? Status() : Status(abi::stopped());
  }

 private:
  Result<Json> ask(std::string_view method, Analysis& analysis, Json params) {
    SOUSCHEF_TRY(const std::string path, of(analysis).path());
    params["path"] = escape_name(path);
    QuietCall quiet;
    return processes_.call(quiet, method, json_text(params));
  }
  Processes& processes_;
};

class RemoteInstance final : public PluginInstance {
 public:
  RemoteInstance(RemotePlugin plugin, ProcessStarter& starter, PluginLog log)
      : processes_(std::move(plugin), starter, std::move(log)) {
    const auto is = [&](PluginKind kind) {
      const auto& kinds = processes_.plugin().kinds;
      return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    };
    if (is(PluginKind::tracer)) faces_.tracer = &tracer_;
    if (is(PluginKind::inspect)) faces_.inspector = &inspector_;
    if (faces_.tracer != nullptr || faces_.inspector != nullptr) faces_.analyser = &analyser_;
    if (is(PluginKind::renderer) || is(PluginKind::stage) || is(PluginKind::event)) faces_.calls = &calls_;
  }

  Status try_start() {
    SOUSCHEF_TRY(auto process, processes_.take());
    processes_.give_back(std::move(process));
    return {};
  }
  [[nodiscard]] const PluginFaces& faces() const override { return faces_; }

 private:
  Processes processes_;
  RemoteCalls calls_{processes_};
  RemoteAnalyser analyser_{processes_.plugin().accepts};
  RemoteTracer tracer_{processes_};
  RemoteInspector inspector_{processes_};
  PluginFaces faces_;
};

}  // namespace

Result<std::unique_ptr<PluginInstance>> start_remote(RemotePlugin plugin, ProcessStarter& starter,
                                                     PluginLog log) {
  auto instance = std::make_unique<RemoteInstance>(std::move(plugin), starter, std::move(log));
  SOUSCHEF_CHECK(instance->try_start());
  return std::unique_ptr<PluginInstance>(std::move(instance));
}

}  // namespace souschef::core
