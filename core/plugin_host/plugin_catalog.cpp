// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_catalog.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/folder_hash.hpp"
#include "core/base/json_text.hpp"
#include "core/base/suggestion.hpp"
#include "core/plugin_host/plugin_command.hpp"
#include "core/plugin_host/plugin_remote.hpp"
#include "store/hasher.hpp"

namespace souschef::core {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Whether a plugin from there runs only once it is trusted: docs/format/trust.md.
bool needs_trust(const PluginRecord& record) {
  const bool is_library = record.manifest.program && record.manifest.program->is_library;
  switch (record.origin) {
    case PluginOrigin::builtin:
      return false;
    case PluginOrigin::project:
      return true;
    case PluginOrigin::system:
      return !is_private_folder(record.folder);
    case PluginOrigin::path:
    case PluginOrigin::user:
      return is_library || !is_private_folder(record.folder);
  }
  return true;
}

// Of a plugin from outside, whose manifest says what it wants: it is not started for other files.
bool magic_fits(const std::vector<PluginMagic>& accepts, std::span<const std::byte> head) {
  const std::string_view bytes(reinterpret_cast<const char*>(head.data()), head.size());
  return std::any_of(accepts.begin(), accepts.end(), [&](const PluginMagic& magic) {
    return magic.offset <= bytes.size() && bytes.substr(magic.offset, magic.bytes.size()) == magic.bytes;
  });
}

// Changes whenever the plugin's version or any of its files does.
std::uint32_t tracer_version(const PluginRecord& record) {
  const Hash mixed = store::hash_of(record.manifest.version + "\n" + record.hash.hex());
  std::uint32_t version = 0;
  std::memcpy(&version, mixed.bytes.data(), sizeof version);
  return version;
}

}  // namespace

std::string_view name_of(PluginState state) {
  switch (state) {
    case PluginState::ok:
      return "ok";
    case PluginState::broken:
      return "broken";
    case PluginState::untrusted:
      return "untrusted";
    case PluginState::refused:
      return "refused";
    case PluginState::duplicate:
      return "duplicate";
  }
  return "";
}

struct PluginCatalog::Entry {
  PluginRecord record;
  bool trust_judged = false;
  std::optional<PluginLibrary> library;      // of a foreign filter
  std::unique_ptr<PluginInstance> instance;  // once started
  PluginFaces faces;                         // of the instance

  void set_state(PluginState state, const Error& error) {
    record.state = state;
    record.reason = error.line();
    record.next = error.next;
  }
};

Result<std::unique_ptr<PluginCatalog>> PluginCatalog::open(PluginCatalogOptions options) {
  SOUSCHEF_TRY(PluginLibrary builtins, PluginLibrary::open_program());
  return open(std::move(builtins), std::move(options));
}

Result<std::unique_ptr<PluginCatalog>> PluginCatalog::open(PluginLibrary builtins,
                                                           PluginCatalogOptions options) {
  std::unique_ptr<PluginCatalog> catalog(new PluginCatalog(std::move(builtins), std::move(options)));
  catalog->list_builtins();
  return catalog;
}

PluginCatalog::PluginCatalog(PluginLibrary builtins, PluginCatalogOptions options)
    : options_(std::move(options)),
      trust_(options_.trust ? *options_.trust : TrustStore::of_user()),
      builtins_(std::move(builtins)) {}

PluginCatalog::~PluginCatalog() = default;

// ---- what there is

void PluginCatalog::list_builtins() {
  const souschef_factory& factory = builtins_.factory();
  const std::uint32_t count = factory.count(&factory);
  for (std::uint32_t i = 0; i < count; ++i) {
    const souschef_descriptor* descriptor = factory.describe(&factory, i);
    if (descriptor == nullptr) continue;
    auto entry = std::make_unique<Entry>();
    auto manifest =
        PluginManifest::parse(descriptor->manifest_json == nullptr ? "" : descriptor->manifest_json);
    if (manifest) {
      entry->record.manifest = std::move(*manifest);
      auto schema = SettingsSchema::parse(entry->record.manifest.settings);
      if (schema) entry->record.schema = std::move(*schema);
      if (!schema) entry->set_state(PluginState::broken, schema.error());
    } else {
      entry->record.manifest.id = descriptor->id;
      entry->set_state(PluginState::broken, manifest.error());
    }
    entries_.push_back(std::move(entry));
  }
  // The linker decides in which order built-ins register; people see them by name.
  std::sort(entries_.begin(), entries_.end(),
            [](const auto& a, const auto& b) { return a->record.manifest.id < b->record.manifest.id; });
}

