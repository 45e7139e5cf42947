// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace souschef::core {

inline constexpr std::uint64_t kLongestLog = std::uint64_t{8} << 20;  // bytes of one attempt

// What a renderer prints, as a file. Nothing depends on it: a log that cannot be written is left out. One
// thread at a time.
class RenderLog {
 public:
  enum class Begin { anew, after };  // after: what the file holds already
  void open(const std::filesystem::path& path, Begin begin);
  void line(std::string_view text);
  void flush() { file_.flush(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::ofstream file_;
  std::uint64_t written_ = 0;
};

}  // namespace souschef::core
