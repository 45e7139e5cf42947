// SPDX-License-Identifier: MIT
// The other side of core/plugin_host/plugin_remote: between the wire and the C ABI. The main thread reads
// requests; each runs on a thread of its own, so that "cancel" is heard meanwhile. The protocol allows one
// request at a time, so there is never more than one such thread.
#include "core/plugin_host/plugin_server.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <souschef/file_name.hpp>
#include <souschef/hash.hpp>

#include "core/base/file_descriptor.hpp"
#include "core/base/json_text.hpp"
#include "core/base/line_buffer.hpp"
#include "core/plugin_host/plugin_discovery.hpp"
#include "core/plugin_host/plugin_instance.hpp"
#include "core/plugin_host/plugin_trace.hpp"
#include "core/plugin_host/plugin_wire.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// Where answers go: the real standard output, which nobody else in this process can reach by its number.
class Wire {
 public:
  static Result<std::unique_ptr<Wire>> take_over() {
    auto wire = std::make_unique<Wire>();
    wire->input_.reset(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10));
    wire->output_.reset(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10));
    const FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!wire->input_ || !wire->output_ || ::dup2(nothing.get(), STDIN_FILENO) < 0 ||
        ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
      return Error(ErrorCode::io, "cannot set up the plugin's descriptors", std::strerror(errno));
    return wire;
  }

  void send(const std::string& line) {
    const std::scoped_lock lock(mutex_);
    for (std::size_t sent = 0; sent < line.size();) {
      const ssize_t count = ::write(output_.get(), line.data() + sent, line.size() - sent);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) std::_Exit(1);  // the program is gone: nobody is left to work for
      sent += static_cast<std::size_t>(count);
    }
  }

  // Nothing at the end of the input.
  std::optional<std::string> receive() {
    for (;;) {
      if (auto line = lines_.take()) return line;
      std::array<char, 1U << 16> piece;
      const ssize_t count = ::read(input_.get(), piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      lines_.add({piece.data(), static_cast<std::size_t>(count)});
    }
  }

 private:
  FileDescriptor input_, output_;
  LineBuffer lines_{kMaxLineToPlugin};
  std::mutex mutex_;
};

class WireContext final : public CallContext {
 public:
  explicit WireContext(Wire& wire) : wire_(wire) {}
  [[nodiscard]] bool cancelled() const override { return cancelled_; }
  void progress(double fraction, std::string_view message) override {
    wire_.send(progress_line(fraction, message));
  }
  void log(LogLevel level, std::string_view message) override { wire_.send(log_line(level, message)); }
  void cancel() { cancelled_ = true; }

 private:
  Wire& wire_;
  std::atomic<bool> cancelled_ = false;
};

// A file that a request names by its path.
class PathFile final : public InputFile {
 public:
  static Result<std::unique_ptr<PathFile>> open(const Json& params) {
    const auto found = params.find("path");
    const auto path = found != params.end() && found->is_string()
                          ? unescape_name(found->get_ref<const std::string&>())
                          : std::nullopt;
    if (!path) return Error(ErrorCode::bad_input, "the request names no file");
    auto file = std::make_unique<PathFile>();
    file->name_ = *path;
    file->fd_.reset(::open(path->c_str(), O_RDONLY | O_CLOEXEC));
    const off_t size = file->fd_ ? ::lseek(file->fd_.get(), 0, SEEK_END) : -1;
    if (size < 0) return Error(ErrorCode::io, "cannot open " + *path, std::strerror(errno));
    file->size_ = static_cast<std::uint64_t>(size);
    return file;
  }
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::span<const std::byte> map() const override { return {}; }
  [[nodiscard]] std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t count =
          ::pread(fd_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return -1;
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return static_cast<std::int64_t>(done);
  }

 private:
  std::string name_;
  FileDescriptor fd_;
  std::uint64_t size_ = 0;
};

class FileOutput final : public ByteSink {
 public:
  explicit FileOutput(const fs::path& path) : out_(path, std::ios::binary | std::ios::trunc) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    out_.write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size()));
    return out_.good();
  }
  bool close() {
    out_.close();
    return out_.good();
  }

 private:
  std::ofstream out_;
};

class OutlineAnswer final : public OutlineSink {
 public:
  bool item(const OutlineItem& item) override {
    Hash digest;
    for (std::size_t i = 0; i < item.digest.size(); ++i)
      digest.bytes[i] = static_cast<std::byte>(item.digest[i]);
    items.push_back({{"kind", item.kind},
                     {"name", escape_name(item.name)},
                     {"digest", digest.hex().substr(0, 2 * item.digest.size())},
                     {"detail", item.detail}});
    return true;
  }
  Json items = Json::array();
};

// Answers requests with the faces of one plugin.
class Server {
 public:
  Server(PluginManifest manifest, const PluginLibrary& library)
      : manifest_(std::move(manifest)), library_(library) {}

  Result<Json> answer(CallContext& context, const WireRequest& request) {
    if (request.method == "hello") return hello(request.params);
    if (instance_ == nullptr) return Error(ErrorCode::bad_input, "\"hello\" comes first");
    const PluginFaces& faces = instance_->faces();
    if (request.method.rfind("tracer.", 0) == 0 && faces.tracer != nullptr) return trace(faces, request);
    if (request.method.rfind("inspect.", 0) == 0 && faces.inspector != nullptr)
      return inspect(faces, request);
    if (faces.calls == nullptr) return unknown(request.method);
    SOUSCHEF_TRY(const std::string text,
                 faces.calls->call(context, request.method, json_text(request.params)));
    SOUSCHEF_TRY(Json result, parse_json(text));
    if (!result.is_object())
      return Error(ErrorCode::plugin, "the answer to " + request.method + " is not a JSON object");
    return result;
  }

