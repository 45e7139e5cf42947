// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "plugins/blend/visit.hpp"

namespace souschef::blend {

// bNodeTree.type
enum class TreeKind : std::int64_t { shader = 0, compositor = 1, texture = 2, geometry = 3 };

// bNodeSocket.type of text, and bNodeSocketValueString.subtype of a path to a file.
inline constexpr std::int64_t kStringSocket = 7;
inline constexpr std::int64_t kFilePath = 1;

// What is asked of a node group again and again.
struct NodeGroup {
  bool simulates = false;                // it, or a group in it, has a simulation zone
  std::vector<std::string> path_inputs;  // identifiers of inputs that are paths of files
  std::vector<std::uint32_t> groups;     // the groups in it that are in this file
};

// The group `datablock` of the visited unit; an empty one where it is none (linked groups are not in the
// file).
NodeGroup node_group(Visit& visit, std::uint32_t datablock);

// The addresses of the sockets that a link of the tree ends at.
std::unordered_set<Address> linked_sockets(Scope& scope, const Record& tree);

// Calls `visit` with each text socket of a tree's interface: its identifier and its default value.
using InterfaceInput = void (*)(void* context, std::string_view identifier, const Record& value);
void each_interface_text(Scope& scope, const Record& tree, void* context, InterfaceInput visit);

}  // namespace souschef::blend
