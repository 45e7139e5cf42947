// SPDX-License-Identifier: MIT
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/table.hpp"
#include "core/base/archive.hpp"
#include "core/base/folder_hash.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/base/suggestion.hpp"
#include "core/base/user_folders.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/plugin_host/plugin_check.hpp"
#include "core/plugin_host/plugin_install.hpp"
#include "core/plugin_host/plugin_template.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/plugin_options.hpp"
#include "core/production/production.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

struct Words {
  std::vector<std::string> list;  // the action and what belongs to it
  bool python = false, yes = false, replace = false, project = false, forget = false;

  [[nodiscard]] std::string at(std::size_t index) const {
    return index < list.size() ? list[index] : std::string();
  }
};

// Also where there is no production: then with the user's own config.
Result<core::PluginCatalog*> catalog_of(Invocation& invocation) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production_or_lone("here"));
  return production->plugins();
}

std::string kinds_of(const core::PluginRecord& record) {
  std::string text;
  for (const core::PluginKind kind : record.manifest.kinds)
    text += (text.empty() ? "" : ", ") + std::string(core::name_of(kind));
  return text;
}

std::string permissions_of(const core::PluginManifest& manifest) {
  std::string text;
  for (const core::PluginPermission permission : manifest.permissions) {
    text += text.empty() ? "" : "; ";
    switch (permission) {
      case core::PluginPermission::network:
        text += "talks to other machines";
        break;
      case core::PluginPermission::commands:
        text += "starts programs that its settings name";
        break;
      case core::PluginPermission::files:
        text += "reads or writes files outside its own folders";
        break;
    }
  }
  return text.empty() ? "none beyond reading its input and writing its output" : text;
}

Style style_of(core::PluginState state) {
  switch (state) {
    case core::PluginState::ok:
      return Style::green;
    case core::PluginState::broken:
    case core::PluginState::refused:
      return Style::red;
    case core::PluginState::untrusted:
      return Style::yellow;
    case core::PluginState::duplicate:
      return Style::dim;
  }
  return Style::plain;
}

core::Json record_json(const core::PluginRecord& record) {
  core::Json kinds = core::Json::array(), permissions = core::Json::array();
  for (const core::PluginKind kind : record.manifest.kinds) kinds.push_back(core::name_of(kind));
  for (const core::PluginPermission each : record.manifest.permissions)
    permissions.push_back(core::name_of(each));
  const auto or_null = [](const std::string& text) { return text.empty() ? core::Json() : core::Json(text); };
  return {{"type", "plugin"},
          {"id", record.manifest.id},
          {"version", or_null(record.manifest.version)},
          {"summary", or_null(record.manifest.summary)},
          {"kinds", kinds},
          {"permissions", permissions},
          {"origin", core::name_of(record.origin)},
          {"folder", or_null(record.folder.string())},
          {"state", core::name_of(record.state)},
          {"reason", or_null(record.reason)},
          {"next", or_null(record.next)}};
}

// ---- list, info

