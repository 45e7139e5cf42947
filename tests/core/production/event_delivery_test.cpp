// SPDX-License-Identifier: MIT
#include "core/production/event_delivery.hpp"

#include <mutex>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/plugin_folder.hpp"

namespace souschef::core {
namespace {

using namespace std::chrono_literals;

// Writes what it hears into the file "heard"; fails as the file "mood" says.
constexpr char kListener[] = R"(event = request['params']['event']
if not os.path.exists('mood'):
    open('heard', 'a').write(request['params']['settings']['who'] + ':' + event['name'] + '\n')
    answer({})
else:
    fail(open('mood').read().strip(), 'in a mood'))";

class EventDeliveryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::have_python()) GTEST_SKIP() << "no python3 here";
    for (const char* id : {"slate", "other"})
      test::make_plugin(
          folder_,
          {.id = id,
           .kinds = R"(["event"])",
           .more = R"(, "settings": {"who": {"type": "string", "default": "x", "description": "x"}})",
           .on_request = kListener});
    PluginCatalogOptions options;
    options.places = {{folder_.path(), PluginOrigin::user}};
    options.trust = TrustStore(folder_ / "trust");
    auto opened = PluginCatalog::open(std::move(options));
    ASSERT_TRUE(opened.has_value());
    plugins_ = std::move(*opened);
  }
  void begin(std::vector<EventListener> listeners) {
    delivery_ = std::make_unique<EventDelivery>(*plugins_, log_, std::move(listeners));
    const Status begun = delivery_->begin();
    ASSERT_TRUE(begun) << begun.error().line();
  }
  void append(const std::string& name) {
    ASSERT_TRUE(log_.append({.name = name, .message = ""}).has_value());
    clock_.advance(1s);
  }
  DeliveryOutcome deliver() {
    QuietCall quiet;
    return delivery_->deliver(quiet);
  }
  std::string heard(const char* id = "slate") {
    const auto file = folder_.path() / id / "heard";
    return std::filesystem::exists(file) ? test::read_file(file) : "";
  }
  void mood(const char* code) { folder_.write("slate/mood", code); }

  test::TempFolder folder_;
  test::FakeClock clock_;
  EventLog log_{folder_ / "events", store::FileSystem::real(), clock_};
  std::unique_ptr<PluginCatalog> plugins_;
  std::unique_ptr<EventDelivery> delivery_;
};

TEST_F(EventDeliveryTest, ListenerHearsWhatPeopleCareAbout) {
  begin({{"team", "slate", {}, {{"who", "me"}}}});
  append("order_added");
  append("order_done");
  append("frame_failed");
  append("queue_empty");
  EXPECT_EQ(deliver().told, 2U);
  EXPECT_EQ(heard(), "me:order_done\nme:queue_empty\n");
}

TEST_F(EventDeliveryTest, ListenerHearsWhatItAskedFor) {
  begin({{"team", "slate", {"frame_failed"}, Json::object()}});
  append("order_done");
  append("frame_failed");
  EXPECT_EQ(deliver().told, 1U);
  EXPECT_EQ(heard(), "x:frame_failed\n");
}

TEST_F(EventDeliveryTest, EachEventOnceAlsoAfterARestart) {
  begin({{"team", "slate", {}, Json::object()}});
  append("order_done");
  EXPECT_EQ(deliver().told, 1U);
  EXPECT_EQ(deliver().told, 0U);
  delivery_.reset();
  append("queue_empty");
  begin({{"team", "slate", {}, Json::object()}});
  EXPECT_EQ(deliver().told, 1U);
  EXPECT_EQ(heard(), "x:order_done\nx:queue_empty\n");
}