void PluginCatalog::discover() {
  if (std::exchange(discovered_, true)) return;
  for (FoundPlugin& found : find_plugins(options_.places)) add_found(std::move(found));
}

void PluginCatalog::add_found(FoundPlugin found) {
  auto entry = std::make_unique<Entry>();
  entry->record.origin = found.origin;
  entry->record.folder = found.folder;
  if (!found.manifest) {
    entry->record.manifest.id = found.folder.filename().string();
    entry->set_state(PluginState::broken, found.manifest.error());
  } else {
    entry->record.manifest = std::move(*found.manifest);
    auto schema = SettingsSchema::parse(entry->record.manifest.settings);
    if (schema) entry->record.schema = std::move(*schema);
    if (!schema) {
      entry->set_state(PluginState::broken, schema.error());
    } else if (const Status judged = judge(entry->record); !judged) {
      entry->set_state(PluginState::refused, judged.error());
    } else if (const Entry* first = usable_entry(entry->record.manifest.id)) {
      const bool builtin = first->record.origin == PluginOrigin::builtin;
      entry->set_state(
          PluginState::duplicate,
          Error(ErrorCode::exists,
                builtin ? "a built-in plugin has this id"
                        : "the plugin of this id in " + first->record.folder.string() + " comes first")
              .next_step(builtin ? "give it another id, and name that in the config's plugins.replace"
                                 : "remove one of them"));
    }
  }
  entries_.push_back(std::move(entry));
}

// What speaks against a plugin before trust is asked for.
Status PluginCatalog::judge(const PluginRecord& record) const {
  const PluginManifest& manifest = record.manifest;
  SOUSCHEF_CHECK(check_abi(manifest.abi_major, manifest.abi_minor));
  if (manifest.systems.empty())
    return Error(ErrorCode::unsupported,
                 "plugin.json names neither \"run\" nor \"library\": there is nothing to start")
        .next_step("docs/format/plugin-manifest.md");
  if (!manifest.program)
    return Error(ErrorCode::unsupported,
                 "it is made for " + listed(manifest.systems) + ", this is " + std::string(system_name()));
  const bool only_filter = manifest.kinds == std::vector{PluginKind::filter};
  const auto& allowed = options_.allow_filters;
  if (only_filter && std::find(allowed.begin(), allowed.end(), manifest.id) == allowed.end())
    return Error(ErrorCode::denied, "a filter from outside is used only where the store allows it by name",
                 "content that went through it can be read only with it")
        .next_step("souschef config set store.allow_filters '[\"" + manifest.id + "\"]'");
  return {};
}

void PluginCatalog::judge_trust(Entry& entry) {
  PluginRecord& record = entry.record;
  if (record.state != PluginState::ok || std::exchange(entry.trust_judged, true) || !needs_trust(record))
    return;
  const auto hash = hash_of_folder(record.folder);
  if (!hash) return entry.set_state(PluginState::broken, hash.error());
  record.hash = *hash;
  if (trust_.is_trusted(TrustKind::plugin, *hash)) return;
  const auto trusted = trust_.list();
  const bool changed = std::any_of(trusted.begin(), trusted.end(), [&](const TrustedThing& thing) {
    return thing.kind == TrustKind::plugin && thing.what == record.folder.string();
  });
  entry.set_state(PluginState::untrusted,
                  Error(ErrorCode::denied, changed ? "its files have changed since it was trusted"
                                                   : "nobody has said yet that it may run here")
                      .next_step("souschef plugin trust " + record.manifest.id));
}

PluginCatalog::Entry* PluginCatalog::usable_entry(std::string_view id) {
  for (const auto& entry : entries_)
    if (entry->record.manifest.id == id &&
        (entry->record.state == PluginState::ok || entry->record.state == PluginState::untrusted))
      return entry.get();
  return nullptr;
}

// The one that is used, or, where none can be, the one whose reason is told.
PluginCatalog::Entry* PluginCatalog::entry_of(std::string_view id) {
  Entry* entry = usable_entry(id);
  if (entry == nullptr) {
    discover();
    entry = usable_entry(id);
  }
  for (const auto& other : entries_)
    if (entry == nullptr && other->record.manifest.id == id) entry = other.get();
  if (entry != nullptr) judge_trust(*entry);
  return entry;
}

std::vector<const PluginRecord*> PluginCatalog::plugins() {
  const std::scoped_lock lock(mutex_);
  discover();
  std::vector<const PluginRecord*> list;
  for (const auto& entry : entries_) {
    judge_trust(*entry);
    list.push_back(&entry->record);
  }
  return list;
}

