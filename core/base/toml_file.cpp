// SPDX-License-Identifier: MIT
#include "core/base/toml_file.hpp"

#include <algorithm>
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

// Behind the string that begins at `at`, or at the line end that cuts a short one off.
std::size_t after_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view mark =
      text.substr(at, 3) == std::string(3, quote) ? text.substr(at, 3) : text.substr(at, 1);
  for (at += mark.size(); at < text.size(); ++at) {
    if (text.substr(at, mark.size()) == mark) {
      at += mark.size();  // a long string may end in quotes of its own: up to two
      for (int own = 0; mark.size() == 3 && own < 2 && text.substr(at, 1) == mark.substr(0, 1); ++own) ++at;
      return at;
    }
    if (mark.size() == 1 && text[at] == '\n') return at;
    if (quote == '"' && text[at] == '\\') ++at;
  }
  return text.size();
}

// Where the first byte above ASCII stands that is in no string and no comment; npos: nowhere. TOML allows
// none, and toml++ 3.2 to 3.4 runs into __builtin_unreachable() when it asks whether most of them are white
// space.
std::size_t stray_letter(std::string_view text) {
  for (std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; at < text.size();) {
    const char c = text[at];
    if (static_cast<unsigned char>(c) >= 0x80) return at;
    if (c == '#')
      at = std::min(text.find('\n', at), text.size());
    else
      at = c == '"' || c == '\'' ? after_string(text, at) : at + 1;
  }
  return std::string_view::npos;
}

Error not_valid(std::string_view name, std::string why) {
  return Error(ErrorCode::bad_input, std::string(name) + " is not valid TOML", std::move(why))
      .next_step("mend that line; docs/config.md shows every key");
}

}  // namespace

Result<TomlDocument> parse_toml(std::string_view text, std::string_view name) {
  if (const std::size_t stray = stray_letter(text); stray != std::string_view::npos) {
    const std::string_view before = text.substr(0, stray);
    return not_valid(name, "line " + std::to_string(1 + std::count(before.begin(), before.end(), '\n')) +
                               ": a letter outside of ASCII that stands in no quotes");
  }
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const auto where = error.source().begin;
    return not_valid(name, "line " + std::to_string(where.line) + ", column " + std::to_string(where.column) +
                               ": " + std::string(error.description()));
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
