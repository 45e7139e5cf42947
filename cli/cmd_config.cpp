// SPDX-License-Identifier: MIT
#include <algorithm>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "core/base/suggestion.hpp"
#include "core/base/toml_file.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/config_edit.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/production.hpp"
#include "core/queue/order_names.hpp"
#include "core/queue/order_trust.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/rendering/place_order.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

Error unknown_key(const std::string& key) {
  std::vector<std::string> known;
  for (const core::ConfigKey& each : core::config_keys()) known.emplace_back(each.key);
  const std::string guess = core::closest_word(core::key_pattern(key), known);
  return Error(ErrorCode::usage, "there is no config key " + key)
      .next_step(guess.empty() ? "souschef config show --all" : "did you mean " + guess + "?");
}

struct TrustWords {
  bool yes = false, forget = false;
};

// What is set, with where it was set; with `all` every key there is, with its default and what it is for.
Result<ExitCode> show(Invocation& invocation, bool all) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  const core::Config& config = production->config();
  Table table({Align::left, Align::left, Align::left});
  for (const auto& [key, value] : config.values()) {
    terminal.record({{"type", "setting"}, {"key", key}, {"value", value.value}, {"origin", value.origin}});
    table.row({key, value.value.dump(), terminal.out_style(Style::dim, value.origin)});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  if (!all) {
    if (table.empty())
      terminal.say("Everything is at its default. souschef config show --all  lists every key.");
    return ExitCode::done;
  }
  if (!table.empty()) terminal.print("");
  for (const core::ConfigKey& key : core::config_keys()) {
    terminal.record({{"type", "key"},
                     {"key", key.key},
                     {"kind", core::name_of(key.type)},
                     {"default", core::Json::parse(key.default_json)},
                     {"unit", key.unit},
                     {"doc", key.doc}});
    const std::string unit = key.unit.empty() ? "" : " " + std::string(key.unit);
    terminal.print(terminal.out_style(Style::bold, key.key) + "  " +
                   terminal.out_style(Style::dim, std::string(core::name_of(key.type)) + ", default " +
                                                      std::string(key.default_json) + unit));
    terminal.print("    " + std::string(key.doc));
  }
  return ExitCode::done;
}

Result<ExitCode> get(Invocation& invocation, const std::string& key) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  const core::ConfigKey* const known = core::config_key(core::key_pattern(key));
  if (known == nullptr) return unknown_key(key);
  const auto& values = production->config().values();
  const auto found = values.find(key);
  const core::Json value =
      found == values.end() ? core::Json::parse(known->default_json) : found->second.value;
  invocation.terminal().record(
      {{"type", "setting"}, {"key", key}, {"value", value}, {"origin", production->config().origin(key)}});
  invocation.terminal().print(value.is_string() ? value.get<std::string>() : value.dump());
  return ExitCode::done;
}

// What people type, as TOML: texts need no quotes, lists may be separated by commas.
std::string literal(core::ValueType type, const std::string& text) {
  switch (type) {
    case core::ValueType::text:
    case core::ValueType::path:
      return core::toml_quoted(text);
    case core::ValueType::text_list: {
      if (text.starts_with('[')) return text;
      std::string list;
      for (std::size_t at = 0; at <= text.size() && !text.empty();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        list += (list.empty() ? "" : ", ") + core::toml_quoted(text.substr(at, end - at));
        at = end + 1;
      }
      return "[" + list + "]";
    }
    default:
      return text;
  }
}

Result<ExitCode> set(Invocation& invocation, const std::string& key, const std::string& value, bool mine) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  const core::ConfigKey* const known = core::config_key(core::key_pattern(key));
  if (known == nullptr) return unknown_key(key);
  const fs::path file = mine ? core::user_config_file() : production->paths().dot / "config.toml";
  if (mine) {
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
  }
  const core::TrustedEdit edit(*production);
  SOUSCHEF_CHECK(core::set_config_value(file, key, literal(known->type, value)));
  // The whole config must hold together with the new value, overlays and all.
  const auto again = core::Production::open(production->root());
  if (!again)
    return Error(again.error()).in_context("the setting was written, but the config is not valid now");
  SOUSCHEF_CHECK(edit.finish(**again));
  invocation.terminal().print(key + " = " + literal(known->type, value) + "  in " + file.string());
  const std::string origin = (*again)->config().origin(key);
  if (!origin.starts_with(file.filename().string()))
    invocation.terminal().warn(origin + " sets it too, and wins");
  return ExitCode::done;
}

