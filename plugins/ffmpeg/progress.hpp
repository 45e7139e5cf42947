// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souschef::ffmpeg {

// Reads what `ffmpeg -progress pipe:1` writes: lines of key=value, a block each time, "frame" among them.
// Takes pieces as they come.
class Progress {
 public:
  // True where the number of frames has changed.
  bool add(std::string_view piece);
  [[nodiscard]] std::int64_t frames() const { return frames_; }

 private:
  std::string line_;
  std::int64_t frames_ = 0;
};

}  // namespace souschef::ffmpeg
