// SPDX-License-Identifier: MIT
// An edit that is ordered while its shots wait to be rendered.
#include "core/banking/late_inputs.hpp"

#include <gmock/gmock.h>

#include "core/base/ulid.hpp"
#include "core/jobs/collect_garbage.hpp"
#include "core/queue/bound_job.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/submit.hpp"
#include "core/rendering/order_checkout.hpp"
#include "core/rendering/place_order.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LateInputs : public ProductionFixture {
 protected:
  void SetUp() override {
    ProductionFixture::SetUp();
    write(".souschef/config.toml", "[[target]]\nname = \"lts\"\npath = \"/opt/blender/blender\"\n");
    reopen();
    trust_config_of_project();
    test::BlendWriter writer;
    writer.datablock("SC", "Scene", "SCShot")
        .set("r.sfra", 1)
        .set("r.efra", 3)
        .set("r.frame_step", 1)
        .set("r.pic", "//../renders/sh010_####")
        .set("r.scemode", 1 << 4)  // file extensions
        .set("r.im_format.imtype", 17);
    write("shots/sh010.blend", writer.bytes());
  }
  // A .blend whose pictures are those of the shot.
  void edit_of(const std::vector<std::string>& images) { write("edit/edit.blend", blend(images)); }
  void edit_of_frame_2() { edit_of({"//../renders/sh010_0002.png"}); }

  // The whole shot; `first_alone`: and once more its first picture, as one that does not move.
  void edit_of_sequence(bool first_alone = false) {
    constexpr int kFile = 1, kSequence = 2;
    test::BlendWriter writer;
    writer.datablock("SC", "Scene", "SCScene");
    std::vector<test::BlendNode> images;
    for (const int source : {kFile, kSequence})
      if (first_alone || source == kSequence)
        images.push_back(writer.datablock("IM", "Image", "IMplate" + std::to_string(source))
                             .set("name", "//../renders/sh010_0001.png")
                             .set("source", source));
    test::BlendNode object = writer.datablock("OB", "Object", "OBThing").set("type", 1);
    object.point("mat", object.pointers(images));
    write("edit/edit.blend", writer.bytes());
  }

  Result<PlacedOrder> place(const std::string& shot, OrderWishes wishes = {}) {
    wishes.blend = root() / shot;
    if (shot.starts_with("edit")) wishes.frames = "1";
    return place_order(*production_, wishes, {});
  }
  Order placed(const std::string& shot, OrderWishes wishes = {}) {
    auto order = place(shot, std::move(wishes));
    EXPECT_TRUE(order) << (order ? "" : order.error().line());
    return order ? order->order : Order();
  }
  QueueFolder queue() { return queue_of(*production_); }
  Result<JobId> bind(const Order& order) { return job_to_render(*production_, queue(), order, {}); }
  std::vector<std::string> files_of(JobId job) {
    std::vector<std::string> paths;
    for (const ManifestFile& file : manifest(job).files) paths.push_back(file.path);
    return paths;
  }
};

TEST_F(LateInputs, OrderSaysWhatItWillWrite) {
  EXPECT_THAT(placed("shots/sh010.blend").writes, ElementsAre("renders/sh010_0001.png"));
}

TEST_F(LateInputs, EditWaitsForTheOrderOfItsShot) {
  const Order shot = placed("shots/sh010.blend");
  edit_of_frame_2();
  const auto edit = place("edit/edit.blend");
  ASSERT_TRUE(edit) << edit.error().line();
  EXPECT_THAT(edit->order.after, ElementsAre(shot.id));
  ASSERT_EQ(edit->order.late.size(), 1U);
  EXPECT_EQ(edit->order.late[0].path, "renders/sh010_0002.png");
  EXPECT_THAT(edit->notes, testing::Contains(HasSubstr("waits for " + shot.name)));
  EXPECT_EQ(read_order_file(queue(), edit->order.id)->late, edit->order.late);
}

