// SPDX-License-Identifier: MIT
// Nodes that name files themselves: IES lights, OSL scripts, and in geometry trees every text socket that is
// a path (the import nodes of 4.5 and later have one called Path). Nodes that use an image, a clip or a text
// lead there by a pointer, which the first pass follows.
//
// Where a link leads into a socket, its value is computed while rendering and cannot be told from the file.
// For the import nodes that is worth a warning: the constants around it are found by looks
// (residual_rules.hpp).
#include <string>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/node_trees.hpp"

namespace souschef::blend {
namespace {

constexpr std::int64_t kExternal = 1;  // NodeShaderTexIES.mode, NodeShaderScript.mode

std::string property_of(const Record& node, std::string_view what) {
  return "Node \"" + std::string(node.text("name")) + "\"." + std::string(what);
}

void trace_storage(Visit& visit, const Record& node) {
  const std::string_view kind = node.text("idname");
  const bool ies = kind == "ShaderNodeTexIES";
  if (!ies && kind != "ShaderNodeScript") return;
  const Record storage = visit.scope().follow(node, "storage");
  if (storage.integer("mode") != kExternal) return;
  Found found = visit.in_array(storage, "filepath", property_of(node, "filepath"));
  found.reference.kind = ies ? ReferenceKind::light_profile : ReferenceKind::script;
  visit.add(std::move(found));
}

class GeometryTree {
 public:
  GeometryTree(Visit& visit, const Record& tree)
      : visit_(visit), linked_(linked_sockets(visit.scope(), tree)) {}

  void trace(const Record& node) {
    const bool imports = node.text("idname").starts_with("GeometryNodeImport");
    visit_.scope().each(
        node, "inputs", [&](const Record& socket) { trace_socket(node, socket, imports); }, "bNodeSocket");
  }

 private:
  void trace_socket(const Record& node, const Record& socket, bool imports) {
    if (socket.integer("type") != kStringSocket) return;
    const Record value = visit_.scope().follow(socket, "default_value");
    const std::string_view name = socket.text("identifier");
    const bool is_path = value.integer("subtype") == kFilePath || (imports && name == "Path");
    if (!is_path) return;
    const bool is_linked = linked_.contains(address_of(socket));
    if (is_linked && imports)
      visit_.warn("dynamic_path", "the path of the node \"" + std::string(node.text("name")) +
                                      "\" is computed while rendering and cannot be told from the file");
    Found found = visit_.in_array(value, "value", property_of(node, name));
    found.reference.kind = node.text("idname") == "GeometryNodeImportVDB" ? ReferenceKind::volume
                                                                          : ReferenceKind::geometry_nodes;
    found.reference.need = is_linked ? Need::cache : Need::required;
    visit_.add(std::move(found));
  }

  // The address that a socket had: that of its block, which begins with it.
  [[nodiscard]] Address address_of(const Record& socket) const {
    const Blocks& blocks = visit_.file().blocks();
    std::uint32_t low = blocks.groups()[visit_.scope().group()].first;
    std::uint32_t high = blocks.group_end(visit_.scope().group());
    while (low < high) {
      const std::uint32_t middle = low + (high - low) / 2;
      if (blocks.offset(middle) < socket.offset())
        low = middle + 1;
      else
        high = middle;
    }
    return low < blocks.size() && blocks.offset(low) == socket.offset() ? blocks.address(low) : 0;
  }

  Visit& visit_;
  std::unordered_set<Address> linked_;
};

}  // namespace

void trace_node_tree(Visit& visit, const Record& tree) {
  if (!tree) return;
  if (tree.integer("type", -1) == static_cast<std::int64_t>(TreeKind::geometry)) {
    GeometryTree geometry(visit, tree);
    visit.scope().each(
        tree, "nodes", [&](const Record& node) { geometry.trace(node); }, "bNode");
    // What the group's own inputs are set to counts where neither a modifier nor a node says otherwise.
    struct Context {
      Visit& visit;
    } context{visit};
    each_interface_text(
        visit.scope(), tree, &context, [](void* at, std::string_view identifier, const Record& value) {
          if (value.integer("subtype") != kFilePath) return;
          Visit& inner = static_cast<Context*>(at)->visit;
          Found found = inner.in_array(value, "value", "Input \"" + std::string(identifier) + "\"");
          found.reference.kind = ReferenceKind::geometry_nodes;
          found.reference.need = Need::cache;
          inner.add(std::move(found));
        });
    return;
  }
  visit.scope().each(
      tree, "nodes", [&](const Record& node) { trace_storage(visit, node); }, "bNode");
}

}  // namespace souschef::blend
