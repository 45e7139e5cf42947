// SPDX-License-Identifier: MIT
// What comes out of FFmpeg, in words of the settings, and what FFmpeg has to be told for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <souschef/host.hpp>
#include <souschef/result.hpp>

namespace souschef::ffmpeg {

struct Preset {
  std::string name;
  std::string extension;                    // ".mp4"
  bool per_frame = false;                   // converts pictures instead of making a movie
  std::vector<std::string> video_encoders;  // the first that this FFmpeg has is used
  std::vector<std::string> video;           // arguments of the encoder
  std::vector<std::string> audio;           // empty: no sound in this format
  std::vector<std::string> container;       // arguments of the muxer
  std::string pixel_format;                 // empty: the encoder's choice
  int default_crf = -1;                     // -1: crf means nothing here
  int max_width = 0;                        // 0: as rendered
  bool keeps_alpha = false;
  bool is_rgb = false;      // no conversion to YUV, no tags of it
  bool is_palette = false;  // GIF: two passes

  [[nodiscard]] bool has_audio() const { return !audio.empty(); }
};

// A preset by its name; `scene`'s movie settings stand behind the pointer /scene/movie of `request`. Errors:
// bad_input for a name or for movie settings that FFmpeg has no equal of.
Result<Preset> find_preset(std::string_view name, const HostJson& request);

// The arguments for a quality; libsvtav1 and libaom want them in their own way.
std::vector<std::string> crf_arguments(std::string_view encoder, int crf);

}  // namespace souschef::ffmpeg
