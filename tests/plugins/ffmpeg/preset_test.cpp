// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/preset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/plugin_host/plugin_host.hpp"

namespace souschef::ffmpeg {
namespace {

using testing::ElementsAre;

class PresetTest : public testing::Test {
 protected:
  Result<Preset> scene(const std::string& movie) {
    return find_preset("scene", host_.json(R"({"scene": {"movie": )" + movie + "}}"));
  }
  core::WorkerPool pool_{1};
  core::PluginHost owner_{"ffmpeg", pool_, {}};
  Host host_{owner_.c()};
};

TEST_F(PresetTest, SceneOfBlendersDefaultsIsMatroskaH264) {
  const auto preset = scene(
      R"({"container": "MKV", "codec": "H264", "audio_codec": "NONE", "audio_bitrate": 192, "gop": 18, "crf": "MEDIUM",
          "bitrate": 6000})");
  ASSERT_TRUE(preset.has_value()) << preset.error().line();
  EXPECT_EQ(preset->extension, ".mkv");
  EXPECT_EQ(preset->default_crf, 23);
  EXPECT_FALSE(preset->has_audio());
  EXPECT_THAT(preset->video, ElementsAre("-g", "18"));
}

TEST_F(PresetTest, SceneWithABitrateKeepsIt) {
  const auto preset =
      scene(R"({"container": "MPEG4", "codec": "MPEG4", "audio_codec": "AAC", "audio_bitrate": 128,
                                "gop": null, "crf": "NONE", "bitrate": 6000})");
  ASSERT_TRUE(preset.has_value());
  EXPECT_THAT(preset->video, ElementsAre("-b:v", "6000k"));
  EXPECT_THAT(preset->audio, ElementsAre("-c:a", "aac", "-b:a", "128k"));
  EXPECT_THAT(preset->container, ElementsAre("-movflags", "+faststart"));
}

TEST_F(PresetTest, SceneWithALosslessCodecKeepsAlpha) {
  const auto preset = scene(R"({"container": "QUICKTIME", "codec": "QTRLE", "audio_codec": "PCM"})");
  ASSERT_TRUE(preset.has_value());
  EXPECT_TRUE(preset->keeps_alpha);
  EXPECT_TRUE(preset->is_rgb);
  EXPECT_THAT(preset->audio, ElementsAre("-c:a", "pcm_s16le"));
}

TEST_F(PresetTest, SceneWithWhatNobodyKnowsIsRefused) {
  EXPECT_FALSE(scene(R"({"container": "CINEMA"})").has_value());
  EXPECT_FALSE(scene(R"({"container": "MKV", "codec": "INDEO"})").has_value());
  const auto pictures = scene("null");
  ASSERT_FALSE(pictures.has_value());
  EXPECT_EQ(pictures.error().line(),
            "the preset \"scene\" needs a scene whose output is a movie: this one renders pictures");
}

TEST_F(PresetTest, EveryNameOfTheSettingsIsKnown) {
  for (const char* name : {"h264", "preview", "h265", "prores", "prores4444", "av1", "vp9", "gif", "jpeg",
                           "png", "webp", "tiff"})
    EXPECT_TRUE(find_preset(name, host_.json("{}")).has_value()) << name;
  EXPECT_FALSE(find_preset("divx", host_.json("{}")).has_value());
}

TEST_F(PresetTest, QualityIsSaidInTheEncodersWords) {
  EXPECT_THAT(crf_arguments("libx264", 20), ElementsAre("-crf", "20"));
  EXPECT_THAT(crf_arguments("libaom-av1", 30), ElementsAre("-crf", "30", "-b:v", "0"));
  EXPECT_THAT(crf_arguments("libwebp", 10), ElementsAre("-quality", "90"));
}

}  // namespace
}  // namespace souschef::ffmpeg
