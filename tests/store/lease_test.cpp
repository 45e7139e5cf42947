// SPDX-License-Identifier: MIT
#include "store/lease.hpp"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

using namespace std::chrono_literals;
using test::FakeClock;
using test::TempFolder;

// Two machines that look at one folder, each through its own clock.
class LeaseTest : public ::testing::Test {
 protected:
  static constexpr LeaseOptions kByHand{.expiry = 30s, .keep_alive = false};

  std::unique_ptr<LeaseFolder> open(const FakeClock& clock) {
    return *LeaseFolder::open(folder_.path(), kByHand, FileSystem::real(), clock);
  }
  // As if the holder were on another machine, where nobody can ask the kernel about it.
  void move_to_another_machine(const std::string& id) {
    LeaseRecord record = *parse_lease(test::read_file(folder_ / id));
    record.holder.host = "elsewhere";
    record.holder.boot_id = "another-boot";
    rewrite(id, serialize(record));
  }
  // In place: the inode stays, as with a heartbeat.
  void rewrite(const std::string& id, const std::string& text) {
    std::ofstream(folder_ / id, std::ios::binary | std::ios::trunc) << text;
  }
  LeaseRecord record_of(LeaseFolder& leases, const std::string& role) {
    const auto records = *leases.list();
    for (const LeaseRecord& record : records)
      if (record.role == role) return record;
    ADD_FAILURE() << "no lease of " << role;
    return {};
  }

  TempFolder folder_;
  FakeClock clock_, other_clock_;
};

TEST_F(LeaseTest, SecondTakerIsToldWhoHoldsIt) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto lease = *a->acquire("gc", "gc of shot 10");
  const auto second = b->acquire("gc", "another");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::locked);
  EXPECT_NE(second.error().line().find("gc of shot 10"), std::string::npos);
}

TEST_F(LeaseTest, AReleasedRoleIsTakenWithTheNextNumber) {
  const auto a = open(clock_);
  EXPECT_EQ((*a->acquire("gc", "x"))->id(), "gc.1");
  EXPECT_EQ((*a->acquire("gc", "x"))->id(), "gc.2");
  EXPECT_EQ((*FileSystem::real().list(folder_.path())).size(), 1U) << "old numbers are tidied away";
}

TEST_F(LeaseTest, NumbersStartNoLowerThanAsked) {
  EXPECT_EQ((*open(clock_)->acquire("runner", "x", 7))->id(), "runner.7");
}

TEST_F(LeaseTest, ASilentHolderElsewhereDiesAfterTheReadersOwnClockSawIt) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto lease = *a->acquire("gc", "x");
  move_to_another_machine("gc.1");
  EXPECT_FALSE(b->acquire("gc", "y"));
  other_clock_.advance(29s);
  EXPECT_FALSE(b->acquire("gc", "y"));
  other_clock_.advance(1s);
  EXPECT_EQ((*b->acquire("gc", "y"))->id(), "gc.2");
}

TEST_F(LeaseTest, AHeartbeatStartsTheWaitAnew) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto lease = *a->acquire("gc", "x");
  move_to_another_machine("gc.1");
  EXPECT_FALSE(b->acquire("gc", "y"));
  other_clock_.advance(29s);
  ASSERT_TRUE(lease->renew());
  EXPECT_FALSE(b->acquire("gc", "y"));
  other_clock_.advance(29s);
  EXPECT_FALSE(b->acquire("gc", "y"));
}

TEST_F(LeaseTest, WallClocksDecideNothing) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto lease = *a->acquire("gc", "x");
  move_to_another_machine("gc.1");
  EXPECT_FALSE(b->acquire("gc", "y"));
  other_clock_.set_wall(std::chrono::hours(24 * 365 * 100));
  EXPECT_FALSE(b->acquire("gc", "y"));
}

TEST_F(LeaseTest, ADeadProcessOfThisMachineIsReplacedAtOnce) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto lease = *a->acquire("gc", "x");
  LeaseRecord record = *parse_lease(test::read_file(folder_ / "gc.1"));
  record.holder.start_time += 1;  // the same process number, given out before us
  rewrite("gc.1", serialize(record));
  EXPECT_EQ((*b->acquire("gc", "y"))->id(), "gc.2");
}

