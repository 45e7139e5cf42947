// SPDX-License-Identifier: MIT
// What counts as a demand, when the files of the production say it:
//
//   target[].path                     unless it is a blender that only root can change
//   target[].autoexec, addons,
//     arguments, environment          anything but their defaults: each can bring code of its own
//   [[plugin]], [[stage]], [[event]]  settings that name programs, addresses or secrets: `config_only` and
//                                     `secret` in the plugin's schema
//   trace.allow_paths                 folders outside that would be banked without asking
//
// All demands of a production are trusted together, by one hash over their text, the production's place and
// the content of the files that they name. Part of it cannot be trusted alone: a list that people read once
// is better than questions that they learn to answer with yes.
#include "core/production/config_trust.hpp"

#include <algorithm>
#include <cstdlib>

#include "core/base/file_hash.hpp"
#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/production.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kShownValue = 120;  // bytes of a value in messages

fs::path root_of(const Config& config) {
  return config.project_folder().parent_path();
}

std::string key_of(std::string_view list, std::string_view name, std::string_view member) {
  return std::string(list) + "[" + std::string(name) + "]." + std::string(member);
}

// Blenders of the distribution. Not any program of it: what Blender is told, a shell would execute.
bool is_system_blender(const fs::path& program) {
  const char* const search_path = std::getenv("PATH");
  std::error_code failed;
  const fs::path real = fs::canonical(program, failed);
  return !failed && real.filename().string().starts_with("blender") &&
         is_system_program(real, search_path == nullptr ? "" : search_path);
}

class Demands {
 public:
  Demands(const Config& config, PluginCatalog& plugins) : config_(config), plugins_(plugins) {}

  std::vector<ConfigDemand> list() {
    if (config_.project_folder().empty()) return {};
    for (const std::string& name : config_.names("target")) target(name);
    for (const std::string& id : config_.names("plugin")) uses("plugin", id, id);
    for (const std::string& name : config_.names("stage")) uses("stage", name, plugin_of("stage", name));
    for (const std::string& name : config_.names("event")) uses("event", name, plugin_of("event", name));
    if (config_.is_of_project("trace.allow_paths") && !config_.list("trace.allow_paths").empty())
      add("trace.allow_paths", "trace.allow_paths", config_.list("trace.allow_paths"));
    std::sort(list_.begin(), list_.end(),
              [](const ConfigDemand& a, const ConfigDemand& b) { return a.key < b.key; });
    return std::move(list_);
  }

 private:
  void target(const std::string& name) {
    const std::string path = key_of("target", name, "path");
    if (config_.is_of_project(path) && !is_system_blender(config_.path(path)))
      add(path, path, config_.text(path));
    for (const std::string_view member : {"autoexec", "addons", "arguments", "environment"}) {
      const std::string key = key_of("target", name, member);
      if (!config_.is_of_project(key)) continue;
      const Json& value = config_.values().at(key).value;
      if (value != Json::parse(config_key(key_pattern(key))->default_json)) add(key, key, value);
    }
  }

  std::string plugin_of(std::string_view list, const std::string& name) const {
    const std::string written = config_.text(key_of(list, name, "plugin"));
    return plugins_.used_for(written.empty() ? name : written);
  }

  // A plugin that is not there can do nothing with its settings.
  void uses(std::string_view list, const std::string& name, const std::string& plugin) {
    const std::string key = key_of(list, name, "settings");
    const bool is_ours = config_.is_of_project(key) ||
                         (config_.has(key) && config_.is_of_project(key_of(list, name, "plugin")));
    const auto record = plugins_.find(plugin);
    if (!is_ours || !record) return;
    const Json settings = config_.table(key);
    for (const Setting& setting : (*record)->schema.settings()) {
      const auto written = settings.find(setting.name);
      if ((setting.config_only || setting.secret) && written != settings.end() &&
          *written != setting.default_value)
        add(key + "." + setting.name, key, *written);
    }
  }

  void add(std::string key, const std::string& origin_key, Json value) {
    ConfigDemand demand{std::move(key), std::move(value), config_.origin(origin_key), {}};
    name_files(demand.value, demand.files);
    list_.push_back(std::move(demand));
  }

  // Every text in a value that is a file in the production, or one that others can change.
  void name_files(const Json& value, std::vector<fs::path>& files) const {
    if (value.is_structured())
      for (const Json& inner : value) name_files(inner, files);
    if (!value.is_string()) return;
    std::string text = value.get<std::string>();
    constexpr std::string_view kField = "{production}";
    if (const std::size_t at = text.find(kField); at != std::string::npos)
      text.replace(at, kField.size(), root_of(config_).string());
    fs::path path = expand_path(text);
    std::error_code failed;
    if (path.is_relative()) path = root_of(config_) / path;
    const fs::path real = fs::canonical(path, failed);
    if (failed || !fs::is_regular_file(real, failed)) return;
    const std::string below = fs::relative(real, fs::canonical(root_of(config_), failed), failed).string();
    const bool inside = !failed && !below.starts_with("..");
    if (inside || !is_private_folder(real.parent_path())) files.push_back(real);
  }