 private:
  static Error unknown(const std::string& method) {
    return Error(ErrorCode::unsupported, "unknown method: " + method);
  }

  Result<Json> hello(const Json& params) {
    if (instance_ != nullptr) return Error(ErrorCode::bad_input, "\"hello\" comes once");
    auto host = std::make_unique<PluginHost>(manifest_.id, pool_,
                                             [](std::string_view plugin, LogLevel, std::string_view message) {
                                               std::cerr << plugin << ": " << message << std::endl;
                                             });
    SOUSCHEF_TRY(instance_, start_native(library_, std::move(host),
                                         json_text(params.value("settings", Json::object()))));
    return Json{{"id", manifest_.id}, {"version", manifest_.version}, {"protocol", abi_text()}};
  }

  Result<std::unique_ptr<Analysis>> open(const PluginFaces& faces, const PathFile& file) {
    std::array<std::byte, 64> head{};
    const std::int64_t count = file.read_at(0, head);
    if (count < 0 || !faces.analyser->accepts(std::span(head).first(static_cast<std::size_t>(count))))
      return Error(ErrorCode::unsupported, std::string(file.name()) + " is not a file for this plugin");
    SOUSCHEF_TRY(auto analysis, faces.analyser->open(file, fs::temp_directory_path()));
    if (analysis == nullptr)
      return Error(ErrorCode::unsupported, std::string(file.name()) + " is not a file for this plugin");
    return analysis;
  }

  Result<Json> trace(const PluginFaces& faces, const WireRequest& request) {
    SOUSCHEF_TRY(const auto file, PathFile::open(request.params));
    SOUSCHEF_TRY(const auto analysis, open(faces, *file));
    if (request.method == "tracer.trace") {
      TraceAnswer answer;
      SOUSCHEF_CHECK(faces.tracer->trace(*analysis, answer));
      return answer.take();
    }
    if (request.method != "tracer.rewrite") return unknown(request.method);
    SOUSCHEF_TRY(const auto changes, read_changes(request.params.value("changes", Json())));
    const auto path = unescape_name(text_at(request.params, "output"));
    if (!path) return Error(ErrorCode::bad_input, "the request names no output");
    FileOutput output(*path);
    SOUSCHEF_CHECK(faces.tracer->rewrite(*analysis, changes, output));
    if (!output.close()) return Error(ErrorCode::io, "cannot write " + *path);
    return Json::object();
  }

  Result<Json> inspect(const PluginFaces& faces, const WireRequest& request) {
    if (request.method == "inspect.commands") {
      SOUSCHEF_TRY(Json commands, parse_json(faces.inspector->commands()));
      return Json{{"commands", std::move(commands)}};
    }
    SOUSCHEF_TRY(const auto file, PathFile::open(request.params));
    SOUSCHEF_TRY(const auto analysis, open(faces, *file));
    if (request.method == "inspect.outline") {
      OutlineAnswer answer;
      SOUSCHEF_CHECK(faces.inspector->outline(*analysis, answer));
      return Json{{"items", std::move(answer.items)}};
    }
    if (request.method != "inspect.run") return unknown(request.method);
    StringSink text;
    SOUSCHEF_CHECK(faces.inspector->run(text_at(request.params, "command"),
                                        json_text(request.params.value("arguments", Json::array())),
                                        *analysis, text));
    return Json{{"text", text.text}};
  }

  PluginManifest manifest_;
  const PluginLibrary& library_;
  WorkerPool pool_;
  std::unique_ptr<PluginInstance> instance_;  // after the pool that it works with
};

// One request on its thread; joined before the next.
struct Running {
  std::int64_t id = 0;
  std::unique_ptr<WireContext> context;
  std::atomic<bool> done = false;
  std::jthread thread;
};

void serve(Wire& wire, Server& server) {
  std::unique_ptr<Running> running;
  while (auto line = wire.receive()) {
    auto message = read_to_plugin(*line);
    if (!message) continue;  // a newer program's notice; requests are always well-formed
    if (const auto* cancel = std::get_if<WireCancel>(&*message)) {
      if (running != nullptr && running->id == cancel->id) running->context->cancel();
      continue;
    }
    running.reset();
    running = std::make_unique<Running>();
    running->id = std::get<WireRequest>(*message).id;
    running->context = std::make_unique<WireContext>(wire);
    running->thread = std::jthread(
        [&wire, &server, job = running.get(), request = std::get<WireRequest>(std::move(*message))] {
          auto result = server.answer(*job->context, request);
          job->done = true;
          wire.send(result ? answer_line(request.id, json_text(*result))
                           : failure_line(request.id, result.error()));
        });
  }
  // The program has gone away, or given up on this call: what still runs is not waited for.
  if (running != nullptr && !running->done) std::_Exit(0);
}

}  // namespace

Status serve_plugin(const fs::path& folder) {
  SOUSCHEF_TRY(const auto wire, Wire::take_over());
  FoundPlugin found = read_plugin(folder, PluginOrigin::user);
  SOUSCHEF_TRY(PluginManifest manifest, std::move(found.manifest));
  if (!manifest.program || !manifest.program->is_library)
    return Error(ErrorCode::unsupported, "the plugin \"" + manifest.id + "\" has no library for this system");
  SOUSCHEF_TRY(const PluginLibrary library,
               PluginLibrary::open(found.folder / manifest.program->command.front(), found.folder));
  Server server(std::move(manifest), library);
  serve(*wire, server);
  return {};
}

}  // namespace souschef::core
