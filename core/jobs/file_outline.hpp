// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <souschef/hash.hpp>
#include <souschef/inspector.hpp>
#include <souschef/result.hpp>

#include "core/production/production.hpp"

namespace souschef::core {

// The parts of a file by kind and name.
using FileOutline = std::map<std::pair<std::string, std::string>, OutlineItem>;

// By the inspector plugin that knows such files; nothing where none does. Outlines of contents are remembered
// in the store's index. Errors: not_found, bad_input, plugin, io.
Result<std::optional<FileOutline>> outline_of_content(Production& production, ContentId content);
Result<std::optional<FileOutline>> outline_of_file(Production& production,
                                                   const std::filesystem::path& resolved);

}  // namespace souschef::core
