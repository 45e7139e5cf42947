// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souschef::ffmpeg {

// Frames a second as a fraction: 24000/1001 and not 23.976.
struct Rate {
  std::int64_t numerator = 24, denominator = 1;

  [[nodiscard]] double value() const {
    return static_cast<double>(numerator) / static_cast<double>(denominator);
  }
  [[nodiscard]] std::string text() const {
    return std::to_string(numerator) + "/" + std::to_string(denominator);
  }
  bool operator==(const Rate&) const = default;
};

// fps / fps_base, as Blender keeps it; base 1.001 becomes 1000/1001 exactly, a plain 23.976 too. What makes
// no sense gives 24.
Rate rate_of(double fps, double fps_base);

// "24000/1001" as ffprobe writes it; numerator 0 where the text is none.
Rate parse_rate(std::string_view text);

}  // namespace souschef::ffmpeg
