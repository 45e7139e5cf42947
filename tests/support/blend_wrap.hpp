// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace souschef::test {

// gzip, cut into `members` members of about equal size.
std::string gzip_wrapped(std::string_view content, std::size_t members = 1, int level = 6);

// zstd as Blender writes it: independent frames that state their size, a seek table behind them.
struct ZstdStyle {
  std::vector<std::size_t> frame_sizes = {1U << 16};  // the last one is repeated
  bool seek_table = true;
  bool entry_checksums = false;
  bool state_sizes = true;
  bool checksums = false;  // at the end of each frame
  int level = 3;
};
std::string zstd_wrapped(std::string_view content, const ZstdStyle& style = {});

// The table alone, for tests that want a wrong one.
std::string zstd_seek_table(const std::vector<std::uint32_t>& stored,
                            const std::vector<std::uint32_t>& content, bool checksums = false);

}  // namespace souschef::test
