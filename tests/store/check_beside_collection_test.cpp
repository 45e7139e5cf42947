// SPDX-License-Identifier: MIT
// A check while another process collects: at every look that the check takes at the disk, the collection gets
// as far as it is to get, and is done with after the check. What somebody needs is whole all the time.
#include "store/check.hpp"
#include "store/garbage_collection.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/support/busy_disk.hpp"

namespace souschef::store {
namespace {

namespace fs = std::filesystem;

using test::BusyDisk;
using test::random_words;

constexpr std::uint64_t kMostLooks = 1'000;

enum class Until { condemned, moved, finished, emptied };
enum class Index { same, other };  // of the process that collects: on this machine, or on another

class CheckBesideCollection : public StoreFixture,
                              public testing::WithParamInterface<std::tuple<Until, Index>> {
 protected:
  // A pack of which half is needed, and one that nobody needs.
  void SetUp() override {
    StoreFixture::SetUp();
    const auto mixed = put({write("kept", random_words(60'000, 1)), write("going", random_words(60'000, 2))});
    const auto gone = put({write("gone", random_words(60'000, 3))});
    kept_ = {mixed[0].content, {}};
    going_ = {{mixed[1].content, {}}, {gone[0].content, {}}};
    store_.reset();
    fs::copy(dot(), folder_ / "copy", fs::copy_options::recursive);
  }
  [[nodiscard]] fs::path dot() const { return folder_ / ".souschef"; }
  void rewind() {
    gc_.reset();
    collector_.reset();
    fs::remove_all(dot());
    fs::remove_all(folder_ / "elsewhere");
    fs::copy(folder_ / "copy", dot(), fs::copy_options::recursive);
  }

  Status collect(Until until, Index index) {
    OpenOptions options;
    if (index == Index::other) options.index_folder = folder_ / "elsewhere";
    collector_ = open(options);
    SOUSCHEF_TRY(gc_, GarbageCollection::begin(*collector_, GcMode::collect));
    const GcRoot needed = {kept_, false};
    SOUSCHEF_CHECK(gc_->mark(std::span(&needed, 1)));
    const GcPlan plan = gc_->plan({});
    SOUSCHEF_CHECK(gc_->rewrite(plan));
    SOUSCHEF_CHECK(gc_->condemn(plan));
    SOUSCHEF_CHECK(gc_->confirm(std::span(&needed, 1)));
    if (until == Until::condemned) return {};
    SOUSCHEF_CHECK(gc_->discard_packs());
    if (until == Until::moved) return {};
    if (until == Until::emptied) {
      SOUSCHEF_CHECK(gc_->mark(std::span(&needed, 1)));
      SOUSCHEF_CHECK(gc_->empty_trash({.now = true}));
    }
    SOUSCHEF_CHECK(gc_->finish());
    return {};
  }

  ContentRoot kept_;
  std::vector<ContentRoot> going_;  // their records go before their packs
  std::unique_ptr<Store> collector_;
  std::unique_ptr<GarbageCollection> gc_;
};

TEST_P(CheckBesideCollection, RaisesNoAlarm) {
  const auto [until, index] = GetParam();
  std::vector<ContentRoot> roots = {kept_};
  if (until == Until::condemned) roots.insert(roots.end(), going_.begin(), going_.end());
  CheckRequest request;
  request.roots = roots;
  request.data_percent = 100;
  bool whole = false;
  for (std::uint64_t look = 1; !whole; ++look) {
    SCOPED_TRACE("look " + std::to_string(look));
    rewind();
    Status collected;
    BusyDisk disk(look, [&] { collected = collect(until, index); });
    const auto report = check_store(*open({.disk = &disk}), request);
    ASSERT_TRUE(collected) << collected.error().line();
    ASSERT_TRUE(report) << report.error().line();
    for (const DamagedPack& pack : report->damaged_packs) ADD_FAILURE() << pack.why;
    for (const DamagedRoot& root : report->damaged_roots) ADD_FAILURE() << root.root << ": " << root.why;
    whole = !disk.happened();
    ASSERT_LT(look, kMostLooks);
  }
}

INSTANTIATE_TEST_SUITE_P(Everywhere, CheckBesideCollection,
                         testing::Combine(testing::Values(Until::condemned, Until::moved, Until::finished,
                                                          Until::emptied),
                                          testing::Values(Index::same, Index::other)));

}  // namespace
}  // namespace souschef::store