  const Config& config_;
  PluginCatalog& plugins_;
  std::vector<ConfigDemand> list_;
};

Result<Hash> hash_of_demands(const fs::path& root, const std::vector<ConfigDemand>& demands) {
  Json list = Json::array();
  for (const ConfigDemand& demand : demands) {
    Json files = Json::array();
    for (const fs::path& file : demand.files) {
      SOUSCHEF_TRY(const Hash hash, hash_of_file(file));
      files.push_back({{"path", file.string()}, {"hash", hash.hex()}});
    }
    list.push_back({{"key", demand.key}, {"value", demand.value}, {"files", std::move(files)}});
  }
  return trust_hash(TrustKind::config, json_text({{"root", root.string()}, {"demands", std::move(list)}}));
}

ConfigTrust trust_of(const Config& config, const TrustStore& store,
                     const std::vector<ConfigDemand>& demands) {
  if (demands.empty()) return ConfigTrust::not_needed;
  const auto hash = hash_of_demands(root_of(config), demands);
  if (hash && store.is_trusted(TrustKind::config, *hash)) return ConfigTrust::trusted;
  const auto things = store.list();
  const bool before = std::any_of(things.begin(), things.end(), [&](const TrustedThing& thing) {
    return thing.kind == TrustKind::config && thing.what == root_of(config).string();
  });
  return before ? ConfigTrust::changed : ConfigTrust::unknown;
}

}  // namespace

std::string ConfigDemand::line() const {
  std::string text = json_text(value);
  if (text.size() > kShownValue) text = text.substr(0, kShownValue) + "...";
  return key + " = " + text + "  (" + origin + ")";
}

std::vector<ConfigDemand> config_demands(const Config& config, PluginCatalog& plugins) {
  return Demands(config, plugins).list();
}

std::string_view name_of(ConfigTrust trust) {
  switch (trust) {
    case ConfigTrust::not_needed:
      return "not needed";
    case ConfigTrust::trusted:
      return "trusted";
    case ConfigTrust::changed:
      return "changed";
    case ConfigTrust::unknown:
      return "untrusted";
  }
  return "";
}

ConfigTrust config_trust(const Config& config, PluginCatalog& plugins) {
  return trust_of(config, plugins.trust(), config_demands(config, plugins));
}

Status check_config_trust(const Config& config, PluginCatalog& plugins, std::string_view part) {
  const std::vector<ConfigDemand> demands = config_demands(config, plugins);
  const auto first = std::find_if(demands.begin(), demands.end(),
                                  [&](const ConfigDemand& demand) { return demand.key.starts_with(part); });
  if (first == demands.end()) return {};
  const ConfigTrust trust = trust_of(config, plugins.trust(), demands);
  if (trust == ConfigTrust::trusted) return {};
  return Error(ErrorCode::denied, "the production's config is not trusted on this machine: " + first->line(),
               trust == ConfigTrust::changed ? "what it runs has changed since you trusted it"
                                             : "anyone who can write to the folder could have put it there")
      .next_step("souschef config trust  shows all of it and asks");
}

Status trust_config(const Config& config, PluginCatalog& plugins) {
  const std::vector<ConfigDemand> demands = config_demands(config, plugins);
  if (demands.empty()) return {};
  SOUSCHEF_TRY(const Hash hash, hash_of_demands(root_of(config), demands));
  return plugins.trust().trust(TrustKind::config, hash, root_of(config).string());
}

Status forget_config(const Config& config, PluginCatalog& plugins) {
  SOUSCHEF_TRY(const Hash hash, hash_of_demands(root_of(config), config_demands(config, plugins)));
  return plugins.trust().forget(TrustKind::config, hash);
}

TrustedEdit::TrustedEdit(Production& before) {
  const auto plugins = before.plugins();
  const ConfigTrust trust = plugins ? config_trust(before.config(), **plugins) : ConfigTrust::unknown;
  was_open_ = trust == ConfigTrust::not_needed || trust == ConfigTrust::trusted;
}

Status TrustedEdit::finish(Production& after) const {
  if (!was_open_) return {};
  SOUSCHEF_TRY(PluginCatalog* const plugins, after.plugins());
  return trust_config(after.config(), *plugins);
}

}  // namespace souschef::core
