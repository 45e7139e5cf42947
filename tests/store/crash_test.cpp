// SPDX-License-Identifier: MIT
// The store on a disk that dies, fills up, fails, or loses what was not synced, at every single step.
#include <algorithm>

#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/support/fault_file_system.hpp"

namespace souschef::store {
namespace {

using test::FaultFileSystem;
using test::Loss;
using test::random_bytes;
using test::random_words;

class CrashTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    first_ = put({write("first", kFirst)});
    paths_ = {write("a", random_words(700'000, 2)), write("b", "small"),
              write("c", random_bytes(2'000'000, 3))};
    store_.reset();
  }

  // One thread, so that steps come in the same order every time.
  [[nodiscard]] std::unique_ptr<Store> open_on(FileSystem& disk) const {
    OpenOptions options;
    options.disk = &disk;
    options.threads = 1;
    options.rehash = true;
    auto store = Store::open(store_folder(), options);
    return store ? std::move(*store) : nullptr;
  }
  Result<std::vector<StoredFile>> try_to_put(Store& store) const {
    SOUSCHEF_TRY(const auto session, store.begin_write("test"));
    std::vector<PutRequest> requests;
    for (const auto& path : paths_) requests.push_back({path, nullptr});
    SOUSCHEF_TRY(auto files, session->put_files(requests));
    SOUSCHEF_CHECK(session->seal());
    return files;
  }
  void expect_readable(Store& store, const std::vector<StoredFile>& files) const {
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto content = read(store, files[i].content);
      ASSERT_TRUE(content) << content.error().line();
      EXPECT_TRUE(*content == test::read_file(paths_[i]));
    }
  }
  // Whatever happened: what was sealed before is there, and the store works.
  void expect_sound() {
    const auto store = open();
    ASSERT_NE(store, nullptr);
    const auto first = read(*store, first_[0].content);
    ASSERT_TRUE(first) << first.error().line();
    EXPECT_EQ(*first, kFirst);
    const auto again = try_to_put(*store);
    ASSERT_TRUE(again) << again.error().line();
    expect_readable(*store, *again);
  }
  // Back to how SetUp left it, without making it anew.
  void keep_copy() { std::filesystem::copy(folder_ / ".souschef", folder_ / "copy", kRecursive); }
  void restore_copy() {
    std::filesystem::remove_all(folder_ / ".souschef");
    std::filesystem::copy(folder_ / "copy", folder_ / ".souschef", kRecursive);
  }

