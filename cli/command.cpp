// SPDX-License-Identifier: MIT
#include "cli/command.hpp"

#include <string>
#include <vector>

#include "core/base/suggestion.hpp"
#include "core/plugin_host/plugin_server.hpp"

namespace souschef::cli {

#define SOUSCHEF_COMMAND(name) Result<ExitCode> cmd_##name(Invocation& invocation)
SOUSCHEF_COMMAND(accept);
SOUSCHEF_COMMAND(approve);
SOUSCHEF_COMMAND(cancel);
SOUSCHEF_COMMAND(cat);
SOUSCHEF_COMMAND(check);
SOUSCHEF_COMMAND(clean);
SOUSCHEF_COMMAND(completion);
SOUSCHEF_COMMAND(config);
SOUSCHEF_COMMAND(debug);
SOUSCHEF_COMMAND(delete);
SOUSCHEF_COMMAND(diff);
SOUSCHEF_COMMAND(events);
SOUSCHEF_COMMAND(doctor);
SOUSCHEF_COMMAND(frames);
SOUSCHEF_COMMAND(gc);
SOUSCHEF_COMMAND(help);
SOUSCHEF_COMMAND(hook);
SOUSCHEF_COMMAND(import_legacy);
SOUSCHEF_COMMAND(init);
SOUSCHEF_COMMAND(list);
SOUSCHEF_COMMAND(log);
SOUSCHEF_COMMAND(ls);
SOUSCHEF_COMMAND(move);
SOUSCHEF_COMMAND(order);
SOUSCHEF_COMMAND(pause);
SOUSCHEF_COMMAND(plugin);
SOUSCHEF_COMMAND(plugin_host);
SOUSCHEF_COMMAND(redo);
SOUSCHEF_COMMAND(pin);
SOUSCHEF_COMMAND(reindex);
SOUSCHEF_COMMAND(reject);
SOUSCHEF_COMMAND(render);
SOUSCHEF_COMMAND(repair);
SOUSCHEF_COMMAND(restore);
SOUSCHEF_COMMAND(resume);
SOUSCHEF_COMMAND(set);
SOUSCHEF_COMMAND(show);
SOUSCHEF_COMMAND(slots);
SOUSCHEF_COMMAND(snapshot);
SOUSCHEF_COMMAND(snapshots);
SOUSCHEF_COMMAND(stage);
SOUSCHEF_COMMAND(stats);
SOUSCHEF_COMMAND(tag);
SOUSCHEF_COMMAND(status);
SOUSCHEF_COMMAND(targets);
SOUSCHEF_COMMAND(trace);
SOUSCHEF_COMMAND(undo);
SOUSCHEF_COMMAND(unpin);
SOUSCHEF_COMMAND(version);
SOUSCHEF_COMMAND(wait);
SOUSCHEF_COMMAND(why);
#undef SOUSCHEF_COMMAND

namespace {

constexpr Command kCommands[] = {
    {"init", Group::start, "make a production of this folder", cmd_init},
    {"targets", Group::start, "the Blenders that orders can be rendered with", cmd_targets},
    {"doctor", Group::start, "is this machine fit for the production", cmd_doctor},

    {"trace", Group::bank, "what a .blend needs, and what of it is missing", cmd_trace},
    {"snapshot", Group::bank, "bank a .blend with all it needs, or a folder", cmd_snapshot},
    {"order", Group::bank, "bank a shot and put it into the queue", cmd_order},
    {"hook", Group::bank, "bank shots by themselves on every commit of git or Mercurial", cmd_hook},

    {"render", Group::queue, "work through the queue", cmd_render},
    {"list", Group::queue, "the queue", cmd_list},
    {"status", Group::queue, "what is being rendered now, and by whom", cmd_status},
    {"slots", Group::queue, "the devices that render", cmd_slots},
    {"wait", Group::queue, "wait until an order is over", cmd_wait},
    {"show", Group::queue, "one order or job in full", cmd_show},
    {"frames", Group::queue, "the frames of an order", cmd_frames},
    {"log", Group::queue, "what has happened, and what Blender printed", cmd_log},
    {"stage", Group::queue, "run one stage on what an order has so far", cmd_stage},
    {"pause", Group::queue, "let an order rest", cmd_pause},
    {"resume", Group::queue, "go on with it", cmd_resume},
    {"cancel", Group::queue, "give an order up", cmd_cancel},
    {"redo", Group::queue, "render frames again", cmd_redo},
    {"accept", Group::queue, "do without frames that failed", cmd_accept},
    {"approve", Group::queue, "the proof frames are good: go on", cmd_approve},
    {"reject", Group::queue, "the proof frames are not good", cmd_reject},
    {"set", Group::queue, "change an order's priority", cmd_set},
    {"move", Group::queue, "change the order of orders", cmd_move},
    {"delete", Group::queue, "remove an order; its frames stay", cmd_delete},
    {"clean", Group::queue, "remove the orders that are done", cmd_clean},

    {"snapshots", Group::read, "what was banked, by whom and when", cmd_snapshots},
    {"ls", Group::read, "the files of a job", cmd_ls},
    {"diff", Group::read, "what changed between two jobs, or since one was banked", cmd_diff},
    {"cat", Group::read, "one file of a job, to standard output", cmd_cat},
    {"restore", Group::read, "put the files of a job into a folder", cmd_restore},

    {"gc", Group::clean_up, "remove what nobody needs, by rules", cmd_gc},
    {"undo", Group::clean_up, "bring back what the last gc removed", cmd_undo},
    {"why", Group::clean_up, "why a job, a file or anything is kept", cmd_why},
    {"pin", Group::clean_up, "keep a job whatever the rules say", cmd_pin},
    {"unpin", Group::clean_up, "take a pin away", cmd_unpin},
    {"tag", Group::clean_up, "give a job a name of your own", cmd_tag},

    {"stats", Group::look, "what the store holds, and what costs how much", cmd_stats},
    {"check", Group::look, "is everything there, and is it what it should be", cmd_check},
    {"repair", Group::look, "get back what is damaged, from wherever a good copy is", cmd_repair},
    {"reindex", Group::look, "build the index of this machine anew", cmd_reindex},
    {"debug", Group::look, "every object of the store as text", cmd_debug},

    {"plugin", Group::other, "plugins: what there is, check one, begin one", cmd_plugin},
    {"events", Group::other, "what has happened", cmd_events},
    {"config", Group::other, "settings, and where each comes from", cmd_config},
    {"import-legacy", Group::other, "take over the orders of the original Sous Chef", cmd_import_legacy},
    {"completion", Group::other, "complete commands and names with the Tab key", cmd_completion},
    {"help", Group::other, "this, or the manual page of a command", cmd_help},
    {"version", Group::other, "versions of the program, its plugins and formats", cmd_version},

    {core::kPluginHostVerb, Group::hidden, "", cmd_plugin_host},
};

struct Alias {
  std::string_view alias, verb;
};
constexpr Alias kAliases[] = {{"inspect", "trace"}};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* find_command(std::string_view verb) {
  for (const Alias& alias : kAliases)
    if (alias.alias == verb) verb = alias.verb;
  for (const Command& command : kCommands)
    if (command.verb == verb) return &command;
  return nullptr;
}

std::string closest_command(std::string_view typed) {
  std::vector<std::string> known;
  for (const Command& command : kCommands)
    if (command.group != Group::hidden) known.emplace_back(command.verb);
  return core::closest_word(typed, known);
}

}  // namespace souschef::cli
