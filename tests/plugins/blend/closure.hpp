// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {

// A small stand-in for the program's own walk: traces an entry and the libraries that it uses, and resolves
// what is written to absolute paths, as text. Enough to compare with what Blender says.
class Closure {
 public:
  explicit Closure(const std::filesystem::path& entry);

  // Every path that something reached refers to, absolute; point caches as their folder.
  std::set<std::string> paths;
  // Libraries that could not be opened.
  std::vector<std::string> missing;

 private:
  struct Node {
    std::string path;
    std::unique_ptr<Traced> trace;
    std::vector<bool> reached;
  };
  Node* open(const std::string& path);
  void reach(Node& node, std::uint32_t datablock);
  void add_references(Node& node, std::uint32_t datablock);
  std::string resolved(const Node& node, const TracedReference& reference) const;

  std::string entry_;
  std::map<std::string, Node> nodes_;
};

// "//" and Windows paths as Blender on POSIX resolves them, beside the file `base`.
std::string absolute_path(std::string_view written, const std::string& base);

}  // namespace souschef::blend
