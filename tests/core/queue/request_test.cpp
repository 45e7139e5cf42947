// SPDX-License-Identifier: MIT
#include "core/queue/request.hpp"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

class Requests : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
    ASSERT_TRUE(make_queue_folder(queue_));
  }
  test::TempFolder folder_;
  QueueFolder queue_{folder_ / "queue"};
};

TEST_F(Requests, ComesBackFromJson) {
  const Request request = make_request(RequestKind::redo, "X", {{"frames", "1-5"}});
  const auto back = request_from_json(request_json(request));
  ASSERT_TRUE(back) << back.error().line();
  EXPECT_EQ(*back, request);
}

TEST_F(Requests, KindsComeBack) {
  for (int i = 0; i <= static_cast<int>(RequestKind::stop); ++i)
    EXPECT_EQ(request_kind_named(name_of(static_cast<RequestKind>(i))), static_cast<RequestKind>(i));
}

TEST_F(Requests, CounterRises) {
  const Request first = make_request(RequestKind::pause, "X");
  const Request second = make_request(RequestKind::pause, "X");
  EXPECT_GT(second.counter, first.counter);
}

TEST_F(Requests, InboxIsSortedByHostAndThereByCounter) {
  for (const auto& [host, counter] : std::vector<std::pair<std::string, int>>{{"b", 1}, {"a", 9}, {"a", 3}}) {
    Request request = make_request(RequestKind::pause, "X");
    request.host = host;
    request.counter = static_cast<std::uint64_t>(counter);
    ASSERT_TRUE(drop_request(queue_, request));
  }
  const auto inbox = read_inbox(queue_);
  ASSERT_TRUE(inbox);
  ASSERT_EQ(inbox->requests.size(), 3U);
  EXPECT_EQ(inbox->requests[0].counter, 3U);
  EXPECT_EQ(inbox->requests[1].counter, 9U);
  EXPECT_EQ(inbox->requests[2].host, "b");
}

TEST_F(Requests, DamagedFilesAreNamedAndTheOthersRead) {
  ASSERT_TRUE(drop_request(queue_, make_request(RequestKind::pause, "X")));
  std::ofstream(queue_.requests() / "01J00000000000000000000009.json") << "{\"format\": 1";
  const auto inbox = read_inbox(queue_);
  ASSERT_TRUE(inbox);
  EXPECT_EQ(inbox->requests.size(), 1U);
  ASSERT_EQ(inbox->damaged.size(), 1U);
}

TEST_F(Requests, NewerKindIsUnsupported) {
  Json json = request_json(make_request(RequestKind::pause, "X"));
  json["format"] = kRequestVersion + 1;
  json["kind"] = "teleport";
  EXPECT_EQ(request_from_json(json).error().code, ErrorCode::unsupported);
}

TEST_F(Requests, RemovingTwiceIsNoError) {
  const Request request = make_request(RequestKind::pause, "X");
  ASSERT_TRUE(drop_request(queue_, request));
  EXPECT_TRUE(remove_request(queue_, request.id));
  EXPECT_TRUE(remove_request(queue_, request.id));
}

}  // namespace
}  // namespace souschef::core