TEST_F(LateInputs, LiveEditWaitsToo) {
  const Order shot = placed("shots/sh010.blend");
  edit_of_frame_2();
  EXPECT_THAT(placed("edit/edit.blend", {.live = true}).after, ElementsAre(shot.id));
}

TEST_F(LateInputs, OlderPicturesAreNotTakenInTheirPlace) {
  write("renders/sh010_0002.png", "of last week");
  const Order shot = placed("shots/sh010.blend");
  edit_of_frame_2();
  const Order edit = placed("edit/edit.blend");
  EXPECT_THAT(files_of(*edit.job), ElementsAre("edit/edit.blend"));
  write("renders/sh010_0002.png", "of today");
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  EXPECT_EQ(manifest(*bound).find("renders/sh010_0002.png")->size, 8U);
}

// The shortcut for files that have not changed knows nothing of the queue.
TEST_F(LateInputs, EditThatWasBankedBeforeWaitsAllTheSame) {
  write("renders/sh010_0002.png", "of last week");
  edit_of_frame_2();
  EXPECT_THAT(placed("edit/edit.blend").late, IsEmpty());
  placed("shots/sh010.blend");
  EXPECT_EQ(placed("edit/edit.blend").late.size(), 1U);
}

TEST_F(LateInputs, FramesThatTheOrderDoesNotRenderAreMissingAsEver) {
  placed("shots/sh010.blend");
  edit_of({"//../renders/sh010_0004.png"});
  const auto edit = place("edit/edit.blend");
  ASSERT_FALSE(edit);
  EXPECT_EQ(edit.error().code, ErrorCode::missing);
}

TEST_F(LateInputs, WithoutLateInputsWhatIsNotThereIsMissing) {
  placed("shots/sh010.blend");
  edit_of_frame_2();
  const auto edit = place("edit/edit.blend", {.no_late = true});
  ASSERT_FALSE(edit);
  EXPECT_EQ(edit.error().code, ErrorCode::missing);
}

TEST_F(LateInputs, NobodyWaitsForAnOrderThatIsOver) {
  const Order shot = placed("shots/sh010.blend");
  ASSERT_TRUE(submit(queue(), make_request(RequestKind::cancel, shot.id)));
  edit_of_frame_2();
  EXPECT_FALSE(place("edit/edit.blend"));
}

TEST_F(LateInputs, TheOrderThatIsReplacedIsNotWaitedFor) {
  write("renders/sh010_0002.png", "x");
  const Order shot = placed("shots/sh010.blend");
  edit_of_frame_2();
  EXPECT_THAT(placed("edit/edit.blend", {.replaces = shot.name}).late, IsEmpty());
}

TEST_F(LateInputs, WaitingForAFileDoesNotAcceptThatItIsMissing) {
  const Order shot = placed("shots/sh010.blend");
  edit_of_frame_2();
  placed("edit/edit.blend");
  const auto snapshot = bank("edit/edit.blend");
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, ErrorCode::missing);
}

TEST_F(LateInputs, BoundJobHasThePicturesAndNothingMissing) {
  placed("shots/sh010.blend");
  edit_of_frame_2();
  const Order edit = placed("edit/edit.blend");
  EXPECT_EQ(manifest(*edit.job).missing.size(), 1U);
  write("renders/sh010_0002.png", "picture");
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  EXPECT_THAT(files_of(*bound), ElementsAre("edit/edit.blend", "renders/sh010_0002.png"));
  EXPECT_THAT(manifest(*bound).missing, IsEmpty());
}

TEST_F(LateInputs, SequenceIsWaitedForFromAllWhoWriteIt) {
  OrderWishes wishes;
  wishes.frames = "1-2";
  const Order first = placed("shots/sh010.blend", wishes);
  wishes.frames = "3";
  const Order second = placed("shots/sh010.blend", wishes);
  edit_of_sequence();
  const Order edit = placed("edit/edit.blend");
  EXPECT_THAT(edit.after, testing::UnorderedElementsAre(first.id, second.id));
  EXPECT_EQ(edit.late.size(), 2U);
  EXPECT_EQ(manifest(*edit.job).missing.size(), 1U);
  for (const char* frame : {"1", "2", "3"}) write(std::string("renders/sh010_000") + frame + ".png", frame);
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  EXPECT_EQ(files_of(*bound).size(), 4U);
  EXPECT_THAT(manifest(*bound).missing, IsEmpty());
}

