// SPDX-License-Identifier: MIT
// plugin.json comes from wherever somebody got the plugin: it is read before anything is trusted. What is
// taken has to keep its promises to the rest of the program; what its settings accept has to be JSON that a
// plugin can be given.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_manifest.hpp"
#include "core/plugin_host/settings_schema.hpp"

using namespace souschef::core;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void try_settings(const PluginManifest& manifest, std::string_view text) {
  const auto schema = SettingsSchema::parse(manifest.settings);
  if (!schema) return;
  const auto defaults = schema->complete(Json::object(), "fuzz");
  // A default that its own description does not allow is refused with the schema.
  demand(defaults.has_value());
  demand(schema->check(*defaults, "fuzz").has_value());
  for (const Setting& setting : schema->settings()) {
    const auto value = schema->parse_value(setting.name, text.substr(0, 40), "fuzz");
    if (!value) continue;
    demand(schema->complete({{setting.name, *value}}, "fuzz").has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = PluginManifest::parse(text);
  if (!manifest) return 0;
  demand(is_plugin_id(manifest->id));
  demand(!manifest->kinds.empty());
  if (manifest->program) {
    demand(!manifest->program->command.empty());
    const std::string& file = manifest->program->command.front();
    demand(!file.empty() && file.front() != '/');
    demand(("/" + file + "/").find("/../") == std::string::npos);
  }
  demand(manifest->limits.seconds > 0 && manifest->limits.memory_mib > 0);
  try_settings(*manifest, text);
  return 0;
}
