// SPDX-License-Identifier: MIT
// Which pictures make the movie, one for each wanted frame.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>
#include <souschef/stage.hpp>

namespace souschef::ffmpeg {

struct PlannedFrame {
  std::int32_t frame = 0;
  std::filesystem::path path;  // of a gap: the picture that is held
  bool gap = false;
};

struct FramePlan {
  std::vector<PlannedFrame> frames;  // in the order of the movie
  std::string extension;             // of all pictures: ".png"
  std::vector<std::int32_t> gaps;
  bool contiguous = true;  // no step and no hole among the wanted frames: sound fits
};

// The sequence that the setting names: "render", a File Output node, "NODE/LAYER". Errors: not_found with
// what there is.
Result<std::size_t> find_sequence(const StageRequest& request, std::string_view name);

// Every picture is looked at: there, and as long as it was when it was verified. Errors: missing naming the
// frames where gaps are to fail, or where there is no picture at all; changed for a picture that is not what
// was verified; unsupported for a mixture of formats.
Result<FramePlan> plan_frames(const StageRequest& request, std::size_t sequence, std::string_view gaps);

// "3, 7-9, 12 and 40 more"
std::string frame_list(const std::vector<std::int32_t>& frames);

}  // namespace souschef::ffmpeg
