// SPDX-License-Identifier: MIT
#include "tests/plugins/blend/closure.hpp"

#include <algorithm>
#include <cctype>

#include "tests/support/temp_folder.hpp"

namespace souschef::blend {

namespace fs = std::filesystem;

std::string absolute_path(std::string_view written, const std::string& base) {
  std::string path(written);
  if (path.starts_with("\\\\")) {  // a share: its first two backslashes stay
    std::replace(path.begin() + 2, path.end(), '\\', '/');
    return path;
  }
  std::replace(path.begin(), path.end(), '\\', '/');
  if (path.size() > 2 && path[1] == ':' && path[2] == '/')
    path = std::string("/") + static_cast<char>(std::tolower(path[0])) + path.substr(2);
  const fs::path folder = fs::path(base).parent_path();
  if (path.starts_with("//")) return (folder / path.substr(2)).lexically_normal().string();
  if (path.starts_with('/')) return fs::path(path).lexically_normal().string();
  return path;
}

Closure::Closure(const fs::path& entry) : entry_(entry.string()) {
  Node* node = open(entry_);
  if (node == nullptr) return;
  for (std::uint32_t d = 0; d < node->trace->datablocks.size(); ++d)
    if (node->trace->datablocks[d].root) reach(*node, d);
}

Closure::Node* Closure::open(const std::string& path) {
  const auto [found, added] = nodes_.try_emplace(path);
  Node& node = found->second;
  if (added) {
    node.path = path;
    if (fs::exists(path)) node.trace = std::make_unique<Traced>(test::read_file(path));
    if (node.trace == nullptr || !node.trace->failure.empty()) {
      missing.push_back(path);
      node.trace.reset();
    } else {
      node.reached.resize(node.trace->datablocks.size());
    }
  }
  return node.trace == nullptr ? nullptr : &node;
}

void Closure::reach(Node& node, std::uint32_t datablock) {
  std::vector<std::uint32_t> work = {datablock};
  while (!work.empty()) {
    const std::uint32_t d = work.back();
    work.pop_back();
    if (node.reached[d]) continue;
    node.reached[d] = true;
    add_references(node, d);
    work.insert(work.end(), node.trace->used[d].begin(), node.trace->used[d].end());
    const std::uint32_t library = node.trace->datablocks[d].library;
    if (library == kNone) continue;
    for (const TracedReference& reference : node.trace->references) {
      if (reference.datablock != library || reference.kind != ReferenceKind::library) continue;
      paths.insert(resolved(node, reference));
      Node* other = open(resolved(node, reference));
      if (other == nullptr) continue;
      for (std::uint32_t i = 0; i < other->trace->datablocks.size(); ++i)
        if (other->trace->datablocks[i].name == node.trace->datablocks[d].name) reach(*other, i);
    }
  }
}

void Closure::add_references(Node& node, std::uint32_t datablock) {
  for (const TracedReference& reference : node.trace->references)
    if (reference.datablock == datablock && reference.kind != ReferenceKind::library)
      paths.insert(resolved(node, reference));
}

std::string Closure::resolved(const Node& node, const TracedReference& reference) const {
  std::string base = node.path;
  if (reference.base == kBaseEntry)
    base = entry_;
  else if (!reference.base.empty())
    base = absolute_path(reference.base, node.path);
  std::string written = reference.path.empty() ? "//<BLENDCACHE>" : reference.path;
  static constexpr std::string_view kToken = "<BLENDCACHE>";
  if (const std::size_t at = written.find(kToken); at != std::string::npos)
    written.replace(at, kToken.size(), "blendcache_" + fs::path(base).stem().string());
  return absolute_path(written, base);
}

}  // namespace souschef::blend
