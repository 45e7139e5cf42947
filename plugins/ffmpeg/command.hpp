// SPDX-License-Identifier: MIT
// The command line of one encode, as a pure function.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/ffmpeg/preset.hpp"
#include "plugins/ffmpeg/rate.hpp"

namespace souschef::ffmpeg {

struct Size {
  std::int64_t width = 0, height = 0;
  bool operator==(const Size&) const = default;
};

// What the pictures are, as ffprobe says.
struct Picture {
  Size size;
  bool has_alpha = false;
  bool is_linear = false;  // scene-linear light: OpenEXR
};

enum class ColorTags { none, bt709, bt2020, p3 };

struct Encode {
  std::string program;
  Preset preset;
  std::string encoder;  // of preset.video_encoders
  int crf = -1;
  Rate rate;
  std::string extension;  // of the pictures, which are 00000000.<ext> and so on in the working folder
  std::int64_t count = 0;
  Picture picture;
  Size size;  // of the movie
  ColorTags color = ColorTags::bt709;
  std::filesystem::path audio;  // empty: none
  double audio_offset = 0;      // seconds of sound before the first picture; below 0: it starts later
  std::vector<std::pair<std::int64_t, std::int64_t>> marks;  // pictures to be marked, first to last, from 0
  std::string comment;                                       // for the movie's metadata
  bool loop = true;
  std::vector<std::string> more;  // from the settings
  std::string output;             // relative to the working folder
};

// The commands to run one after the other, in the folder that holds the pictures; a GIF takes two.
std::vector<std::vector<std::string>> encode_commands(const Encode& encode);
// One picture into another.
std::vector<std::string> convert_command(const Encode& encode, const std::filesystem::path& picture);

// "1280x720", "50%", "", limited to `max_width` (0: not); even where the preset needs it. Errors: bad_input.
Result<Size> movie_size(std::string_view setting, Size rendered, const Preset& preset);

// By the setting ("auto", "bt709", ...) and, for auto, the scene's display.
ColorTags color_tags(std::string_view setting, std::string_view display);

}  // namespace souschef::ffmpeg