Result<ExitCode> list_plugins(Invocation& invocation) {
  SOUSCHEF_TRY(core::PluginCatalog* const catalog, catalog_of(invocation));
  Terminal& terminal = invocation.terminal();
  Table table({Align::left, Align::left, Align::left, Align::left, Align::left});
  std::vector<std::string> troubles;
  for (const core::PluginRecord* record : catalog->plugins()) {
    terminal.record(record_json(*record));
    table.row({terminal.out_style(Style::bold, record->manifest.id), record->manifest.version,
               kinds_of(*record), std::string(core::name_of(record->origin)),
               terminal.out_style(style_of(record->state), core::name_of(record->state))});
    if (record->state == core::PluginState::ok) continue;
    troubles.push_back(record->manifest.id + ": " + record->reason);
    if (!record->folder.empty()) troubles.push_back("  in " + record->folder.string());
    if (!record->next.empty()) troubles.push_back("  next: " + record->next);
  }
  SOUSCHEF_TRY(core::Production* const production, invocation.production_or_lone("here"));
  const core::ConfigTrust trust = core::config_trust(production->config(), *catalog);
  terminal.record({{"type", "config_trust"}, {"state", core::name_of(trust)}});
  if (trust == core::ConfigTrust::changed || trust == core::ConfigTrust::unknown) {
    troubles.push_back(trust == core::ConfigTrust::changed
                           ? "the production's config: what it runs has changed since you trusted it"
                           : "the production's config: what it runs is not trusted on this machine");
    troubles.emplace_back("  next: souschef config trust");
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  if (!troubles.empty()) terminal.print("");
  for (const std::string& line : troubles) terminal.print(line);
  return ExitCode::done;
}

std::string setting_notes(const core::Setting& setting) {
  std::string notes(core::name_of(setting.type));
  const auto add = [&](const std::string& note) { notes += ", " + note; };
  if (!setting.choices.empty()) {
    std::string choices;
    for (const core::Json& choice : setting.choices)
      choices +=
          (choices.empty() ? "" : " | ") + (choice.is_string() ? choice.get<std::string>() : choice.dump());
    add(choices);
  }
  const auto number = [&](double value) {
    return setting.type == core::SettingType::integer ? std::to_string(static_cast<std::int64_t>(value))
                                                      : core::Json(value).dump();
  };
  if (setting.minimum) add("from " + number(*setting.minimum));
  if (setting.maximum) add("to " + number(*setting.maximum));
  if (!setting.default_value.is_null()) add("default " + setting.default_value.dump());
  if (setting.required) add("required");
  if (setting.secret) add("secret: write env:NAME or file:/path");
  if (setting.config_only && !setting.secret) add("config only");
  return notes;
}

Result<ExitCode> show_info(Invocation& invocation, const std::string& id) {
  SOUSCHEF_TRY(core::PluginCatalog* const catalog, catalog_of(invocation));
  SOUSCHEF_TRY(const core::PluginRecord* const record, catalog->find(id));
  Terminal& terminal = invocation.terminal();
  const core::PluginManifest& manifest = record->manifest;
  core::Json json = record_json(*record);
  json["settings"] = manifest.settings;
  json["abi"] = std::to_string(manifest.abi_major) + "." + std::to_string(manifest.abi_minor);
  terminal.record(json);
  terminal.print(terminal.out_style(Style::bold, manifest.id + " " + manifest.version) + "  " +
                 manifest.summary);
  Table table({Align::left, Align::left});
  table.row({"state", terminal.out_style(style_of(record->state), core::name_of(record->state)) +
                          (record->reason.empty() ? "" : ": " + record->reason)});
  if (!record->next.empty()) table.row({"next", record->next});
  table.row({"kinds", kinds_of(*record)});
  table.row({"from", record->folder.empty() ? "built in" : record->folder.string()});
  table.row({"may", permissions_of(manifest)});
  if (record->origin != core::PluginOrigin::builtin) {
    if (const auto hash = core::hash_of_folder(record->folder)) table.row({"content", hash->hex()});
    table.row({"limits", std::to_string(manifest.limits.seconds) + " s, " +
                             std::to_string(manifest.limits.memory_mib) + " MiB"});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  if (record->schema.settings().empty()) return ExitCode::done;
  terminal.print("");
  terminal.print(terminal.out_style(Style::bold, "Settings"));
  for (const core::Setting& setting : record->schema.settings()) {
    terminal.print("  " + setting.name + "  " + terminal.out_style(Style::dim, setting_notes(setting)));
    terminal.print("      " + setting.description);
  }
  return ExitCode::done;
}

// ---- check, new

// What `souschef plugin check` takes: a folder, or the id of a plugin that is there.
Result<fs::path> folder_of(Invocation& invocation, const std::string& word) {
  const fs::path folder = invocation.absolute(word);
  std::error_code failed;
  if (fs::is_directory(folder, failed)) return folder;
  SOUSCHEF_TRY(core::PluginCatalog* const catalog, catalog_of(invocation));
  auto record = catalog->find(word);
  if (!record)
    return Error(ErrorCode::not_found, "there is no folder and no plugin " + word)
        .next_step("souschef plugin list");
  if ((*record)->folder.empty())
    return Error(ErrorCode::usage, word + " is built in: there is no folder to check");
  return (*record)->folder;
}

Result<ExitCode> check(Invocation& invocation, const std::string& word) {
  if (word.empty()) return Error(ErrorCode::usage, "which folder?").next_step("souschef plugin check DIR");
  SOUSCHEF_TRY(const fs::path folder, folder_of(invocation, word));
  Terminal& terminal = invocation.terminal();
  core::PluginCheckOptions options;
  options.cancelled = [] { return interrupted(); };
  options.on_result = [&](const core::CheckResult& result) {
    terminal.record({{"type", "check"},
                     {"name", result.name},
                     {"state", core::name_of(result.state)},
                     {"note", result.note}});
    const Style style = result.state == core::CheckState::passed    ? Style::green
                        : result.state == core::CheckState::warning ? Style::yellow
                        : result.state == core::CheckState::failed  ? Style::red
                                                                    : Style::dim;
    std::string word_of_state(core::name_of(result.state));
    word_of_state.resize(8, ' ');
    terminal.print(terminal.out_style(style, word_of_state) + result.name +
                   (result.note.empty() ? "" : terminal.out_style(Style::dim, "  " + result.note)));
  };
  SOUSCHEF_TRY(const core::PluginCheckSummary summary, core::check_plugin(folder, options));
  terminal.record({{"type", "summary"},
                   {"passed", summary.passed},
                   {"warnings", summary.warnings},
                   {"failed", summary.failed},
                   {"skipped", summary.skipped}});
  if (summary.failed == 0)
    terminal.say("The plugin keeps the rules. Next: souschef plugin add " + folder.string());
  else
    terminal.say(counted(summary.failed, "check") +
                 " failed: docs/format/plugin-check.md says what is asked");
  return summary.failed == 0 ? ExitCode::done : ExitCode::failed;
}

Result<ExitCode> make_new(Invocation& invocation, const Words& words) {
  static const std::vector<std::string> kKinds = {"tracer", "filter", "renderer",
                                                  "stage",  "event",  "inspect"};
  const std::string kind = words.at(1), name = words.at(2);
  const auto found = std::find(kKinds.begin(), kKinds.end(), kind);
  if (found == kKinds.end() || name.empty()) {
    const std::string meant = core::closest_word(kind, kKinds);
    return Error(ErrorCode::usage, kind.empty() || name.empty()
                                       ? "souschef plugin new takes a kind and a name"
                                       : "there is no kind of plugin " + kind)
        .next_step("souschef plugin new " + (meant.empty() ? "stage" : meant) + " my_plugin --python");
  }
  const fs::path folder = invocation.absolute(name);
  const auto language = words.python ? core::PluginLanguage::python : core::PluginLanguage::cpp;
  SOUSCHEF_CHECK(core::make_plugin_folder(folder, static_cast<core::PluginKind>(found - kKinds.begin()),
                                          folder.filename().string(), language));
  Terminal& terminal = invocation.terminal();
  terminal.record(
      {{"type", "plugin_folder"}, {"folder", folder.string()}, {"id", folder.filename().string()}});
  terminal.print("made " + folder.string());
  terminal.say(words.python
                   ? "Next: souschef plugin check " + name
                   : "Next: cd " + name +
                         " && cmake -S . -B build && cmake --build build && souschef plugin check build/" +
                         folder.filename().string());
  return ExitCode::done;
}

// ---- trust, add

// What a person should know before saying yes.
void show_terms(Terminal& terminal, const core::PluginManifest& manifest, const fs::path& folder,
                const Hash& hash) {
  terminal.say(manifest.id + " " + manifest.version + ": " + manifest.summary);
  terminal.say("  from     " + folder.string());
  terminal.say("  content  " + hash.hex());
  terminal.say("  may      " + permissions_of(manifest));
  terminal.say("A plugin that is trusted can do whatever you can do on this machine.");
}

Status ask(Invocation& invocation, const Words& words, const std::string& question) {
  if (words.yes || invocation.terminal().confirm(question)) return {};
  return Error(ErrorCode::denied, "nothing was trusted").next_step("say yes when asked, or give --yes");
}

Result<ExitCode> list_trusted(Invocation& invocation) {
  Table table({Align::left, Align::left, Align::left, Align::left});
  for (const core::TrustedThing& thing : core::TrustStore::of_user().list()) {
    invocation.terminal().record({{"type", "trusted"},
                                  {"kind", core::name_of(thing.kind)},
                                  {"hash", thing.hash.hex()},
                                  {"what", thing.what},
                                  {"when", thing.when}});
    table.row(
        {std::string(core::name_of(thing.kind)), thing.hash.hex().substr(0, 12), thing.what, thing.when});
  }
  for (const std::string& line : table.lines()) invocation.terminal().print(line);
  if (table.empty()) invocation.terminal().say("Nothing has been trusted on this machine by you.");
  return ExitCode::done;
}

Result<ExitCode> trust(Invocation& invocation, const Words& words) {
  const std::string id = words.at(1);
  if (id.empty()) return list_trusted(invocation);
  SOUSCHEF_TRY(core::PluginCatalog* const catalog, catalog_of(invocation));
  SOUSCHEF_TRY(const core::PluginRecord* const record, catalog->find(id));
  Terminal& terminal = invocation.terminal();
  if (record->origin == core::PluginOrigin::builtin)
    return Error(ErrorCode::usage, id + " is built in: it needs no trust");
  SOUSCHEF_TRY(const Hash hash, core::hash_of_folder(record->folder));
  const core::TrustStore store = core::TrustStore::of_user();
  if (words.forget) {
    SOUSCHEF_CHECK(store.forget(core::TrustKind::plugin, hash));
    terminal.print(id + " is not trusted any more");
    return ExitCode::done;
  }
  if (record->state == core::PluginState::broken || record->state == core::PluginState::refused)
    return Error(ErrorCode::plugin, "trusting " + id + " would not help", record->reason)
        .next_step(record->next);
  show_terms(terminal, record->manifest, record->folder, hash);
  SOUSCHEF_CHECK(ask(invocation, words, "Let it run here?"));
  SOUSCHEF_CHECK(store.trust(core::TrustKind::plugin, hash, record->folder.string()));
  terminal.print(id + " is trusted as it is now; when its files change you are asked again");
  return ExitCode::done;
}

// Where plugin.json is: in the folder, or in the only one below it, as archives often have it.
fs::path plugin_folder_in(const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(folder / "plugin.json", failed)) return folder;
  const fs::directory_iterator first(folder, failed);
  if (failed || first == fs::directory_iterator() || std::next(first) != fs::directory_iterator())
    return folder;
  return fs::directory_iterator(folder)->path();
}

Result<ExitCode> add(Invocation& invocation, const Words& words) {
  if (words.at(1).empty())
    return Error(ErrorCode::usage, "which folder or archive?").next_step("souschef plugin add DIR");
  const fs::path given = invocation.absolute(words.at(1));
  fs::path source = given;
  std::optional<core::ScratchFolder> unpacked;
  std::error_code failed;
  if (fs::is_regular_file(given, failed)) {
    SOUSCHEF_TRY(core::ScratchFolder room, core::ScratchFolder::make());
    SOUSCHEF_CHECK(core::unpack_archive(given, room.path()));
    source = plugin_folder_in(room.path());
    unpacked.emplace(std::move(room));
  }
  fs::path place = core::user_data_folder() / "plugins";
  if (words.project) {
    SOUSCHEF_TRY(core::Production* const production, invocation.production());
    place = production->paths().plugins();
  }
  SOUSCHEF_TRY(const core::PluginManifest manifest, core::read_installable(source, given));
  SOUSCHEF_TRY(const Hash hash, core::hash_of_folder(source));
  show_terms(invocation.terminal(), manifest, given, hash);
  SOUSCHEF_CHECK(ask(invocation, words, "Add it, and let it run here?"));
  SOUSCHEF_TRY(const core::InstalledPlugin installed,
               core::install_plugin(source, place,
                                    words.replace ? core::IfInstalled::replace : core::IfInstalled::refuse));
  if (installed.hash != hash)
    return Error(ErrorCode::changed,
                 "the plugin changed after you were asked; it was added, but is not trusted")
        .next_step("souschef plugin trust " + installed.manifest.id);
  SOUSCHEF_CHECK(core::TrustStore::of_user().trust(core::TrustKind::plugin, hash, installed.folder.string()));
  invocation.terminal().record({{"type", "plugin_added"},
                                {"id", installed.manifest.id},
                                {"folder", installed.folder.string()},
                                {"hash", hash.hex()}});
  invocation.terminal().print("added " + installed.manifest.id + ": " + installed.folder.string());
  invocation.terminal().say("Next: souschef plugin info " + installed.manifest.id);
  return ExitCode::done;
}

}  // namespace

