// SPDX-License-Identifier: MIT
#include "core/jobs/rubbish.hpp"

#include <fstream>

#include "core/base/scratch_folder.hpp"
#include "core/base/ulid.hpp"
#include "core/jobs/checkout.hpp"
#include "core/production/render_folders.hpp"
#include "core/queue/request.hpp"
#include "store/store_parts.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace souschef::core {
namespace {

namespace fs = std::filesystem;

class RubbishTest : public ProductionFixture {
 protected:
  void SetUp() override {
    ProductionFixture::SetUp();
    ::setenv("TMPDIR", (folder_ / "tmp").c_str(), 1);
    fs::create_directories(folder_ / "tmp");
  }
  void TearDown() override { ::unsetenv("TMPDIR"); }

  [[nodiscard]] RenderFolders folders() const { return *RenderFolders::of(*production_); }
  RubbishReport clear_after(std::chrono::hours time, RubbishRules rules = {},
                            RubbishMode mode = RubbishMode::remove) {
    rules.now += time;
    auto report = clear_rubbish(*production_, rules, mode);
    EXPECT_TRUE(report) << report.error().line();
    return report ? *report : RubbishReport();
  }
  static fs::path fill(const fs::path& folder) {
    fs::create_directories(folder);
    std::ofstream(folder / "file") << std::string(10'000, 'x');
    return folder;
  }
  // An order that waits in the inbox; its id.
  std::string waiting_order() {
    const QueueFolder queue{root() / ".souschef/queue"};
    EXPECT_TRUE(make_queue_folder(queue));
    Order order;
    order.id = new_ulid();
    order.name = "fisk";
    order.entry = "a.blend";
    order.target = "lts";
    order.renderer = "blender";
    order.frames = *FrameRange::parse("1");
    EXPECT_TRUE(drop_request(queue, make_order_request(order)));
    return order.id;
  }
  // A checkout of a job with one file, gone again: the file stays on the shelf.
  void shelve(const std::string& content) {
    write("folder/file", content);
    const auto banked = bank("folder");
    ASSERT_TRUE(banked) << banked.error().line();
    const auto made = check_out(*production_, {.job = banked->job, .folder = folder_ / "checkout"});
    ASSERT_TRUE(made) << made.error().line();
    fs::remove_all(folder_ / "checkout");
  }
  [[nodiscard]] std::size_t shelved() {
    std::size_t count = 0;
    for (const auto& entry :
         fs::recursive_directory_iterator(store::parts_of(**production_->store()).pantry_folder))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
};

TEST_F(RubbishTest, CheckoutsAndLogsOfOrdersThatAreGoneGo) {
  const fs::path checkout = fill(folders().checkouts / "01GONE"), logs = fill(folders().logs / "01GONE");
  const RubbishReport report = clear_after(std::chrono::hours(2));
  EXPECT_FALSE(fs::exists(checkout) || fs::exists(logs));
  EXPECT_EQ(report.checkouts.count, 1U);
  EXPECT_EQ(report.logs.count, 1U);
  EXPECT_GE(report.bytes(), 20'000U);
}

TEST_F(RubbishTest, WhatAnOpenOrderHasStays) {
  const std::string id = waiting_order();
  const fs::path checkout = fill(folders().checkouts / id), logs = fill(folders().logs / id);
  clear_after(std::chrono::hours(24 * 1000), {.logs_age = std::chrono::hours(24)});
  EXPECT_TRUE(fs::exists(checkout) && fs::exists(logs));
}

TEST_F(RubbishTest, AFileOfSomebodysOwnAmongTheLogsStays) {
  const fs::path mine = fill(folders().logs) / "file";
  EXPECT_EQ(clear_after(std::chrono::hours(24 * 1000)).logs.count, 0U);
  EXPECT_TRUE(fs::exists(mine));
}

TEST_F(RubbishTest, WhatIsYoungStays) {
  const fs::path checkout = fill(folders().checkouts / "01GONE");
  EXPECT_EQ(clear_after(std::chrono::hours(0)).checkouts.count, 0U);
  EXPECT_TRUE(fs::exists(checkout));
}

TEST_F(RubbishTest, LookingChangesNothing) {
  const fs::path checkout = fill(folders().checkouts / "01GONE");
  EXPECT_EQ(clear_after(std::chrono::hours(2), {}, RubbishMode::look).checkouts.count, 1U);
  EXPECT_TRUE(fs::exists(checkout));
}

TEST_F(RubbishTest, SharedFilesGoByAge) {
  shelve("one");
  ASSERT_EQ(shelved(), 1U);
  const RubbishRules rules = {.pantry_age = std::chrono::hours(24)};
  EXPECT_EQ(clear_after(std::chrono::hours(2), rules).pantry.count, 0U);
  EXPECT_EQ(clear_after(std::chrono::hours(48), rules).pantry.count, 1U);
  EXPECT_EQ(shelved(), 0U);
  shelve("one");  // and are made again
}

TEST_F(RubbishTest, SharedFilesGoBySize) {
  shelve("one");
  shelve("two, another one");
  EXPECT_EQ(clear_after(std::chrono::hours(2), {.pantry_size = 5000}).pantry.count, 1U);
  EXPECT_EQ(shelved(), 1U);
}

TEST_F(RubbishTest, FoldersThatADeadProgramLeftGo) {
  const fs::path left = fill(folder_ / "tmp" / (std::string(kScratchPrefix) + "AbCdEf"));
  const fs::path other = fill(folder_ / "tmp" / "souschef-notes");
  EXPECT_EQ(clear_after(std::chrono::hours(30)).temporary.count, 1U);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(other));
}

}  // namespace
}  // namespace souschef::core
