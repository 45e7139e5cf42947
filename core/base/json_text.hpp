// SPDX-License-Identifier: MIT
// JSON from outside: bounded before anything is built from it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

struct JsonLimits {
  std::size_t bytes = 64U << 20;  // of the text
  int depth = 64;                 // reading needs no stack, but writing and walking do
};

// Errors: bad_input with the place where the text stops being JSON, or the limit that it breaks. Duplicate
// keys: the last one counts.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

// dump() that never throws: bytes that are not UTF-8 become U+FFFD.
std::string json_text(const Json& value);

// The text of a member; empty where there is none, where it is no text, and where `json` is no object.
std::string text_at(const Json& json, std::string_view name);

}  // namespace souschef::core
