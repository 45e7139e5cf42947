// SPDX-License-Identifier: MIT
// Every key that a config may hold, in one table: `config show`, `config check`, docs/config.md and the
// loader all read it. A part of the program that needs a setting adds a row here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souschef::core {

enum class ValueType : std::uint8_t {
  text,
  path,  // ~ and $VARIABLES are expanded; relative to the production's root
  integer,
  number,
  boolean,
  text_list,
  table  // free form, checked by whoever it is for
};

struct ConfigKey {
  std::string_view
      key;  // "store.compression"; "target[].path" for lists of tables, which are named by `name`
  ValueType type;
  std::string_view default_json;  // what holds where no file says otherwise; "null": nothing
  std::string_view unit;          // "seconds", "MiB", or empty
  std::string_view doc;           // one sentence
};

std::span<const ConfigKey> config_keys();
// Null where there is no such key. `pattern` has [] where a name stood: "target[].path".
const ConfigKey* config_key(std::string_view pattern);
// "target[gpu0].path" -> "target[].path"
std::string key_pattern(std::string_view key);
// The lists of named tables: "target", "preset", ...
bool is_named_list(std::string_view section);
std::string_view name_of(ValueType type);

}  // namespace souschef::core