// What the production's files would have this machine run, and the question whether they may.
Result<ExitCode> trust_all(Invocation& invocation, const TrustWords& words) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(core::PluginCatalog* const plugins, production->plugins());
  Terminal& terminal = invocation.terminal();
  if (words.forget) {
    SOUSCHEF_CHECK(core::forget_config(production->config(), *plugins));
    terminal.print("the config of " + production->root().string() + " is not trusted any more");
    return ExitCode::done;
  }
  const auto demands = core::config_demands(production->config(), *plugins);
  const core::ConfigTrust before = core::config_trust(production->config(), *plugins);
  for (const core::ConfigDemand& demand : demands) {
    terminal.record(
        {{"type", "demand"}, {"key", demand.key}, {"value", demand.value}, {"origin", demand.origin}});
    terminal.print("  " + demand.line());
    for (const fs::path& file : demand.files) terminal.print("      as it is now: " + file.string());
  }
  if (before == core::ConfigTrust::not_needed || before == core::ConfigTrust::trusted) {
    terminal.record({{"type", "config_trust"}, {"state", core::name_of(before)}});
    terminal.print(demands.empty() ? "the config names nothing that needs trust" : "all of it is trusted");
    return ExitCode::done;
  }
  terminal.say("Whoever wrote this can do on this machine whatever you can do.");
  if (!words.yes && !terminal.confirm("Let it run here?"))
    return Error(ErrorCode::denied, "nothing was trusted").next_step("say yes when asked, or give --yes");
  SOUSCHEF_CHECK(core::trust_config(production->config(), *plugins));
  terminal.record({{"type", "config_trust"}, {"state", core::name_of(core::ConfigTrust::trusted)}});
  terminal.print("the config is trusted as it is now; when what it runs changes you are asked again");
  return ExitCode::done;
}

// An order from elsewhere that lets scripts in its .blend run.
Result<ExitCode> trust_one_order(Invocation& invocation, const std::string& name, const TrustWords& words) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(core::PluginCatalog* const plugins, production->plugins());
  const core::QueueFolder queue = core::queue_of(*production);
  SOUSCHEF_TRY(const std::string id, core::find_order(queue, name));
  SOUSCHEF_TRY(const core::OrderView view, core::read_order(queue, id));
  Terminal& terminal = invocation.terminal();
  terminal.say(view.order.name + ": " + view.order.entry + ", ordered by " + view.order.user + " on " +
               view.order.host + "; scripts in it may do on this machine whatever you can do.");
  if (!words.yes && !terminal.confirm("Let them run here?"))
    return Error(ErrorCode::denied, "nothing was trusted").next_step("say yes when asked, or give --yes");
  SOUSCHEF_CHECK(core::trust_order(plugins->trust(), view.order));
  terminal.print("scripts of " + view.order.name + " may run here");
  return ExitCode::done;
}

}  // namespace

Result<ExitCode> cmd_config(Invocation& invocation) {
  std::string action, key, value;
  bool all = false, mine = false;
  TrustWords trust;
  Arguments arguments(invocation);
  arguments.optional_positional("ACTION", action, "show, get KEY, set KEY VALUE, check, or trust [ORDER]");
  arguments.optional_positional("KEY", key, "store.compression, target[lts].autoexec; trust: an order");
  arguments.optional_positional("VALUE", value, "texts need no quotes, lists may be separated by commas");
  arguments.flag("-a,--all", all, "show: every key there is, with its default and what it is for");
  arguments.flag("--user", mine, "set: in your own config instead of the production's");
  arguments.flag("-y,--yes", trust.yes, "trust: yes, without being asked");
  arguments.flag("--forget", trust.forget, "trust: not any more");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (action.empty() || action == "show") return show(invocation, all);
  if (action == "get" && !key.empty()) return get(invocation, key);
  if (action == "set" && !key.empty()) return set(invocation, key, value, mine);
  if (action == "check") {
    SOUSCHEF_TRY(core::Production* const production, invocation.production());
    for (const core::Target& target : production->config().targets())
      if (target.path.empty()) invocation.terminal().warn("target " + target.name + " has no path");
    invocation.terminal().print("the config is valid");
    return ExitCode::done;
  }
  if (action == "trust")
    return key.empty() ? trust_all(invocation, trust) : trust_one_order(invocation, key, trust);
  return Error(ErrorCode::usage, "souschef config takes show, get KEY, set KEY VALUE, check or trust")
      .next_step("souschef config --help");
}

}  // namespace souschef::cli
