// SPDX-License-Identifier: MIT
// Blender's own list of paths knows nothing of Geometry Nodes modifiers. They have two kinds:
//
// Baked frames. A modifier has a folder; each bake (a simulation zone or a Bake node) is in <folder>/<id>, or
// in a folder of its own. Without a folder it is
//
//   //blendcache_<blend>/[sim_]<object>_<modifier>        "sim_" in 3.6 and 4.0 only
//
// A bake is on disk only if its target says so; from 4.3 on the default is inside the .blend.
//
// Strings that the modifier passes to its group: values of ID properties. Which of them are paths is said by
// the group's interface, where the group is in this file; otherwise those count that look like one.
#include "plugins/blend/geometry_nodes.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "plugins/blend/node_trees.hpp"
#include "plugins/blend/residual_rules.hpp"
#include "plugins/blend/spots.hpp"

namespace souschef::blend {
namespace {

enum BakeTarget : std::int64_t { kInherit = 0, kPacked = 1, kDisk = 2 };
constexpr int kOwnFolder = 1;           // NodesModifierBake.flag
constexpr std::int64_t kAnimation = 0;  // NodesModifierBake.bake_mode

class NodesModifier {
 public:
  NodesModifier(Visit& visit, const Record& modifier, std::string_view name)
      : visit_(visit),
        modifier_(modifier),
        name_(name),
        property_("Modifier \"" + std::string(name) + "\""),
        group_(node_group(visit, visit.scope().datablock_at(modifier.pointer("node_group")))) {}

  void trace_bakes(bool renders) {
    const Record first = visit_.scope().follow(modifier_, "bakes");
    const std::size_t held = first ? visit_.scope().count_at(modifier_.pointer("bakes"), first) : 0;
    const std::size_t count = std::min<std::size_t>(
        held, static_cast<std::size_t>(std::max<std::int64_t>(modifier_.integer("bakes_num"), 0)));
    for (std::size_t i = 0; i < count && visit_.scope().spend(); ++i)
      trace_bake(visit_.scope().element(first, i));
    // Before 4.1 there is one folder for the modifier, and nothing says whether it has been baked to.
    if (!bakes_are_listed() && (group_.simulates || modifier_.pointer("simulation_bake_directory") != 0)) {
      if (!add_own_folder())
        for (const std::string& folder : default_folders()) add(visit_.made_up(folder, bakes_property()));
    }
    if (group_.simulates && renders) report_simulation();
  }

  void trace_inputs() {
    const Record properties = visit_.scope().follow(modifier_.record("settings"), "properties");
    if (!properties) return;
    visit_.scope().each_of(
        properties.record("data").record("group"), [&](const Record& input) { trace_input(input); },
        "IDProperty");
  }

 private:
  [[nodiscard]] bool bakes_are_listed() const { return modifier_.has("bakes"); }
  [[nodiscard]] std::string bakes_property() const { return property_ + ".simulation_bake_directory"; }

  [[nodiscard]] std::vector<std::string> default_folders() {
    std::vector<std::string> all;
    for (const bool digits_stay : {false, true}) {
      const std::string folder = std::string("//<BLENDCACHE>/") + (bakes_are_listed() ? "" : "sim_") +
                                 escaped_folder_name(visit_.plain_name(), digits_stay) + "_" +
                                 escaped_folder_name(name_, digits_stay);
      if (all.empty() || all.back() != folder) all.push_back(folder);
    }
    return all;
  }

  void trace_bake(const Record& bake) {
    if (!bake) return;
    const bool animated = bake.integer("bake_mode") == kAnimation;
    if (bake.pointer("packed") != 0) {
      packed_ = packed_ || animated;
      return;
    }
    std::int64_t target = bake.integer("bake_target", kDisk);
    if (target == kInherit) target = modifier_.integer("bake_target", kInherit);
    if (target != kDisk) {
      unbaked_ = unbaked_ || animated;
    } else if (bake.bit("flag", kOwnFolder)) {
      add(visit_.in_string(bake, "directory", property_ + ".bakes"));
    } else if (!add_own_folder()) {
      for (const std::string& folder : default_folders())
        add(visit_.made_up(folder + "/" + std::to_string(bake.integer("id")), property_ + ".bakes"));
    }
  }

  // The folder that is set for the modifier, with all bakes in it; false where none is set.
  bool add_own_folder() {
    Found own = visit_.in_string(modifier_, "simulation_bake_directory", bakes_property());
    if (own.reference.path.empty()) return false;
    if (!own_folder_added_) add(std::move(own));
    own_folder_added_ = true;
    return true;
  }

  void add(Found found) {
    found.reference.kind = ReferenceKind::geometry_nodes;
    found.reference.expansion = Expansion::folder;
    found.reference.need = Need::cache;
    const std::uint32_t number = visit_.add(std::move(found));
    if (on_disk_ == kNone) on_disk_ = number;
  }

  void report_simulation() {
    TracedSimulation simulation;
    simulation.kind = "nodes";
    simulation.name = name_;
    simulation.baked = !unbaked_ && (packed_ || on_disk_ != kNone);
    simulation.cache = packed_ ? kNone : on_disk_;
    visit_.add(std::move(simulation));
  }

  void trace_input(const Record& input) {
    constexpr std::int64_t kString = 0;
    if (input.integer("type", -1) != kString) return;
    const auto value = visit_.scope().string_at(input.record("data").pointer("pointer"));
    if (!value || value->empty()) return;
    const std::string_view identifier = input.text("name");
    const auto& paths = group_.path_inputs;
    const bool is_path = std::find(paths.begin(), paths.end(), identifier) != paths.end();
    if (!is_path && !looks_like_path(*value)) return;
    Found found = visit_.made_up(std::string(*value), property_ + "[\"" + std::string(identifier) + "\"]");
    found.spot = property_spot(visit_.scope(), input, visit_.unit_number());
    found.reference.kind = is_path ? ReferenceKind::geometry_nodes : ReferenceKind::unexplained;
    found.reference.need = is_path ? Need::required : Need::cache;
    visit_.add(std::move(found));
  }

  Visit& visit_;
  const Record& modifier_;
  std::string_view name_;
  std::string property_;
  NodeGroup group_;
  std::uint32_t on_disk_ = kNone;
  bool own_folder_added_ = false;
  bool packed_ = false;
  bool unbaked_ = false;
};

}  // namespace

std::string escaped_folder_name(std::string_view name, bool digits_stay) {
  std::string text;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (letter || (digit && digits_stay))
      text += c;
    else
      text += std::to_string(static_cast<int>(static_cast<signed char>(c)));
  }
  return text;
}

void trace_nodes_modifier(Visit& visit, const Record& modifier, std::string_view modifier_name,
                          bool renders) {
  NodesModifier nodes(visit, modifier, modifier_name);
  nodes.trace_bakes(renders);
  nodes.trace_inputs();
}

}  // namespace souschef::blend
