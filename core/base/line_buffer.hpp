// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace souschef::core {

// Cuts what comes out of a pipe into lines, whatever the pieces it comes in. One thread at a time.
//
// A line longer than the limit comes out cut to the limit, and the rest of it is dropped: a program that
// prints megabytes without a line end costs no memory. `\n` and `\r\n` end a line.
class LineBuffer {
 public:
  explicit LineBuffer(std::size_t limit) : limit_(limit) {}

  void add(std::string_view bytes) { bytes_.append(bytes); }
  // The next whole line, without its end.
  std::optional<std::string> take();
  // What stands after the last line end: for the moment when the pipe is closed. Empties the buffer.
  std::optional<std::string> take_rest();
  // True if the line that was taken last had been longer than the limit.
  [[nodiscard]] bool was_cut() const { return was_cut_; }

 private:
  std::string line(std::size_t end);
  void shed();

  std::size_t limit_;
  std::string bytes_;
  std::size_t at_ = 0;        // where the next line begins
  std::size_t searched_ = 0;  // no line end before this
  bool overlong_ = false;     // the line at `at_` has already lost bytes
  bool was_cut_ = false;
};

}  // namespace souschef::core