Result<const PluginRecord*> PluginCatalog::find(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  if (const Entry* entry = entry_of(id)) return &entry->record;
  std::vector<std::string> known;
  for (const auto& entry : entries_) known.push_back(entry->record.manifest.id);
  const std::string meant = closest_word(id, known);
  return Error(ErrorCode::not_found, "no such plugin: " + std::string(id))
      .next_step(meant.empty() ? "souschef plugin list" : "did you mean " + meant + "?");
}

std::string PluginCatalog::stamp_of(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const Entry* entry = entry_of(used_for(id));
  if (entry == nullptr) return {};
  const PluginRecord& record = entry->record;
  return record.manifest.version + (record.hash.is_zero() ? "" : " " + record.hash.hex());
}

// ---- starting

Result<const PluginFaces*> PluginCatalog::start(Entry& entry) {
  judge_trust(entry);
  if (entry.instance != nullptr) return &entry.faces;
  const PluginRecord& record = entry.record;
  if (record.state != PluginState::ok)
    return Error(ErrorCode::plugin, "the plugin \"" + record.manifest.id + "\" cannot be used", record.reason)
        .next_step(record.next);
  const std::string where = "plugin." + record.manifest.id;
  const auto written = options_.settings.find(record.manifest.id);
  if (written != options_.settings.end()) SOUSCHEF_CHECK(may_use("plugin[" + record.manifest.id + "]."));
  SOUSCHEF_TRY(
      Json settings,
      record.schema.complete(written == options_.settings.end() ? Json::object() : written->second, where));
  SOUSCHEF_TRY(settings, resolve_secrets(record.schema, std::move(settings)));
  auto started = start_instance(entry, settings);
  if (!started) {
    // A built-in that fails once fails always; a foreign one may be mended while we run.
    if (record.origin == PluginOrigin::builtin) entry.set_state(PluginState::broken, started.error());
    return std::move(started).error();
  }
  entry.instance = std::move(*started);
  entry.faces = entry.instance->faces();
  entry.faces.record = &entry.record;
  return &entry.faces;
}

Result<std::unique_ptr<PluginInstance>> PluginCatalog::start_instance(Entry& entry, const Json& settings) {
  PluginRecord& record = entry.record;
  if (record.origin == PluginOrigin::builtin)
    return start_native(builtins_, std::make_unique<PluginHost>(record.manifest.id, pool_, options_.log),
                        json_text(settings));
  const auto& allowed = options_.allow_filters;
  if (record.manifest.is(PluginKind::filter) && record.manifest.program->is_library &&
      std::find(allowed.begin(), allowed.end(), record.manifest.id) != allowed.end())
    return start_filter(entry, settings);

  SOUSCHEF_TRY(record.hash, hash_of_folder(record.folder));
  RemotePlugin plugin;
  plugin.command = plugin_command(record.manifest, record.folder, settings, options_.program);
  plugin.kinds = record.manifest.kinds;
  plugin.accepts = record.manifest.accepts;
  plugin.tracer_version = tracer_version(record);
  if (needs_trust(record))
    plugin.may_start = [this, id = record.manifest.id, folder = record.folder]() -> Status {
      SOUSCHEF_TRY(const Hash now, hash_of_folder(folder));
      if (trust_.is_trusted(TrustKind::plugin, now)) return {};
      return Error(ErrorCode::denied, "the plugin \"" + id + "\" cannot be used",
                   "its files have changed since it was trusted")
          .next_step("souschef plugin trust " + id);
    };
  return start_remote(std::move(plugin), starter_, options_.log);
}

// In this process: the store calls it for every chunk.
Result<std::unique_ptr<PluginInstance>> PluginCatalog::start_filter(Entry& entry, const Json& settings) {
  const PluginRecord& record = entry.record;
  SOUSCHEF_TRY(entry.library,
               PluginLibrary::open(record.folder / record.manifest.program->command.front(), record.folder));
  return start_native(*entry.library, std::make_unique<PluginHost>(record.manifest.id, pool_, options_.log),
                      json_text(settings));
}

Result<const PluginFaces*> PluginCatalog::faces(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  SOUSCHEF_CHECK(find(id));
  return start(*entry_of(id));
}

std::string PluginCatalog::used_for(std::string_view id) const {
  const auto found = options_.replace.find(std::string(id));
  return found == options_.replace.end() ? std::string(id) : found->second;
}

