// SPDX-License-Identifier: MIT
// A plugin written with the C++ faces, used through the C ABI and back: what a stranger's plugin goes
// through.
#include <souschef/plugin.hpp>

#include <string>

#include <gtest/gtest.h>

namespace souschef {
namespace {

std::span<const std::byte> as_span(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Reverses nothing, names everything: the smallest plugin with every extension.
class Everything final : public Plugin,
                         public Analyser,
                         public Tracer,
                         public Filter,
                         public Wrapper,
                         public Inspector,
                         public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("everything", "2.1.0");
  static constexpr std::uint32_t kTracerVersion = 5, kFilterVersion = 3, kOldestFilterVersion = 1;
  using Plugin::Plugin;

  Analyser& analyser() { return *this; }
  Tracer& tracer() { return *this; }
  Filter& filter() { return *this; }
  Wrapper& wrapper() { return *this; }
  Inspector& inspector() { return *this; }
  Calls& calls() { return *this; }

  Status start(std::string_view settings) override {
    if (settings != "{}") return Error(ErrorCode::bad_input, "no settings here", std::string(settings));
    return {};
  }

  class Text final : public Analysis {
   public:
    explicit Text(std::string_view text) : text_(text) {}
    [[nodiscard]] std::uint64_t content_size() const override { return text_.size(); }
    [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override {
      return as_span(text_).subspan(offset, std::min<std::size_t>(size, text_.size() - offset));
    }

   private:
    std::string text_;
  };

  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override {
    return !head.empty() && head[0] == std::byte{'T'};
  }
  Result<std::unique_ptr<Analysis>> open(const InputFile& file, const std::filesystem::path&) override {
    if (file.size() < 2) return std::unique_ptr<Analysis>();
    std::string text(file.size(), '\0');
    if (file.read_at(0, std::as_writable_bytes(std::span(text))) < 0)
      return Error(ErrorCode::io, "cannot read");
    return std::unique_ptr<Analysis>(std::make_unique<Text>(text));
  }

  std::uint32_t version() const override { return 3; }
  std::uint32_t oldest_version() const override { return 1; }
  Status trace(Analysis&, TraceSink& sink) override {
    const std::uint32_t to[] = {1};
    const bool all =
        sink.datablock({"SCScene", kNone, true}) && sink.datablock({"IM\xff", kNone, false}) &&
        sink.uses(0, to) &&
        sink.reference(
            {.path = "//a\xff.png", .kind = ReferenceKind::image, .datablock = 1, .property = "Image.name"});
    return all ? Status() : Status(abi::stopped());
  }
  Status rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) override {
    out.write(analysis.content(0, 1));
    for (const PathChange& change : changes) out.write(change.path);
    return {};
  }
  Result<Encoded> encode(Analysis& analysis, SliceSink& sink) override {
    if (analysis.content_size() == 3) return Encoded::declined;
    const std::uint32_t cuts[] = {1, static_cast<std::uint32_t>(analysis.content_size())};
    if (!sink.emit(analysis.content(0, analysis.content_size()), cuts)) return abi::stopped();
    return Encoded::done;
  }
  class Pass final : public PushTransform {
   public:
    explicit Pass(ByteSink& out, std::uint64_t size) : out_(out), left_(size) {}
    Status push(std::span<const std::byte> data) override {
      left_ -= data.size();
      return out_.write(data) ? Status() : Status(abi::stopped());
    }
    Status finish() override { return left_ == 0 ? Status() : Status(Error(ErrorCode::corrupt, "short")); }

   private:
    ByteSink& out_;
    std::uint64_t left_;
  };
  Result<std::unique_ptr<PushTransform>> decode(std::uint32_t, std::uint64_t size, ByteSink& out) override {
    return std::unique_ptr<PushTransform>(std::make_unique<Pass>(out, size));
  }
  std::string encoder(WrapperKind) const override { return "none 1"; }
  WrapperKind kind(Analysis&) const override { return WrapperKind::gzip; }
  Result<std::string> describe(Analysis&) override { return std::string(); }
  Result<std::unique_ptr<PushTransform>> wrap(WrapperKind, std::string_view, ByteSink& out) override {
    return std::unique_ptr<PushTransform>(std::make_unique<Pass>(out, 4));
  }
  Status outline(Analysis&, OutlineSink& sink) override {
    sink.item({"scene", "Scene", {1, 2, 3}, "frames 1-2"});
    return {};
  }
  std::string commands() const override { return R"([{"name":"say"}])"; }
  Status run(std::string_view command, std::string_view, Analysis&, ByteSink& out) override {
    if (command != "say") throw std::runtime_error("a plugin that throws");
    out.write("said");
    return {};
  }
  Result<std::string> call(CallContext& context, std::string_view method, std::string_view request) override {
    if (method != "stage.run") return Error(ErrorCode::unsupported, "unknown method", std::string(method));
    context.progress(0.5, "half");
    return std::string(request);
  }
};
SOUSCHEF_REGISTER(Everything);

class TextFile final : public InputFile {
 public:
  explicit TextFile(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::string_view name() const override { return "text"; }
  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
  [[nodiscard]] std::span<const std::byte> map() const override { return {}; }
  [[nodiscard]] std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    const std::size_t count = std::min<std::size_t>(buffer.size(), text_.size() - offset);
    std::memcpy(buffer.data(), text_.data() + offset, count);
    return static_cast<std::int64_t>(count);
  }

