// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/command.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/plugin_host/plugin_host.hpp"

namespace souschef::ffmpeg {
namespace {

Preset preset(std::string_view name) {
  core::WorkerPool pool(1);
  const core::PluginHost owner("ffmpeg", pool, {});
  return *find_preset(name, Host(owner.c()).json("{}"));
}

Encode encode(std::string_view name) {
  Encode encode;
  encode.program = "ffmpeg";
  encode.preset = preset(name);
  encode.encoder = encode.preset.video_encoders.front();
  encode.rate = {24000, 1001};
  encode.extension = ".png";
  encode.count = 240;
  encode.picture = {{1920, 1080}, false, false};
  encode.size = {1920, 1080};
  encode.output = "movie" + encode.preset.extension;
  return encode;
}

std::string line(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

constexpr char kBegin[] =
    "ffmpeg -hide_banner -nostdin -y -loglevel warning -nostats -progress pipe:1 -xerror -err_detect "
    "explode ";
constexpr char kPictures[] = "-f image2 -framerate 24000/1001 -start_number 0 -i %08d.png ";
constexpr char kTv[] = "scale=in_range=full:out_range=tv:out_color_matrix=bt709:flags=lanczos+accurate_rnd";
constexpr char kTags[] = ",setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709";

TEST(FfmpegCommand, H264WithoutSound) {
  const auto commands = encode_commands(encode("h264"));
  ASSERT_EQ(commands.size(), 1U);
  EXPECT_EQ(line(commands[0]),
            std::string(kBegin) + kPictures + "-map 0:v:0 -vf " + kTv + ",format=yuv420p" + kTags +
                " -c:v libx264 -preset medium -crf 18 -frames:v 240 -movflags +faststart movie.mp4");
}

TEST(FfmpegCommand, SoundIsCutToThePicturesAndNeverThePicturesToTheSound) {
  Encode with = encode("h264");
  with.audio = "/prod/a b.wav";
  with.audio_offset = 1.5;
  const std::string command = line(encode_commands(with)[0]);
  EXPECT_NE(command.find("-ss 1.500000 -i file:/prod/a b.wav -map 0:v:0 -map 1:a:0"), std::string::npos)
      << command;
  EXPECT_NE(command.find("-c:a aac -b:a 192k -t 10.010000"), std::string::npos) << command;
  EXPECT_EQ(command.find("-shortest"), std::string::npos);
  with.audio_offset = -2;
  EXPECT_NE(line(encode_commands(with)[0]).find("-itsoffset 2.000000 -i file:"), std::string::npos);
}

TEST(FfmpegCommand, AlphaIsLaidOverBlackUnlessTheFormatKeepsIt) {
  Encode with = encode("h264");
  with.picture.has_alpha = true;
  EXPECT_NE(line(encode_commands(with)[0]).find("-vf premultiply=inplace=1,format=gbrp16le,scale="),
            std::string::npos);
  with = encode("prores4444");
  with.picture.has_alpha = true;
  EXPECT_EQ(line(encode_commands(with)[0]).find("premultiply"), std::string::npos);
}

TEST(FfmpegCommand, OddSizeIsPaddedAndAnotherSizeIsScaled) {
  Encode odd = encode("h264");
  odd.picture.size = {1919, 1079};
  EXPECT_NE(line(encode_commands(odd)[0]).find("-vf pad=1920:1080,"), std::string::npos);
  odd.size = {1280, 720};
  EXPECT_NE(line(encode_commands(odd)[0]).find("-vf scale=1280:720:flags=lanczos,"), std::string::npos);
}

TEST(FfmpegCommand, MarksAreDrawnWhereTheGapsAre) {
  Encode marked = encode("h264");
  marked.marks = {{3, 3}, {10, 12}};
  marked.comment = "held";
  const std::string command = line(encode_commands(marked)[0]);
  EXPECT_NE(command.find("enable='between(n,3,3)+between(n,10,12)'"), std::string::npos) << command;
  EXPECT_NE(command.find("-metadata comment=held"), std::string::npos);
}

TEST(FfmpegCommand, LinearLightGetsACurve) {
  Encode linear = encode("prores");
  linear.picture.is_linear = true;
  linear.extension = ".exr";
  EXPECT_NE(line(encode_commands(linear)[0]).find("-apply_trc iec61966_2_1 -i %08d.exr"), std::string::npos);
}

TEST(FfmpegCommand, GifTakesTwoPasses) {
  const auto commands = encode_commands(encode("gif"));
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(line(commands[0]), std::string(kBegin) + kPictures +
                                   "-vf palettegen=stats_mode=diff -frames:v 1 -update 1 palette.png");
  EXPECT_EQ(line(commands[1]),
            std::string(kBegin) + kPictures +
                "-i palette.png -lavfi [0:v]null[x];[x][1:v]paletteuse=dither=sierra2_4a:diff_mode=rectangle "
                "-frames:v 240 -c:v gif -loop 0 movie.gif");
}

TEST(FfmpegCommand, ColoursOfTheDisplayAreTagged) {
  EXPECT_EQ(color_tags("auto", "sRGB"), ColorTags::bt709);
  EXPECT_EQ(color_tags("auto", "Display P3"), ColorTags::p3);
  EXPECT_EQ(color_tags("auto", "Rec.2020"), ColorTags::bt2020);
  EXPECT_EQ(color_tags("none", "sRGB"), ColorTags::none);
  EXPECT_EQ(color_tags("bt709", "Rec.2020"), ColorTags::bt709);
  Encode wide = encode("h265");
  wide.color = ColorTags::bt2020;
  const std::string command = line(encode_commands(wide)[0]);
  EXPECT_NE(command.find("out_color_matrix=bt2020:"), std::string::npos);
  EXPECT_NE(command.find("color_primaries=bt2020:color_trc=bt2020-10:colorspace=bt2020nc"),
            std::string::npos);
  wide.color = ColorTags::none;
  EXPECT_EQ(line(encode_commands(wide)[0]).find("color_primaries"), std::string::npos);
}

TEST(FfmpegCommand, SettingsOwnArgumentsStandLast) {
  Encode with = encode("h264");
  with.more = {"-tune", "animation"};
  const auto words = encode_commands(with)[0];
  EXPECT_EQ(words[words.size() - 3], "-tune");
  EXPECT_EQ(words.back(), "movie.mp4");
}

TEST(FfmpegCommand, PictureIsConvertedByItsOwnName) {
  Encode picture = encode("jpeg");
  picture.output = "picture.jpg";
  EXPECT_EQ(line(convert_command(picture, "/r/a%04d.png")),
            std::string(kBegin) +
                "-f image2 -pattern_type none -i file:/r/a%04d.png -vf format=yuvj444p -frames:v 1 "
                "-update 1 -c:v mjpeg -q:v 2 picture.jpg");
}

TEST(FfmpegCommand, SizesAreReadLimitedAndEven) {
  const auto size = [](const char* setting, Size from, const char* name) {
    return *movie_size(setting, from, preset(name));
  };
  EXPECT_EQ(size("", {1919, 1079}, "h264"), (Size{1920, 1080}));
  EXPECT_EQ(size("", {1919, 1079}, "gif"), (Size{1919, 1079}));
  EXPECT_EQ(size("50%", {1920, 1080}, "h264"), (Size{960, 540}));
  EXPECT_EQ(size("50%", {3, 3}, "h264"), (Size{2, 2}));
  EXPECT_EQ(size("1279x719", {1, 1}, "h264"), (Size{1280, 720}));
  EXPECT_EQ(size("", {3840, 2160}, "preview"), (Size{1280, 720}));
  EXPECT_EQ(size("", {640, 360}, "preview"), (Size{640, 360}));
  for (const char* wrong : {"x", "1280", "1280x", "0x5", "x720", "-5%", "99999999x1", "12.5%"})
    EXPECT_FALSE(movie_size(wrong, {10, 10}, preset("h264")).has_value()) << wrong;
}

}  // namespace
}  // namespace souschef::ffmpeg