Result<Calls*> PluginCatalog::calls(std::string_view id, PluginKind kind) {
  const std::string used = used_for(id);
  SOUSCHEF_TRY(const PluginRecord* record, find(used));
  if (record->state == PluginState::ok && !record->manifest.is(kind))
    return Error(ErrorCode::unsupported, "the plugin \"" + used + "\" is not a " + std::string(name_of(kind)))
        .next_step("souschef plugin info " + used);
  SOUSCHEF_TRY(const PluginFaces* offered, faces(used));
  if (offered->calls == nullptr)
    return Error(ErrorCode::plugin, "the plugin \"" + used + "\" breaks its word",
                 "plugin.json says that it is a " + std::string(name_of(kind)) + ", but it answers no calls");
  return offered->calls;
}

Result<Json> PluginCatalog::settings_for(std::string_view id, const Json& own, std::string_view where) {
  const std::string used = used_for(id);
  SOUSCHEF_TRY(const PluginRecord* record, find(used));
  const auto written = options_.settings.find(used);
  Json settings = Json::object();
  if (written != options_.settings.end()) {
    SOUSCHEF_CHECK(may_use("plugin[" + used + "]."));
    SOUSCHEF_CHECK(record->schema.check(written->second, "plugin." + used));
    settings = written->second;
  }
  SOUSCHEF_CHECK(record->schema.check(own, where));
  settings.update(own);
  SOUSCHEF_TRY(settings, record->schema.complete(settings, where));
  SOUSCHEF_CHECK(record->schema.check_required(settings, where));
  return settings;
}

Status PluginCatalog::may_use(std::string_view part) {
  return options_.may_use ? options_.may_use(*this, part) : Status();
}

Result<Json> PluginCatalog::reveal_secrets(std::string_view id, Json settings) {
  SOUSCHEF_TRY(const PluginRecord* record, find(used_for(id)));
  return resolve_secrets(record->schema, std::move(settings));
}

// ---- by what they do

void PluginCatalog::add_filter(Entry& entry) {
  const auto started = start(entry);
  if (!started || (*started)->filter == nullptr) return;
  filters_->add({entry.record.manifest.id, (*started)->analyser, (*started)->filter, (*started)->wrapper});
}

const store::FilterSet& PluginCatalog::filters() {
  const std::scoped_lock lock(mutex_);
  if (filters_) return *filters_;
  filters_.emplace();
  for (const auto& entry : entries_)
    if (entry->record.origin == PluginOrigin::builtin && entry->record.manifest.is(PluginKind::filter))
      add_filter(*entry);
  for (const std::string& id : options_.allow_filters)
    if (Entry* entry = entry_of(id); entry != nullptr && entry->record.origin != PluginOrigin::builtin &&
                                     entry->record.manifest.is(PluginKind::filter))
      add_filter(*entry);
  return *filters_;
}

Result<const PluginFaces*> PluginCatalog::first_accepting(std::span<const std::byte> head, PluginKind kind) {
  const std::scoped_lock lock(mutex_);
  const auto offers = [&](Entry& entry) -> Result<const PluginFaces*> {
    const PluginRecord& record = entry.record;
    if (record.origin != PluginOrigin::builtin && !magic_fits(record.manifest.accepts, head)) return nullptr;
    SOUSCHEF_TRY(const PluginFaces* offered, start(entry));
    const bool has_face =
        kind == PluginKind::tracer ? offered->tracer != nullptr : offered->inspector != nullptr;
    return has_face && offered->analyser->accepts(head) ? offered : nullptr;
  };
  for (const PluginOrigin from : {PluginOrigin::builtin, PluginOrigin::user}) {
    if (from != PluginOrigin::builtin) discover();
    // By index: a replacement may be discovered on the way.
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      Entry* entry = entries_[i].get();
      if ((entry->record.origin == PluginOrigin::builtin) != (from == PluginOrigin::builtin)) continue;
      if (entry->record.state != PluginState::ok || !entry->record.manifest.is(kind)) continue;
      if (const std::string used = used_for(entry->record.manifest.id); used != entry->record.manifest.id) {
        SOUSCHEF_CHECK(find(used));
        entry = entry_of(used);
        if (!entry->record.manifest.is(kind)) continue;
      } else if (judge_trust(*entry); entry->record.state != PluginState::ok) {
        continue;  // blocks nobody who has not asked for it by name
      }
      SOUSCHEF_TRY(const PluginFaces* offered, offers(*entry));
      if (offered != nullptr) return offered;
    }
  }
  return nullptr;
}

Result<const PluginFaces*> PluginCatalog::tracer_for(std::span<const std::byte> head) {
  return first_accepting(head, PluginKind::tracer);
}

Result<const PluginFaces*> PluginCatalog::inspector_for(std::span<const std::byte> head) {
  return first_accepting(head, PluginKind::inspect);
}

}  // namespace souschef::core
