// SPDX-License-Identifier: MIT
#include "core/rendering/place_order.hpp"

#include <gmock/gmock.h>

#include "core/queue/output_template.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/resolution.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OrderingTest : public ProductionFixture {
 protected:
  void SetUp() override {
    ProductionFixture::SetUp();
    write(".souschef/config.toml",
          "default_target = \"lts\"\n"
          "[[target]]\nname = \"lts\"\npath = \"/opt/blender/blender\"\n"
          "[[preset]]\nname = \"previz\"\nresolution = \"50%\"\nsamples = 16\noutput = "
          "\"previz/{shot}/{version}/\"\n"
          "[[resolution]]\nname = \"square\"\nsize = \"1080x1080\"\n");
    reopen();
    trust_config_of_project();
    write("shots/a.blend", shot());
  }
  // Frames 3 to 9 by 2; anything more by `change`.
  static std::string shot(const std::function<void(test::BlendWriter&, test::BlendNode&)>& change = {}) {
    test::BlendWriter writer;
    test::BlendNode scene = writer.datablock("SC", "Scene", "SCShot");
    scene.set("r.sfra", 3).set("r.efra", 9).set("r.frame_step", 2);
    if (change) change(writer, scene);
    return writer.bytes();
  }
  Result<PlacedOrder> place(OrderWishes wishes = {}, bool dry_run = false) {
    if (wishes.blend.empty() && !wishes.job) wishes.blend = root() / "shots/a.blend";
    return place_order(*production_, wishes, {}, dry_run);
  }
  std::vector<OrderRow> rows() {
    auto listed = list_orders(queue_of(*production_));
    EXPECT_TRUE(listed) << listed.error().line();
    return listed ? *listed : std::vector<OrderRow>();
  }
};

TEST_F(OrderingTest, TakesFramesFromTheSceneAndIsInTheQueueAtOnce) {
  const auto placed = place();
  ASSERT_TRUE(placed) << placed.error().line();
  EXPECT_EQ(placed->order.frames.text(), "3-9x2");
  EXPECT_EQ(placed->order.target, "lts");
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows()[0].name, placed->order.name);
  EXPECT_EQ(rows()[0].state, OrderState::queued);
  EXPECT_FALSE(rows()[0].pending);
}

TEST_F(OrderingTest, TheJobStaysWhenTheFileChanges) {
  const auto first = place();
  ASSERT_TRUE(first) << first.error().line();
  write("shots/a.blend", shot([](auto&, auto& scene) { scene.set("r.efra", 100); }));
  const auto again = place({.job = first->order.job});
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(again->order.frames.text(), "3-9x2");
  const auto changed = place();
  ASSERT_TRUE(changed);
  EXPECT_NE(changed->order.job, first->order.job);
  EXPECT_EQ(changed->order.frames.highest(), 99);
}

TEST_F(OrderingTest, ALiveOrderBanksNothing) {
  const auto placed = place({.live = true});
  ASSERT_TRUE(placed) << placed.error().line();
  EXPECT_TRUE(placed->order.live());
  EXPECT_THAT(*JobStore(*production_).list(), IsEmpty());
}

TEST_F(OrderingTest, ADryRunLeavesNothingBehind) {
  const auto placed = place({.frames = "1-3"}, true);
  ASSERT_TRUE(placed) << placed.error().line();
  EXPECT_EQ(placed->order.frames.text(), "1-3");
  EXPECT_THAT(rows(), IsEmpty());
  EXPECT_THAT(*JobStore(*production_).list(), IsEmpty());
  EXPECT_FALSE(fs::exists(queue_of(*production_).names()) && !fs::is_empty(queue_of(*production_).names()));
}

TEST_F(OrderingTest, PresetFillsWhatTheWishesLeaveOpen) {
  const auto placed = place({.preset = "previz", .samples = 32});
  ASSERT_TRUE(placed) << placed.error().line();
  EXPECT_EQ(placed->order.settings.resolution->percentage, 50);
  EXPECT_EQ(placed->order.settings.samples, 32);
  EXPECT_EQ(placed->order.output, "previz/a/v001/");
}