TEST_F(LateInputs, SequenceIsBoundWithTheFramesThatAreThereThen) {
  placed("shots/sh010.blend");
  edit_of_sequence();
  const Order edit = placed("edit/edit.blend");
  for (const char* frame : {"1", "2", "3"}) write(std::string("renders/sh010_000") + frame + ".png", frame);
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  EXPECT_THAT(files_of(*bound), ElementsAre("edit/edit.blend", "renders/sh010_0001.png",
                                            "renders/sh010_0002.png", "renders/sh010_0003.png"));
}

// Two references to one path: the picture came in, the rest of the sequence did not.
TEST_F(LateInputs, SequenceIsBoundWholeBesideItsFirstPicture) {
  placed("shots/sh010.blend");
  edit_of_sequence(true);
  const Order edit = placed("edit/edit.blend");
  for (const char* frame : {"1", "2", "3"}) write(std::string("renders/sh010_000") + frame + ".png", frame);
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  EXPECT_EQ(files_of(*bound).size(), 4U);
}

TEST_F(LateInputs, TilesAreBoundWithThoseThatAreThereThen) {
  const Order bake = placed("shots/sh010.blend", {.output = "tex/wall.####", .frames = "1001-1002"});
  ASSERT_THAT(bake.writes, ElementsAre("tex/wall.1001.png"));
  write("tex/wall.1001.png", "of last week");
  test::BlendWriter writer;
  writer.datablock("SC", "Scene", "SCScene");
  test::BlendNode image =
      writer.datablock("IM", "Image", "IMwall").set("name", "//../tex/wall.<UDIM>.png").set("source", 6);
  test::BlendNode object = writer.datablock("OB", "Object", "OBThing").set("type", 1);
  object.point("mat", object.pointers({image}));
  write("edit/edit.blend", writer.bytes());
  const Order edit = placed("edit/edit.blend");
  EXPECT_THAT(edit.after, ElementsAre(bake.id));
  EXPECT_THAT(files_of(*edit.job), ElementsAre("edit/edit.blend"));
  for (const char* tile : {"1001", "1002"}) write(std::string("tex/wall.") + tile + ".png", tile);
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  EXPECT_THAT(files_of(*bound), ElementsAre("edit/edit.blend", "tex/wall.1001.png", "tex/wall.1002.png"));
}

TEST_F(LateInputs, FramesBeforeZeroAreWaitedFor) {
  const Order shot = placed("shots/sh010.blend", {.frames = "-10-10"});
  edit_of({"//../renders/sh010_-0005.png"});
  EXPECT_THAT(placed("edit/edit.blend").after, ElementsAre(shot.id));
}

TEST_F(LateInputs, FolderIsBoundWithAllThatIsBelowItThen) {
  edit_of({});
  const Order edit = placed("edit/edit.blend");
  write("renders/cloth/a/1.abc", "1");
  write("renders/cloth/2.abc", "2");
  write("renders/other.abc", "3");
  LateInput folder{.path = "renders/cloth", .from = "edit/edit.blend", .kind = "cache"};
  folder.written = "//../renders/cloth";
  folder.expansion = Expansion::folder;
  const auto bound = bind_late_inputs(*production_, *edit.job, {folder}, {});
  ASSERT_TRUE(bound) << bound.error().line();
  EXPECT_THAT(files_of(*bound),
              ElementsAre("edit/edit.blend", "renders/cloth/2.abc", "renders/cloth/a/1.abc"));
}

TEST_F(LateInputs, AbsolutePathsArePointedIntoTheCheckout) {
  placed("shots/sh010.blend");
  const std::string path = (root() / "renders/sh010_0002.png").string();
  edit_of({path});
  const Order edit = placed("edit/edit.blend");
  write("renders/sh010_0002.png", "picture");
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  const Manifest job = manifest(*bound);
  ASSERT_EQ(job.remaps.size(), 1U);
  EXPECT_EQ(job.remaps[0].written, path);
  EXPECT_EQ(job.remaps[0].path, "renders/sh010_0002.png");
}

