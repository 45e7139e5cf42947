// SPDX-License-Identifier: MIT
// The "built-in" plugins of the test program, found through its own entry symbol as the real ones are.
#include <souschef/plugin.hpp>

namespace souschef::test {
namespace {

constexpr char kEchoManifest[] = R"({"id": "echo", "version": "1.2.0", "summary": "Answers with its request.",
  "kinds": ["stage"], "abi": "1.0",
  "settings": {"loud": {"type": "boolean", "default": false, "description": "In capitals."},
    "command": {"type": "array", "items": {"type": "string"}, "config_only": true, "description": "What to run."},
    "key": {"type": "string", "secret": true, "description": "A secret."}}})";

class Echo final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("echo", "1.2.0", kEchoManifest);
  using Plugin::Plugin;
  Calls& calls() { return *this; }
  Status start(std::string_view settings) override {
    settings_ = settings;
    host().log(LogLevel::info, "started");
    return {};
  }
  Result<std::string> call(CallContext&, std::string_view method, std::string_view request) override {
    if (method == "stage.settings") return settings_;
    if (method != "stage.run") return Error(ErrorCode::unsupported, "unknown method", std::string(method));
    return std::string(request);
  }

 private:
  std::string settings_;
};
SOUSCHEF_PLUGIN(Echo)

constexpr char kReverseManifest[] =
    R"({"id": "reverse", "version": "0.1", "summary": "Turns .rev files around.",
  "kinds": ["tracer", "filter", "inspect"], "abi": "1.0"})";

class Reverse final : public Plugin, public Analyser, public Tracer, public Filter, public Inspector {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("reverse", "0.1", kReverseManifest);
  static constexpr std::uint32_t kTracerVersion = 1, kFilterVersion = 1, kOldestFilterVersion = 1;
  using Plugin::Plugin;
  Analyser& analyser() { return *this; }
  Tracer& tracer() { return *this; }
  Filter& filter() { return *this; }
  Inspector& inspector() { return *this; }

  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override {
    return !head.empty() && head[0] == std::byte{'R'};
  }
  Result<std::unique_ptr<Analysis>> open(const InputFile&, const std::filesystem::path&) override {
    return std::unique_ptr<Analysis>();
  }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::uint32_t oldest_version() const override { return 1; }
  Status trace(Analysis&, TraceSink&) override { return {}; }
  Status rewrite(Analysis&, std::span<const PathChange>, ByteSink&) override { return {}; }
  Result<Encoded> encode(Analysis&, SliceSink&) override { return Encoded::declined; }
  Result<std::unique_ptr<PushTransform>> decode(std::uint32_t, std::uint64_t, ByteSink&) override {
    return Error(ErrorCode::unsupported, "nothing to decode");
  }
  Status outline(Analysis&, OutlineSink&) override { return {}; }
  [[nodiscard]] std::string commands() const override { return "[]"; }
  Status run(std::string_view, std::string_view, Analysis&, ByteSink&) override { return {}; }
};
SOUSCHEF_PLUGIN(Reverse)

constexpr char kSulkManifest[] = R"({"id": "sulk", "version": "1.0", "summary": "Does not start.",
  "kinds": ["stage"], "abi": "1.0"})";

class Sulk final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("sulk", "1.0", kSulkManifest);
  using Plugin::Plugin;
  Calls& calls() { return *this; }
  Status start(std::string_view) override {
    return Error(ErrorCode::not_found, "there is no spoon").next_step("buy a spoon");
  }
  Result<std::string> call(CallContext&, std::string_view, std::string_view) override {
    return std::string("{}");
  }
};
SOUSCHEF_PLUGIN(Sulk)

class Nameless final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("nameless", "1.0", R"({"id": "nameless"})");
  using Plugin::Plugin;
  Calls& calls() { return *this; }
  Result<std::string> call(CallContext&, std::string_view, std::string_view) override {
    return std::string("{}");
  }
};
SOUSCHEF_PLUGIN(Nameless)

}  // namespace
}  // namespace souschef::test

SOUSCHEF_ENTRY();
