// SPDX-License-Identifier: MIT
// Real encodes of real pictures, looked at with ffprobe.
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/stage_bench.hpp"

namespace souschef {
namespace {

using core::Json;

class FfmpegStage : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::have_program("ffmpeg") || !test::have_program("ffprobe")) GTEST_SKIP() << "no ffmpeg here";
  }
  void add_frames(int first, int last, int width = 64, int height = 36) {
    for (int frame = first; frame <= last; ++frame) bench_.add_frame(frame, width, height);
    bench_.request["frames_wanted"] = std::to_string(first) + "-" + std::to_string(last);
  }
  static Json look(const std::filesystem::path& movie) {
    const std::string text = test::output_of(
        {"ffprobe", "-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json", movie});
    const Json json = Json::parse(text, nullptr, false);
    EXPECT_TRUE(json.is_object()) << movie;
    return json;
  }
  static Json stream(const Json& look, const char* type) {
    for (const Json& stream : look.at("streams"))
      if (stream.at("codec_type") == type) return stream;
    return {};
  }
  // The colour of one pixel of the n-th picture of a movie.
  static std::string pixel(const std::filesystem::path& movie, int index, int x, int y) {
    return test::output_of({"ffmpeg", "-v", "error", "-i", movie, "-vf",
                            "select=eq(n\\," + std::to_string(index) + "),crop=2:2:" + std::to_string(x) +
                                ":" + std::to_string(y) + ",format=rgb24",
                            "-frames:v", "1", "-f", "rawvideo", "-"})
        .substr(0, 3);
  }
  static int red(const std::string& pixel) { return static_cast<unsigned char>(pixel.at(0)); }

  test::StageBench bench_{"ffmpeg"};
};

TEST_F(FfmpegStage, MovieHasEveryFrameTheRateAndTheSound) {
  add_frames(1, 10);
  bench_.request["scene"]["fps_base"] = 1.001;
  bench_.folder.write("audio.wav", test::wav_sound(5));
  bench_.request["audio"] = {{"path", (bench_.folder / "audio.wav").string()}, {"start", 1}};
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line() << "\n" << bench_.said;
  EXPECT_EQ(answer->at("outputs"), Json({"fisk.mp4"}));
  EXPECT_EQ(answer->at("warnings"), Json::array());
  const Json seen = look(bench_.output("fisk.mp4"));
  const Json video = stream(seen, "video");
  EXPECT_EQ(video.at("nb_read_packets"), "10");
  EXPECT_EQ(video.at("avg_frame_rate"), "24000/1001");
  EXPECT_EQ(video.at("width"), 64);
  EXPECT_EQ(video.at("pix_fmt"), "yuv420p");
  EXPECT_EQ(video.at("color_primaries"), "bt709");
  EXPECT_EQ(video.at("color_space"), "bt709");
  EXPECT_EQ(video.at("color_range"), "tv");
  EXPECT_EQ(stream(seen, "audio").at("codec_name"), "aac");
  EXPECT_NEAR(std::stod(stream(seen, "audio").at("duration").get<std::string>()), 10 * 1.001 / 24, 0.03)
      << "the sound goes on to the last picture";
  EXPECT_NEAR(std::stod(seen.at("format").at("duration").get<std::string>()), 10 * 1.001 / 24, 0.05);
  EXPECT_FALSE(bench_.fractions.empty());
  EXPECT_EQ(bench_.fractions.back(), 1.0);
}

TEST_F(FfmpegStage, SoundThatIsShorterDoesNotCutThePictures) {
  add_frames(1, 48);
  bench_.folder.write("audio.wav", test::wav_sound(0.25));
  bench_.request["settings"]["audio"] = "audio.wav";
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  const Json seen = look(bench_.output("fisk.mp4"));
  EXPECT_EQ(stream(seen, "video").at("nb_read_packets"), "48");
  EXPECT_FALSE(stream(seen, "audio").is_null());
}

TEST_F(FfmpegStage, MissingFrameIsNamedAndNothingIsWritten) {
  add_frames(1, 4);
  bench_.add_missing(5);
  bench_.add_frame(6);
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().line(), "the movie would have gaps: missing is frame 5");
  EXPECT_TRUE(std::filesystem::is_empty(bench_.folder / "out"));
}