TEST_F(LateInputs, OnceBoundAnOrderStaysWithItsPictures) {
  placed("shots/sh010.blend");
  edit_of_frame_2();
  const Order edit = placed("edit/edit.blend");
  write("renders/sh010_0002.png", "first");
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  write("renders/sh010_0002.png", "rendered once more");
  EXPECT_EQ(*bind(edit), *bound);
}

TEST_F(LateInputs, WhatIsStillNotThereIsNamed) {
  placed("shots/sh010.blend");
  edit_of_frame_2();
  const auto bound = bind(placed("edit/edit.blend"));
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, ErrorCode::missing);
  EXPECT_THAT(bound.error().line(), HasSubstr("renders/sh010_0002.png"));
}

// Invariant 22: what looks like a picture must not carry a private key into the store.
TEST_F(LateInputs, LinkThatLeadsOutOfTheProductionIsRefused) {
  placed("shots/sh010.blend");
  edit_of_frame_2();
  const Order edit = placed("edit/edit.blend");
  folder_.write("secret", "key");
  fs::create_directories(root() / "renders");
  fs::create_symlink(folder_ / "secret", root() / "renders/sh010_0002.png");
  const auto bound = bind(edit);
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, ErrorCode::denied);
}

TEST_F(LateInputs, BoundJobIsARootOfItsOrder) {
  placed("shots/sh010.blend");
  edit_of_frame_2();
  const Order edit = placed("edit/edit.blend");
  write("renders/sh010_0002.png", "picture");
  const auto bound = bind(edit);
  ASSERT_TRUE(bound) << bound.error().line();
  for (const auto& record : fs::directory_iterator(production_->paths().snapshots())) fs::remove(record);
  ASSERT_TRUE(collect_garbage(*production_, {}, {}));
  EXPECT_TRUE(JobStore(*production_).exists(*bound));
}

TEST_F(LateInputs, TheLastOneInTheQueueIsWaitedFor) {
  placed("shots/sh010.blend");
  const Order again = placed("shots/sh010.blend");
  edit_of_frame_2();
  EXPECT_THAT(placed("edit/edit.blend").after, ElementsAre(again.id));
  edit_of({"//../renders/sh010_0001.png"});
  EXPECT_THAT(placed("edit/edit.blend").after, ElementsAre(again.id));
}

// Ten thousand orders are not read for a shot that wants nothing of them.
TEST_F(LateInputs, OrderIsReadWhenSomethingBelowItsFolderIsWanted) {
  const Order shot = placed("shots/sh010.blend");
  auto future = FutureFiles::of_queue(queue());
  ASSERT_TRUE(future);
  EXPECT_EQ(future->writer_of("textures/wood.png"), nullptr);
  fs::remove(queue().order_file(shot.id));
  EXPECT_EQ(future->writer_of("renders/sh010_0002.png"), nullptr) << "it was read before";
}

TEST_F(LateInputs, OrdersThatNobodyHasTakenInYetCount) {
  Order order = placed("shots/sh010.blend", {.name = "taken"});
  order.id = new_ulid();
  order.name = "handed-in";
  order.writes = {"plates/a/0001.png"};
  ASSERT_TRUE(drop_request(queue(), make_order_request(order)));
  auto future = FutureFiles::of_queue(queue());
  ASSERT_TRUE(future);
  const FutureFiles::Writer* const writer = future->writer_of("plates/a/0003.png");
  ASSERT_NE(writer, nullptr);
  EXPECT_EQ(writer->name, "handed-in");
}

