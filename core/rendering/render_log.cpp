// SPDX-License-Identifier: MIT
#include "core/rendering/render_log.hpp"

#include <system_error>

namespace souschef::core {

void RenderLog::open(const std::filesystem::path& path, Begin begin) {
  file_.close();
  file_.clear();
  path_ = path;
  written_ = 0;
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  file_.open(path, std::ios::binary | (begin == Begin::anew ? std::ios::trunc : std::ios::app));
}

void RenderLog::line(std::string_view text) {
  if (!file_.is_open() || written_ > kLongestLog) return;
  written_ += text.size() + 1;
  file_ << text << '\n';
  if (written_ > kLongestLog) file_ << "[the log is longer than 8 MiB: the rest is left out]\n";
}

}  // namespace souschef::core
