// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace souschef::core {

// What a folder snapshot leaves out: the lines of .souschefignore and --exclude, in the manner of .gitignore.
//
//   *.blend1          a name at any depth          renders/      folders only
//   /cache            at the root only             shots/**/tmp  ** crosses folders
//   !keep.blend1      takes back an earlier rule   # comment
class IgnoreRules {
 public:
  void add(std::string_view lines);
  // `path`: relative to the root, '/' between. The last rule that matches decides.
  [[nodiscard]] bool leaves_out(std::string_view path, bool is_folder) const;
  // The rules as they were written, for the manifest.
  [[nodiscard]] std::vector<std::string> written() const;

 private:
  struct Rule {
    std::string written, pattern;
    bool negated = false, folders_only = false, anchored = false;
  };
  std::vector<Rule> rules_;
};

// Shell-like matching: * and ? stop at '/', ** does not, [abc] classes.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace souschef::core
