// SPDX-License-Identifier: MIT
// What garbage collection promises, over random histories: snapshots, orders, pins, tags, what takes them
// away again, collections with all kinds of rules, undo, indexes that vanish, and a disk that dies at any
// step of it. After each step every job that a root keeps comes back bit for bit and the store is clean; what
// was acknowledged as a root is one.
#include <map>
#include <random>
#include <set>

#include "core/base/ulid.hpp"
#include "core/jobs/check_production.hpp"
#include "core/jobs/collect_garbage.hpp"
#include "core/jobs/marks.hpp"
#include "core/jobs/production_statistics.hpp"
#include "core/jobs/roots.hpp"
#include "core/queue/queue_writer.hpp"
#include "core/queue/request.hpp"
#include "tests/core/banking/production_fixture.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::core {
namespace {

namespace fs = std::filesystem;

using test::FaultFileSystem;
using test::Loss;
using test::random_words;

constexpr int kSteps = 30;
constexpr std::uint64_t kMostChanges = 150;  // of the disk, in one step of a history

class GcHistory : public ProductionFixture, public testing::WithParamInterface<std::uint64_t> {
 protected:
  std::uint64_t any(std::uint64_t below) { return random_() % below; }

  // --------------------------------------------------------------------------------------- what people do

  void snapshot(store::FileSystem* disk) {
    std::string text;  // of a few sources: everything shares something with something
    for (std::uint64_t i = 0, pieces = 1 + any(4); i < pieces; ++i)
      text += random_words(20'000 + any(4) * 60'000, any(6));
    const std::string folder = any(2) == 0 ? "a" : "b";
    write(folder + "/file", text);
    texts_.insert(text);
    const auto production = open(disk);
    SnapshotRequest request;
    request.path = root() / folder;
    request.origin = any(3) == 0 ? Origin::hook : Origin::person;
    if (production) static_cast<void>(take_snapshot(*production, request).has_value());
  }
  // The job of an order that is handed in while its snapshot is still there.
  void order() {
    const auto job = some_job();
    if (!job) return;
    Order order;
    order.id = new_ulid();
    order.name = "order" + std::to_string(orders_.size());
    order.job = job;
    order.entry = "a/file";
    order.target = "t";
    order.renderer = "null";
    order.frames = *FrameRange::parse("1");
    ASSERT_TRUE(make_queue_folder(queue()));
    ASSERT_TRUE(drop_request(queue(), make_order_request(order)));
    orders_[order.id] = *job;
  }
  void remove_an_order() {
    if (orders_.empty()) return;
    const auto gone = std::next(orders_.begin(), static_cast<std::ptrdiff_t>(any(orders_.size())));
    ASSERT_TRUE(drop_request(queue(), make_request(RequestKind::cancel, gone->first)));
    ASSERT_TRUE(drop_request(queue(), make_request(RequestKind::remove, gone->first)));
    orders_.erase(gone);
  }
  void take_in_requests() const {
    if (!fs::exists(queue().requests())) return;
    const auto door = QueueDoor::open(queue());
    ASSERT_TRUE(door) << door.error().line();
    const auto writer = (*door)->acquire("test");
    ASSERT_TRUE(writer) << writer.error().line();
    const auto report = (*writer)->apply_inbox();
    ASSERT_TRUE(report) << report.error().line();
    for (const RefusedRequest& refused : report->refused) ADD_FAILURE() << refused.error.line();
  }
  void mark(MarkKind kind, store::FileSystem* disk) {
    const auto job = some_job();
    const auto production = open(disk);
    if (!job || !production) return;
    const std::string name = kind == MarkKind::pin ? job->hex() : "tag" + std::to_string(any(3));
    if (put_mark(*production, make_mark(kind, name, *job)))
      marks_[{kind, name}] = *job;
    else
      marks_.erase({kind, name});  // the old one or the new one: nobody can know
  }
  void unmark(store::FileSystem* disk) {
    if (marks_.empty()) return;
    const auto gone = std::next(marks_.begin(), static_cast<std::ptrdiff_t>(any(marks_.size())));
    if (const auto production = open(disk))
      static_cast<void>(remove_mark(*production, gone->first.first, gone->first.second).has_value());
    marks_.erase(gone);
  }
  void collect(store::FileSystem* disk) {
    GcRequest request;
    if (any(2) == 0) request.rules.keep_last = static_cast<std::int64_t>(any(3));
    if (any(4) == 0) request.rules.max_size = any(1'000'000);
    request.now = any(3) == 0;
    request.dry_run = any(8) == 0;
    if (const auto production = open(disk))
      static_cast<void>(collect_garbage(*production, request).has_value());
  }
  void undo(store::FileSystem* disk) {
    if (const auto production = open(disk)) static_cast<void>(undo_gc(*production).has_value());
  }

