// SPDX-License-Identifier: MIT
// File names are bytes; JSON and terminals want UTF-8. One spelling for both, reversible and without
// ambiguity: every byte that is not part of valid UTF-8, every control character and the backslash itself is
// written \xNN.
//
//   escape_name("caf\xe9.png")   == "caf\\xe9.png"
//   escape_name("a\\b")          == "a\\x5cb"
//   unescape_name(escape_name(n)) == n for every n
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souschef {

// The length of the UTF-8 sequence that starts at `at`, or 0 where there is no valid one (RFC 3629: no
// surrogates, nothing overlong, nothing beyond U+10FFFF).
inline std::size_t utf8_length_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const auto follows = [&](std::size_t i) { return at + i < text.size() && (byte(i) & 0xC0U) == 0x80U; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

inline std::string escape_name(std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(name.size());
  for (std::size_t i = 0; i < name.size();) {
    const std::size_t length = utf8_length_at(name, i);
    const auto value = static_cast<std::uint8_t>(name[i]);
    if (length == 0 || value < 0x20 || value == 0x7F || value == '\\') {
      text += "\\x";
      text += kDigits[value >> 4];
      text += kDigits[value & 15];
      ++i;
    } else {
      text.append(name, i, length);
      i += length;
    }
  }
  return text;
}

// For people, and for paths as an artist wrote them: backslashes stay where nothing else needs spelling, so
// that "C:\\tex\\a.png" is itself. Not to be read back.
inline std::string shown_name(std::string_view name) {
  std::string slashed(name);
  for (char& c : slashed)
    if (c == '\\') c = '/';
  return escape_name(slashed) == slashed ? std::string(name) : escape_name(name);
}

// Nothing where `text` is not what escape_name writes: a backslash without xNN.
inline std::optional<std::string> unescape_name(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  std::string name;
  name.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      name += text[i];
      continue;
    }
    if (i + 3 >= text.size() || text[i + 1] != 'x') return std::nullopt;
    const int high = digit(text[i + 2]);
    const int low = digit(text[i + 3]);
    if (high < 0 || low < 0) return std::nullopt;
    name += static_cast<char>(high * 16 + low);
    i += 3;
  }
  return name;
}

}  // namespace souschef
