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
//
// Built-in plugins run in this process; foreign ones in processes of their own
// (core/plugin_host/plugin_remote), filters apart, which a store has to allow by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

#include "core/base/json.hpp"
#include "core/base/process_starter.hpp"
#include "core/base/worker_pool.hpp"
#include "core/plugin_host/plugin_discovery.hpp"
#include "core/plugin_host/plugin_host.hpp"
#include "core/plugin_host/plugin_instance.hpp"
#include "core/plugin_host/plugin_library.hpp"
#include "core/plugin_host/plugin_manifest.hpp"
#include "core/plugin_host/plugin_trust.hpp"
#include "core/plugin_host/settings_schema.hpp"
#include "store/filter_set.hpp"

namespace souschef::core {

enum class PluginState : std::uint8_t {
  ok,
  broken,     // its plugin.json or its code does not work
  untrusted,  // nobody has said yet that it may run
  refused,    // made for another ABI or another system, or not allowed here
  duplicate   // another plugin of the same id comes first
};
std::string_view name_of(PluginState state);

struct PluginRecord {
  PluginManifest manifest;  // where plugin.json cannot be read, only the id, taken from the folder's name
  SettingsSchema schema;
  PluginOrigin origin = PluginOrigin::builtin;
  std::filesystem::path folder;  // empty for built-ins
  Hash hash;  // of the folder once it was taken (trust, start); zero for built-ins, whose identity
              // is the program's version
  PluginState state = PluginState::ok;
  std::string reason;  // one sentence; empty where ok
  std::string next;    // what to do about it; may be empty
};

class PluginCatalog;

struct PluginCatalogOptions {
  PluginLog log;
  std::map<std::string, Json> settings;  // by plugin id, as the config holds them: [[plugin]]
  std::vector<PluginPlace> places;       // plugin_places(); empty: built-ins only
  std::map<std::string, std::string>
      replace;                             // built-in id -> the id that is used in its place, filters apart
  std::vector<std::string> allow_filters;  // store.allow_filters
  std::optional<TrustStore> trust;         // none: the user's
  // Whether a part of the config ("stage[preview].", "plugin[ffmpeg].") may be acted on:
  // check_config_trust(). Empty: all of it.
  std::function<Status(PluginCatalog&, std::string_view part)> may_use;
  std::filesystem::path program;  // hosts foreign libraries; empty: this program
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

  // All of them, in the order in which they were found: built-ins by name, then place after place.
  [[nodiscard]] std::vector<const PluginRecord*> plugins();
  // By id, the one that is used. Errors: not_found with a suggestion.
  [[nodiscard]] Result<const PluginRecord*> find(std::string_view id);

  // What a record says of who did something: "1.2.0", and for what is not built in " " and the hash of the
  // plugin's folder as it was when it was started. Empty: no such plugin.
  [[nodiscard]] std::string stamp_of(std::string_view id);

  // Starts the plugin if need be. Errors: not_found; what keeps it from being used, by name.
  [[nodiscard]] Result<const PluginFaces*> faces(std::string_view id);
  // The calls of a renderer, stage or event plugin, or of the one that replaces it. Errors: those of faces;
  // `unsupported` for another kind.
  [[nodiscard]] Result<Calls*> calls(std::string_view id, PluginKind kind);

  // The id that is used where the config says `id`: another one where it is replaced.
  [[nodiscard]] std::string used_for(std::string_view id) const;
  // What a use of a plugin gets: its defaults, then its [[plugin]], then `own`; checked, complete, secrets
  // still by name. `where` is how people know the use: "stage.preview". Errors: not_found; bad_input.
  [[nodiscard]] Result<Json> settings_for(std::string_view id, const Json& own, std::string_view where);
  // The same settings with secrets in place of their names: for the call, never to be kept.
  [[nodiscard]] Result<Json> reveal_secrets(std::string_view id, Json settings);

  // The filters that the store may use, in order of preference. A filter that does not start is left out: its
  // content then reads as `unsupported`.
  [[nodiscard]] const store::FilterSet& filters();
  // The plugin that traces a file with this head (the first 64 bytes): analyser and tracer are not null. Null
  // where none does. Where filters().accepting(head) has the same analyser, one analysis serves both.
  [[nodiscard]] Result<const PluginFaces*> tracer_for(std::span<const std::byte> head);
  // The same for inspectors.
  [[nodiscard]] Result<const PluginFaces*> inspector_for(std::span<const std::byte> head);

  [[nodiscard]] const TrustStore& trust() const { return trust_; }
  // Before what a part of the config says is started, read or sent to: PluginCatalogOptions::may_use.
  // [[plugin]] needs no such call, it is looked at here. Errors: denied.
  [[nodiscard]] Status may_use(std::string_view part);

  // Shared by everything that works in parallel.
  [[nodiscard]] WorkerPool& pool() { return pool_; }

 private:
  struct Entry;
  PluginCatalog(PluginLibrary builtins, PluginCatalogOptions options);
  void list_builtins();
  void discover();
  void add_found(FoundPlugin found);
  Status judge(const PluginRecord& record) const;
  void judge_trust(Entry& entry);
  Entry* usable_entry(std::string_view id);
  Entry* entry_of(std::string_view id);
  Result<const PluginFaces*> start(Entry& entry);
  Result<std::unique_ptr<PluginInstance>> start_instance(Entry& entry, const Json& settings);
  Result<std::unique_ptr<PluginInstance>> start_filter(Entry& entry, const Json& settings);
  Result<const PluginFaces*> first_accepting(std::span<const std::byte> head, PluginKind kind);
  void add_filter(Entry& entry);

  PluginCatalogOptions options_;
  TrustStore trust_;
  WorkerPool pool_;
  ProcessStarter starter_;
  PluginLibrary builtins_;
  std::recursive_mutex mutex_;  // guards the members below
  std::vector<std::unique_ptr<Entry>> entries_;
  bool discovered_ = false;
  std::optional<store::FilterSet> filters_;
};

}  // namespace souschef::core