TEST_F(LateInputs, OrdersOfSeveralFoldersAreFoundFromEach) {
  Order order = placed("shots/sh010.blend", {.name = "first"});
  const auto hand_in = [&](const char* name, std::vector<std::string> writes) {
    order.id = new_ulid();
    order.name = name;
    order.writes = std::move(writes);
    ASSERT_TRUE(submit(queue(), make_order_request(order)));
  };
  hand_in("wide", {"plates/a/0001.png", "0001.png"});
  hand_in("deep", {"cache/sim/a/0001.vdb"});
  auto future = FutureFiles::of_queue(queue());
  ASSERT_TRUE(future);
  TracedReference folder;
  folder.expansion = Expansion::folder;
  ASSERT_FALSE(future->writers_of(folder, "cache").empty());
  EXPECT_EQ(future->writers_of(folder, "cache").front()->name, "deep");
  ASSERT_NE(future->writer_of("plates/a/0002.png"), nullptr);
  EXPECT_EQ(future->writer_of("plates/a/0002.png")->name, "wide");
  EXPECT_NE(future->writer_of("0002.png"), nullptr);
  EXPECT_NE(future->writer_of("renders/sh010_0003.png"), nullptr);
}

class FutureFilesTest : public testing::Test {
 protected:
  static Order order(const std::string& frames, std::vector<std::string> writes,
                     const std::string& name = {}) {
    Order order;
    order.name = name;
    order.id = "01J00000000000000000000001";
    order.frames = *FrameRange::parse(frames);
    order.writes = std::move(writes);
    return order;
  }
};

TEST_F(FutureFilesTest, NumbersOfTheOrdersFramesAreWritten) {
  FutureFiles files;
  files.add(order("8-12", {"r/a_008.png"}));
  EXPECT_NE(files.writer_of("r/a_012.png"), nullptr);
  EXPECT_EQ(files.writer_of("r/a_007.png"), nullptr);
  EXPECT_EQ(files.writer_of("r/a_08.png"), nullptr) << "too few digits";
  EXPECT_EQ(files.writer_of("s/a_008.png"), nullptr);
}

TEST_F(FutureFilesTest, NumbersThatAreNoFrameStandForThemselves) {
  FutureFiles files;
  files.add(order("1-100", {"r/fisk_v200.mp4"}));
  EXPECT_NE(files.writer_of("r/fisk_v200.mp4"), nullptr);
  EXPECT_EQ(files.writer_of("r/fisk_v050.mp4"), nullptr);
}

TEST_F(FutureFilesTest, SequenceIsWaitedForFromAllWhoWriteIt) {
  FutureFiles files;
  files.add(order("1-50", {"r/0001.png"}, "old half"));
  files.add(order("51-100", {"r/0051.png"}, "other half"));
  files.add(order("1-50", {"r/0001.png"}, "new half"));
  TracedReference reference;
  reference.expansion = Expansion::last_digits;
  std::vector<std::string> names;
  for (const FutureFiles::Writer* const writer : files.writers_of(reference, "r/0001.png"))
    names.push_back(writer->name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"new half", "other half"})) << "the old one adds nothing";
}

TEST_F(FutureFilesTest, SequenceOfOtherFramesIsNotWritten) {
  FutureFiles files;
  files.add(order("1-10", {"r/0001.png"}));
  TracedReference reference;
  reference.expansion = Expansion::last_digits;
  reference.first_frame = 5;
  reference.last_frame = 20;
  EXPECT_FALSE(files.writers_of(reference, "r/0100.png").empty());
  reference.first_frame = 11;
  EXPECT_TRUE(files.writers_of(reference, "r/0100.png").empty());
}

TEST_F(FutureFilesTest, FramesBeforeZeroHaveASign) {
  FutureFiles files;
  files.add(order("-5-5", {"r/a_0000.png"}));
  EXPECT_NE(files.writer_of("r/a_-0005.png"), nullptr);
  EXPECT_NE(files.writer_of("r/a_0005.png"), nullptr);
  EXPECT_EQ(files.writer_of("r/a_-0006.png"), nullptr);
  EXPECT_EQ(files.writer_of("r/a_-0000.png"), nullptr) << "zero has none";
}

