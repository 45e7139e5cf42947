// SPDX-License-Identifier: MIT
#include "plugins/blend/node_trees.hpp"

#include <algorithm>

#include "plugins/blend/file_notes.hpp"
#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

// bNodeTreeInterfaceItem.item_type, from 4.0 on
constexpr std::int64_t kInterfaceSocket = 0;
constexpr std::int64_t kInterfacePanel = 1;

void each_panel_text(Scope& scope, const Record& panel, void* context, InterfaceInput visit, int depth) {
  if (!panel || depth > kMaxStructDepth) return;
  const Address array = panel.pointer("items_array");
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(panel.integer("items_num"), 0));
  for (std::size_t i = 0; i < count && scope.spend(); ++i) {
    const Address address = scope.pointer_in(array, i);
    if (address == 0) return;
    const Record item = scope.at(address);
    const Record common = item.is("bNodeTreeInterfaceItem") ? item : item.record("item");
    const std::int64_t type = common.integer("item_type", -1);
    if (type == kInterfacePanel) each_panel_text(scope, item, context, visit, depth + 1);
    if (type != kInterfaceSocket) continue;
    const Record value = scope.follow(item, "socket_data");
    if (value.is("bNodeSocketValueString"))
      visit(context, scope.string_at(item.pointer("identifier")).value_or(""), value);
  }
}

NodeGroup look_at_group(Visit& visit, std::uint32_t datablock) {
  NodeGroup group;
  Scope scope(visit.file(), *visit.unit().effort);
  scope.enter_datablock(datablock);
  const Record tree = scope.head();
  if (!tree.is("bNodeTree")) return group;
  scope.each(tree, "nodes", [&](const Record& node) {
    group.simulates = group.simulates || node.text("idname") == "GeometryNodeSimulationOutput";
    const std::uint32_t inner = scope.datablock_at(node.pointer("id"));
    if (inner != kNoDatablock && node.text("idname") == "GeometryNodeGroup") group.groups.push_back(inner);
  });
  each_interface_text(scope, tree, &group,
                      [](void* context, std::string_view identifier, const Record& value) {
                        if (value.integer("subtype") == kFilePath)
                          static_cast<NodeGroup*>(context)->path_inputs.emplace_back(identifier);
                      });
  return group;
}

const NodeGroup& known_group(Visit& visit, std::uint32_t datablock) {
  const auto [found, added] = visit.notes().node_groups.try_emplace(datablock);
  if (added) found->second = look_at_group(visit, datablock);
  return found->second;
}

}  // namespace

NodeGroup node_group(Visit& visit, std::uint32_t datablock) {
  if (datablock == kNoDatablock) return {};
  NodeGroup result = known_group(visit, datablock);
  std::vector<std::uint32_t> open = result.groups;
  std::unordered_set<std::uint32_t> seen(open.begin(), open.end());
  while (!open.empty() && !result.simulates && visit.scope().spend()) {
    const NodeGroup& inner = known_group(visit, open.back());
    open.pop_back();
    result.simulates = inner.simulates;
    for (const std::uint32_t next : inner.groups)
      if (seen.insert(next).second) open.push_back(next);
  }
  return result;
}

std::unordered_set<Address> linked_sockets(Scope& scope, const Record& tree) {
  std::unordered_set<Address> all;
  scope.each(
      tree, "links", [&](const Record& link) { all.insert(link.pointer("tosock")); }, "bNodeLink");
  return all;
}

void each_interface_text(Scope& scope, const Record& tree, void* context, InterfaceInput visit) {
  // Up to 3.6 the inputs of a group are sockets; from 4.0 on items of nested panels.
  scope.each(
      tree, "inputs",
      [&](const Record& socket) {
        const Record value = scope.follow(socket, "default_value");
        if (value.is("bNodeSocketValueString")) visit(context, socket.text("identifier"), value);
      },
      "bNodeSocket");
  each_panel_text(scope, tree.record("tree_interface").record("root_panel"), context, visit, 0);
}

}  // namespace souschef::blend
