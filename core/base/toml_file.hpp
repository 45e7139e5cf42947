// SPDX-License-Identifier: MIT
// The one place that sees the TOML library: a TOML file as JSON, with the line of every value.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

struct TomlDocument {
  Json values = Json::object();
  std::map<std::string, int> lines;  // "/target/0/path" -> 12; JSON pointers

  [[nodiscard]] int line_of(const std::string& pointer) const {
    const auto found = lines.find(pointer);
    return found == lines.end() ? 0 : found->second;
  }
};

// `name` stands in messages. Errors: bad_input with line and column.
Result<TomlDocument> parse_toml(std::string_view text, std::string_view name);
// Errors: not_found, io, bad_input. Files above 1 MiB are refused: no config is that long.
Result<TomlDocument> read_toml(const std::filesystem::path& path);

// A string as a TOML basic string, quotes included.
std::string toml_quoted(std::string_view text);

}  // namespace souschef::core