TEST_F(FfmpegStage, HeldFrameIsShownAndSaid) {
  add_frames(1, 4);
  bench_.add_missing(5);
  bench_.add_frame(12);
  bench_.request["settings"] = {{"gaps", "hold"}, {"preset", "prores"}};
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("warnings").at(0), "missing is frame 5: the picture before is held");
  const auto movie = bench_.output("fisk.mov");
  const Json seen = look(movie);
  EXPECT_EQ(stream(seen, "video").at("nb_read_packets"), "6");
  EXPECT_EQ(seen.at("format").at("tags").at("comment"), "missing frames, shown by the one before: 5");
  EXPECT_NEAR(red(pixel(movie, 4, 32, 18)), 4 * 20, 4);
  EXPECT_NEAR(red(pixel(movie, 5, 32, 18)), 12 * 20, 4);
}

TEST_F(FfmpegStage, MarkedFrameHasARedBorder) {
  add_frames(1, 2);
  bench_.add_missing(3);
  bench_.request["settings"] = {{"gaps", "mark"}, {"preset", "prores"}};
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line() << bench_.said;
  const auto movie = bench_.output("fisk.mov");
  EXPECT_LT(red(pixel(movie, 1, 0, 0)), 60);
  EXPECT_GT(red(pixel(movie, 2, 0, 0)), 200);
  EXPECT_NEAR(red(pixel(movie, 2, 32, 18)), 2 * 20, 4);
}

TEST_F(FfmpegStage, ColoursSurvive) {
  bench_.add_file(1, "0001.png", test::png_picture(64, 36, 200, 100, 50));
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  const std::string seen = pixel(bench_.output("fisk.mp4"), 0, 32, 18);
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_NEAR(static_cast<unsigned char>(seen[0]), 200, 4);
  EXPECT_NEAR(static_cast<unsigned char>(seen[1]), 100, 4);
  EXPECT_NEAR(static_cast<unsigned char>(seen[2]), 50, 4);
}

TEST_F(FfmpegStage, PictureThatDoesNotDecodeFailsTheStage) {
  add_frames(1, 3);
  std::string broken = test::png_picture(64, 36, 1, 2, 3);
  broken.resize(broken.size() / 2);
  bench_.add_file(4, "0004.png", broken);
  bench_.add_frame(5);
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value()) << answer->dump();
  EXPECT_TRUE(std::filesystem::is_empty(bench_.folder / "out"));
}

TEST_F(FfmpegStage, OddSizesBecomeEven) {
  add_frames(1, 2, 65, 37);
  ASSERT_TRUE(bench_.run().has_value());
  const Json video = stream(look(bench_.output("fisk.mp4")), "video");
  EXPECT_EQ(video.at("width"), 66);
  EXPECT_EQ(video.at("height"), 38);
}

TEST_F(FfmpegStage, FramesBeyondTheOrderAreNotTaken) {
  add_frames(1, 3);
  for (int frame = 4; frame <= 9; ++frame)
    bench_.folder.write("render/000" + std::to_string(frame) + ".png", test::png_picture(64, 36, 1, 1, 1));
  ASSERT_TRUE(bench_.run().has_value());
  EXPECT_EQ(stream(look(bench_.output("fisk.mp4")), "video").at("nb_read_packets"), "3");
}

TEST_F(FfmpegStage, NegativeAndLargeFrameNumbersAreOneMovie) {
  for (const int frame : {-1, 0, 1}) bench_.add_frame(frame);
  bench_.add_frame(100'000);
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(stream(look(bench_.output("fisk.mp4")), "video").at("nb_read_packets"), "4");
}

TEST_F(FfmpegStage, NamesWithPercentQuotesAndColonsAreFiles) {
  bench_.request["order"]["name"] = "a%04d 'b:c";
  bench_.request["sequences"][0]["folder"] = (bench_.folder / "re%d'n:der").string();
  add_frames(1, 2);
  bench_.request["settings"]["name"] = "sub/{order}";
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_TRUE(std::filesystem::exists(bench_.output("sub/a%04d 'b:c.mp4")));
}

TEST_F(FfmpegStage, CancelEndsItAndWritesNothing) {
  add_frames(1, 10);
  bench_.cancel = [] { return true; };
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
  EXPECT_TRUE(std::filesystem::is_empty(bench_.folder / "out"));
}

TEST_F(FfmpegStage, MissingProgramSaysWhatToDo) {
  add_frames(1, 2);
  bench_.request["settings"]["program"] = "/nowhere/ffmpeg";
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().what, "there is no /nowhere/ffmpeg on this machine");
  EXPECT_NE(answer.error().next.find("install FFmpeg"), std::string::npos);
}

