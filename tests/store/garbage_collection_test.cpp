// SPDX-License-Identifier: MIT
// Collections beside writers, readers, crashes and each other. The fixture plays core: a record is a file of
// the store's folder that names one content; dropping it and collecting is what `souschef gc` does.
#include "store/garbage_collection.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "store/atomic_file.hpp"
#include "store/check.hpp"
#include "store/generation.hpp"
#include "store/hasher.hpp"
#include "store/statistics.hpp"
#include "store/store_parts.hpp"
#include "store/trash.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/support/fault_file_system.hpp"

namespace souschef::store {
namespace {

namespace fs = std::filesystem;
using test::FaultFileSystem;
using test::Loss;
using test::random_words;

class GarbageCollectionTest : public StoreFixture {
 protected:
  fs::path records() const { return store_folder() / "snapshots"; }

  // One file, banked, with a record of its own.
  Status bank(Store& store, const std::string& name, const std::string& content,
              FileSystem& disk = FileSystem::real()) {
    const fs::path path = write("banked", content);
    for (int left = 4; left > 0; --left) {
      SOUSCHEF_TRY(const auto session, store.begin_write("test"));
      const PutRequest request{path, nullptr};
      SOUSCHEF_TRY(const auto files, session->put_files(std::span(&request, 1)));
      if (const Status sealed = session->seal(); !sealed) {
        if (sealed.error().code == ErrorCode::changed) continue;
        return sealed;
      }
      contents_[name] = content;
      SOUSCHEF_CHECK(publish_record(disk, name, files[0].content));
      const Status confirmed = session->confirm();
      if (!confirmed && confirmed.error().code == ErrorCode::changed) continue;
      return confirmed;
    }
    return Error(ErrorCode::failed, "never confirmed");
  }
  // The other half is garbage: a collection writes this one anew.
  void bank_half_of_a_pack() {
    contents_["kept"] = random_words(200'000, 1);
    const auto files = put({write("kept", contents_["kept"]), write("going", random_words(300'000, 2))});
    ASSERT_TRUE(publish_record(FileSystem::real(), "kept", files[0].content));
  }
  Status publish_record(FileSystem& disk, const std::string& name, const ContentId& content) const {
    SOUSCHEF_CHECK(make_folders(disk, records()));
    SOUSCHEF_TRY([[maybe_unused]] const Published published,
                 publish_file(disk, records() / name, content.hex()));
    return {};
  }

  std::map<std::string, ContentId> read_records() const {
    std::map<std::string, ContentId> found;
    if (fs::exists(records()))
      for (const auto& entry : fs::directory_iterator(records()))
        if (!is_temporary(entry.path().filename().string()))
          found[entry.path().filename()] = *ContentId::from_hex(test::read_file(entry.path()));
    return found;
  }
  std::vector<GcRoot> roots(const std::set<std::string>& without = {}) const {
    std::vector<GcRoot> all;
    for (const auto& [name, content] : read_records())
      if (!without.contains(name)) all.push_back({{content, {}}, false});
    return all;
  }

  // What core does, with a hook for what others do meanwhile.
  Status collect(Store& store, const std::set<std::string>& drop = {}, bool now = false,
                 const std::function<void()>& before_confirm = {}) {
    SOUSCHEF_TRY(const auto gc, GarbageCollection::begin(store, GcMode::collect));
    for (int left = 3; left > 0; --left) {
      SOUSCHEF_CHECK(gc->mark(roots(drop)));
      const GcPlan plan = gc->plan({});
      SOUSCHEF_CHECK(gc->rewrite(plan));
      SOUSCHEF_CHECK(gc->condemn(plan));
      if (before_confirm && left == 3) before_confirm();
      const Status confirmed = gc->confirm(roots(drop));
      if (!confirmed && confirmed.error().code == ErrorCode::changed) continue;
      SOUSCHEF_CHECK(confirmed);
      for (const std::string& name : drop) SOUSCHEF_CHECK(gc->discard_file("snapshots/" + name));
      SOUSCHEF_CHECK(gc->discard_packs());
      if (now) {
        SOUSCHEF_CHECK(gc->look_again());
        SOUSCHEF_CHECK(gc->mark(roots()));
        TrashPolicy policy;
        policy.now = true;
        SOUSCHEF_TRY(last_trash_, gc->empty_trash(policy));
      }
      SOUSCHEF_TRY([[maybe_unused]] const DiskSpace space, gc->finish());
      return {};
    }
    return Error(ErrorCode::failed, "never confirmed");
  }
  Status collect(const std::set<std::string>& drop = {}, bool now = false,
                 const std::function<void()>& before_confirm = {}) {
    return collect(*store_, drop, now, before_confirm);
  }

  // Every record's content comes back bit for bit.
  void expect_readable(Store& store) {
    for (const auto& [name, content] : read_records()) {
      const auto text = read(store, content);
      ASSERT_TRUE(text) << name << ": " << text.error().line();
      EXPECT_TRUE(*text == contents_[name]) << name;
    }
  }
  void expect_clean() {
    std::vector<ContentRoot> all;
    for (const auto& [name, content] : read_records()) all.push_back({content, {}});
    CheckRequest request;
    request.roots = all;
    request.data_percent = 100;
    const auto report = check_store(*open(), request);
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_TRUE(report->clean());
  }
  // As if every process had died: its leases are nobody's.
  void forget_leases() const { fs::remove_all(paths().leases()); }
  std::unique_ptr<Store> open_elsewhere(const std::string& name) const {
    OpenOptions options;
    options.index_folder = folder_ / name;
    options.pantry_folder = folder_ / (name + "-pantry");
    options.rehash = true;
    return open(options);
  }

  std::map<std::string, std::string> contents_;
  TrashReport last_trash_;
};

// What another machine's collection wrote anew is found without the packs that it took away.
TEST_F(GarbageCollectionTest, AnotherMachineReadsOnWithoutTheTrash) {
  bank_half_of_a_pack();
  expect_readable(*open_elsewhere("other"));
  ASSERT_TRUE(collect());
  const auto packs = pack_files();
  expect_readable(*open_elsewhere("other"));
  EXPECT_EQ(pack_files(), packs);
}

TEST_F(GarbageCollectionTest, AnotherMachinesIndexFollowsWhatWasWrittenAnew) {
  bank_half_of_a_pack();
  expect_readable(*open_elsewhere("other"));
  ASSERT_TRUE(collect());
  const auto report = check_store(*open_elsewhere("other"), {});
  ASSERT_TRUE(report) << report.error().line();
  EXPECT_FALSE(report->index_was_wrong);
}

// It knows both places of what was written anew before it learns that the first is condemned.
TEST_F(GarbageCollectionTest, AnotherMachinesIndexFollowsItWhileItWorks) {
  bank_half_of_a_pack();
  const auto old_index = open_elsewhere("old");
  expect_readable(*old_index);
  const auto new_index = open_elsewhere("new");
  const auto gc = *GarbageCollection::begin(*store_, GcMode::collect);
  ASSERT_TRUE(gc->mark(roots()));
  const GcPlan plan = gc->plan({});
  ASSERT_TRUE(gc->rewrite(plan));
  for (Store* store : {old_index.get(), new_index.get()}) ASSERT_TRUE(parts_of(*store).keeper->refresh());
  ASSERT_TRUE(gc->condemn(plan));
  ASSERT_TRUE(gc->confirm(roots()));
  ASSERT_TRUE(gc->discard_packs());
  ASSERT_TRUE(gc->finish());
  for (Store* store : {old_index.get(), new_index.get()}) {
    const auto report = check_store(*store, {});
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_FALSE(report->index_was_wrong);
  }
}

TEST_F(GarbageCollectionTest, WithoutGarbageNothingHappens) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  const auto before = pack_files();
  ASSERT_TRUE(collect());
  EXPECT_EQ(pack_files(), before);
  expect_readable(*store_);
}

TEST_F(GarbageCollectionTest, WhatOnlyADroppedRecordNeedsGoesToTheTrash) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  ASSERT_TRUE(bank(*store_, "b", random_words(100'000, 2)));
  ASSERT_TRUE(collect({"a"}));
  EXPECT_EQ(pack_files().size(), 1U);
  EXPECT_EQ(read_records().size(), 1U);
  expect_readable(*store_);
  EXPECT_EQ(Trash(FileSystem::real(), store_ ? StorePaths(store_->folder()) : paths()).batches()->size(), 1U);
}

TEST_F(GarbageCollectionTest, WhatOthersShareStays) {
  const std::string common = random_words(3'000'000, 1);
  ASSERT_TRUE(bank(*store_, "a", common + random_words(2'000'000, 2)));
  ASSERT_TRUE(bank(*store_, "b", common));
  ASSERT_TRUE(collect({"a"}, true));
  expect_readable(*open_elsewhere("fresh"));
  expect_clean();
}

TEST_F(GarbageCollectionTest, AfterwardsLittleMoreIsStoredThanIsNeeded) {
  const std::string common = random_words(6'000'000, 1);
  for (std::uint64_t i = 0; i < 8; ++i)
    ASSERT_TRUE(bank(*store_, std::to_string(i), common + random_words(3'000'000, 10 + i)));
  ASSERT_TRUE(collect({"0", "1", "2", "3", "4", "5", "6"}, true));
  std::vector<std::vector<ContentRoot>> needed(1);
  for (const auto& [name, content] : read_records()) needed[0].push_back({content, {}});
  const auto statistics = *store_statistics(*store_, needed);
  EXPECT_LE(static_cast<double>(pack_bytes()), 1.15 * static_cast<double>(statistics.needed.stored));
  expect_readable(*store_);
}

TEST_F(GarbageCollectionTest, ManySmallPacksBecomeFew) {
  for (std::uint64_t i = 0; i < 70; ++i) ASSERT_TRUE(bank(*store_, std::to_string(i), random_words(2000, i)));
  EXPECT_EQ(pack_files().size(), 70U);
  ASSERT_TRUE(collect());
  EXPECT_EQ(pack_files().size(), 1U);
  expect_readable(*store_);
  expect_readable(*open_elsewhere("fresh"));
}

TEST_F(GarbageCollectionTest, UndoBringsEverythingBack) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  ASSERT_TRUE(bank(*store_, "b", random_words(100'000, 2)));
  ASSERT_TRUE(collect({"a", "b"}));
  EXPECT_TRUE(read_records().empty());
  const auto undone = undo_collection(*store_);
  ASSERT_TRUE(undone) << undone.error().line();
  EXPECT_EQ(undone->files, 2U);
  EXPECT_EQ(read_records().size(), 2U);
  expect_readable(*store_);
  expect_readable(*open_elsewhere("fresh"));
  EXPECT_EQ(undo_collection(*store_).error().code, ErrorCode::not_found);
}

TEST_F(GarbageCollectionTest, AMissingNeededObjectStopsItBeforeAnythingIsTouched) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  const auto needed = pack_files();
  ASSERT_TRUE(bank(*store_, "b", random_words(100'000, 2)));
  fs::remove(needed[0]);
  store_ = open();
  const auto before = pack_files();
  EXPECT_EQ(collect({"b"}).error().code, ErrorCode::corrupt);
  EXPECT_EQ(pack_files(), before);
  EXPECT_EQ(read_records().size(), 2U);
}

TEST_F(GarbageCollectionTest, WhatIsKnownToBeDamagedIsNoObstacle) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  const auto needed = pack_files();
  fs::remove(needed[0]);
  store_ = open();
  const auto gc = *GarbageCollection::begin(*store_, GcMode::look);
  auto all = roots();
  EXPECT_FALSE(gc->mark(all));
  for (GcRoot& root : all) root.known_damaged = true;
  EXPECT_TRUE(gc->mark(all));
}

TEST_F(GarbageCollectionTest, NeededContentInTheTrashComesBackWithTheNextMark) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  const ContentId content = read_records()["a"];
  ASSERT_TRUE(collect({"a"}));
  ASSERT_TRUE(publish_record(FileSystem::real(), "a", content));  // a record that nobody could see in time
  ASSERT_TRUE(collect({}, true));
  expect_readable(*open_elsewhere("fresh"));
  expect_clean();
}

TEST_F(GarbageCollectionTest, ReadersFindWhatIsInTheTrash) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  const ContentId content = read_records()["a"];
  ASSERT_TRUE(collect({"a"}));
  store_ = open();
  EXPECT_TRUE(*read(content) == contents_["a"]);
}

TEST_F(GarbageCollectionTest, ASecondCollectionIsLockedOut) {
  const auto first = *GarbageCollection::begin(*store_, GcMode::collect);
  EXPECT_EQ(GarbageCollection::begin(*open(), GcMode::collect).error().code, ErrorCode::locked);
  EXPECT_TRUE(GarbageCollection::begin(*open(), GcMode::look));
}

TEST_F(GarbageCollectionTest, PacksOfALivingWriterStay) {
  const auto session = *store_->begin_write("test");
  const PutRequest request{write("w", random_words(100'000, 1)), nullptr};
  const auto files = session->put_files(std::span(&request, 1));
  ASSERT_TRUE(session->seal());
  ASSERT_TRUE(collect(*open(), {}, true));
  EXPECT_EQ(pack_files().size(), 1U);
  EXPECT_TRUE(session->confirm());
}

// The race of invariant 1: it deduplicates against what is about to go.
TEST_F(GarbageCollectionTest, ASnapshotInTheMiddleOfACollectionIsRestored) {
  const std::string content = random_words(3'000'000, 1);
  ASSERT_TRUE(bank(*store_, "old", content));
  const auto other = open_elsewhere("other");
  const auto session = *other->begin_write("test");
  const PutRequest request{write("w", content), nullptr};
  auto files = session->put_files(std::span(&request, 1));
  ASSERT_TRUE(session->seal());
  ASSERT_TRUE(collect({"old"}));
  contents_["new"] = content;
  ASSERT_TRUE(publish_record(FileSystem::real(), "new", (*files)[0].content));
  ASSERT_EQ(session->confirm().error().code, ErrorCode::changed);
  files = session->put_files(std::span(&request, 1));
  ASSERT_TRUE(session->seal());
  ASSERT_TRUE(session->confirm());
  expect_readable(*open_elsewhere("fresh"));
}

TEST_F(GarbageCollectionTest, ARecordThatComesBeforeTheLastLookPardons) {
  const std::string content = random_words(3'000'000, 1);
  ASSERT_TRUE(bank(*store_, "old", content));
  const auto other = open_elsewhere("other");
  contents_["new"] = content;
  const ContentId id = read_records()["old"];
  ASSERT_TRUE(collect({"old"}, false, [&] { EXPECT_TRUE(publish_record(FileSystem::real(), "new", id)); }));
  EXPECT_EQ(read_records().size(), 1U);
  EXPECT_EQ(pack_files().size(), 1U);
  expect_readable(*open_elsewhere("fresh"));
}

// Another host, whose index knows nothing of a collection with an emptied trash.
TEST_F(GarbageCollectionTest, ASnapshotThroughAStaleIndexIsRestored) {
  const std::string content = random_words(3'000'000, 1);
  ASSERT_TRUE(bank(*store_, "old", content));
  const auto other = open_elsewhere("other");
  expect_readable(*other);
  ASSERT_TRUE(collect({"old"}, true));
  EXPECT_TRUE(pack_files().empty());
  ASSERT_TRUE(bank(*other, "new", content));
  expect_readable(*open_elsewhere("fresh"));
}

TEST_F(GarbageCollectionTest, TheTrashWaitsForReadersThatWereThere) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  const auto leases = *LeaseFolder::open(paths().leases());
  auto reader = *leases->enter("read", "test");
  ASSERT_TRUE(collect({"a"}, true));
  EXPECT_EQ(last_trash_.batches_left, 1U);
  reader->release();
  ASSERT_TRUE(collect({}, true));
  EXPECT_EQ(last_trash_.batches_left, 0U);
}

TEST_F(GarbageCollectionTest, ACollectionThatLostItsLeaseTouchesNothing) {
  ASSERT_TRUE(bank(*store_, "a", random_words(100'000, 1)));
  const auto gc = *GarbageCollection::begin(*store_, GcMode::collect);
  ASSERT_TRUE(gc->mark({}));
  const GcPlan plan = gc->plan({});
  EXPECT_GT(plan.dropped, 0U);
  // Another process has taken over.
  for (const auto& lease : fs::directory_iterator(paths().leases()))
    if (lease.path().filename().string().starts_with("gc.")) {
      fs::copy_file(lease.path(), paths().leases() / "gc.99");
      break;
    }
  EXPECT_EQ(gc->condemn(plan).error().code, ErrorCode::locked);
  EXPECT_EQ(gc->discard_file("snapshots/a").error().code, ErrorCode::locked);
  EXPECT_EQ(read_generation(FileSystem::real(), paths())->number, 0U);
  expect_readable(*open_elsewhere("fresh"));
}

TEST_F(GarbageCollectionTest, LeftoversOfDeadProgramsAreRemoved) {
  folder_.write(".souschef/store/tmp/.tmp-write-01GONE.1-4", "half a pack");
  ASSERT_TRUE(collect());
  EXPECT_FALSE(fs::exists(paths().temporary() / ".tmp-write-01GONE.1-4"));
}

TEST_F(GarbageCollectionTest, ADamagedPackIsNotRewrittenButKept) {
  const std::string common = random_words(2'000'000, 1);
  ASSERT_TRUE(bank(*store_, "a", common + random_words(6'000'000, 2)));
  const auto damaged = pack_files().at(0);
  ASSERT_TRUE(bank(*store_, "b", common));
  std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
  for (std::uint64_t at = 10'000; at + 10'000 < fs::file_size(damaged); at += 10'000) {
    file.seekp(static_cast<std::streamoff>(at));
    file.write("damage", 6);
  }
  file.close();
  store_ = open();
  ASSERT_TRUE(collect({"a"}, true));
  EXPECT_TRUE(fs::exists(damaged));
}

// ------------------------------------------------------------------------------ crashes everywhere

class GarbageCollectionCrashTest : public GarbageCollectionTest {
 protected:
  void SetUp() override {
    GarbageCollectionTest::SetUp();
    const std::string common = random_words(700'000, 1);
    ASSERT_TRUE(bank(*store_, "a", common + random_words(900'000, 2)));
    ASSERT_TRUE(bank(*store_, "b", common));
    ASSERT_TRUE(bank(*store_, "c", random_words(50'000, 3)));
    ASSERT_TRUE(bank(*store_, "d", random_words(50'000, 4)));
    store_.reset();
    fs::copy(folder_ / ".souschef", folder_ / "copy", fs::copy_options::recursive);
  }
  void start_over() {
    fs::remove_all(folder_ / ".souschef");
    fs::copy(folder_ / "copy", folder_ / ".souschef", fs::copy_options::recursive);
  }
  std::unique_ptr<Store> open_on(FileSystem& disk) const {
    OpenOptions options;
    options.disk = &disk;
    options.threads = 1;
    options.rehash = true;
    auto store = Store::open(store_folder(), options);
    return store ? std::move(*store) : nullptr;
  }
  // Whatever happened, what is needed is there, and the next collection finishes the work.
  void expect_sound() {
    forget_leases();
    expect_readable(*open_elsewhere("other"));
    if (HasFatalFailure()) return;
    const auto store = open();
    expect_readable(*store);
    if (HasFatalFailure()) return;
    ASSERT_TRUE(read_records().contains("b") && read_records().contains("d"));
    const Status collected = collect(*store, {"a", "c"}, true);
    ASSERT_TRUE(collected) << collected.error().line();
    EXPECT_EQ(read_records().size(), 2U);
    expect_readable(*store);
    expect_clean();
    fs::remove_all(folder_ / "other");
  }
  static constexpr std::uint64_t kMostSteps = 400;
};

TEST_F(GarbageCollectionCrashTest, PowerCutsAtEveryStep) {
  bool done = false;
  for (std::uint64_t step = 1; !done; ++step) {
    ASSERT_LT(step, kMostSteps);
    for (const Loss loss : {Loss::data, Loss::everything, Loss::some}) {
      start_over();
      FaultFileSystem disk(folder_.path());
      disk.die_at(step);
      if (const auto store = open_on(disk))
        done = collect(*store, {"a", "c"}, true).has_value() && !disk.died();
      disk.lose_power(loss, step);
      SCOPED_TRACE("step " + std::to_string(step) + ", loss " + std::to_string(static_cast<int>(loss)));
      expect_sound();
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(GarbageCollectionCrashTest, DyingAtEveryStep) {
  bool done = false;
  for (std::uint64_t step = 1; !done; ++step) {
    ASSERT_LT(step, kMostSteps);
    start_over();
    FaultFileSystem disk(folder_.path());
    disk.die_at(step);
    if (const auto store = open_on(disk))
      done = collect(*store, {"a", "c"}, true).has_value() && !disk.died();
    SCOPED_TRACE("step " + std::to_string(step));
    expect_sound();
    if (HasFatalFailure()) return;
  }
}

TEST_F(GarbageCollectionCrashTest, AFullDiskAtEveryStep) {
  bool done = false;
  for (std::uint64_t step = 1; !done; ++step) {
    ASSERT_LT(step, kMostSteps);
    start_over();
    FaultFileSystem disk(folder_.path());
    disk.fill_up_at(step);
    if (const auto store = open_on(disk)) {
      const Status collected = collect(*store, {"a", "c"}, true);
      done = collected.has_value() && disk.steps() < step;
      EXPECT_TRUE(collected || collected.error().code == ErrorCode::no_space) << collected.error().line();
    }
    SCOPED_TRACE("step " + std::to_string(step));
    expect_sound();
    if (HasFatalFailure()) return;
  }
}

TEST_F(GarbageCollectionCrashTest, UndoThatDiesAtEveryStepCanBeDoneAgain) {
  start_over();
  ASSERT_TRUE(collect(*open(), {"a", "c"}));
  fs::remove_all(folder_ / "copy");
  fs::copy(folder_ / ".souschef", folder_ / "copy", fs::copy_options::recursive);
  bool done = false;
  for (std::uint64_t step = 1; !done; ++step) {
    ASSERT_LT(step, kMostSteps);
    start_over();
    FaultFileSystem disk(folder_.path());
    disk.die_at(step);
    if (const auto store = open_on(disk)) done = undo_collection(*store).has_value() && !disk.died();
    disk.lose_power(Loss::some, step);
    SCOPED_TRACE("step " + std::to_string(step));
    forget_leases();
    expect_readable(*open());
    if (HasFatalFailure()) return;
    const auto again = undo_collection(*open());
    ASSERT_TRUE(again || again.error().code == ErrorCode::not_found) << again.error().line();
    EXPECT_EQ(read_records().size(), 4U);
    expect_readable(*open());
    if (HasFatalFailure()) return;
  }
}

// -------------------------------------------------------------------------------- random histories

class GarbageCollectionHistoryTest : public GarbageCollectionCrashTest,
                                     public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(GarbageCollectionHistoryTest, KeepsWhatEveryRecordNeeds) {
  std::mt19937_64 random(GetParam());
  // Versions of a file: runs of a few sources, so that everything shares something with something.
  const auto content = [&] {
    std::string text;
    for (std::uint64_t i = 0, pieces = 1 + random() % 4; i < pieces; ++i)
      text += random_words(50'000 + random() % 4 * 100'000, random() % 6);
    return text;
  };
  for (int round = 0; round < 30; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    FaultFileSystem disk(folder_.path());
    if (random() % 3 == 0) disk.die_at(1 + random() % 120);
    {
      const auto store = random() % 4 == 0 ? nullptr : open_on(disk);
      const auto other = store == nullptr ? open_elsewhere("second") : nullptr;
      Store* const used = store != nullptr ? store.get() : other.get();
      if (used != nullptr) {
        FileSystem& files = store != nullptr ? static_cast<FileSystem&>(disk) : FileSystem::real();
        std::set<std::string> drop;
        for (const auto& [name, id] : read_records())
          if (random() % 3 == 0) drop.insert(name);
        switch (random() % 6) {
          case 0:
          case 1:
          case 2:
            static_cast<void>(bank(*used, "r" + std::to_string(round), content(), files).has_value());
            break;
          case 3:
            static_cast<void>(collect(*used, drop).has_value());
            break;
          case 4:
            static_cast<void>(collect(*used, drop, true).has_value());
            break;
          default:
            static_cast<void>(undo_collection(*used).has_value());
        }
      }
      if (disk.died()) disk.lose_power(random() % 2 == 0 ? Loss::some : Loss::data, round + 1U);
    }
    forget_leases();
    if (random() % 5 == 0) fs::remove_all(folder_ / ".souschef/index");
    expect_readable(*open({.rehash = true}));
    if (HasFatalFailure()) return;
  }
  const auto store = open();
  ASSERT_TRUE(collect(*store, {}, true));
  expect_clean();
  std::vector<std::vector<ContentRoot>> needed(1);
  for (const auto& [name, id] : read_records()) needed[0].push_back({id, {}});
  const auto statistics = *store_statistics(*store, needed);
  EXPECT_LE(static_cast<double>(pack_bytes()), 1.15 * static_cast<double>(statistics.needed.stored) + 2000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, GarbageCollectionHistoryTest, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace souschef::store
