// SPDX-License-Identifier: MIT
#include "core/production/production.hpp"

#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/blend_path.hpp"
#include "core/production/plugin_options.hpp"

namespace fs = std::filesystem;

namespace souschef::core {

Production::Production(ProductionPaths paths, Config config, OpenFlags flags)
    : paths_(std::move(paths)), config_(std::move(config)), flags_(std::move(flags)) {}

Production::~Production() = default;

store::FileSystem& Production::disk() const {
  return flags_.disk != nullptr ? *flags_.disk : store::FileSystem::real();
}

fs::path Production::find_root(const fs::path& start) {
  std::error_code code;
  fs::path folder = fs::canonical(start, code);
  if (code) return {};
  if (!fs::is_directory(folder, code)) folder = folder.parent_path();
  while (true) {
    if (fs::is_directory(folder / ".souschef", code)) return folder;
    if (folder == folder.root_path()) return {};
    folder = folder.parent_path();
  }
}

Result<std::unique_ptr<Production>> Production::open(const fs::path& start, const OpenFlags& flags) {
  const fs::path root = find_root(start);
  if (root.empty())
    return Error(ErrorCode::no_production, "there is no production here",
                 "no .souschef folder in " + start.string() + " or above it")
        .next_step("souschef init  in the folder that holds your project makes one");
  ProductionPaths paths{root, root / ".souschef"};
  ConfigSources sources = config_sources(paths.dot);
  sources.flags = flags.config;
  SOUSCHEF_TRY(Config config, Config::load(sources));
  return std::unique_ptr<Production>(new Production(std::move(paths), std::move(config), flags));
}

Result<std::unique_ptr<Production>> Production::open_beside(const fs::path& root, const fs::path& dot) {
  std::error_code code;
  ProductionPaths paths{fs::canonical(root, code), fs::canonical(dot, code)};
  if (code) return Error(ErrorCode::no_production, "there is no production in " + dot.string());
  SOUSCHEF_TRY(Config config, Config::load(config_sources(paths.dot)));
  return std::unique_ptr<Production>(new Production(std::move(paths), std::move(config), {}));
}

Result<std::unique_ptr<Production>> Production::lone(const fs::path& folder) {
  SOUSCHEF_TRY(Config config, Config::load(config_sources({})));
  std::error_code code;
  const fs::path root = fs::canonical(folder, code);
  return std::unique_ptr<Production>(new Production({code ? folder : root, {}}, std::move(config), {}));
}

Result<PluginCatalog*> Production::plugins() {
  if (plugins_ == nullptr) {
    SOUSCHEF_TRY(plugins_, PluginCatalog::open(
                               plugin_options(config_, paths_.dot.empty() ? fs::path() : paths_.plugins())));
  }
  return plugins_.get();
}

Result<store::Store*> Production::store() {
  if (paths_.dot.empty())
    return Error(ErrorCode::no_production, "there is no production here").next_step("souschef init");
  if (store_ == nullptr) {
    SOUSCHEF_TRY(PluginCatalog* const plugins, this->plugins());
    store::OpenOptions options;
    options.filters = &plugins->filters();
    options.exact_wrappers = config_.boolean("store.exact_wrappers");
    options.rehash = flags_.rehash;
    options.disk = &disk();
    const std::string compression = config_.text("store.compression");
    if (compression != "fast" && compression != "balanced" && compression != "small")
      return Error(ErrorCode::bad_input, "store.compression cannot be " + compression,
                   config_.origin("store.compression") + " says so")
          .next_step("souschef config set store.compression fast  (or balanced, or small)");
    options.compression_level = compression == "fast" ? 0 : compression == "balanced" ? 3 : 12;
    SOUSCHEF_TRY(store_, store::Store::open(paths_.store(), options));
  }
  return store_.get();
}

fs::path Production::located(const fs::path& path) const {
  const fs::path plain = path.lexically_normal();
  if (plain == paths_.root || !relative(plain).empty()) return plain;
  std::error_code code;
  const fs::path folder = fs::canonical(plain.parent_path(), code);
  return code ? plain : folder / plain.filename();
}

std::string Production::relative(const fs::path& absolute) const {
  const std::string path = absolute.string();
  const std::string root = paths_.root.string();
  if (!is_below(path, root)) return {};
  return path.substr(root == "/" ? 1 : root.size() + 1);
}

}  // namespace souschef::core
