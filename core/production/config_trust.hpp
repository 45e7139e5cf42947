// SPDX-License-Identifier: MIT
// Anyone who can write to a production's folder can edit its config, and a folder may come from a stranger.
// So what its files would have this machine run or open stays closed until this user has trusted it, as it
// is.
//
//   SOUSCHEF_CHECK(check_config_trust(config, plugins, "target[lts]."));   // before its Blender is started
//
// What the user's own config, the environment or --config say needs no trust. docs/format/trust.md
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/plugin_host/plugin_trust.hpp"
#include "core/production/config.hpp"

namespace souschef::core {

class PluginCatalog;
class Production;

// One thing that the files of a production want.
struct ConfigDemand {
  std::string key;     // "target[lts].path", "stage[publish].settings.command"
  Json value;          // as written
  std::string origin;  // "config.toml:12"
  // Files that it names and that others could change: their content is trusted with it.
  std::vector<std::filesystem::path> files;

  [[nodiscard]] std::string line() const;  // key = value  (origin)
};

// By key. Empty: nothing here needs trust. Starts no plugin.
std::vector<ConfigDemand> config_demands(const Config& config, PluginCatalog& plugins);

enum class ConfigTrust { not_needed, trusted, changed, unknown };
std::string_view name_of(ConfigTrust trust);
ConfigTrust config_trust(const Config& config, PluginCatalog& plugins);

// Passes where no demand's key begins with `part`, or all of them are trusted. Errors: denied, naming the
// first of that part.
Status check_config_trust(const Config& config, PluginCatalog& plugins, std::string_view part);

// Trusts it as it is now, contents of files included. Errors: those of TrustStore; io (a file).
Status trust_config(const Config& config, PluginCatalog& plugins);
Status forget_config(const Config& config, PluginCatalog& plugins);

// Around a change of the config that this user asks the program for (targets add, config set): what was
// trusted before, or needed no trust, is trusted afterwards. What was not stays closed.
class TrustedEdit {
 public:
  explicit TrustedEdit(Production& before);
  // `after`: the production opened anew. Errors: those of trust_config.
  Status finish(Production& after) const;

 private:
  bool was_open_;
};

}  // namespace souschef::core