 private:
  std::string text_;
};

struct Collector final : TraceSink {
  std::vector<TracedDatablock> datablocks;
  std::vector<TracedReference> references;
  std::vector<std::uint32_t> used;
  bool datablock(const TracedDatablock& d) override { return datablocks.push_back(d), true; }
  bool uses(std::uint32_t, std::span<const std::uint32_t> to) override {
    return used.assign(to.begin(), to.end()), true;
  }
  bool reference(const TracedReference& r) override { return references.push_back(r), true; }
  bool output(const TracedOutput&) override { return true; }
  bool simulation(const TracedSimulation&) override { return true; }
  bool facts(std::string_view) override { return true; }
  bool warning(const TraceWarning&) override { return true; }
};

struct SliceCollector final : SliceSink {
  std::string text;
  std::vector<std::uint32_t> cuts;
  bool emit(std::span<const std::byte> slice, std::span<const std::uint32_t> where) override {
    text.append(reinterpret_cast<const char*>(slice.data()), slice.size());
    cuts.assign(where.begin(), where.end());
    return true;
  }
};

class PluginAbi : public testing::Test {
 protected:
  void SetUp() override {
    const souschef_factory* factory = abi::factory();
    ASSERT_EQ(factory->count(factory), 1U);
    EXPECT_STREQ(factory->describe(factory, 0)->id, "everything");
    plugin_ = factory->create(factory, &host_, "everything");
    ASSERT_NE(plugin_, nullptr);
  }
  void TearDown() override { plugin_->destroy(plugin_); }

  template <class Table>
  const Table* table(const char* id) {
    return static_cast<const Table*>(plugin_->extension(plugin_, id));
  }
  std::unique_ptr<Analysis> open(const TextFile& file) {
    abi::ImportedAnalyser analyser(plugin_, table<souschef_analyser>(SOUSCHEF_ANALYSER));
    auto opened = analyser.open(file, "/tmp");
    return opened ? std::move(*opened) : nullptr;
  }

