// SPDX-License-Identifier: MIT
// What ffprobe says about a file: pictures before they are encoded, movies after.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <souschef/host.hpp>
#include <souschef/result.hpp>

#include "plugins/ffmpeg/command.hpp"
#include "plugins/ffmpeg/rate.hpp"

namespace souschef::ffmpeg {

// The arguments behind the program's name; the answer is JSON on standard output.
enum class ProbeOf { picture, movie };
std::vector<std::string> probe_arguments(const std::filesystem::path& file, ProbeOf what);

struct Probed {
  Size size;
  std::string pixel_format;
  Rate rate;                 // of the video stream
  std::int64_t packets = 0;  // of the video stream; 0: not counted
  bool has_audio = false;
  double seconds = 0;  // of the whole file; 0: not known
};

// Errors: bad_input where there is no video stream.
Result<Probed> read_probe(const HostJson& json);

bool has_alpha(std::string_view pixel_format);

struct Expected {
  Size size;
  Rate rate;
  std::int64_t count = 0;
  bool audio = false;
  bool exact_rate = true;  // false: GIF, whose delays are whole hundredths of a second
};
// Errors: failed, naming what differs.
Status check_movie(const Probed& probed, const Expected& expected);

}  // namespace souschef::ffmpeg
