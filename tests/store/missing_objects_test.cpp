// SPDX-License-Identifier: MIT
// What the index does not know: found wherever it lies, or called missing, and when that is looked for again.
#include "store/garbage_collection.hpp"
#include "store/generation.hpp"
#include "store/hasher.hpp"
#include "store/store_parts.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/support/busy_disk.hpp"
#include "tests/support/fake_clock.hpp"

namespace souschef::store {
namespace {

namespace fs = std::filesystem;

using test::BusyDisk;
using test::random_words;

constexpr std::uint64_t kNever = UINT64_MAX;
constexpr std::uint64_t kMostLooks = 1'000;
constexpr std::chrono::seconds kLater{6};  // than one look is good for
const Hash kNowhere = hash_of("nowhere");

class MissingObjects : public StoreFixture {
 protected:
  // Three files in packs of their own.
  void SetUp() override {
    StoreFixture::SetUp();
    for (std::uint64_t i = 0; i < contents_.size(); ++i)
      contents_[i] = put({write("file", random_words(60'000, i))})[0].content;
    store_.reset();
  }

  // On another machine: everything that the roots do not need is condemned, or goes to the trash.
  std::unique_ptr<GarbageCollection> condemn(std::span<const GcRoot> roots = {}) {
    OpenOptions options;
    options.index_folder = folder_ / "elsewhere";
    elsewhere_ = open(options);
    auto gc = GarbageCollection::begin(*elsewhere_, GcMode::collect);
    EXPECT_TRUE(gc) << gc.error().line();
    EXPECT_TRUE((*gc)->mark(roots));
    const GcPlan plan = (*gc)->plan({});
    EXPECT_TRUE((*gc)->rewrite(plan));
    EXPECT_TRUE((*gc)->condemn(plan));
    EXPECT_TRUE((*gc)->confirm(roots));
    return std::move(*gc);
  }
  void collect(std::span<const GcRoot> roots = {}) {
    const auto gc = condemn(roots);
    EXPECT_TRUE(gc->discard_packs());
    EXPECT_TRUE(gc->finish());
  }

  std::unique_ptr<Store> open_here(FileSystem& disk = FileSystem::real()) {
    OpenOptions options;
    options.disk = &disk;
    options.clock = &clock_;
    return open(options);
  }
  template <class T>
  static std::optional<ErrorCode> code_of(const Result<T>& result) {
    return result ? std::nullopt : std::optional(result.error().code);
  }
  static std::optional<ErrorCode> look_for(Store& store, const Hash& chunk) {
    return code_of(parts_of(store).reader->find(ObjectKind::chunk, chunk));
  }
  // They are of one chunk each.
  void expect_found(Store& store) const {
    for (const ContentId& content : contents_) EXPECT_EQ(look_for(store, content.hash), std::nullopt);
    for (const ContentId& content : contents_) EXPECT_TRUE(read(store, content));
  }
  // An index gives out the number of a pack once.
  static std::vector<std::uint32_t> pack_numbers(Store& store) {
    std::vector<std::uint32_t> numbers;
    const auto packs = parts_of(store).index->packs();
    for (const auto& [number, pack] : *packs) numbers.push_back(number);
    return numbers;
  }

  std::array<ContentId, 3> contents_;
  test::FakeClock clock_;  // stands still
  std::unique_ptr<Store> elsewhere_;
};

TEST_F(MissingObjects, AllThatLiesInTheTrashIsFoundAtOnce) {
  collect();
  const auto store = open_here();
  expect_found(*store);
}

TEST_F(MissingObjects, WhatLiesInTheTrashIsFoundRightAfterALookInVain) {
  collect();
  const auto store = open_here();
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  expect_found(*store);
}

TEST_F(MissingObjects, WhatGoesToTheTrashRightAfterALookInVainIsFound) {
  const auto store = open_here();
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  collect();
  expect_found(*store);
}

TEST_F(MissingObjects, WhatACollectionAtWorkHasPutAsideIsNotCalledMissing) {
  const auto gc = condemn();
  const auto store = open_here();
  ASSERT_TRUE(parts_of(*store).keeper->refresh());
  for (const ContentId& content : contents_) EXPECT_EQ(code_of(read(*store, content)), ErrorCode::locked);
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  ASSERT_TRUE(gc->finish());
  clock_.advance(kLater);
  expect_found(*store);
}

// At every look that the reader takes at the disk.
TEST_F(MissingObjects, WhatSomebodyElseBringsBackMeanwhileIsFound) {
  collect();
  const fs::path dot = folder_ / ".souschef";
  fs::copy(dot, folder_ / "copy", fs::copy_options::recursive);
  bool whole = false;
  for (std::uint64_t look = 1; !whole; ++look) {
    SCOPED_TRACE("look " + std::to_string(look));
    elsewhere_.reset();
    fs::remove_all(dot);
    fs::remove_all(folder_ / "elsewhere");
    fs::copy(folder_ / "copy", dot, fs::copy_options::recursive);
    BusyDisk disk(look, [&] {
      OpenOptions options;
      options.index_folder = folder_ / "elsewhere";
      elsewhere_ = open(options);
      const auto undone = undo_collection(*elsewhere_);
      // It is the reader who brings back what it needs.
      EXPECT_TRUE(undone || undone.error().code == ErrorCode::locked);
    });
    const auto store = open_here(disk);
    const auto text = read(*store, contents_[0]);
    EXPECT_TRUE(text) << text.error().line();
    whole = !disk.happened();
    ASSERT_LT(look, kMostLooks);
  }
}

// A restore beside it: nobody needs the others.
TEST_F(MissingObjects, WhatSomebodyNeedsIsFoundBesideACollection) {
  const GcRoot needed = {{contents_[0], {}}, false};
  const fs::path dot = folder_ / ".souschef";
  fs::copy(dot, folder_ / "copy", fs::copy_options::recursive);
  bool whole = false;
  for (std::uint64_t look = 1; !whole; ++look) {
    SCOPED_TRACE("look " + std::to_string(look));
    elsewhere_.reset();
    fs::remove_all(dot);
    fs::remove_all(folder_ / "elsewhere");
    fs::copy(folder_ / "copy", dot, fs::copy_options::recursive);
    BusyDisk disk(look, [&] { collect(std::span(&needed, 1)); });
    const auto store = open_here(disk);
    const auto text = read(*store, contents_[0]);
    EXPECT_TRUE(text) << text.error().line();
    whole = !disk.happened();
    ASSERT_LT(look, kMostLooks);
  }
}

TEST_F(MissingObjects, OneLookIsForAllThatIsMissing) {
  collect(std::vector<GcRoot>{{{contents_[0], {}}, false}});
  BusyDisk disk(kNever, [] {});
  const auto store = open_here(disk);
  const std::uint64_t before = disk.looks();
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  const std::uint64_t first = disk.looks() - before;
  EXPECT_EQ(look_for(*store, hash_of("nowhere else")), ErrorCode::not_found);
  const std::uint64_t second = disk.looks() - before - first;
  EXPECT_FALSE(read(*store, ContentId(hash_of("no content"))));
  const std::uint64_t third = disk.looks() - before - first - second;
  // Of the few that tell whether others have done anything.
  EXPECT_LT(4 * second, first);
  EXPECT_EQ(third, second);
}

TEST_F(MissingObjects, TheIndexIsNotBuiltAnewTwiceOfTheSamePacks) {
  const auto store = open_here();
  EXPECT_TRUE(read(*store, contents_[0]));
  const auto numbers = pack_numbers(*store);
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  const auto numbers_anew = pack_numbers(*store);
  EXPECT_NE(numbers_anew, numbers);
  clock_.advance(kLater);
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  EXPECT_EQ(pack_numbers(*store), numbers_anew);
}

TEST_F(MissingObjects, TheIndexIsBuiltAnewWherePacksHaveGone) {
  const auto store = open_here();
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  const auto numbers = pack_numbers(*store);
  collect(std::vector<GcRoot>{{{contents_[0], {}}, false}});
  EXPECT_EQ(look_for(*store, kNowhere), ErrorCode::not_found);
  EXPECT_GT(pack_numbers(*store).front(), numbers.back());
}

}  // namespace
}  // namespace souschef::store
