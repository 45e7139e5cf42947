// SPDX-License-Identifier: MIT
// File Output nodes of three eras, told apart by the struct of their storage:
//
//   NodeImageFile               2.4 - 2.6    one file
//   NodeImageMultiFile          2.6 - 4.x    a folder, and one file for each linked input
//   NodeCompositorFileOutput    5.0 -        a folder, a name before all, and one file for each item
//
// With the format "multilayer" the last two write one file that has the inputs as layers. A node that is
// muted, or in a muted group, or has nothing linked to an input, writes nothing.
//
// Groups are datablocks of their own, so each is looked at in a scope of its own. A scene's outputs bear the
// names of the groups on the way ("Group/File Output").
#include "plugins/blend/outputs.hpp"

#include <memory>
#include <string>
#include <unordered_set>

#include "plugins/blend/file_notes.hpp"
#include "plugins/blend/formats.hpp"
#include "plugins/blend/limits.hpp"
#include "plugins/blend/node_trees.hpp"

namespace souschef::blend {
namespace {

constexpr int kMuted = 9;          // bNode.flag
constexpr int kDoCompositing = 6;  // RenderData.scemode
constexpr int kAddExtension = 4;   // RenderData.scemode
constexpr std::string_view kMultilayer = "OPEN_EXR_MULTILAYER";

class FileOutputs {
 public:
  FileOutputs(Visit& visit, bool extensions) : visit_(visit), extensions_(extensions) {}

  // The nodes of a tree in `scope`, named with `prefix` in front.
  void trace(Scope& scope, const Record& tree, const std::string& prefix, bool muted, int depth) {
    if (!tree || depth > kMaxGroupDepth) return;
    const std::unordered_set<Address> linked = linked_sockets(scope, tree);
    scope.each(
        tree, "nodes",
        [&](const Record& node) {
          const bool off = muted || node.bit("flag", kMuted);
          const std::string name = prefix + std::string(node.text("name"));
          const std::string_view kind = node.text("idname");
          if (kind == "CompositorNodeOutputFile") trace_node(scope, node, name, off, linked);
          if (kind == "CompositorNodeGroup")
            trace_group(scope.datablock_at(node.pointer("id")), name, off, depth);
        },
        "bNode");
  }

 private:
  void trace_group(std::uint32_t datablock, const std::string& name, bool muted, int depth) {
    if (datablock == kNoDatablock || visit_.file().datablocks().is_placeholder(datablock)) return;
    if (!open_.insert(datablock).second) return;  // a group in itself
    visit_.notes().groups_of_scenes.insert(datablock);
    Scope inner(visit_.file(), *visit_.unit().effort);
    inner.enter_datablock(datablock);
    trace(inner, inner.head(), name + "/", muted, depth + 1);
    open_.erase(datablock);
  }

  void trace_node(Scope& scope, const Record& node, const std::string& name, bool muted,
                  const std::unordered_set<Address>& linked) {
    const Record storage = scope.follow(node, "storage");
    if (storage.is("NodeImageFile")) {
      add(name, storage.text("name"), "", storage.record("im_format"), muted);
    } else if (storage.is("NodeImageMultiFile")) {
      trace_slots(scope, node, storage, name, muted, linked);
    } else if (storage.is("NodeCompositorFileOutput")) {
      trace_items(scope, node, storage, name, muted, linked);
    }
  }

  void trace_slots(Scope& scope, const Record& node, const Record& storage, const std::string& name,
                   bool muted, const std::unordered_set<Address>& linked) {
    const bool one_file = image_format(storage.record("format"), {}).name == kMultilayer;
    bool any_linked = false;
    each_socket(scope, node, [&](const Record& socket, Address address) {
      const bool is_linked = linked.contains(address);
      any_linked = any_linked || is_linked;
      if (one_file) return;
      const Record slot = scope.follow(socket, "storage");
      const bool own_format = slot.integer("use_node_format", 1) == 0;
      add(name, storage.text("base_path"), slot.text("path"),
          own_format ? slot.record("format") : storage.record("format"), muted || !is_linked);
    });
    if (one_file) add(name, storage.text("base_path"), "", storage.record("format"), muted || !any_linked);
  }

  void trace_items(Scope& scope, const Record& node, const Record& storage, const std::string& name,
                   bool muted, const std::unordered_set<Address>& linked) {
    std::unordered_set<std::string> linked_items;
    each_socket(scope, node, [&](const Record& socket, Address address) {
      if (linked.contains(address)) linked_items.emplace(socket.text("identifier"));
    });
    const std::string before(scope.string_at(storage.pointer("file_name")).value_or(""));
    if (image_format(storage.record("format"), {}).name == kMultilayer) {
      add(name, storage.text("directory"), before, storage.record("format"), muted || linked_items.empty());
      return;
    }
    const Record first = scope.follow(storage, "items");
    const std::size_t held = first ? scope.count_at(storage.pointer("items"), first) : 0;
    for (std::size_t i = 0; i < held && scope.spend(); ++i) {
      const Record item = scope.element(first, i);
      const bool own_format = item.integer("override_node_format") != 0;
      const bool is_linked = linked_items.contains("Item_" + std::to_string(item.integer("identifier")));
      add(name, storage.text("directory"),
          before + std::string(scope.string_at(item.pointer("name")).value_or("")),
          own_format ? item.record("format") : storage.record("format"), muted || !is_linked);
    }
  }