TEST_F(OrderingTest, EveryOrderOfATemplateHasAVersionOfItsOwn) {
  const auto first = place({.preset = "previz"});
  fs::create_directories(root() / "previz/a/v002");
  const auto second = place({.preset = "previz"});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->order.output, "previz/a/v003/");
}

TEST_F(OrderingTest, NamesThatDoNotExistGetASuggestionAndChangeNothing) {
  const auto refused = [&](OrderWishes wishes) {
    const auto placed = place(std::move(wishes));
    EXPECT_FALSE(placed);
    return placed ? std::string() : placed.error().what + " | " + placed.error().next;
  };
  EXPECT_THAT(refused({.target = "tls"}), HasSubstr("lts"));
  EXPECT_THAT(refused({.preset = "prevz"}), HasSubstr("previz"));
  EXPECT_THAT(refused({.scene = "Shoot"}), HasSubstr("Shot"));
  EXPECT_THAT(refused({.resolution = "sqare"}), HasSubstr("square"));
  EXPECT_THAT(refused({.after = {"nobody"}}), HasSubstr("nobody"));
  EXPECT_THAT(refused({.output = "out/{versoin}"}), HasSubstr("{version}"));
  EXPECT_THAT(rows(), IsEmpty());
  EXPECT_TRUE(!fs::exists(queue_of(*production_).names()) || fs::is_empty(queue_of(*production_).names()));
}

TEST_F(OrderingTest, ANameOfOnesOwnIsTakenOnce) {
  ASSERT_TRUE(place({.name = "final-2"}));
  const auto again = place({.name = "final-2"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::exists);
}

TEST_F(OrderingTest, AReplacedOrderGoesOnceTheNewOneStands) {
  const auto old = place();
  ASSERT_TRUE(old);
  const auto fresh = place({.replaces = old->order.name});
  ASSERT_TRUE(fresh) << fresh.error().line();
  ASSERT_EQ(rows().size(), 1U);
  EXPECT_EQ(rows()[0].name, fresh->order.name);
}

TEST_F(OrderingTest, AMissingFileRefusesTheOrder) {
  write("shots/b.blend", blend({"//gone.png"}));
  const auto placed = place({.blend = root() / "shots/b.blend"});
  ASSERT_FALSE(placed);
  EXPECT_EQ(placed.error().code, ErrorCode::missing);
  EXPECT_THAT(rows(), IsEmpty());
}

TEST_F(OrderingTest, FramesInAnOrderOfOnesOwnAreRenderedInIt) {
  const auto placed = place({.frames = "9,3,5"});
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->order.frame_order, FrameOrder::list);
}

TEST(Resolution, WordsSizesAndPercentages) {
  const Config config;
  const auto text = [&](std::string_view typed) {
    const auto size = parse_resolution(config, typed);
    return size ? std::to_string(size->width) + "x" + std::to_string(size->height) + "@" +
                      std::to_string(size->percentage)
                : "refused";
  };
  EXPECT_EQ(text("UHD"), "3840x2160@0");
  EXPECT_EQ(text("hd"), "1920x1080@0");
  EXPECT_EQ(text("dcp4k"), "4096x1716@0");
  EXPECT_EQ(text("50%"), "0x0@50");
  EXPECT_EQ(text("640x480@25%"), "640x480@25");
  for (const char* bad : {"", "x", "0x10", "10x", "-1x5", "50", "%", "99999%", "1x1x1", "99999999999999x1"})
    EXPECT_EQ(text(bad), "refused") << bad;
}

TEST(OutputTemplate, WordsNeverAddFolders) {
  const TemplateWords words{.words = {{"shot", "a/b"}}, .is_taken = {}};
  EXPECT_EQ(*fill_template("out/{shot}_####", words), "out/a_b_####");
  EXPECT_EQ(*fill_template("plain", words), "plain");
  EXPECT_EQ(*fill_template("open {", words), "open {");
  EXPECT_FALSE(fill_template("{nothing}", words));
}

}  // namespace
}  // namespace souschef::core
