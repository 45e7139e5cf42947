// SPDX-License-Identifier: MIT
#include "core/production/config_schema.hpp"

#include <algorithm>
#include <array>

namespace souschef::core {
namespace {

using enum ValueType;

constexpr ConfigKey kKeys[] = {
    {"default_target", text, R"("")", "",
     "The target that renders where an order names none; the first one if empty."},

    {"target[].name", text, "null", "", "The word by which orders choose this Blender."},
    {"target[].path", path, "null", "", "The Blender program."},
    {"target[].renderer", text, R"("")", "", "The renderer plugin; the built-in one for Blender if empty."},
    {"target[].autoexec", boolean, "false", "", "Let scripts and drivers inside .blend files run."},
    {"target[].factory_startup", boolean, "false", "", "Ignore the user's startup file and preferences."},
    {"target[].addons", text_list, "[]", "", "Add-ons to enable, by module name."},
    {"target[].arguments", text_list, "[]", "", "More arguments for Blender, before the .blend."},
    {"target[].environment", table, "{}", "", "Environment variables for Blender."},

    {"preset[].name", text, "null", "", "The word by which orders choose this preset."},
    {"preset[].resolution", text, R"("")", "", "WxH, UHD, HD, DCP4K, DCP2K or a percentage."},
    {"preset[].samples", integer, "0", "", "Render samples; 0 leaves the file's."},
    {"preset[].engine", text, R"("")", "", "Render engine, as Blender names it (CYCLES)."},
    {"preset[].output", text, R"("")", "", "Output template: renders/{shot}/{version}/{date}."},
    {"preset[].target", text, R"("")", "", "The target to render with."},
    {"preset[].stages", text_list, "[]", "", "The stages of the order, render first."},

    {"order.stages", text_list, "[]", "", "Stages that follow the render where an order names none."},
    {"order.output", text, R"("")", "", "Where orders render to that do not say; empty: as the file says."},
    {"order.priority", integer, "50", "", "0 to 100; higher first."},
    {"order.attempts", integer, "3", "", "How often a frame is tried before it counts as failed."},

    {"resolution[].name", text, "null", "", "A word for a resolution of the team's own."},
    {"resolution[].size", text, "null", "", "WxH."},

    {"plugin[].name", text, "null", "", "The id of a plugin."},
    {"plugin[].settings", table, "{}", "",
     "Its settings, wherever it is used: souschef plugin info lists them."},
    {"plugin[].replaces", text, R"("")", "", "The built-in plugin in whose place it is used."},

    {"slot[].name", text, "null", "", "A word for a device that renders one frame at a time."},
    {"slot[].device", text, R"("cpu")", "",
     "cpu (several shares of it: cpu-1, cpu-2), or a GPU by its UUID or place on the bus: souschef doctor "
     "lists them."},
    {"slot[].threads", integer, "0", "", "Threads of the renderer; 0: as many as it likes."},
    {"slot[].nice", integer, "0", "", "How much its processes give way to others, 0 to 19."},
    {"slot[].memory", number, "0", "GiB",
     "Memory of its processes: of all together by a control group of this user, else of each by RLIMIT_DATA; "
     "0: no limit."},
    {"slot[].enabled", boolean, "true", "", "Whether it renders."},

    {"render.stall", number, "10", "min",
     "A renderer that prints nothing and computes nothing for so long is ended."},
    {"render.longest_frame", number, "0", "min", "A frame that takes longer is given up; 0: no limit."},
    {"render.exit_grace", number, "20", "s", "A renderer that was asked to end has so long."},
    {"render.suspend_release", number, "60", "min",
     "A renderer that is suspended keeps its memory, also the card's; after so long its frame is given up. "
     "0: "
     "never."},
    {"render.keep_free", integer, "1024", "MiB",
     "No frame begins while the output's disk has less space than this."},

    {"schedule.windows", text_list, "[]", "",
     "When to render: mo-fr 19:00-08:00, sa,su 00:00-24:00, 22:00-06:00. Always if empty."},
    {"schedule.at_end", text, R"("suspend")", "",
     "What becomes of a frame when its window ends: suspend (it goes on in the next one) or finish."},
    {"schedule.busy", number, "0", "cores",
     "Suspend while other programs use more than so many cores; 0: never mind them."},

    {"watch[].name", text, "null", "",
     "A word for a folder in which render --watch looks for new .blend files."},
    {"watch[].folder", path, "null", "", "The folder, relative to the production; all below it counts."},
    {"watch[].settle", number, "10", "s", "A file is ordered when it has not changed for so long."},
    {"watch[].target", text, R"("")", "", "The target of these orders."},
    {"watch[].preset", text, R"("")", "", "The preset of these orders."},

    {"stage[].name", text, "null", "", "The word by which orders choose this stage."},
    {"stage[].plugin", text, R"("")", "", "The plugin that does it; the one of the stage's name if empty."},
    {"stage[].settings", table, "{}", "", "Settings over those of the plugin."},

    {"event[].name", text, "null", "",
     "A word for this listener; its place in the event log is kept under it."},
    {"event[].plugin", text, R"("notify")", "", "The plugin that is told."},
    {"event[].events", text_list, "[]", "",
     "The events it is told of; those that people care about if empty."},
    {"event[].settings", table, "{}", "", "Settings over those of the plugin."},

    {"store.compression", text, R"("fast")", "", "fast, balanced or small."},
    {"store.exact_wrappers", boolean, "false", "",
     "Keep the original bytes of compressed .blend files whose compression cannot be made again."},
    {"store.allow_filters", text_list, "[]", "", "Third-party filters that this store may depend on."},

    {"gc.keep_last", integer, "0", "snapshots", "Of each entry keep so many of the newest; 0: no such rule."},
    {"gc.keep_days", integer, "0", "days", "Keep what is younger; 0: no such rule."},
    {"gc.keep_tags", text_list, "[]", "",
     "A rule like the two above: what was banked with one of these tags stays, the rest may go."},
    {"gc.keep_automatic", integer, "5", "snapshots",
     "Of what orders, hooks and watching banked keep so many of each entry."},
    {"gc.max_size", text, R"("")", "", "Drop the oldest unpinned snapshots above this: 500 GB, 2 TB."},
    {"gc.trash_days", integer, "7", "days", "How long undo is possible."},
    {"gc.logs_days", integer, "90", "days", "How long the logs of renderers are kept; 0: for ever."},
    {"gc.pantry_days", integer, "30", "days",
     "How long a file that checkouts share stays after the last one used it; 0: for ever."},
    {"gc.pantry_size", text, R"("")", "",
     "Above this the shared files that were used longest ago go: 100 GB."},
    {"gc.auto", boolean, "false", "", "Collect garbage while souschef render --watch has nothing to do."},
    {"gc.auto_idle", integer, "5", "minutes", "How long there must have been nothing to do."},
    {"gc.auto_hours", integer, "24", "hours", "How often, at most."},

    {"hooks.entries", text_list, R"(["**/*.blend"])", "",
     "Which .blend files a commit may bank, by their paths in the production: shots/**/*.blend."},
    {"hooks.on", text, R"("dependents")", "",
     "Which of them it banks: changed, dependents (also those whose libraries or textures changed), or all."},
    {"hooks.gate", boolean, "false", "",
     "Refuse commits of shots with missing files, absolute paths or files outside the repository."},

    {"trace.prefix_map", table, "{}", "",
     "Foreign roots and where they are here: \"R:/lib\" = \"/mnt/lib\"."},
    {"trace.include_unused", boolean, "false", "", "Follow everything in a library, not only what is used."},
    {"trace.allow_paths", text_list, "[]", "",
     "Folders outside the production that may be banked without asking."},
};

constexpr std::string_view kNamedLists[] = {"target", "preset", "resolution", "slot",
                                            "stage",  "watch",  "plugin",     "event"};

}  // namespace

std::span<const ConfigKey> config_keys() {
  return kKeys;
}

const ConfigKey* config_key(std::string_view pattern) {
  const auto keys = config_keys();
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const ConfigKey& key) { return key.key == pattern; });
  return found == keys.end() ? nullptr : &*found;
}

std::string key_pattern(std::string_view key) {
  const std::size_t open = key.find('[');
  const std::size_t close = key.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return std::string(key);
  return std::string(key.substr(0, open)) + "[]" + std::string(key.substr(close + 1));
}

bool is_named_list(std::string_view section) {
  return std::find(std::begin(kNamedLists), std::end(kNamedLists), section) != std::end(kNamedLists);
}

std::string_view name_of(ValueType type) {
  switch (type) {
    case text:
      return "a text";
    case path:
      return "a path";
    case integer:
      return "a whole number";
    case number:
      return "a number";
    case boolean:
      return "true or false";
    case text_list:
      return "a list of texts";
    case table:
      return "a table";
  }
  return "a value";
}

}  // namespace souschef::core
