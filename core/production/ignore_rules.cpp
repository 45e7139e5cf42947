// SPDX-License-Identifier: MIT
#include "core/production/ignore_rules.hpp"

#include <algorithm>

namespace souschef::core {
namespace {

// Matches one [class] at the front of `pattern`; returns its length, or 0 where the bracket is not closed.
std::size_t match_class(std::string_view pattern, char c, bool& matched) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool found = false;
  for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      found = found || (c >= pattern[at] && c <= pattern[at + 2]);
      at += 3;
    } else {
      found = found || c == pattern[at];
      ++at;
    }
  }
  if (at >= pattern.size()) return 0;
  matched = found != negated && c != '/';
  return at + 1;
}

// Iterative, with the usual trick of remembering the last star: linear in practice, quadratic at worst. `**`
// needs a second remembered star, since it may take over where a single one fails at a '/'.
struct Star {
  std::size_t pattern = std::string_view::npos, text = 0;
};

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  Star single, twice;
  const auto back = [&]() -> bool {
    if (single.pattern != std::string_view::npos && single.text < text.size() && text[single.text] != '/') {
      t = ++single.text;
      p = single.pattern;
      return true;
    }
    single = {};
    if (twice.pattern != std::string_view::npos && twice.text < text.size()) {
      t = ++twice.text;
      p = twice.pattern;
      return true;
    }
    return false;
  };
  while (true) {
    if (p < pattern.size() && pattern.substr(p, 2) == "**") {
      p += 2;
      if (p < pattern.size() && pattern[p] == '/' && (p == 2 || pattern[p - 3] == '/'))
        ++p;  // "**/" also matches nothing
      twice = {p, t};
      single = {};
      continue;
    }
    if (p < pattern.size() && pattern[p] == '*') {
      single = {++p, t};
      continue;
    }
    if (p == pattern.size() && t == text.size()) return true;
    if (p < pattern.size() && t < text.size()) {
      bool matched = false;
      std::size_t length = 1;
      if (pattern[p] == '[') {
        length = match_class(pattern.substr(p), text[t], matched);
        if (length == 0) {
          length = 1;
          matched = text[t] == '[';
        }
      } else if (pattern[p] == '\\' && p + 1 < pattern.size()) {
        length = 2;
        matched = pattern[p + 1] == text[t];
      } else {
        matched = pattern[p] == '?' ? text[t] != '/' : pattern[p] == text[t];
      }
      if (matched) {
        p += length;
        ++t;
        continue;
      }
    }
    if (!back()) return false;
  }
}

void IgnoreRules::add(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string line(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    Rule rule;
    rule.written = line;
    if (line.front() == '!') {
      rule.negated = true;
      line.erase(0, 1);
    }
    if (!line.empty() && line.back() == '/') {
      rule.folders_only = true;
      line.pop_back();
    }
    rule.anchored = line.find('/') != std::string::npos;
    if (!line.empty() && line.front() == '/') line.erase(0, 1);
    rule.pattern = std::move(line);
    if (!rule.pattern.empty()) rules_.push_back(std::move(rule));
  }
}

bool IgnoreRules::leaves_out(std::string_view path, bool is_folder) const {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->folders_only && !is_folder) continue;
    if (matches_glob(rule->pattern, rule->anchored ? path : name)) return !rule->negated;
  }
  return false;
}

std::vector<std::string> IgnoreRules::written() const {
  std::vector<std::string> list;
  for (const Rule& rule : rules_) list.push_back(rule.written);
  return list;
}

}  // namespace souschef::core
