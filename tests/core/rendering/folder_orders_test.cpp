// SPDX-License-Identifier: MIT
#include "core/rendering/folder_orders.hpp"

#include <future>

#include <gmock/gmock.h>

#include "core/queue/queue_reader.hpp"
#include "core/queue/queue_writer.hpp"
#include "core/rendering/place_order.hpp"
#include "core/rendering/watch_folders.hpp"
#include "tests/core/rendering/null_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kTarget = "[[target]]\nname = \"lts\"\npath = \"/opt/blender/blender\"\n";

class FolderOrdersTest : public ProductionFixture {
 protected:
  void SetUp() override {
    ProductionFixture::SetUp();
    fs::create_directories(root() / "drop");
    configure("[[watch]]\nname = \"drop\"\nfolder = \"drop\"\nsettle = 10\n");
  }
  void configure(const std::string& watches) {
    write(".souschef/config.toml", "default_target = \"lts\"\n" + std::string(kTarget) + watches);
    reopen();
    trust_config_of_project();
  }
  static std::string shot(int last_frame = 9) {
    test::BlendWriter writer;
    writer.datablock("SC", "Scene", "SCShot")
        .set("r.sfra", 1)
        .set("r.efra", last_frame)
        .set("r.frame_step", 1);
    return writer.bytes();
  }
  FolderOrders::Told told() {
    return {
        [this](const std::string&, const fs::path& file) { ordered_.push_back(file.filename().string()); },
        [this](const Error& trouble) { troubles_.push_back(trouble.line()); }};
  }
  // A watcher that has seen the folder as it is.
  FolderOrders watcher() {
    auto orders = FolderOrders::open(*production_, told());
    EXPECT_TRUE(orders) << orders.error().line();
    orders->look(seconds(0));
    return std::move(*orders);
  }
  std::size_t orders_in_queue() {
    const auto rows = list_orders(queue_of(*production_));
    return rows ? rows->size() : 0;
  }

  std::vector<std::string> ordered_, troubles_;
};

TEST_F(FolderOrdersTest, FileIsOrderedOnceItHasStoodStill) {
  FolderOrders orders = watcher();
  write("drop/sh010.blend", shot());
  orders.look(seconds(5));
  orders.look(seconds(14));
  EXPECT_THAT(ordered_, IsEmpty());
  orders.look(seconds(15));
  EXPECT_THAT(ordered_, ElementsAre("sh010.blend"));
  const auto rows = list_orders(queue_of(*production_));
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].entry, "drop/sh010.blend");
  EXPECT_EQ((*rows)[0].counts.total(), 9U);
  EXPECT_FALSE((*rows)[0].live) << "it was banked";
}

TEST_F(FolderOrdersTest, OneOrderForEachVersionOfAFile) {
  FolderOrders orders = watcher();
  write("drop/sh010.blend", shot());
  for (int at : {1, 20, 40, 60}) orders.look(seconds(at));
  EXPECT_EQ(orders_in_queue(), 1U);
  write("drop/sh010.blend", shot(100));
  for (int at : {80, 100, 120}) orders.look(seconds(at));
  EXPECT_EQ(orders_in_queue(), 2U);
}

TEST_F(FolderOrdersTest, RestartOrdersNothingTwice) {
  {
    FolderOrders orders = watcher();
    write("drop/sh010.blend", shot());
    orders.look(seconds(1));
    orders.look(seconds(20));
  }
  FolderOrders again = watcher();
  again.look(seconds(1000));
  EXPECT_THAT(ordered_, ElementsAre("sh010.blend"));
}

