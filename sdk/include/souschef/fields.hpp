// SPDX-License-Identifier: MIT
// Fields in texts that people write: "{order}_{shot}".
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace souschef {

using Fields = std::map<std::string, std::string, std::less<>>;

// Every {name} for which value_of(name), a std::optional<std::string>, holds something is replaced by that.
// From left to right and once: what a value holds is not looked at again. Other braces stay: JSON has many.
template <class ValueOf>
std::string fill_fields(std::string_view text, const ValueOf& value_of) {
  std::string result;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    std::optional<std::string> value;
    if (close != std::string_view::npos) value = value_of(text.substr(1, close - 1));
    result += value ? *value : "{";
    text.remove_prefix(value ? close + 1 : 1);
  }
  return result;
}

inline std::string fill_fields(std::string_view text, const Fields& fields) {
  return fill_fields(text, [&](std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::nullopt : std::optional(found->second);
  });
}

}  // namespace souschef
