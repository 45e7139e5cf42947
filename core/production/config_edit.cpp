// SPDX-License-Identifier: MIT
// TOML libraries rewrite a file whole and lose its comments, so lines are edited in place and the result is
// parsed before it takes the file's place: an edit that goes wrong changes nothing.
#include "core/production/config_edit.hpp"

#include <algorithm>
#include <sstream>

#include "core/base/split_text.hpp"
#include "core/base/toml_file.hpp"
#include "core/production/config_schema.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kLimit = 1U << 20;

Result<std::string> text_of(const fs::path& file) {
  auto text = store::read_file(store::FileSystem::real(), file, kLimit);
  if (!text && text.error().code == ErrorCode::not_found) return std::string();
  return text;
}

Status write_checked(const fs::path& file, const std::string& text) {
  SOUSCHEF_CHECK(parse_toml(text, file.string()));
  return store::replace_file(store::FileSystem::real(), file, text);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool opens_table(const std::string& line) {
  return trimmed(line).starts_with('[');
}

bool assigns(const std::string& line, const std::string& key) {
  const std::string text(trimmed(line));
  if (!text.starts_with(key)) return false;
  const std::size_t after = text.find_first_not_of(" \t", key.size());
  return after != std::string::npos && text[after] == '=';
}

// The lines [first, last) that belong to a section: "" the top, "store", or the target with a name.
struct Section {
  std::size_t first = 0, last = 0;
  bool found = false;
};

Section find_section(const std::vector<std::string>& lines, const std::string& header,
                     const std::string& name) {
  Section section;
  for (std::size_t i = 0; i <= lines.size(); ++i) {
    const bool boundary = i == lines.size() || opens_table(lines[i]);
    if (section.found && boundary) {
      section.last = i;
      const bool named =
          name.empty() ||
          std::any_of(lines.begin() + static_cast<std::ptrdiff_t>(section.first),
                      lines.begin() + static_cast<std::ptrdiff_t>(i), [&](const std::string& line) {
                        return assigns(line, "name") && line.find(toml_quoted(name)) != std::string::npos;
                      });
      if (named) return section;
      section.found = false;
    }
    if (i == lines.size()) break;
    if (i == 0 && header.empty()) {
      section = {0, 0, true};
      if (opens_table(lines[0])) return {0, 0, true};
    } else if (!header.empty() && trimmed(lines[i]).starts_with(header)) {
      section = {i + 1, 0, true};
    }
  }
  if (header.empty() && lines.empty()) return {0, 0, true};
  return {};
}

std::string joined_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

Status add_named_table(const fs::path& file, const std::string& list, const std::string& name,
                       const std::vector<std::pair<std::string, std::string>>& values) {
  SOUSCHEF_TRY(std::string text, text_of(file));
  SOUSCHEF_TRY(const TomlDocument document, parse_toml(text, file.string()));
  if (document.values.contains(list) && document.values[list].is_array())
    for (const Json& table : document.values[list])
      if (table.is_object() && table.value("name", "") == name)
        return Error(ErrorCode::exists, "there is a " + list + " named " + name + " already")
            .next_step("choose another name");
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += (text.empty() ? "" : "\n") + std::string("[[") + list + "]]\nname = " + toml_quoted(name) + "\n";
  for (const auto& [key, value] : values) text += key + " = " + toml_quoted(value) + "\n";
  return write_checked(file, text);
}

Status set_config_value(const fs::path& file, const std::string& key, const std::string& literal) {
  if (config_key(key_pattern(key)) == nullptr)
    return Error(ErrorCode::usage, "there is no config key " + key).next_step("souschef config show --all");
  SOUSCHEF_TRY(const std::string text, text_of(file));
  std::vector<std::string> lines = lines_of(text);

  std::string header, name, leaf = key;
  const std::size_t open = key.find('['), close = key.rfind(']');
  if (open != std::string::npos && close != std::string::npos) {
    header = "[[" + key.substr(0, open) + "]]";
    name = key.substr(open + 1, close - open - 1);
    leaf = key.substr(close + 2);
  } else if (const std::size_t dot = key.rfind('.'); dot != std::string::npos) {
    header = "[" + key.substr(0, dot) + "]";
    leaf = key.substr(dot + 1);
  }
  const std::string line = leaf + " = " + literal;
  const Section section = find_section(lines, header, name);
  if (!section.found) {
    if (!lines.empty()) lines.emplace_back();
    lines.push_back(header);
    if (!name.empty()) lines.push_back("name = " + toml_quoted(name));
    lines.push_back(line);
    return write_checked(file, joined_lines(lines));
  }
  for (std::size_t i = section.first; i < section.last; ++i) {
    if (!assigns(lines[i], leaf)) continue;
    lines[i] = line;
    return write_checked(file, joined_lines(lines));
  }
  std::size_t at = section.last;
  while (at > section.first && trimmed(lines[at - 1]).empty()) --at;
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), line);
  return write_checked(file, joined_lines(lines));
}

}  // namespace souschef::core
