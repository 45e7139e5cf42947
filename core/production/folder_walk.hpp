// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/ignore_rules.hpp"
#include "store/file_stamp.hpp"

namespace souschef::core {

enum class WalkedKind : std::uint8_t { file, symlink, other };

struct WalkedEntry {
  std::string path;  // relative to the production's root, '/' between; bytes
  WalkedKind kind = WalkedKind::file;
  store::FileStamp stamp;  // of a file
  std::string target;      // of a symlink
};

// Everything below root/below that the rules do not leave out, folders of version control systems and
// .souschef never taken; links are not followed. Sorted by path. `cancelled` is asked once a folder. Errors:
// denied, io, cancelled.
Result<std::vector<WalkedEntry>> walk_folder(const std::string& root, const std::string& below,
                                             const IgnoreRules& rules,
                                             const std::function<bool()>& cancelled = {});

}  // namespace souschef::core
