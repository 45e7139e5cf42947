// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/probe.hpp"

#include <gtest/gtest.h>

#include "core/plugin_host/plugin_host.hpp"

namespace souschef::ffmpeg {
namespace {

class ProbeTest : public testing::Test {
 protected:
  core::WorkerPool pool_{1};
  core::PluginHost owner_{"ffmpeg", pool_, {}};
  Host host_{owner_.c()};
};

TEST_F(ProbeTest, StreamsAreRead) {
  const auto probed = read_probe(host_.json(R"({"streams": [
    {"codec_type": "audio"},
    {"codec_type": "video", "width": 64, "height": 36, "pix_fmt": "yuv420p", "avg_frame_rate": "24/1",
     "nb_read_packets": "10"}], "format": {"duration": "0.416667"}})"));
  ASSERT_TRUE(probed.has_value());
  EXPECT_EQ(probed->packets, 10);
  EXPECT_TRUE(probed->has_audio);
  EXPECT_EQ(probed->size, (Size{64, 36}));
  EXPECT_NEAR(probed->seconds, 0.4167, 1e-3);
}

TEST_F(ProbeTest, NoPicturesIsAnError) {
  for (const char* json : {"{}", "nonsense", R"({"streams": [{"codec_type": "audio"}]})"})
    EXPECT_FALSE(read_probe(host_.json(json)).has_value()) << json;
}

TEST_F(ProbeTest, WhatDiffersIsNamed) {
  const Expected expected{{64, 36}, {24, 1}, 10, true, true};
  const Probed good{{64, 36}, "yuv420p", {24, 1}, 10, true, 0};
  EXPECT_TRUE(check_movie(good, expected));
  const auto wrong = [&](auto change) {
    Probed probed = good;
    change(probed);
    const Status checked = check_movie(probed, expected);
    return checked ? std::string() : checked.error().why.at(0);
  };
  EXPECT_EQ(wrong([](Probed& p) { p.packets = 9; }), "it holds 9 pictures instead of 10");
  EXPECT_EQ(wrong([](Probed& p) { p.size.width = 32; }), "its pictures are 32x36 instead of 64x36");
  EXPECT_EQ(wrong([](Probed& p) { p.rate = {25, 1}; }), "it plays 25/1 pictures a second instead of 24/1");
  EXPECT_EQ(wrong([](Probed& p) { p.has_audio = false; }), "it has no sound");
}

TEST_F(ProbeTest, FormatsWithAlphaAreKnown) {
  for (const char* with : {"rgba", "rgba64be", "ya8", "gbrapf32le", "yuva444p10le"})
    EXPECT_TRUE(has_alpha(with)) << with;
  for (const char* without : {"rgb24", "gray", "gbrpf32le", "yuv420p"})
    EXPECT_FALSE(has_alpha(without)) << without;
}

}  // namespace
}  // namespace souschef::ffmpeg
