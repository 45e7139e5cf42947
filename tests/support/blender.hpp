// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace souschef::test {

// The Blender in PATH, or empty. Tests that need it skip, saying so.
std::string blender_program();

// A folder with the scenes of tests/data/blender/make_scenes.py, made once per build folder. Never change it:
// copy.
std::filesystem::path blender_scenes();

// The pixels of an image, decoded by ffmpeg: two files with the same picture differ in the dates they hold.
// Empty: it cannot be decoded.
std::string pixels_of(const std::filesystem::path& image);

}  // namespace souschef::test

#define SOUSCHEF_NEEDS_BLENDER() \
  if (souschef::test::blender_program().empty()) GTEST_SKIP() << "there is no Blender in PATH"
