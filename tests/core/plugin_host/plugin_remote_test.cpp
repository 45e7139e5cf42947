// SPDX-License-Identifier: MIT
// A shared library in a process of its own, used through the same faces as one that is built in.
#include "core/plugin_host/plugin_remote.hpp"

#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_server.hpp"
#include "tests/support/plugin_folder.hpp"

namespace souschef::core {
namespace {

class DiskFile final : public InputFile {
 public:
  explicit DiskFile(std::filesystem::path path) : path_(std::move(path)), text_(test::read_file(path_)) {}
  [[nodiscard]] std::string_view name() const override { return path_.native(); }
  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
  [[nodiscard]] std::span<const std::byte> map() const override { return {}; }
  [[nodiscard]] std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    const std::size_t count = std::min<std::size_t>(buffer.size(), text_.size() - offset);
    std::memcpy(buffer.data(), text_.data() + offset, count);
    return static_cast<std::int64_t>(count);
  }

 private:
  std::filesystem::path path_;
  std::string text_;
};

class Heard final : public CallContext {
 public:
  [[nodiscard]] bool cancelled() const override { return cancel; }
  void progress(double fraction, std::string_view message) override {
    said += std::to_string(static_cast<int>(fraction * 100)) + "% " + std::string(message) + ";";
  }
  void log(LogLevel, std::string_view message) override { said += std::string(message) + ";"; }
  std::atomic<bool> cancel = false;
  std::string said;
};

class PluginRemoteTest : public testing::Test {
 protected:
  PluginRemoteTest() {
    folder_.write("foreign/plugin.json", R"({"id": "foreign", "version": "1.0.0", "summary": "A library.",
      "kinds": ["tracer", "inspect", "stage"], "abi": "1.0", "library": {"any": "foreign.so"}})");
    std::filesystem::copy_file(FOREIGN_MODULE, folder_ / "foreign/foreign.so");
  }
  void start() {
    RemotePlugin plugin;
    plugin.command.id = "foreign";
    plugin.command.version = "1.0.0";
    plugin.command.command = {PLUGIN_HOST_PROGRAM, std::string(kPluginHostVerb),
                              (folder_ / "foreign").string()};
    plugin.command.folder = folder_ / "foreign";
    plugin.command.settings = {{"loud", true}};
    plugin.kinds = {PluginKind::tracer, PluginKind::inspect, PluginKind::stage};
    plugin.accepts = {{0, "F"}};
    plugin.tracer_version = 42;
    plugin.may_start = [this]() -> Status {
      ++starts_;
      if (!allowed_) return Error(ErrorCode::denied, "not any more");
      return {};
    };
    auto started = start_remote(std::move(plugin), starter_, {});
    ASSERT_TRUE(started.has_value()) << started.error().line();
    instance_ = std::move(*started);
  }
  Result<std::string> call(std::string_view method, std::string_view params = "{}") {
    return instance_->faces().calls->call(heard_, method, params);
  }
  std::unique_ptr<Analysis> open(const DiskFile& file) {
    auto opened = instance_->faces().analyser->open(file, folder_.path());
    return opened ? std::move(*opened) : nullptr;
  }

  test::TempFolder folder_;
  ProcessStarter starter_;
  std::atomic<int> starts_ = 0;
  std::atomic<bool> allowed_ = true;
  Heard heard_;
  std::unique_ptr<PluginInstance> instance_;
};

TEST_F(PluginRemoteTest, CallsReachTheLibraryThoughItPrints) {
  start();
  EXPECT_EQ(*call("stage.run", R"({"x":1})"), R"({"x":1})");
  EXPECT_EQ(heard_.said, "50% half;careful;");
  EXPECT_EQ(*call("stage.settings"), R"({"loud":true})");
  EXPECT_EQ(starts_, 1);
}

TEST_F(PluginRemoteTest, AnswerOnSeveralLinesIsOneMessage) {
  start();
  EXPECT_EQ(*call("stage.pretty"), R"({"a":1})");
}

TEST_F(PluginRemoteTest, AnswerThatIsNoJsonIsItsFault) {
  start();
  EXPECT_FALSE(call("stage.nonsense").has_value());
  EXPECT_TRUE(call("stage.run").has_value());
}

TEST_F(PluginRemoteTest, ErrorsAndExceptionsComeBack) {
  start();
  EXPECT_EQ(call("stage.walk").error().code, ErrorCode::unsupported);
  EXPECT_EQ(call("stage.throw").error().line(), "the plugin has a bug: thrown");
}

TEST_F(PluginRemoteTest, CrashFailsTheCallAndTheNextOneStartsAnew) {
  start();
  const auto crashed = call("stage.crash");
  ASSERT_FALSE(crashed.has_value());
  EXPECT_EQ(crashed.error().line().rfind(
                "the plugin \"foreign\" failed: it ended before it answered: killed by signal "
                "11 (Segmentation fault)",
                0),
            0U)
      << crashed.error().line();
  EXPECT_TRUE(call("stage.run").has_value());
  EXPECT_EQ(starts_, 2);
}

TEST_F(PluginRemoteTest, ExitInsideTheLibraryIsNamed) {
  start();
  EXPECT_NE(call("stage.exit").error().line().find("exit code 7"), std::string::npos);
}

TEST_F(PluginRemoteTest, CancelReachesTheLibrary) {
  start();
  heard_.cancel = true;
  const auto stopped = call("stage.wait");
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().what, "stopped as asked");
  EXPECT_EQ(starts_, 1);
}