TEST_F(FolderOrdersTest, KillBetweenTheOrderAndItsMemoryOrdersNothingTwice) {
  watcher();  // the folder is known, empty
  write("drop/sh010.blend", shot());
  const std::string memory = test::read_file(root() / ".souschef/watched.drop");
  RunnerProcess killed(root(), {"order-and-die"});
  EXPECT_EQ(killed.wait(), -1) << "it was to be killed";
  EXPECT_EQ(orders_in_queue(), 1U);
  EXPECT_EQ(test::read_file(root() / ".souschef/watched.drop"), memory) << "it was to know nothing of it";

  FolderOrders again = watcher();
  again.look(seconds(1000));
  EXPECT_EQ(orders_in_queue(), 1U);
  EXPECT_NE(test::read_file(root() / ".souschef/watched.drop"), memory) << "it is known now";
  EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(FolderOrdersTest, OrderThatIsOnlyHandedInIsNotMadeTwice) {
  watcher();
  write("drop/sh010.blend", shot());
  const QueueFolder queue = queue_of(*production_);
  ASSERT_TRUE(make_queue_folder(queue));
  {
    const auto door = QueueDoor::open(queue);
    ASSERT_TRUE(door);
    const auto runner = (*door)->acquire("souschef render");  // that never looks at its inbox
    ASSERT_TRUE(runner);
    RunnerProcess killed(root(), {"order-and-die"});
    EXPECT_EQ(killed.wait(), -1) << "it was to be killed";
    FolderOrders again = watcher();
    again.look(seconds(1000));
  }
  const auto inbox = read_inbox(queue);
  ASSERT_TRUE(inbox);
  EXPECT_EQ(inbox->requests.size(), 1U);
}

// One of them was overtaken and has not seen it yet.
TEST_F(FolderOrdersTest, TwoThatWatchOrderNothingTwice) {
  FolderOrders one = watcher(), other = watcher();
  write("drop/sh010.blend", shot());
  for (int at : {1, 20, 40}) {
    one.look(seconds(at));
    other.look(seconds(at));
  }
  EXPECT_THAT(ordered_, ElementsAre("sh010.blend"));
  EXPECT_EQ(orders_in_queue(), 1U);
}

TEST_F(FolderOrdersTest, EqualFilesWithDifferentNamesAreOrderedEach) {
  FolderOrders orders = watcher();
  write("drop/sh010.blend", shot());
  write("drop/sh020.blend", shot());
  fs::last_write_time(root() / "drop/sh020.blend", fs::last_write_time(root() / "drop/sh010.blend"));
  for (int at : {1, 20}) orders.look(seconds(at));
  EXPECT_EQ(orders_in_queue(), 2U);
}

// A copy that has stopped for a while: its size and time stand still, its end is not there.
TEST_F(FolderOrdersTest, FileWithoutItsEndIsOrderedOnlyWhenItIsWhole) {
  const std::string whole = shot();
  FolderOrders orders = watcher();
  write("drop/sh010.blend", whole.substr(0, whole.size() - 24));
  for (int at : {1, 20, 40, 60}) orders.look(seconds(at));
  EXPECT_THAT(ordered_, IsEmpty());
  EXPECT_EQ(orders_in_queue(), 0U);
  ASSERT_EQ(troubles_.size(), 1U) << "said once";
  EXPECT_THAT(troubles_[0], HasSubstr("sh010.blend is not ordered"));
  write("drop/sh010.blend", whole);
  for (int at : {80, 100}) orders.look(seconds(at));
  EXPECT_THAT(ordered_, ElementsAre("sh010.blend"));
}

TEST_F(FolderOrdersTest, BackupsAndTemporaryFilesAreNotOrdered) {
  FolderOrders orders = watcher();
  for (const char* name : {"a.blend1", "a.blend@", ".a.blend"}) write("drop/" + std::string(name), shot());
  for (int at : {1, 20, 40}) orders.look(seconds(at));
  EXPECT_THAT(ordered_, IsEmpty());
  EXPECT_THAT(troubles_, IsEmpty());
}

TEST_F(FolderOrdersTest, FolderThatGoesAwayAndComesBackIsNoTrouble) {
  FolderOrders orders = watcher();
  fs::remove(root() / "drop");
  orders.look(seconds(1));
  write("drop/sh010.blend", shot());
  orders.look(seconds(2));
  orders.look(seconds(20));
  EXPECT_THAT(ordered_, ElementsAre("sh010.blend"));
  EXPECT_THAT(troubles_, IsEmpty());
}

// Nobody may read a file below a file, root included.
TEST_F(FolderOrdersTest, FolderThatCannotBeReadIsSaidOnceAndTheOthersGoOn) {
  configure(
      "[[watch]]\nname = \"bad\"\nfolder = \"loop\"\n"
      "[[watch]]\nname = \"worse\"\nfolder = \"loop2\"\n"
      "[[watch]]\nname = \"drop\"\nfolder = \"drop\"\nsettle = 10\n");
  fs::create_symlink("loop", root() / "loop");
  fs::create_symlink("loop2", root() / "loop2");
  FolderOrders orders = watcher();
  write("drop/sh010.blend", shot());
  for (int at : {1, 20, 40, 60}) orders.look(seconds(at));
  EXPECT_THAT(ordered_, ElementsAre("sh010.blend"));
  EXPECT_EQ(troubles_.size(), 2U) << "each of the two once";
}

TEST_F(FolderOrdersTest, OrdersHaveTheTargetOfTheirFolder) {
  configure(
      "[[target]]\nname = \"other\"\npath = \"/opt/other/blender\"\n"
      "[[watch]]\nname = \"drop\"\nfolder = \"drop\"\nsettle = 10\ntarget = \"other\"\n");
  FolderOrders orders = watcher();
  write("drop/sh010.blend", shot());
  orders.look(seconds(1));
  orders.look(seconds(20));
  const auto rows = list_orders(queue_of(*production_));
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].target, "other");
}

TEST_F(FolderOrdersTest, FileThatIsNoBlendIsSaidAndWaitsUntilItChanges) {
  FolderOrders orders = watcher();
  write("drop/sh010.blend", "this is a text");
  for (int at : {1, 20, 40, 60}) orders.look(seconds(at));
  EXPECT_THAT(ordered_, IsEmpty());
  EXPECT_EQ(troubles_.size(), 1U);
}

TEST_F(FolderOrdersTest, ThreadOrdersWhatIsThere) {
  configure("[[watch]]\nname = \"drop\"\nfolder = \"drop\"\nsettle = 0\n");
  watcher();  // the folder is known, empty
  write("drop/sh010.blend", shot());
  std::promise<std::string> came;
  const WatchFolders thread(
      root(), {[&](const std::string&, const fs::path& file) { came.set_value(file.filename().string()); },
               [&](const Error& trouble) { came.set_value(trouble.line()); }});
  EXPECT_EQ(came.get_future().get(), "sh010.blend");
}

TEST_F(FolderOrdersTest, ThreadSaysThatItCannotBegin) {
  write(".souschef/watched.drop", "something else");
  std::promise<std::string> said;
  const WatchFolders thread(root(), {[](const std::string&, const fs::path&) {},
                                     [&](const Error& trouble) { said.set_value(trouble.line()); }});
  EXPECT_THAT(said.get_future().get(), HasSubstr("what was watched cannot be read"));
}

}  // namespace
}  // namespace souschef::core
