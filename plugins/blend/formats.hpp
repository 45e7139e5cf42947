// SPDX-License-Identifier: MIT
// What the numbers of Blender's image and movie settings mean, in the words of its Python API.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/blend/record.hpp"

namespace souschef::blend {

struct ImageFormat {
  std::string name;       // "OPEN_EXR"; the number where it is not known
  std::string extension;  // ".exr"; of a movie that of its container
  bool movie = false;
};

// Of an ImageFormatData; `ffmpeg`: the scene's FFMpegCodecData, or an empty record (File Output nodes write
// no movies).
ImageFormat image_format(const Record& settings, const Record& ffmpeg);

std::string container_name(std::int64_t container);  // "MPEG4"
std::string codec_name(std::int64_t codec);          // "H264"
std::string audio_codec_name(std::int64_t codec);    // "AAC"; "NONE": no sound
std::string quality_name(std::int64_t crf);          // "MEDIUM"
std::string depth_name(std::int64_t depth);          // "16"
std::string planes_name(std::int64_t planes);        // "RGBA"
std::string exr_codec_name(std::int64_t codec);      // "ZIP"

}  // namespace souschef::blend
