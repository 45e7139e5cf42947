// SPDX-License-Identifier: MIT
// A plugin as a shared library, with every face that can be reached from outside; breaks down on request.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <souschef/plugin.hpp>

namespace {

using namespace souschef;

class Whole final : public Analysis {
 public:
  explicit Whole(const InputFile& file) : text_(file.size(), '\0') {
    (void)file.read_at(0, std::as_writable_bytes(std::span(text_)));
  }
  [[nodiscard]] std::uint64_t content_size() const override { return text_.size(); }
  [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override {
    return std::as_bytes(std::span(text_))
        .subspan(offset, std::min<std::size_t>(size, text_.size() - offset));
  }

 private:
  std::string text_;
};

class Foreign final : public Plugin,
                      public Analyser,
                      public Tracer,
                      public Inspector,
                      public Calls,
                      public Filter {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("foreign", "1.0.0");
  static constexpr std::uint32_t kTracerVersion = 1, kFilterVersion = 1, kOldestFilterVersion = 1;
  using Plugin::Plugin;
  Analyser& analyser() { return *this; }
  Tracer& tracer() { return *this; }
  Inspector& inspector() { return *this; }
  Calls& calls() { return *this; }
  Filter& filter() { return *this; }

  Status start(std::string_view settings) override {
    std::puts("a library that prints on standard output");
    std::fflush(stdout);
    settings_ = settings;
    return {};
  }
  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override {
    return !head.empty() && head[0] == std::byte{'F'};
  }
  Result<std::unique_ptr<Analysis>> open(const InputFile& file, const std::filesystem::path&) override {
    return std::unique_ptr<Analysis>(std::make_unique<Whole>(file));
  }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::uint32_t oldest_version() const override { return 1; }
  Status trace(Analysis&, TraceSink& sink) override {
    const std::uint32_t to[] = {1};
    sink.datablock({"SCScene", kNone, true});
    sink.datablock({"IM\xff", kNone, false});
    sink.uses(0, to);
    sink.reference({.path = "//wall\xff.png",
                    .base = "",
                    .kind = ReferenceKind::image,
                    .expansion = Expansion::udim,
                    .need = Need::optional,
                    .datablock = 1,
                    .property = "Image.filepath",
                    .pattern = "a\nb",
                    .first_frame = -5,
                    .last_frame = 10,
                    .rewritable = true});
    sink.output({OutputKind::file_node, 0, "//out", "slot", "PNG", ".png", "Node", true});
    sink.simulation({0, "cloth", "Cloth", false, 1, 250});
    sink.facts(R"({"scenes": [1]})");
    sink.warning({1, "old", "An old file."});
    return {};
  }
  Status rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) override {
    out.write(analysis.content(0, analysis.content_size()));
    for (const PathChange& change : changes)
      out.write("|" + std::to_string(change.reference) + "=" + change.path);
    return {};
  }
  Status outline(Analysis&, OutlineSink& sink) override {
    sink.item({"object", "Cube\xff", {1, 2, 254}, "a box"});
    return {};
  }
  [[nodiscard]] std::string commands() const override { return R"([{"name": "say"}])"; }
  Status run(std::string_view command, std::string_view arguments, Analysis&, ByteSink& out) override {
    out.write(std::string(command) + std::string(arguments));
    return {};
  }
  Result<Encoded> encode(Analysis&, SliceSink&) override { return Encoded::declined; }
  Result<std::unique_ptr<PushTransform>> decode(std::uint32_t, std::uint64_t, ByteSink&) override {
    return Error(ErrorCode::unsupported, "nothing to decode");
  }

  Result<std::string> call(CallContext& context, std::string_view method, std::string_view request) override {
    if (method == "stage.settings") return settings_;
    if (method == "stage.crash") std::raise(SIGSEGV);
    if (method == "stage.exit") std::_Exit(7);
    if (method == "stage.throw") throw std::runtime_error("thrown");
    if (method == "stage.pretty") return std::string("{\n  \"a\": 1\n}");
    if (method == "stage.nonsense") return std::string("not json");
    if (method == "stage.wait") {
      while (!context.cancelled()) std::this_thread::yield();
      return Error(ErrorCode::cancelled, "stopped as asked");
    }
    if (method != "stage.run") return Error(ErrorCode::unsupported, "unknown method", std::string(method));
    context.progress(0.5, "half");
    context.log(LogLevel::warning, "careful");
    return std::string(request);
  }

 private:
  std::string settings_;
};
SOUSCHEF_PLUGIN(Foreign)

}  // namespace
