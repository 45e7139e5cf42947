// SPDX-License-Identifier: MIT
// Every plugin there is, usable or not, and the way to what they offer.
//
//   SOUSCHEF_TRY(auto plugins, PluginCatalog::open({}));
//   store_options.filters = &plugins->filters();
//   SOUSCHEF_TRY(const PluginFaces* blend, plugins->tracer_for(head));         // null: nobody wants this
//   file SOUSCHEF_TRY(Calls* encoder, plugins->calls("ffmpeg", PluginKind::stage));
//
// Opening loads nothing but the program itself and reads the built-in manifests: microseconds. Folders of
// foreign plugins are listed when something is asked for that no built-in answers, or when plugins() is
// called. A plugin is started by the first call that needs it. What cannot be used stays in the list with its
// reason and is in nobody's way until it is asked for by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/json.hpp"
#include "core/plugin_host.hpp"
#include "core/plugin_instance.hpp"
#include "core/plugin_library.hpp"
#include "core/plugin_manifest.hpp"
#include "core/worker_pool.hpp"
#include "store/filter_set.hpp"

namespace souschef::core {

enum class PluginOrigin : std::uint8_t { builtin, path, project, user, system };
std::string_view name_of(PluginOrigin origin);

enum class PluginState : std::uint8_t {
  ok,
  broken,     // its plugin.json or its code does not work
  untrusted,  // nobody has said yet that it may run
  refused,    // made for another ABI, another system, or not allowed here
  duplicate   // another plugin of the same id comes first
};
std::string_view name_of(PluginState state);

struct PluginRecord {
  PluginManifest manifest;  // where plugin.json cannot be read, only the id, taken from the folder's name
  PluginOrigin origin = PluginOrigin::builtin;
  std::filesystem::path folder;  // empty for built-ins
  Hash hash;  // of the folder's files; zero for built-ins, whose identity is the program's version
  PluginState state = PluginState::ok;
  std::string reason;  // one sentence; empty where ok
  std::string next;    // what to do about it; may be empty
};

struct PluginCatalogOptions {
  PluginLog log;
  // Settings by plugin id, as the config holds them: [plugin.ffmpeg].
  std::map<std::string, Json> settings;
};

// Thread-safe. Faces and records live as long as the catalogue; what was opened through them must be gone
// before it.
class PluginCatalog {
 public:
  static Result<std::unique_ptr<PluginCatalog>> open(PluginCatalogOptions options);
  // The same over a library that was loaded before: tests.
  static Result<std::unique_ptr<PluginCatalog>> open(PluginLibrary builtins, PluginCatalogOptions options);
  ~PluginCatalog();
  PluginCatalog(const PluginCatalog&) = delete;
  PluginCatalog& operator=(const PluginCatalog&) = delete;

  // All of them, in the order in which they were found.
  [[nodiscard]] std::vector<const PluginRecord*> plugins();
  // By id, the one that would be used. Errors: not_found with a suggestion.
  [[nodiscard]] Result<const PluginRecord*> find(std::string_view id);

  // Starts the plugin if need be. Errors: not_found; what keeps it from being used, by name.
  [[nodiscard]] Result<const PluginFaces*> faces(std::string_view id);
  // The calls of a renderer, stage or event plugin. Errors: those of faces; `unsupported` for another kind.
  [[nodiscard]] Result<Calls*> calls(std::string_view id, PluginKind kind);

  // The filters that the store may use, in order of preference. A filter that does not start is left out: its
  // content then reads as `unsupported`.
  [[nodiscard]] const store::FilterSet& filters();
  // The plugin that traces a file with this head (the first 64 bytes): analyser and tracer are not null. Null
  // where none does. Where filters().accepting(head) has the same analyser, one analysis serves both.
  [[nodiscard]] Result<const PluginFaces*> tracer_for(std::span<const std::byte> head);
  // The same for inspectors.
  [[nodiscard]] Result<const PluginFaces*> inspector_for(std::span<const std::byte> head);

  // Shared by everything that works in parallel.
  [[nodiscard]] WorkerPool& pool() { return pool_; }

 private:
  struct Entry;
  PluginCatalog(PluginLibrary builtins, PluginCatalogOptions options);
  void list_builtins();
  Result<const PluginFaces*> start(Entry& entry);
  Entry* entry_of(std::string_view id);
  Result<const PluginFaces*> first_accepting(std::span<const std::byte> head, PluginKind kind);

  PluginCatalogOptions options_;
  WorkerPool pool_;
  PluginLibrary builtins_;
  std::recursive_mutex mutex_;  // guards the members below
  std::vector<std::unique_ptr<Entry>> entries_;
  std::optional<store::FilterSet> filters_;
};

}  // namespace souschef::core