Result<ExitCode> cmd_plugin(Invocation& invocation) {
  Words words;
  Arguments arguments(invocation);
  arguments.optional_positionals(
      "ACTION", words.list,
      "list, info ID, check DIR, new KIND NAME, trust [ID] or add DIR|ARCHIVE; list where none is given");
  arguments.flag("--python", words.python, "new: in Python instead of C++");
  arguments.flag("-y,--yes", words.yes, "trust, add: yes, without being asked");
  arguments.flag("--forget", words.forget, "trust: not any more");
  arguments.flag("--replace", words.replace, "add: in place of the plugin of the same id");
  arguments.flag("--project", words.project,
                 "add: into the production (.souschef/plugins), for the whole team");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  const std::string action = words.at(0);
  if (action.empty() || action == "list") return list_plugins(invocation);
  if (action == "info" && !words.at(1).empty()) return show_info(invocation, words.at(1));
  if (action == "check") return check(invocation, words.at(1));
  if (action == "new") return make_new(invocation, words);
  if (action == "trust") return trust(invocation, words);
  if (action == "add") return add(invocation, words);
  const std::string meant = core::closest_word(action, {"list", "info", "check", "new", "trust", "add"});
  return Error(ErrorCode::usage,
               "souschef plugin takes list, info ID, check DIR, new KIND NAME, trust ID or add DIR")
      .next_step(meant.empty() ? "souschef plugin --help" : "did you mean  souschef plugin " + meant + "?");
}

}  // namespace souschef::cli
