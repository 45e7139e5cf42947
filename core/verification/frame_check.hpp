// SPDX-License-Identifier: MIT
// A frame is done when its files say so, whatever the renderer says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/queue/order_ledger.hpp"

namespace souschef::core {

struct ExpectedFile {
  std::string path;      // bytes, relative to the attempt's folder
  bool pattern = false;  // '*' in the path stands for anything
  bool required = true;
  std::string format;
  std::uint32_t width = 0, height = 0;  // 0: any
  int output = 0;                       // which output of the scene writes it, and what that is
  std::string kind, node, slot;
};

// From an answer to renderer.outputs: the files of each of its frames. Errors: plugin.
Result<std::vector<std::vector<ExpectedFile>>> expected_files(const Json& outputs_reply);

struct CheckedFrame {
  std::vector<FileRecord> files;  // all that lie in the folder, sorted by path
  std::uint32_t flags = 0;        // FrameFlag
};

// Looks at everything below an attempt's folder: each expected file exists, is a regular file, decodes
// completely and has the ordered size. Files that nobody expected are taken along and flagged. Errors:
// bad_input, the reasons in `why`; io.
Result<CheckedFrame> check_frame(const std::filesystem::path& folder,
                                 const std::vector<ExpectedFile>& expected);

// The same files again, by size and hash; for frames that were finished before a power cut. `root`: what
// their paths are relative to. Errors: changed, naming the first that is not as it was.
Status recheck_files(const std::filesystem::path& root, const std::vector<FileRecord>& files);

bool matches_pattern(std::string_view path, std::string_view pattern);

}  // namespace souschef::core