TEST_F(LeaseTest, ASleeperWhoWasReplacedStops) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto sleeper = *a->acquire("gc", "x");
  move_to_another_machine("gc.1");
  EXPECT_FALSE(b->acquire("gc", "y"));
  other_clock_.advance(30s);
  const auto successor = *b->acquire("gc", "y");
  EXPECT_EQ(sleeper->check().error().code, ErrorCode::locked);
  EXPECT_EQ(sleeper->renew().error().code, ErrorCode::locked);
  EXPECT_TRUE(successor->check());
}

TEST_F(LeaseTest, ASleeperWhoWasNotReplacedStopsByItsOwnClock) {
  const auto a = open(clock_);
  const auto lease = *a->acquire("gc", "x");
  clock_.advance(22s);
  EXPECT_TRUE(lease->check());
  clock_.advance(1s);
  EXPECT_FALSE(lease->check());
  EXPECT_FALSE(lease->renew()) << "once lost, lost for ever";
}

TEST_F(LeaseTest, ASleeperWhoWasNotReplacedAndHasLetGoIsInNobodysWay) {
  const auto a = open(clock_), b = open(other_clock_);
  {
    const auto role = *a->acquire("gc", "x");
    const auto presence = *a->enter("write", "snapshot");
    clock_.advance(23s);
    EXPECT_FALSE(role->check());
    EXPECT_FALSE(presence->check());
  }
  EXPECT_EQ((*b->acquire("gc", "y"))->id(), "gc.2");
  EXPECT_EQ((*FileSystem::real().list(folder_.path())).size(), 1U) << "the presence has gone";
}

TEST_F(LeaseTest, AReplacedSleeperReleasesNothingOfItsSuccessor) {
  const auto a = open(clock_), b = open(other_clock_);
  auto sleeper = *a->acquire("gc", "x");
  move_to_another_machine("gc.1");
  EXPECT_FALSE(b->acquire("gc", "y"));
  other_clock_.advance(30s);
  const auto successor = *b->acquire("gc", "y");
  sleeper.reset();
  EXPECT_TRUE(successor->check());
  EXPECT_EQ(record_of(*b, "gc").state, LeaseState::held);
}

TEST_F(LeaseTest, RenewingKeepsIt) {
  const auto a = open(clock_);
  const auto lease = *a->acquire("gc", "x");
  for (int i = 0; i < 10; ++i) {
    clock_.advance(20s);
    EXPECT_TRUE(lease->renew());
  }
}

TEST_F(LeaseTest, AReplacedFileIsALostLease) {
  const auto a = open(clock_);
  const auto lease = *a->acquire("gc", "x");
  std::filesystem::copy_file(folder_ / "gc.1", folder_ / "copy");
  std::filesystem::rename(folder_ / "copy", folder_ / "gc.1");
  EXPECT_FALSE(lease->check());
}

TEST_F(LeaseTest, ManyPresencesStandSideBySide) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto one = *a->enter("write", "snapshot");
  const auto two = *b->enter("write", "snapshot", {"job 7c01"});
  EXPECT_TRUE(one->check());
  EXPECT_TRUE(two->check());
  const auto all = *a->list();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].keeps.size() + all[1].keeps.size(), 1U);
}

TEST_F(LeaseTest, APresenceLeavesNothingBehind) {
  const auto a = open(clock_);
  { const auto lease = *a->enter("write", "snapshot"); }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(LeaseTest, ALivingPresenceIsNotRemoved) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto lease = *a->enter("write", "snapshot");
  EXPECT_EQ(b->remove_dead(record_of(*b, lease->record().role)).error().code, ErrorCode::locked);
  EXPECT_TRUE(lease->check());
}

