// SPDX-License-Identifier: MIT
#include "core/queue/order.hpp"

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

Order full_order() {
  Order order;
  order.id = "01J00000000000000000000001";
  order.name = "fisk";
  order.job = JobId(*Hash::from_hex(std::string(64, 'a')));
  order.entry = "shots/caf\xe9.blend";
  order.target = "lts";
  order.renderer = "blender";
  order.frames = *FrameRange::parse("10-1x3,-5");
  order.frame_order = FrameOrder::list;
  order.settings.scene = "Scene";
  order.settings.camera = "cam";
  order.settings.engine = "CYCLES";
  order.settings.view_layers = {"a", "b"};
  order.settings.resolution = RenderSettings::Resolution{1920, 1080, 50};
  order.settings.samples = 64;
  order.settings.overwrite = false;
  order.settings.placeholders = true;
  order.settings.as_movie = order.settings.autoexec = order.settings.accept_blocked_scripts = true;
  order.output = "renders/x";
  order.stages = {"preview"};
  order.priority = 70;
  order.after = {"01J00000000000000000000002"};
  order.proof = 5;
  order.proof_hours = 2;
  order.attempts = 4;
  order.paused = true;
  order.unbaked = Unbaked{-3};
  order.late = {{.path = "renders/caf\xe9_0001.png",
                 .from = "edit/edit.blend",
                 .kind = "image",
                 .written = "/abs/caf\xe9_0001.png",
                 .base = "//x",
                 .expansion = Expansion::last_digits,
                 .pattern = "p",
                 .first_frame = -2,
                 .last_frame = 7,
                 .remap = true,
                 .order = "01J00000000000000000000002"}};
  order.writes = {"renders/x/caf\xe9_0001.png"};
  order.facts = {{"fps", 24}};
  order.user = "ann";
  order.host = "desk";
  order.submitted_ms = 1700000000000;
  return order;
}

TEST(Order, ComesBackFromJson) {
  const Order order = full_order();
  const auto back = order_from_json(order_json(order));
  ASSERT_TRUE(back) << back.error().line();
  EXPECT_EQ(*back, order);
}

TEST(Order, DefaultsComeBackFromJson) {
  Order order;
  order.id = "01J00000000000000000000001";
  order.name = "fisk";
  order.frames = FrameRange::span(1, 10);
  const auto back = order_from_json(order_json(order));
  ASSERT_TRUE(back) << back.error().line();
  EXPECT_EQ(*back, order);
  EXPECT_TRUE(back->live());
}

TEST(Order, SettingsThatAreNotSetAreNotWritten) {
  EXPECT_EQ(RenderSettings().to_json(), Json::object());
}

TEST(Order, NewerFormatIsUnsupported) {
  Json json = order_json(full_order());
  json["format"] = kOrderVersion + 1;
  const auto back = order_from_json(json);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::unsupported);
}

TEST(Order, WrongMembersAreCorrupt) {
  const Json good = order_json(full_order());
  const std::vector<std::pair<const char*, Json>> wrong = {{"id", 3},
                                                           {"id", "short"},
                                                           {"name", ""},
                                                           {"job", "xyz"},
                                                           {"frames", ""},
                                                           {"frames", 7},
                                                           {"frame_order", "x"},
                                                           {"priority", "high"},
                                                           {"stages", "render"},
                                                           {"settings", {{"samples", "x"}}},
                                                           {"entry", "a\\zz"},
                                                           {"format", 0},
                                                           {"after", {1}}};
  for (const auto& [member, value] : wrong) {
    Json json = good;
    json[member] = value;
    const auto back = order_from_json(json);
    ASSERT_FALSE(back) << member << " " << value;
    EXPECT_EQ(back.error().code, ErrorCode::corrupt) << member;
  }
  EXPECT_FALSE(order_from_json(Json::array()));
}

}  // namespace
}  // namespace souschef::core
