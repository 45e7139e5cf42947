// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/frame_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_host.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::ffmpeg {
namespace {

using core::Json;
using testing::ElementsAre;

class FramePlanTest : public testing::Test {
 protected:
  FramePlanTest() {
    request_ = {{"stage", {{"name", "preview"}}},
                {"output_folder", "/out"},
                {"sequences",
                 {{{"role", "render"}, {"folder", folder_.path().string()}},
                  {{"role", "file_node"}, {"node", "Comp"}, {"layer", "depth"}, {"folder", "/depth"}}}},
                {"frames", Json::array()}};
  }
  void done(int frame, const std::string& name) {
    folder_.write(name, "12345");
    request_["frames"].push_back(
        {{"frame", frame}, {"state", "done"}, {"files", {{{"sequence", 0}, {"name", name}, {"size", 5}}}}});
  }
  void lost(int frame) {
    request_["frames"].push_back({{"frame", frame}, {"state", "failed"}, {"files", Json::array()}});
  }
  StageRequest request() {
    auto read = StageRequest::read(host_.json(core::json_text(request_)));
    EXPECT_TRUE(read.has_value()) << read.error().line();
    return std::move(*read);
  }
  Result<FramePlan> plan(std::string_view gaps) { return plan_frames(request(), 0, gaps); }

  test::TempFolder folder_;
  Json request_;
  core::WorkerPool pool_{1};
  core::PluginHost owner_{"ffmpeg", pool_, {}};
  Host host_{owner_.c()};
};

TEST_F(FramePlanTest, OnlyFramesOfTheListAreTaken) {
  done(1, "0001.png");
  done(2, "0002.png");
  folder_.write("0003.png", "left over from a longer render");
  const auto planned = plan("fail");
  ASSERT_TRUE(planned.has_value()) << planned.error().line();
  EXPECT_EQ(planned->frames.size(), 2U);
  EXPECT_EQ(planned->extension, ".png");
  EXPECT_TRUE(planned->contiguous);
}

TEST_F(FramePlanTest, GapIsNamed) {
  done(1, "0001.png");
  lost(2);
  done(3, "0003.png");
  const auto planned = plan("fail");
  ASSERT_FALSE(planned.has_value());
  EXPECT_EQ(planned.error().code, ErrorCode::missing);
  EXPECT_EQ(planned.error().line(), "the movie would have gaps: missing is frame 2");
  EXPECT_NE(planned.error().next.find("--set preview.gaps=hold"), std::string::npos);
}

TEST_F(FramePlanTest, GapsHoldThePictureBefore) {
  lost(1);
  done(2, "0002.png");
  lost(3);
  lost(4);
  done(5, "0005.png");
  const auto planned = plan("hold");
  ASSERT_TRUE(planned.has_value()) << planned.error().line();
  std::vector<std::string> names;
  for (const PlannedFrame& frame : planned->frames) names.push_back(frame.path.filename());
  EXPECT_THAT(names, ElementsAre("0002.png", "0002.png", "0002.png", "0002.png", "0005.png"));
  EXPECT_THAT(planned->gaps, ElementsAre(1, 3, 4));
}

TEST_F(FramePlanTest, NothingToEncodeIsAnErrorWhateverTheGaps) {
  lost(1);
  EXPECT_EQ(plan("hold").error().line(), "there is no picture to encode: all 1 frames are missing");
  request_["frames"] = Json::array();
  EXPECT_FALSE(plan("hold").has_value());
}

TEST_F(FramePlanTest, PictureThatIsNotTheVerifiedOneIsRefused) {
  done(1, "0001.png");
  folder_.write("0001.png", "");  // a placeholder
  EXPECT_EQ(plan("hold").error().code, ErrorCode::changed);
  std::filesystem::remove(folder_ / "0001.png");
  EXPECT_EQ(plan("hold").error().code, ErrorCode::missing);
}

TEST_F(FramePlanTest, SeveralFormatsAreRefused) {
  done(1, "0001.png");
  done(2, "0002.jpg");
  EXPECT_EQ(plan("fail").error().code, ErrorCode::unsupported);
}

TEST_F(FramePlanTest, SpellingsOfOneFormatAreOne) {
  done(1, "0001.JPG");
  done(2, "0002.jpeg");
  EXPECT_EQ(plan("fail")->extension, ".jpg");
}

TEST_F(FramePlanTest, StepsAreNotContiguous) {
  done(1, "0001.png");
  done(11, "0011.png");
  EXPECT_FALSE(plan("fail")->contiguous);
}

TEST_F(FramePlanTest, SequenceIsFoundByItsName) {
  const StageRequest read = request();
  EXPECT_EQ(*find_sequence(read, "render"), 0U);
  EXPECT_EQ(*find_sequence(read, "Comp"), 1U);
  EXPECT_EQ(*find_sequence(read, "Comp/depth"), 1U);
  EXPECT_EQ(find_sequence(read, "Comb").error().line(),
            "this order has no pictures called \"Comb\": it has: render, Comp/depth");
}

TEST_F(FramePlanTest, LongListsOfFramesAreCut) {
  std::vector<std::int32_t> frames = {3, 7, 8, 9};
  EXPECT_EQ(frame_list(frames), "3, 7-9");
  for (int i = 100; i < 200; i += 2) frames.push_back(i);
  EXPECT_NE(frame_list(frames).find(" and 34 more"), std::string::npos) << frame_list(frames);
}

}  // namespace
}  // namespace souschef::ffmpeg
