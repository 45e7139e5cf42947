// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/progress.hpp"

#include <charconv>

namespace souschef::ffmpeg {

bool Progress::add(std::string_view piece) {
  constexpr std::string_view kKey = "frame=";
  constexpr std::size_t kMaxLine = 1024;  // a line of FFmpeg's has some 30 bytes; what is longer is nobody's
  const std::int64_t before = frames_;
  for (const char c : piece) {
    if (c != '\n') {
      if (line_.size() < kMaxLine) line_ += c;
      continue;
    }
    std::string_view line = line_;
    if (line.substr(0, kKey.size()) == kKey) {
      line.remove_prefix(kKey.size());
      while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
      std::int64_t frames = 0;
      if (std::from_chars(line.data(), line.data() + line.size(), frames).ec == std::errc() &&
          frames > frames_)
        frames_ = frames;
    }
    line_.clear();
  }
  return frames_ != before;
}

}  // namespace souschef::ffmpeg
