// SPDX-License-Identifier: MIT
// The tables are what Blender 3.4.1 answers; tests/plugins/blender/worker_test.cpp asks it again where there
// is one.
#include "plugins/blender/frame_path.hpp"

#include <gtest/gtest.h>

namespace souschef::blender {
namespace {

TEST(WithFrame, FollowsBlender) {
  EXPECT_EQ(with_frame("/out/", 7), "/out/0007");
  EXPECT_EQ(with_frame("/out/img", 7), "/out/img0007");
  EXPECT_EQ(with_frame("/out/a_##", 7), "/out/a_07");
  EXPECT_EQ(with_frame("/out/a_##", -7), "/out/a_-07");
  EXPECT_EQ(with_frame("/out/a_##", 1234567), "/out/a_1234567");
  EXPECT_EQ(with_frame("/out/a_##_b", 7), "/out/a_07_b");
  EXPECT_EQ(with_frame("/out/a_##_##", 7), "/out/a_##_07");
  EXPECT_EQ(with_frame("/#/x", 7), "/#/x0007");
  EXPECT_EQ(with_frame("/out/m_", -5), "/out/m_-0005");
  EXPECT_EQ(with_frame("/out/m_", 0), "/out/m_0000");
  EXPECT_EQ(with_frame("/out/m_", 12345), "/out/m_12345");
}

TEST(WithFrameRange, FollowsBlender) {
  EXPECT_EQ(with_frame_range("/out/img", 1, 250), "/out/img0001-0250");
  EXPECT_EQ(with_frame_range("/out/a_##", 1, 250), "/out/a_01-250");
}

TEST(WithExtension, FollowsBlender) {
  EXPECT_EQ(with_extension("/out/img0007", "PNG"), "/out/img0007.png");
  EXPECT_EQ(with_extension("/out/a.png0007", "PNG"), "/out/a.png0007.png");
  EXPECT_EQ(with_extension("/out/a_0007.png", "PNG"), "/out/a_0007.png");
  EXPECT_EQ(with_extension("/out/a.0007.exr", "PNG"), "/out/a.0007.png");
  EXPECT_EQ(with_extension("/out/a_0007.jpeg", "JPEG"), "/out/a_0007.jpeg");
  EXPECT_EQ(with_extension("/out/a_0007.TIFF", "TIFF"), "/out/a_0007.TIFF");
  EXPECT_EQ(with_extension("/x.001/a", "OPEN_EXR_MULTILAYER"), "/x.001/a.exr");
  EXPECT_EQ(with_extension("/x/a0001", "SOMETHING_NEW"), "/x/a0001");
}

TEST(WithSuffix, StandsBeforeTheExtension) {
  EXPECT_EQ(with_suffix("/out/img_07.png", "_L"), "/out/img_07_L.png");
  EXPECT_EQ(with_suffix("/out.x/img_07", "_L"), "/out.x/img_07_L");
}

TEST(CleanPath, TakesOutWhatMeansNothing) {
  EXPECT_EQ(clean_path("/a/./b//../c/"), "/a/c/");
  EXPECT_EQ(clean_path("/../a"), "/a");
  EXPECT_EQ(clean_path("C:\\renders\\shot"), "/renders/shot");
  EXPECT_EQ(clean_path("/"), "/");
  EXPECT_EQ(clean_path("a/../../b"), "../b");
}

TEST(CommonFolder, IsTheDeepestThatHoldsBoth) {
  EXPECT_EQ(common_folder("/a/b/c", "/a/b/d"), "/a/b");
  EXPECT_EQ(common_folder("/a/b", "/a/bc"), "/a");
  EXPECT_EQ(common_folder("/a", "/b"), "/");
  EXPECT_EQ(common_folder("/a/b", "/a/b/c"), "/a/b");
}

TEST(RelativeTo, CutsTheFolder) {
  EXPECT_EQ(relative_to("/a/b/c/", "/a"), "b/c/");
  EXPECT_EQ(relative_to("/a/b/", "/a/b"), "");
  EXPECT_EQ(relative_to("/a", "/"), "a");
}

}  // namespace
}  // namespace souschef::blender