  static constexpr auto kRecursive = std::filesystem::copy_options::recursive;
  static constexpr const char* kFirst = "sealed before anything went wrong";
  std::vector<StoredFile> first_;
  std::vector<std::filesystem::path> paths_;
};

TEST_F(CrashTest, ASmallSnapshotSyncsOneFileAndOneFolder) {
  FaultFileSystem disk(folder_.path());
  ASSERT_TRUE(try_to_put(*open_on(disk)));
  EXPECT_EQ(disk.count("sync"), 1U);
  EXPECT_EQ(disk.count("sync_folder"), 1U);
}

TEST_F(CrashTest, NothingNewSyncsNothing) {
  ASSERT_TRUE(try_to_put(*open_on(FileSystem::real())));
  FaultFileSystem disk(folder_.path());
  ASSERT_TRUE(try_to_put(*open_on(disk)));
  EXPECT_EQ(disk.count("sync") + disk.count("sync_folder"), 0U);
}

TEST_F(CrashTest, APackIsSyncedBeforeItHasItsName) {
  FaultFileSystem disk(folder_.path());
  ASSERT_TRUE(try_to_put(*open_on(disk)));
  const auto log = disk.log();
  const auto place = [&](const std::string& verb) {
    return std::find_if(log.begin(), log.end(), [&](const std::string& line) {
      return line.starts_with(verb + " ") && line.find("leases") == std::string::npos;
    });
  };
  EXPECT_LT(place("sync"), place("publish"));
  EXPECT_LT(place("publish"), place("sync_folder"));
}

TEST_F(CrashTest, PowerCutsAtEveryStep) {
  keep_copy();
  bool sealed = false;
  for (std::uint64_t step = 1; !sealed; ++step) {
    for (const Loss loss : {Loss::data, Loss::everything, Loss::some}) {
      restore_copy();
      FaultFileSystem disk(folder_.path());
      Result<std::vector<StoredFile>> files = Error();
      {
        disk.die_at(step);
        const auto store = open_on(disk);
        if (store != nullptr) files = try_to_put(*store);
        sealed = files.has_value() && !disk.died();
        disk.lose_power(loss, step);
      }
      SCOPED_TRACE("step " + std::to_string(step) + ", loss " + std::to_string(static_cast<int>(loss)));
      if (files) expect_readable(*open(), *files);
      expect_sound();
      if (HasFatalFailure()) return;
    }
    ASSERT_LT(step, 200U);
  }
}

TEST_F(CrashTest, DyingAtEveryStepWithoutLosingAnything) {
  keep_copy();
  bool sealed = false;
  for (std::uint64_t step = 1; !sealed; ++step) {
    restore_copy();
    FaultFileSystem disk(folder_.path());
    disk.die_at(step);
    if (const auto store = open_on(disk)) sealed = try_to_put(*store).has_value() && !disk.died();
    SCOPED_TRACE("step " + std::to_string(step));
    expect_sound();
    if (HasFatalFailure()) return;
    ASSERT_LT(step, 200U);
  }
}

TEST_F(CrashTest, AFullDiskAtEveryStep) {
  keep_copy();
  bool sealed = false;
  for (std::uint64_t step = 1; !sealed; ++step) {
    restore_copy();
    FaultFileSystem disk(folder_.path());
    SCOPED_TRACE("step " + std::to_string(step));
    {
      disk.fill_up_at(step);
      const auto store = open_on(disk);
      if (store != nullptr) {
        const auto files = try_to_put(*store);
        sealed = files.has_value() && disk.steps() < step;
        EXPECT_TRUE(files || files.error().code == ErrorCode::no_space);
        disk.make_room();
        // The same store object goes on with a new session.
        const auto again = try_to_put(*store);
        ASSERT_TRUE(again) << again.error().line();
        expect_readable(*store, *again);
      }
    }
    expect_sound();
    if (HasFatalFailure()) return;
    ASSERT_LT(step, 200U);
  }
}

TEST_F(CrashTest, AnErrorOfTheDiskAtEveryStep) {
  keep_copy();
  FaultFileSystem healthy(folder_.path());
  ASSERT_TRUE(try_to_put(*open_on(healthy)));
  for (std::uint64_t step = 1; step <= healthy.steps(); ++step) {
    restore_copy();
    FaultFileSystem disk(folder_.path());
    SCOPED_TRACE("step " + std::to_string(step));
    disk.fail_at(step);
    if (const auto store = open_on(disk)) {
      const auto files = try_to_put(*store);
      if (files) expect_readable(*store, *files);
    }
    expect_sound();
    if (HasFatalFailure()) return;
  }
}

TEST_F(CrashTest, MakingAStoreCanBeRepeatedAfterACrashAtEveryStep) {
  bool made = false;
  for (std::uint64_t step = 1; !made; step += step < 20 ? 1 : 37) {
    const auto place = folder_ / "other/store";
    std::filesystem::remove_all(folder_ / "other");
    FaultFileSystem disk(folder_.path());
    disk.die_at(step);
    made = Store::create(place, disk).has_value();
    disk.lose_power(Loss::everything);
    const Status again = Store::create(place);
    EXPECT_TRUE(again || (made && again.error().code == ErrorCode::exists)) << step;
    EXPECT_TRUE(Store::open(place, {}));
  }
}

}  // namespace
}  // namespace souschef::store