  souschef_host host_{sizeof(souschef_host),
                      SOUSCHEF_ABI_MAJOR,
                      SOUSCHEF_ABI_MINOR,
                      "test",
                      "0",
                      nullptr,
                      [](const souschef_host*, const char*) -> const void* { return nullptr; },
                      [](const souschef_host*, std::int32_t, souschef_text) {}};
  const souschef_plugin* plugin_ = nullptr;
};

TEST_F(PluginAbi, StartErrorCarriesItsReason) {
  souschef_error error = abi::empty_error();
  EXPECT_EQ(plugin_->start(plugin_, abi::text("{}"), &error), SOUSCHEF_OK);
  EXPECT_EQ(plugin_->start(plugin_, abi::text("{1}"), &error), SOUSCHEF_BAD_INPUT);
  EXPECT_EQ(abi::to_error(error.status, error).line(), "no settings here: {1}");
}

TEST_F(PluginAbi, AnalysisGivesContentAndDeclines) {
  const TextFile file("Text");
  const auto analysis = open(file);
  ASSERT_NE(analysis, nullptr);
  EXPECT_EQ(analysis->content_size(), 4U);
  EXPECT_EQ(analysis->content(1, 100).size(), 3U);
  EXPECT_EQ(open(TextFile("T")), nullptr);
}

TEST_F(PluginAbi, TraceKeepsBytesThatAreNotUtf8) {
  const TextFile file("Text");
  const auto analysis = open(file);
  abi::ImportedTracer tracer(plugin_, table<souschef_tracer>(SOUSCHEF_TRACER));
  EXPECT_EQ(tracer.version(), 5U);
  Collector collector;
  ASSERT_TRUE(tracer.trace(*analysis, collector));
  ASSERT_EQ(collector.datablocks.size(), 2U);
  EXPECT_TRUE(collector.datablocks[0].root);
  EXPECT_EQ(collector.datablocks[1].name, "IM\xff");
  ASSERT_EQ(collector.references.size(), 1U);
  EXPECT_EQ(collector.references[0].path, "//a\xff.png");
  EXPECT_EQ(collector.references[0].property, "Image.name");
  EXPECT_EQ(collector.used, std::vector<std::uint32_t>{1});

  StringSink out;
  const PathChange changes[] = {{0, "//b.png"}};
  ASSERT_TRUE(tracer.rewrite(*analysis, changes, out));
  EXPECT_EQ(out.text, "T//b.png");
}

TEST_F(PluginAbi, FilterRoundTripsAndChecksTheEnd) {
  const TextFile file("Text");
  const auto analysis = open(file);
  abi::ImportedFilter filter(plugin_, table<souschef_filter>(SOUSCHEF_FILTER));
  SliceCollector slices;
  const auto encoded = filter.encode(*analysis, slices);
  ASSERT_TRUE(encoded.has_value());
  EXPECT_EQ(*encoded, Encoded::done);
  EXPECT_EQ(slices.cuts, (std::vector<std::uint32_t>{1, 4}));

  StringSink out;
  auto decoder = filter.decode(3, 4, out);
  ASSERT_TRUE(decoder.has_value());
  ASSERT_TRUE((*decoder)->push(as_span("Te")));
  ASSERT_TRUE((*decoder)->push(as_span("xt")));
  EXPECT_TRUE((*decoder)->finish());
  EXPECT_EQ(out.text, "Text");

  auto cut_short = filter.decode(3, 9, out);
  ASSERT_TRUE(cut_short.has_value());
  const Status finished = (*cut_short)->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::corrupt);

  const TextFile three("Tex");
  EXPECT_EQ(*filter.encode(*open(three), slices), Encoded::declined);
}

TEST_F(PluginAbi, ExceptionBecomesAnError) {
  const TextFile file("Text");
  const auto analysis = open(file);
  abi::ImportedInspector inspector(plugin_, table<souschef_inspector>(SOUSCHEF_INSPECTOR));
  StringSink out;
  ASSERT_TRUE(inspector.run("say", "[]", *analysis, out));
  EXPECT_EQ(out.text, "said");
  const Status status = inspector.run("other", "[]", *analysis, out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::plugin);
  EXPECT_EQ(status.error().line(), "the plugin has a bug: a plugin that throws");
}

TEST_F(PluginAbi, CallsCarryJsonBothWays) {
  abi::ImportedCalls calls(plugin_, table<souschef_calls>(SOUSCHEF_CALLS));
  QuietCall context;
  EXPECT_EQ(*calls.call(context, "stage.run", R"({"a":1})"), R"({"a":1})");
  const auto unknown = calls.call(context, "stage.walk", "{}");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace souschef
