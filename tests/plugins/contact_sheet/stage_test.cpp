// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/support/stage_bench.hpp"

namespace souschef {
namespace {

class ContactSheetStage : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::have_program("ffmpeg")) GTEST_SKIP() << "no ffmpeg here";
    bench_.request["settings"] = {{"width", 64}, {"format", "png"}};
  }
  // The colour of one pixel of the sheet: red, which add_frame makes 20 times the frame's number.
  int red(const std::string& name, int x, int y) {
    const std::string pixel = test::output_of(
        {"ffmpeg", "-v", "error", "-i", bench_.output(name), "-vf",
         "crop=1:1:" + std::to_string(x) + ":" + std::to_string(y) + ",format=rgb24", "-f", "rawvideo", "-"});
    return pixel.size() == 3 ? static_cast<unsigned char>(pixel[0]) : -1;
  }
  std::string size(const std::string& name) {
    return test::output_of({"ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of",
                            "csv=p=0", bench_.output(name)});
  }
  test::StageBench bench_{"contact_sheet"};
};

TEST_F(ContactSheetStage, PicturesStandInTheirOrder) {
  for (int frame = 1; frame <= 4; ++frame) bench_.add_frame(frame);
  bench_.request["settings"]["columns"] = 2;
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("outputs"), core::Json({"fisk_sheet.png"}));
  EXPECT_EQ(answer->at("summary"), "4 of 4 frames");
  // 64x36 a picture, 4 between and around.
  EXPECT_EQ(size("fisk_sheet.png"), "140,84\n");
  EXPECT_NEAR(red("fisk_sheet.png", 36, 22), 20, 3);
  EXPECT_NEAR(red("fisk_sheet.png", 104, 22), 40, 3);
  EXPECT_NEAR(red("fisk_sheet.png", 36, 62), 60, 3);
  EXPECT_NEAR(red("fisk_sheet.png", 104, 62), 80, 3);
}

TEST_F(ContactSheetStage, ManyFramesAreSpread) {
  for (int frame = 1; frame <= 12; ++frame) bench_.add_frame(frame);
  bench_.request["settings"]["count"] = 2;
  bench_.request["settings"]["columns"] = 2;
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_NEAR(red("fisk_sheet.png", 36, 22), 20, 3);
  EXPECT_NEAR(red("fisk_sheet.png", 104, 22), 240, 3);
}

TEST_F(ContactSheetStage, MissingFrameIsLeftOutAndSaid) {
  bench_.add_frame(1);
  bench_.add_missing(2);
  bench_.add_frame(3);
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("warnings"), core::Json({"1 frame is missing"}));
}

TEST_F(ContactSheetStage, PictureThatDoesNotDecodeFailsTheStage) {
  bench_.add_frame(1);
  bench_.add_file(2, "0002.png", test::png_picture(64, 36, 1, 2, 3).substr(0, 60));
  const auto answer = bench_.run();
  EXPECT_FALSE(answer.has_value());
  EXPECT_TRUE(std::filesystem::is_empty(bench_.folder / "out"));
}

TEST_F(ContactSheetStage, OrderWithoutPicturesIsRefused) {
  bench_.add_missing(1);
  EXPECT_EQ(bench_.run().error().code, ErrorCode::missing);
}

TEST_F(ContactSheetStage, ProgramThatIsNotThereIsNamed) {
  bench_.add_frame(1);
  bench_.request["settings"]["program"] = "no-such-ffmpeg";
  EXPECT_NE(bench_.run().error().line().find("no-such-ffmpeg"), std::string::npos);
}

}  // namespace
}  // namespace souschef
