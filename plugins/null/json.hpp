// SPDX-License-Identifier: MIT
// The one place of this plugin that includes the JSON library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>  // IWYU pragma: export

#include <souschef/file_name.hpp>
#include <souschef/result.hpp>

namespace souschef::null {

using Json = nlohmann::json;

// The members that a request must have, read without exceptions: a missing one, or one of another type, is
// `otherwise`.
inline std::string text_at(const Json& object, std::string_view name, std::string_view otherwise = "") {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string(otherwise);
}
inline bool flag_at(const Json& object, std::string_view name, bool otherwise = false) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}
inline std::optional<std::int64_t> integer_at(const Json& object, std::string_view name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}
// An empty array where there is none.
inline const Json& list_at(const Json& object, std::string_view name) {
  static const Json kEmpty = Json::array();
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_array() ? *found : kEmpty;
}
// An empty object where there is none.
inline const Json& object_at(const Json& object, std::string_view name) {
  static const Json kEmpty = Json::object();
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_object() ? *found : kEmpty;
}

// File names are bytes; in JSON they are escaped.
inline Result<std::string> path_at(const Json& object, std::string_view name) {
  auto path = unescape_name(text_at(object, name));
  if (!path) return Error(ErrorCode::bad_input, std::string(name) + " is not an escaped file name");
  return std::move(*path);
}

}  // namespace souschef::null