TEST_F(FfmpegStage, DescribeNamesTheOutputAndAsksForSound) {
  EXPECT_EQ(*bench_.describe(), (Json{{"per", "order"}, {"outputs", {"fisk.mp4"}}, {"needs", {"audio"}}}));
  bench_.request["settings"] = {{"preset", "gif"}, {"name", "{shot}_{preset}"}};
  EXPECT_EQ(*bench_.describe(),
            (Json{{"per", "order"}, {"outputs", {"sh010_gif.gif"}}, {"needs", Json::array()}}));
  bench_.request["settings"] = {{"preset", "jpeg"}};
  EXPECT_EQ(*bench_.describe(),
            (Json{{"per", "frame"}, {"outputs", {"fisk/{frame}.jpg"}}, {"needs", Json::array()}}));
}

TEST_F(FfmpegStage, SettingsThatDoNotFitTogetherAreToldWhenOrdering) {
  const auto said = [&](const Json& settings) {
    bench_.request["settings"] = settings;
    const auto answer = bench_.describe();
    return answer ? std::string() : answer.error().what;
  };
  EXPECT_EQ(said({{"preset", "prores"}, {"crf", 20}}), "crf means nothing to the preset prores");
  EXPECT_EQ(said({{"preset", "gif"}, {"audio", "a.wav"}}), "the preset gif has no sound");
  EXPECT_EQ(said({{"name", "../up"}}), "name = ../up cannot be");
  EXPECT_EQ(said({{"size", "big"}}), "size = big cannot be");
  EXPECT_EQ(said({{"preset", "scene"}}), "the preset \"scene\" needs a scene whose output is a movie");
}

class FfmpegPreset : public FfmpegStage, public testing::WithParamInterface<const char*> {};

TEST_P(FfmpegPreset, PlaysAllItsFrames) {
  add_frames(1, 8, 96, 64);
  bench_.request["settings"]["preset"] = GetParam();
  const auto answer = bench_.run();
  if (!answer && answer.error().what.find("cannot make") != std::string::npos)
    GTEST_SKIP() << answer.error().line();
  ASSERT_TRUE(answer.has_value()) << answer.error().line() << "\n" << bench_.said;
  const Json video = stream(look(bench_.output(answer->at("outputs").at(0).get<std::string>())), "video");
  EXPECT_EQ(video.at("nb_read_packets"), "8") << video.dump();
  EXPECT_EQ(video.at("width"), 96);
}
INSTANTIATE_TEST_SUITE_P(All, FfmpegPreset,
                         testing::Values("h264", "preview", "h265", "prores", "prores4444", "av1", "vp9",
                                         "gif"),
                         [](const auto& chosen) { return std::string(chosen.param); });

class FfmpegPicture : public FfmpegStage, public testing::WithParamInterface<const char*> {};

TEST_P(FfmpegPicture, ConvertsOneFrame) {
  bench_.add_frame(7);
  bench_.request["stage"]["per"] = "frame";
  bench_.request["settings"]["preset"] = GetParam();
  const auto answer = bench_.run();
  if (!answer && answer.error().what.find("cannot make") != std::string::npos)
    GTEST_SKIP() << answer.error().line();
  ASSERT_TRUE(answer.has_value()) << answer.error().line() << "\n" << bench_.said;
  const auto output = bench_.output(answer->at("outputs").at(0).get<std::string>());
  EXPECT_EQ(output.stem(), "0007");
  EXPECT_EQ(stream(look(output), "video").at("width"), 64);
  EXPECT_NEAR(red(pixel(output, 0, 32, 18)), 140, 6);
}
INSTANTIATE_TEST_SUITE_P(All, FfmpegPicture, testing::Values("jpeg", "png", "webp", "tiff"),
                         [](const auto& chosen) { return std::string(chosen.param); });

}  // namespace
}  // namespace souschef
