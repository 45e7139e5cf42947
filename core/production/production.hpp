// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/config.hpp"
#include "store/store.hpp"

namespace souschef::core {

class PluginCatalog;

// The only place that names files and folders of a .souschef folder (those of the store are the store's).
struct ProductionPaths {
  std::filesystem::path root;  // the production: absolute, resolved
  std::filesystem::path dot;   // root/.souschef

  [[nodiscard]] std::filesystem::path store() const { return dot / "store"; }
  [[nodiscard]] std::filesystem::path jobs() const { return store() / "jobs"; }
  [[nodiscard]] std::filesystem::path snapshots() const { return store() / "snapshots"; }
  [[nodiscard]] std::filesystem::path pins() const { return store() / "pins"; }
  [[nodiscard]] std::filesystem::path tags() const { return store() / "tags"; }
  [[nodiscard]] std::filesystem::path damaged() const { return store() / "damaged.json"; }
  [[nodiscard]] std::filesystem::path queue() const { return dot / "queue"; }
  [[nodiscard]] std::filesystem::path plugins() const { return dot / "plugins"; }
  [[nodiscard]] std::filesystem::path events() const { return dot / "events"; }
  // Of this moment: what stands here may be removed once nobody works.
  [[nodiscard]] std::filesystem::path temporary() const { return dot / "tmp"; }
};

struct OpenFlags {
  std::vector<std::pair<std::string, std::string>> config;  // --config KEY=VALUE
  bool rehash = false;                                      // do not trust the stat cache
  store::FileSystem* disk = nullptr;                        // borrowed; null: the real one
};

// A production: the folder tree with .souschef at its root, with its config, its store and the plugins.
// Opening reads the config and nothing else; the store opens when it is asked for.
class Production {
 public:
  // Walks up from `start` like git. Errors: no_production; bad_input (config).
  static Result<std::unique_ptr<Production>> open(const std::filesystem::path& start,
                                                  const OpenFlags& flags = {});
  // For a file outside of all productions: `folder` is the root, there is no store and only the user's
  // config.
  static Result<std::unique_ptr<Production>> lone(const std::filesystem::path& folder);
  // The files below `root` with the config, the store and the queue of the production whose .souschef is
  // `dot`: another working copy of it, which has none of its own. Errors: bad_input (config).
  static Result<std::unique_ptr<Production>> open_beside(const std::filesystem::path& root,
                                                         const std::filesystem::path& dot);
  // The root alone, or nothing.
  static std::filesystem::path find_root(const std::filesystem::path& start);
  ~Production();

  [[nodiscard]] const ProductionPaths& paths() const { return paths_; }
  [[nodiscard]] const std::filesystem::path& root() const { return paths_.root; }
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const OpenFlags& flags() const { return flags_; }
  // Where the store and what refers to it are kept.
  [[nodiscard]] store::FileSystem& disk() const;
  // Opened at the first call. Errors: plugin (the program cannot find its own).
  Result<PluginCatalog*> plugins();
  // Errors: unsupported (made by a newer version), io, corrupt.
  Result<store::Store*> store();

  // `path` (absolute) as a name below the root: where only a symbolic link above it leads here, the folder is
  // resolved.
  [[nodiscard]] std::filesystem::path located(const std::filesystem::path& path) const;
  // A path below the root as it stands in manifests: relative, '/' between. Empty: not below the root.
  [[nodiscard]] std::string relative(const std::filesystem::path& absolute) const;

 private:
  Production(ProductionPaths paths, Config config, OpenFlags flags);

  ProductionPaths paths_;
  Config config_;
  OpenFlags flags_;
  std::unique_ptr<PluginCatalog> plugins_;
  std::unique_ptr<store::Store> store_;  // after the plugins: it borrows their filters
};

}  // namespace souschef::core