TEST_F(LeaseTest, ARemovedPresenceKnowsWhenItWakes) {
  const auto a = open(clock_), b = open(other_clock_);
  const auto lease = *a->enter("write", "snapshot");
  move_to_another_machine(lease->id());
  const LeaseRecord record = record_of(*b, lease->record().role);
  EXPECT_EQ(b->judge(record), Verdict::alive);
  other_clock_.advance(30s);
  ASSERT_TRUE(b->remove_dead(record));
  EXPECT_EQ(lease->check().error().code, ErrorCode::locked);
}

TEST_F(LeaseTest, AnUnreadableLeaseIsJudgedByWhetherItChanges) {
  const auto b = open(other_clock_);
  folder_.write("gc.4", "souschef lease 9\nfrom the future 1");
  EXPECT_EQ(b->acquire("gc", "y").error().code, ErrorCode::locked);
  other_clock_.advance(29s);
  folder_.write("gc.4", "souschef lease 9\nfrom the future 2");
  EXPECT_EQ(b->acquire("gc", "y").error().code, ErrorCode::locked);
  other_clock_.advance(29s);
  EXPECT_EQ(b->acquire("gc", "y").error().code, ErrorCode::locked);
  other_clock_.advance(1s);
  EXPECT_EQ((*b->acquire("gc", "y"))->id(), "gc.5");
}

TEST_F(LeaseTest, TheHeartBeatsByItself) {
  const auto a = *LeaseFolder::open(folder_.path(), {.expiry = 3s, .keep_alive = true});
  const auto lease = *a->enter("write", "x");
  const auto counter = [&] { return parse_lease(test::read_file(folder_ / lease->id()))->counter; };
  while (counter() == 0) std::this_thread::yield();
}

TEST(LeaseFormat, GoldenBytes) {
  LeaseRecord record;
  record.role = "gc";
  record.number = 6;
  record.holder = {"render01", "b5d1c1b2-0000-4000-8000-000000000001", 4026531836, 4711, 123456};
  record.purpose = "gc\nof shot 10";
  record.keeps = {"job 7c01"};
  record.counter = 42;
  EXPECT_EQ(serialize(record),
            "souschef lease 1\n"
            "counter 00000000000000000042\n"
            "state held    \n"
            "role gc\n"
            "number 6\n"
            "presence no\n"
            "host render01\n"
            "boot b5d1c1b2-0000-4000-8000-000000000001\n"
            "pid-namespace 4026531836\n"
            "pid 4711\n"
            "start-time 123456\n"
            "purpose gc?of shot 10\n"
            "keep job 7c01\n"
            "end 35699bce120afd6c\n");
}

TEST(LeaseFormat, ReadsWhatItWrites) {
  LeaseRecord record;
  record.role = "write-01HF";
  record.number = 1;
  record.presence = true;
  record.holder = this_process();
  record.keeps = {"a", "b c"};
  record.state = LeaseState::released;
  const auto read = parse_lease(serialize(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->holder, record.holder);
  EXPECT_EQ(read->keeps, record.keeps);
  EXPECT_EQ(read->state, LeaseState::released);
  EXPECT_TRUE(read->presence);
}

TEST(LeaseFormat, EveryTruncationIsRefused) {
  LeaseRecord record;
  record.role = "gc";
  record.number = 6;
  const std::string text = serialize(record);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parse_lease(text.substr(0, size))) << size;
}

TEST(LeaseFormat, EveryFlippedByteOfTheFixedPartIsRefused) {
  LeaseRecord record;
  record.role = "gc";
  record.number = 6;
  const std::string text = serialize(record);
  for (std::size_t at = text.find("role"); at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x04);
    EXPECT_FALSE(parse_lease(damaged)) << at;
  }
}

TEST(LeaseFormat, ANewerVersionIsUnsupported) {
  EXPECT_EQ(parse_lease("souschef lease 2\n").error().code, ErrorCode::unsupported);
}

TEST(LeaseFormat, NamesOfOtherFilesAreNotLeases) {
  for (const char* name : {"gc", "gc.", ".5", "gc.05", "gc.x", ".tmp-gc.5-1"})
    EXPECT_FALSE(parse_lease_name(name)) << name;
  EXPECT_EQ(parse_lease_name("write-01HF.1")->role, "write-01HF");
}

}  // namespace
}  // namespace souschef::store