  // The inputs of a node, with the addresses that links know them by.
  template <class Use>
  static void each_socket(Scope& scope, const Record& node, Use&& use) {
    Address address = node.record("inputs").pointer("first");
    scope.each(
        node, "inputs",
        [&](const Record& socket) {
          use(socket, address);
          address = socket.pointer("next");
        },
        "bNodeSocket");
  }

  void add(const std::string& node, std::string_view path, std::string_view slot, const Record& settings,
           bool muted) {
    const ImageFormat format = image_format(settings, {});
    TracedOutput output;
    output.kind = OutputKind::file_node;
    output.path = path;
    output.slot = slot;
    output.format = format.name;
    if (extensions_) output.extension = format.extension;
    output.node = node;
    output.muted = muted;
    visit_.add(std::move(output));
  }

  Visit& visit_;
  bool extensions_;
  std::unordered_set<std::uint32_t> open_;  // groups on the way to here
};

// The same walk, for what stands on the nodes.
class Labels {
 public:
  explicit Labels(const Unit& unit) : unit_(unit) {}

  void walk(Scope& scope, const Record& tree, const std::string& prefix, int depth) {
    if (!tree || depth > kMaxGroupDepth) return;
    scope.each(
        tree, "nodes",
        [&](const Record& node) {
          const std::string name = prefix + std::string(node.text("name"));
          const std::string_view kind = node.text("idname"), label = node.text("label");
          if (kind == "CompositorNodeOutputFile" && !label.empty()) found[name] = label;
          if (kind == "CompositorNodeGroup") group(scope.datablock_at(node.pointer("id")), name, depth);
        },
        "bNode");
  }
  void group(std::uint32_t datablock, const std::string& name, int depth) {
    if (datablock == kNoDatablock || unit_.file->datablocks().is_placeholder(datablock)) return;
    if (!open_.insert(datablock).second) return;  // a group in itself
    Scope inner(*unit_.file, *unit_.effort);
    inner.enter_datablock(datablock);
    walk(inner, inner.head(), name.empty() ? "" : name + "/", depth + 1);
    open_.erase(datablock);
  }

  std::map<std::string, std::string> found;

 private:
  const Unit& unit_;
  std::unordered_set<std::uint32_t> open_;  // groups on the way to here
};

void trace_render_path(Visit& visit, const Record& render) {
  const ImageFormat format = image_format(render.record("im_format"), render.record("ffcodecdata"));
  TracedOutput output;
  output.kind = OutputKind::render;
  output.path = render.text("pic");
  output.format = format.name;
  if (render.bit("scemode", kAddExtension)) output.extension = format.extension;
  visit.add(std::move(output));
}

void trace_bake_path(Visit& visit, const Record& bake) {
  const std::string_view path = bake.text("filepath");
  if (path.empty()) return;
  const ImageFormat format = image_format(bake.record("im_format"), {});
  TracedOutput output;
  output.kind = OutputKind::bake;
  output.path = path;
  output.format = format.name;
  output.extension = format.extension;
  visit.add(std::move(output));
}

}  // namespace

bool compositor_is_on(const Record& scene) {
  // From 5.0 on a group decides, and use_nodes is always set.
  const bool nodes = scene.has("compositing_node_group")
                         ? scene.pointer("compositing_node_group") != 0
                         : scene.integer("use_nodes") != 0 && scene.pointer("nodetree") != 0;
  return nodes && scene.record("r").bit("scemode", kDoCompositing);
}

std::map<std::string, std::string> file_output_labels(const Unit& unit, Scope& scope, const Record& scene) {
  Labels labels(unit);
  if (scene.has("compositing_node_group"))
    labels.group(scope.datablock_at(scene.pointer("compositing_node_group")), "", 0);
  else
    labels.walk(scope, scope.follow(scene, "nodetree"), "", 0);
  return std::move(labels.found);
}

void trace_scene_outputs(Visit& visit) {
  const Record& scene = visit.id();
  const Record render = scene.record("r");
  trace_render_path(visit, render);
  trace_bake_path(visit, render.record("bake"));

  FileOutputs outputs(visit, render.bit("scemode", kAddExtension));
  const bool off = !compositor_is_on(scene);
  const std::uint32_t group = visit.scope().datablock_at(scene.pointer("compositing_node_group"));
  if (group != kNoDatablock && !visit.file().datablocks().is_placeholder(group)) {
    visit.notes().groups_of_scenes.insert(group);
    Scope inner(visit.file(), *visit.unit().effort);
    inner.enter_datablock(group);
    outputs.trace(inner, inner.head(), "", off, 0);
  } else if (!scene.has("compositing_node_group")) {
    // 5.x still writes `nodetree` as a copy for older versions.
    outputs.trace(visit.scope(), visit.scope().follow(scene, "nodetree"), "", off, 0);
  }
}

void trace_group_outputs(Visit& visit) {
  const Record& tree = visit.id();
  if (tree.integer("type", -1) != static_cast<std::int64_t>(TreeKind::compositor)) return;
  if (visit.notes().groups_of_scenes.contains(visit.local())) return;
  FileOutputs(visit, true).trace(visit.scope(), tree, "", false, 0);
}

}  // namespace souschef::blend
