// SPDX-License-Identifier: MIT
#include "core/base/toml_file.hpp"

#include <fstream>
#include <sstream>

#include <toml++/toml.h>

namespace souschef::core {
namespace {

std::string escaped_key(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

class Converter {
 public:
  explicit Converter(TomlDocument& document) : document_(document) {}

  Json convert(const toml::node& node, const std::string& pointer) {
    document_.lines[pointer] = static_cast<int>(node.source().begin.line);
    if (const auto* table = node.as_table()) {
      Json object = Json::object();
      for (const auto& [key, value] : *table)
        object[std::string(key.str())] = convert(value, pointer + "/" + escaped_key(key.str()));
      return object;
    }
    if (const auto* array = node.as_array()) {
      Json list = Json::array();
      for (const auto& value : *array)
        list.push_back(convert(value, pointer + "/" + std::to_string(list.size())));
      return list;
    }
    return scalar(node);
  }

 private:
  static Json scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* integer = node.as_integer()) return integer->get();
    if (const auto* real = node.as_floating_point()) return real->get();
    if (const auto* boolean = node.as_boolean()) return boolean->get();
    std::ostringstream date_or_time;  // kept as written; the schema says what is wanted
    node.visit([&](const auto& value) {
      if constexpr (!toml::is_table<decltype(value)> && !toml::is_array<decltype(value)>)
        date_or_time << *value;
    });
    return date_or_time.str();
  }

  TomlDocument& document_;
};

}  // namespace

Result<TomlDocument> parse_toml(std::string_view text, std::string_view name) {
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const auto where = error.source().begin;
    return Error(ErrorCode::bad_input, std::string(name) + " is not valid TOML",
                 "line " + std::to_string(where.line) + ", column " + std::to_string(where.column) + ": " +
                     std::string(error.description()))
        .next_step("mend that line; docs/config.md shows every key");
  }
  TomlDocument document;
  Converter converter(document);
  document.values = converter.convert(parsed.table(), "");
  return document;
}

Result<TomlDocument> read_toml(const std::filesystem::path& path) {
  static constexpr std::uintmax_t kLimit = 1U << 20;
  std::error_code code;
  const auto size = std::filesystem::file_size(path, code);
  if (code == std::errc::no_such_file_or_directory)
    return Error(ErrorCode::not_found, "there is no " + path.string());
  if (!code && size > kLimit)
    return Error(ErrorCode::bad_input, path.string() + " is too long for a config file");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (code || !in) return Error(ErrorCode::io, "cannot read " + path.string(), code ? code.message() : "");
  return parse_toml(std::move(text).str(), path.string());
}

std::string toml_quoted(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto value = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (value < 0x20 || value == 0x7F) {
      out += "\\u00";
      out += kDigits[value >> 4];
      out += kDigits[value & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace souschef::core