  void step() {
    FaultFileSystem disk(dot());
    const bool dies = any(3) == 0;
    if (dies) disk.die_at(1 + any(kMostChanges));
    store::FileSystem* const files = dies ? &disk : nullptr;
    switch (any(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        snapshot(files);
        break;
      case 4:
        order();
        break;
      case 5:
        remove_an_order();
        break;
      case 6:
        mark(any(2) == 0 ? MarkKind::pin : MarkKind::tag, files);
        break;
      case 7:
        unmark(files);
        break;
      case 8:
        take_in_requests();
        break;
      case 9:
        undo(files);
        break;
      default:
        collect(files);
    }
    if (disk.died()) disk.lose_power(any(2) == 0 ? Loss::some : Loss::data, any(1'000));
  }

  // ------------------------------------------------------------------------------------- what must hold

  // As another process finds it, after the death of the one before.
  void expect_sound() {
    fs::remove_all(dot() / "store/leases");
    if (any(6) == 0) fs::remove_all(dot() / "index");
    reopen();
    const auto roots = read_roots(*production_, {});
    ASSERT_TRUE(roots) << roots.error().line();
    EXPECT_TRUE(roots->unreadable.empty());
    jobs_.clear();
    for (const Root& root : roots->roots) jobs_.insert(root.job);
    for (const JobId& job : jobs_) expect_restores(job);
    for (const auto& [id, job] : orders_) EXPECT_TRUE(jobs_.contains(job)) << "the job of order " << id;
    for (const auto& [key, job] : marks_) EXPECT_TRUE(jobs_.contains(job)) << "the job of " << key.second;
    CheckJobsRequest request;
    request.data_percent = 100;
    const auto report = check_production(*production_, request);
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_TRUE(report->clean());
    for (const DamagedJob& job : report->damaged_jobs) ADD_FAILURE() << job.job.brief() << ": " << job.why;
    for (const std::string& record : report->damaged_records) ADD_FAILURE() << record;
    production_.reset();
  }
  void expect_restores(JobId job) {
    const auto restored = restore(job);
    ASSERT_TRUE(restored) << job.brief() << ": " << restored.error().line();
    const fs::path a = *restored / "a/file", b = *restored / "b/file";
    const std::string text = test::read_file(fs::exists(a) ? a : b);
    EXPECT_TRUE(texts_.contains(text)) << job.brief();
    const auto [known, fresh] = text_of_.try_emplace(job, text);
    EXPECT_TRUE(known->second == text) << job.brief() << " is not what it was";
  }
  void expect_nothing_in_excess() {
    reopen();
    GcRequest request;
    request.now = true;
    ASSERT_TRUE(collect_garbage(*production_, request));
    const auto statistics = production_statistics(*production_, StatisticsBy::job);
    ASSERT_TRUE(statistics) << statistics.error().line();
    const auto needed =
        static_cast<double>(statistics->packs - statistics->unneeded.stored - statistics->tables);
    EXPECT_LE(static_cast<double>(statistics->packs), 1.15 * needed + 2'000);
    EXPECT_EQ(statistics->trash, 0U);
  }

  [[nodiscard]] fs::path dot() const { return root() / ".souschef"; }
  [[nodiscard]] QueueFolder queue() const { return {dot() / "queue"}; }
  [[nodiscard]] std::unique_ptr<Production> open(store::FileSystem* disk) const {
    auto opened = Production::open(root(), {.disk = disk});
    return opened ? std::move(*opened) : nullptr;
  }
  std::optional<JobId> some_job() {
    if (jobs_.empty()) return std::nullopt;
    return *std::next(jobs_.begin(), static_cast<std::ptrdiff_t>(any(jobs_.size())));
  }

  std::mt19937_64 random_{GetParam()};
  std::set<std::string> texts_;                              // that were ever written
  std::map<JobId, std::string> text_of_;                     // as first restored
  std::set<JobId> jobs_;                                     // that a root keeps
  std::map<std::string, JobId> orders_;                      // acknowledged, by id
  std::map<std::pair<MarkKind, std::string>, JobId> marks_;  // acknowledged
};

TEST_P(GcHistory, LosesNothingThatARootKeepsAndKeepsLittleElse) {
  for (int i = 0; i < kSteps && !HasFailure(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    step();
    expect_sound();
  }
  if (!HasFailure()) expect_nothing_in_excess();
}

INSTANTIATE_TEST_SUITE_P(Seeds, GcHistory, testing::Range<std::uint64_t>(1, 13));
// A check after a collection that was interrupted called whole jobs damaged.
INSTANTIATE_TEST_SUITE_P(Found, GcHistory, testing::Values(37, 45, 84));

}  // namespace
}  // namespace souschef::core
