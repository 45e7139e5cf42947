// SPDX-License-Identifier: MIT
#include "core/queue/output_template.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "core/base/suggestion.hpp"

namespace souschef::core {
namespace {

constexpr std::string_view kVersion = "version";
constexpr int kLastVersion = 9999;

std::string plain(std::string value) {
  std::replace(value.begin(), value.end(), '/', '_');
  return value;
}

Error unknown_word(const TemplateWords& words, const std::string& word) {
  std::vector<std::string> known = {std::string(kVersion)};
  std::string list = "{version}";
  for (const auto& [name, value] : words.words) {
    known.push_back(name);
    list += ", {" + name + "}";
  }
  const std::string guess = closest_word(word, known);
  Error error(ErrorCode::usage, "an output path knows no {" + word + "}");
  error.next = guess.empty() ? "use " + list : "did you mean {" + guess + "}?";
  return error;
}

Result<std::string> filled(std::string_view text, const TemplateWords& words, const std::string& version) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) return out.append(text);
    out += text.substr(0, open);
    const std::string word(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
    if (word == kVersion) {
      out += version;
      continue;
    }
    const auto found = words.words.find(word);
    if (found == words.words.end()) return unknown_word(words, word);
    out += plain(found->second);
  }
  return out;
}

}  // namespace

Result<std::string> fill_template(std::string_view text, const TemplateWords& words) {
  for (int version = 1; version <= kLastVersion; ++version) {
    std::array<char, 8> name{};
    std::snprintf(name.data(), name.size(), "v%03d", version);
    SOUSCHEF_TRY(std::string path, filled(text, words, name.data()));
    // What is taken is the part up to the version: files of other shots may lie beside it.
    const std::size_t at =
        text.find("{version}") == std::string_view::npos ? std::string::npos : path.find(name.data());
    if (at == std::string::npos || !words.is_taken) return path;
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (!words.is_taken(path.substr(0, end))) return path;
  }
  return Error(ErrorCode::usage, "every version of " + std::string(text) + " is taken");
}

}  // namespace souschef::core