TEST_F(EventDeliveryTest, FailureIsTriedAgainLaterAndInOrder) {
  begin({{"team", "slate", {}, Json::object()}});
  mood("io");
  append("order_done");
  append("queue_empty");
  const DeliveryOutcome failed = deliver();
  EXPECT_EQ(failed.failed, 1U);
  ASSERT_EQ(failed.problems.size(), 1U);
  EXPECT_NE(failed.problems[0].find("in a mood"), std::string::npos);
  std::filesystem::remove(folder_ / "slate/mood");
  EXPECT_EQ(deliver(), DeliveryOutcome{});  // not yet
  clock_.advance(10s);
  EXPECT_EQ(deliver().told, 2U);
  EXPECT_EQ(heard(), "x:order_done\nx:queue_empty\n");
}

TEST_F(EventDeliveryTest, PausesGrowAndOutliveARestart) {
  begin({{"team", "slate", {}, Json::object()}});
  mood("io");
  append("order_done");
  EXPECT_EQ(deliver().failed, 1U);
  clock_.advance(10s);
  EXPECT_EQ(deliver().failed, 1U);
  begin({});
  begin({{"team", "slate", {}, Json::object()}});
  clock_.advance(10s);
  EXPECT_EQ(deliver().failed, 0U);
  clock_.advance(20s);
  EXPECT_EQ(deliver().failed, 1U);
}

TEST_F(EventDeliveryTest, AfterADayItIsGivenUp) {
  begin({{"team", "slate", {}, Json::object()}});
  mood("io");
  append("order_done");
  EXPECT_EQ(deliver().failed, 1U);
  append("queue_empty");
  clock_.advance(24h);
  const DeliveryOutcome outcome = deliver();
  EXPECT_EQ(outcome.lost, 1U);
  EXPECT_EQ(outcome.failed, 1U);  // the next one has its own day
}

TEST_F(EventDeliveryTest, RefusalForGoodIsNotTriedAgain) {
  begin({{"team", "slate", {}, Json::object()}});
  mood("bad_input");
  append("order_done");
  EXPECT_EQ(deliver().lost, 1U);
  EXPECT_EQ(deliver(), DeliveryOutcome{});
}

TEST_F(EventDeliveryTest, OneThatCannotBeReachedKeepsNoOtherFromHearing) {
  begin({{"broken", "slate", {}, Json::object()}, {"fine", "other", {}, Json::object()}});
  mood("io");
  append("order_done");
  const DeliveryOutcome outcome = deliver();
  EXPECT_EQ(outcome.failed, 1U);
  EXPECT_EQ(outcome.told, 1U);
  EXPECT_EQ(heard("other"), "x:order_done\n");
}

TEST_F(EventDeliveryTest, MistakeInTheConfigWaitsForBeingMended) {
  begin({{"team", "slate", {}, {{"whom", "me"}}}});
  append("order_done");
  const DeliveryOutcome outcome = deliver();
  EXPECT_EQ(outcome.failed, 1U);
  EXPECT_NE(outcome.problems.at(0).find("no such setting: event.team.whom"), std::string::npos);
}

TEST_F(EventDeliveryTest, UnknownPluginIsNamed) {
  begin({{"team", "slte", {}, Json::object()}});
  append("order_done");
  EXPECT_NE(deliver().problems.at(0).find("no such plugin: slte"), std::string::npos);
}

TEST_F(EventDeliveryTest, ClockThatWasSetBackDoesNotSilenceIt) {
  begin({{"team", "slate", {}, Json::object()}});
  mood("io");
  append("order_done");
  EXPECT_EQ(deliver().failed, 1U);
  std::filesystem::remove(folder_ / "slate/mood");
  clock_.set_wall(1'600'000'000s);
  EXPECT_EQ(deliver().told, 1U);
}

TEST_F(EventDeliveryTest, ThreadTellsWhatWasAppendedBeforeItsEnd) {
  {
    EventDeliveryThread thread(*plugins_, log_, {{"team", "slate", {}, Json::object()}}, {});
    append("order_done");
    thread.wake();
  }
  EXPECT_EQ(heard(), "x:order_done\n");
}

}  // namespace
}  // namespace souschef::core
