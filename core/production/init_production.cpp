// SPDX-License-Identifier: MIT
#include "core/production/init_production.hpp"

#include <set>

#include "core/base/toml_file.hpp"
#include "core/production/production.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"
#include "store/store.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::string_view kConfigHead =
    "# The settings of this production. Commit this file: it is everybody's. What differs between operating "
    "systems goes\n"
    "# into config_linux.toml, config_macos.toml or config_windows.toml beside it; what is yours alone into\n"
    "# ~/.config/souschef/config.toml. Every key is explained by:  souschef config show --all\n"
    "\n";

// Everything below .souschef is this machine's or derived, but for the config and the production's plugins.
constexpr std::string_view kGitIgnore =
    "*\n!.gitignore\n!.hgignore-rules\n!config.toml\n!config_linux.toml\n!config_macos.toml\n!config_windows."
    "toml\n"
    "!plugins/\n!plugins/**\n";

constexpr std::string_view kMercurialRules =
    "# Mercurial reads ignore rules only from the repository's own .hgignore. Put this line there:\n"
    "#   subinclude:.souschef/.hgignore-rules\n"
    "syntax: glob\nstore/**\nqueue/**\nindex/**\ncheckouts/**\npantry/**\nlogs/**\nevents/**\ntmp/**\n";

std::string target_name(const fs::path& program, std::set<std::string>& taken) {
  // "/opt/blender-4.2/blender" is best told apart by its folder.
  std::string name = program.filename().string();
  const std::string folder = program.parent_path().filename().string();
  if (folder != "bin" && !folder.empty() && folder != "/") name = folder;
  for (char& c : name)
    if (c == '[' || c == ']' || c == ' ') c = '-';
  std::string unique = name;
  for (int n = 2; !taken.insert(unique).second; ++n) unique = name + "-" + std::to_string(n);
  return unique;
}

std::string config_text(const std::vector<Target>& targets) {
  std::string text(kConfigHead);
  if (targets.empty()) {
    text +=
        "# No Blender was found on this machine. Take the # away and put the path in:\n"
        "# [[target]]\n# name = \"blender\"\n# path = \"/path/to/blender\"\n";
    return text;
  }
  text += "default_target = " + toml_quoted(targets.front().name) + "\n";
  for (const Target& target : targets)
    text += "\n[[target]]\nname = " + toml_quoted(target.name) +
            "\npath = " + toml_quoted(target.path.string()) +
            "\nautoexec = false  # scripts and drivers inside .blend files may not run\n";
  return text;
}

}  // namespace

Result<InitResult> init_production(const fs::path& root, const std::vector<fs::path>& programs) {
  auto& disk = store::FileSystem::real();
  InitResult result;
  result.root = root;
  const fs::path around = Production::find_root(root);
  if (!around.empty() && around != root)
    return Error(ErrorCode::usage, root.string() + " lies inside another production",
                 around.string() + " has a .souschef folder")
        .next_step("work there, or make the new production outside it");
  const ProductionPaths paths{root, root / ".souschef"};
  const bool had_store = store::exists(disk, paths.store() / "FORMAT");
  result.config_kept = store::exists(disk, paths.dot / "config.toml");
  result.already_there = had_store && result.config_kept;

  std::set<std::string> taken;
  for (const fs::path& program : programs)
    result.targets.push_back({.name = target_name(program, taken), .path = program});

  SOUSCHEF_CHECK(store::make_folders(disk, paths.dot));
  for (const fs::path& folder : {paths.plugins(), paths.queue()})
    SOUSCHEF_CHECK(store::make_folders(disk, folder));
  for (const auto& [name, text] :
       {std::pair{".gitignore", kGitIgnore}, std::pair{".hgignore-rules", kMercurialRules}})
    if (!store::exists(disk, paths.dot / name))
      SOUSCHEF_CHECK(store::publish_file(disk, paths.dot / name, text));
  if (!had_store) SOUSCHEF_CHECK(store::Store::create(paths.store()));
  if (!result.config_kept)
    SOUSCHEF_CHECK(store::publish_file(disk, paths.dot / "config.toml", config_text(result.targets)));
  return result;
}

}  // namespace souschef::core
