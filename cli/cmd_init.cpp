// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/init_production.hpp"
#include "core/production/production.hpp"
#include "core/rendering/renderers.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {

Result<ExitCode> cmd_init(Invocation& invocation) {
  std::string folder;
  Arguments arguments(invocation);
  arguments.optional_positional("DIR", folder, "the root of the production; this folder if it is not given");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  std::error_code code;
  const fs::path root =
      fs::canonical(folder.empty() ? invocation.folder() : invocation.absolute(folder), code);
  if (code || !fs::is_directory(root))
    return Error(ErrorCode::not_found, "there is no folder " + (folder.empty() ? "here" : folder))
        .next_step("mkdir it first");
  SOUSCHEF_TRY(const auto programs, core::find_renderers());
  SOUSCHEF_TRY(const core::InitResult result, core::init_production(root, programs));

  if (!result.config_kept) {  // every program in it was found on this machine, a moment ago
    SOUSCHEF_TRY(const auto production, core::Production::open(root));
    SOUSCHEF_TRY(core::PluginCatalog* const plugins, production->plugins());
    SOUSCHEF_CHECK(core::trust_config(production->config(), *plugins));
  }

  Terminal& terminal = invocation.terminal();
  core::Json targets = core::Json::array();
  for (const core::Target& target : result.targets)
    targets.push_back({{"name", target.name}, {"path", target.path.string()}});
  terminal.record({{"type", "init"},
                   {"root", root.string()},
                   {"created", !result.already_there},
                   {"config_kept", result.config_kept},
                   {"found", targets}});
  if (result.already_there) {
    terminal.print("This is a production already: " + root.string());
    terminal.say("Nothing was changed. Next: souschef targets");
    return ExitCode::done;
  }
  terminal.print("Made a production of " + root.string());
  if (result.config_kept)
    terminal.say("The config that was there is as it was; souschef doctor  looks at it.");
  for (const core::Target& target : result.targets)
    terminal.say("Found Blender: " + target.path.string() + "  (target " + target.name + ")");
  if (result.targets.empty()) {
    terminal.warn("no Blender was found on PATH or in the usual places; banking works, rendering does not");
    terminal.say("Next: souschef targets add blender /path/to/blender");
  } else {
    terminal.say("Next: souschef order SHOT.blend");
  }
  return ExitCode::done;
}

}  // namespace souschef::cli
