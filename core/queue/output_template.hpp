// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::core {

// Words in braces for which an output path has room: {shot}, {date}, {time}, {order}, {job}, {scene},
// {camera}, {target}, {preset}, {user}, {host}; {version} is the first of v001, v002, … whose path is free.
struct TemplateWords {
  std::map<std::string, std::string, std::less<>> words;  // without {version}
  std::function<bool(const std::string& path)> is_taken;  // asked with {version} filled in
};

// "renders/{shot}/{version}/" -> "renders/sh010/v003/". A word's value never adds a folder: '/' in it becomes
// '_'. A text without braces comes back as it is. Errors: usage, naming the word that is not known.
Result<std::string> fill_template(std::string_view text, const TemplateWords& words);

}  // namespace souschef::core