TEST_F(FutureFilesTest, OrderOfNothingButFramesBeforeZero) {
  FutureFiles files;
  files.add(order("-10--3", {"r/a_-003.png"}));
  EXPECT_NE(files.writer_of("r/a_-010.png"), nullptr);
  EXPECT_EQ(files.writer_of("r/a_010.png"), nullptr);
  EXPECT_EQ(files.writer_of("r/a_-002.png"), nullptr);
}

// A sequence of Blender's has no frames before zero: its "-" is a part of the name.
TEST_F(FutureFilesTest, SequenceBehindADashIsThatOfTheFramesBeforeZero) {
  FutureFiles files;
  files.add(order("-5-20", {"r/a_0000.png"}));
  TracedReference reference;
  reference.expansion = Expansion::last_digits;
  reference.first_frame = 1;
  reference.last_frame = 10;
  EXPECT_FALSE(files.writers_of(reference, "r/a_-0001.png").empty());
  reference.first_frame = 6;
  EXPECT_TRUE(files.writers_of(reference, "r/a_-0001.png").empty());
  EXPECT_FALSE(files.writers_of(reference, "r/a_0001.png").empty());
}

TEST_F(FutureFilesTest, VolumesAreNumberedDirectlyBeforeTheExtension) {
  FutureFiles files;
  files.add(order("1-10", {"r/0001_smoke.vdb"}));
  TracedReference reference;
  reference.expansion = Expansion::trailing_digits;
  EXPECT_FALSE(files.writers_of(reference, "r/0004_smoke.vdb").empty()) << "as one file";
  EXPECT_TRUE(files.writers_of(reference, "r/0011_smoke.vdb").empty());
}

TEST_F(FutureFilesTest, TilesAreWrittenAsFramesOrByName) {
  TracedReference reference;
  reference.expansion = Expansion::udim;
  {
    FutureFiles files;
    files.add(order("1-1005", {"r/tex.0001.png"}));
    EXPECT_FALSE(files.writers_of(reference, "r/tex.<UDIM>.png").empty());
    EXPECT_TRUE(files.writers_of(reference, "r/tex.<UDIM>.exr").empty());
    EXPECT_TRUE(files.writers_of(reference, "s/tex.<UDIM>.png").empty());
  }
  {
    FutureFiles files;
    files.add(order("1-250", {"r/tex.0001.png"}));
    EXPECT_TRUE(files.writers_of(reference, "r/tex.<UDIM>.png").empty()) << "tiles begin with 1001";
  }
  FutureFiles files;
  files.add(order("1-250", {"r/tex.1012_2k.png", "u/tex.u1_v1.png", "tex.1001.png"}));
  EXPECT_FALSE(files.writers_of(reference, "r/tex.<UDIM>_2k.png").empty());
  EXPECT_TRUE(files.writers_of(reference, "r/tex.<UDIM>.png").empty());
  EXPECT_FALSE(files.writers_of(reference, "tex.<UDIM>.png").empty());
  reference.expansion = Expansion::uvtile;
  EXPECT_FALSE(files.writers_of(reference, "u/tex.<UVTILE>.png").empty());
  EXPECT_TRUE(files.writers_of(reference, "r/tex.<UVTILE>.png").empty());
}

TEST_F(FutureFilesTest, FolderIsWrittenWhereAFileBelowItIs) {
  FutureFiles files;
  files.add(order("1-10", {"cache/sim/deep/a_0001.vdb"}));
  TracedReference reference;
  reference.expansion = Expansion::folder;
  EXPECT_FALSE(files.writers_of(reference, "cache").empty());
  EXPECT_FALSE(files.writers_of(reference, "cache/sim/deep").empty());
  EXPECT_TRUE(files.writers_of(reference, "cache/si").empty());
  EXPECT_TRUE(files.writers_of(reference, "cache/sim/deep/a_0001.vdb").empty());
  reference.pattern = "fluid\nsim";
  EXPECT_FALSE(files.writers_of(reference, "cache").empty());
  EXPECT_TRUE(files.writers_of(reference, "cache/sim").empty());
}

}  // namespace
}  // namespace souschef::core