TEST_F(PluginRemoteTest, TrustIsAskedForBeforeEveryProcess) {
  start();
  EXPECT_FALSE(call("stage.crash").has_value());
  allowed_ = false;
  EXPECT_EQ(call("stage.run").error().what, "not any more");
}

TEST_F(PluginRemoteTest, CallsAtOnceHaveProcessesOfTheirOwn) {
  start();
  Heard waiting;
  Result<std::string> waited = std::string();
  std::jthread other([&] { waited = instance_->faces().calls->call(waiting, "stage.wait", "{}"); });
  for (int round = 0; round < 20; ++round) EXPECT_TRUE(call("stage.run").has_value());
  waiting.cancel = true;
  other.join();
  EXPECT_EQ(waited.error().code, ErrorCode::cancelled);
  EXPECT_LE(starts_, 2);
}

TEST_F(PluginRemoteTest, ProcessesOutliveTheThreadThatAskedForThem) {
  start();
  std::string first;
  std::jthread([&] { first = *call("stage.run"); }).join();
  EXPECT_TRUE(call("stage.run").has_value());
  EXPECT_EQ(starts_, 1);
}

TEST_F(PluginRemoteTest, TraceComesThroughWhole) {
  start();
  const DiskFile file(folder_.write("F file\xff.x", "Fabc"));
  const auto& faces = instance_->faces();
  EXPECT_TRUE(faces.analyser->accepts(std::as_bytes(std::span("Fabc", 4))));
  EXPECT_FALSE(faces.analyser->accepts(std::as_bytes(std::span("BLEND", 5))));
  EXPECT_EQ(faces.tracer->version(), 42U);
  const auto analysis = open(file);
  EXPECT_EQ(analysis->content_size(), 4U);
  EXPECT_EQ(analysis->content(1, 100).size(), 3U);
  struct Last final : TraceSink {
    TracedReference last;
    int warnings = 0;
    bool datablock(const TracedDatablock&) override { return true; }
    bool uses(std::uint32_t, std::span<const std::uint32_t>) override { return true; }
    bool reference(const TracedReference& r) override { return last = r, true; }
    bool output(const TracedOutput&) override { return true; }
    bool simulation(const TracedSimulation&) override { return true; }
    bool facts(std::string_view json) override { return json == R"({"scenes":[1]})"; }
    bool warning(const TraceWarning&) override { return ++warnings != 0; }
  } sink;
  const Status traced = faces.tracer->trace(*analysis, sink);
  ASSERT_TRUE(traced) << traced.error().line();
  EXPECT_EQ(sink.last.path, "//wall\xff.png");
  EXPECT_EQ(sink.last.pattern, "a\nb");
  EXPECT_EQ(sink.last.expansion, Expansion::udim);
  EXPECT_EQ(sink.last.first_frame, -5);
  EXPECT_EQ(sink.warnings, 1);
}

TEST_F(PluginRemoteTest, RewriteComesBackThroughAFileThatIsRemoved) {
  start();
  const DiskFile file(folder_.write("in/file", "Fabc"));
  auto opened = instance_->faces().analyser->open(file, folder_ / "in");
  StringSink out;
  const PathChange changes[] = {{2, "//x\xff"}};
  const Status rewritten = instance_->faces().tracer->rewrite(**opened, changes, out);
  ASSERT_TRUE(rewritten) << rewritten.error().line();
  EXPECT_EQ(out.text, "Fabc|2=//x\xff");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "in"), {}), 1);
}

TEST_F(PluginRemoteTest, FileThatChangedIsNotTraced) {
  start();
  const DiskFile file(folder_.write("file", "Fabc"));
  const auto analysis = open(file);
  folder_.write("file", "Fabcdef");
  struct Deaf final : TraceSink {
    bool datablock(const TracedDatablock&) override { return true; }
    bool uses(std::uint32_t, std::span<const std::uint32_t>) override { return true; }
    bool reference(const TracedReference&) override { return true; }
    bool output(const TracedOutput&) override { return true; }
    bool simulation(const TracedSimulation&) override { return true; }
    bool facts(std::string_view) override { return true; }
    bool warning(const TraceWarning&) override { return true; }
  } sink;
  EXPECT_FALSE(instance_->faces().tracer->trace(*analysis, sink));
}

TEST_F(PluginRemoteTest, InspectorAnswers) {
  start();
  const DiskFile file(folder_.write("file", "Fabc"));
  const auto analysis = open(file);
  Inspector& inspector = *instance_->faces().inspector;
  EXPECT_EQ(inspector.commands(), R"([{"name":"say"}])");
  StringSink out;
  ASSERT_TRUE(inspector.run("say", R"(["a"])", *analysis, out));
  EXPECT_EQ(out.text, R"(say["a"])");
  struct One final : OutlineSink {
    OutlineItem item_;
    bool item(const OutlineItem& item) override { return item_ = item, true; }
  } sink;
  ASSERT_TRUE(inspector.outline(*analysis, sink));
  EXPECT_EQ(sink.item_.name, "Cube\xff");
  EXPECT_EQ(sink.item_.digest[2], 254);
}

TEST_F(PluginRemoteTest, LibraryThatCannotBeLoadedSaysWhy) {
  folder_.write("foreign/foreign.so", "not a library");
  RemotePlugin plugin;
  plugin.command = {"foreign",
                    "1.0.0",
                    {PLUGIN_HOST_PROGRAM, std::string(kPluginHostVerb), (folder_ / "foreign").string()},
                    folder_ / "foreign",
                    Json::object(),
                    {}};
  const auto started = start_remote(std::move(plugin), starter_, {});
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().line().find("file too short"), std::string::npos) << started.error().line();
}

}  // namespace
}  // namespace souschef::core
