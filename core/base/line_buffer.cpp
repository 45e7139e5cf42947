// SPDX-License-Identifier: MIT
#include "core/base/line_buffer.hpp"

#include <algorithm>

namespace souschef::core {

std::optional<std::string> LineBuffer::take() {
  const std::size_t end = bytes_.find('\n', std::max(at_, searched_));
  if (end == std::string::npos) {
    searched_ = bytes_.size();
    shed();
    return std::nullopt;
  }
  std::string text = line(end);
  at_ = end + 1;
  searched_ = at_;
  if (at_ >= bytes_.size()) {
    bytes_.clear();
    at_ = searched_ = 0;
  }
  return text;
}

std::optional<std::string> LineBuffer::take_rest() {
  if (at_ >= bytes_.size()) return std::nullopt;
  std::string text = line(bytes_.size());
  bytes_.clear();
  at_ = searched_ = 0;
  return text;
}

std::string LineBuffer::line(std::size_t end) {
  std::size_t length = end - at_;
  if (length > 0 && bytes_[end - 1] == '\r') --length;
  was_cut_ = overlong_ || length > limit_;
  overlong_ = false;
  return bytes_.substr(at_, std::min(length, limit_));
}

// Drops lines already taken, and of an unfinished line everything beyond the limit.
void LineBuffer::shed() {
  if (at_ > 0) {
    bytes_.erase(0, at_);
    searched_ -= at_;
    at_ = 0;
  }
  const std::size_t kept = limit_ + 1;  // a '\r' may stand where the line ends
  if (bytes_.size() > kept) {
    bytes_.resize(kept);
    searched_ = kept;
    overlong_ = true;
  }
}

}  // namespace souschef::core
