// SPDX-License-Identifier: MIT
#include "core/plugin_catalog.hpp"

#include <algorithm>
#include <utility>

#include "core/json_text.hpp"
#include "core/version.hpp"

namespace souschef::core {

std::string_view name_of(PluginOrigin origin) {
  switch (origin) {
    case PluginOrigin::builtin:
      return "builtin";
    case PluginOrigin::path:
      return "path";
    case PluginOrigin::project:
      return "project";
    case PluginOrigin::user:
      return "user";
    case PluginOrigin::system:
      return "system";
  }
  return "";
}

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
  std::unique_ptr<PluginInstance> instance;  // once started

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
    : options_(std::move(options)), builtins_(std::move(builtins)) {}

PluginCatalog::~PluginCatalog() = default;

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

std::vector<const PluginRecord*> PluginCatalog::plugins() {
  const std::scoped_lock lock(mutex_);
  std::vector<const PluginRecord*> list;
  for (const auto& entry : entries_) list.push_back(&entry->record);
  return list;
}

PluginCatalog::Entry* PluginCatalog::entry_of(std::string_view id) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry->record.manifest.id == id && entry->record.state != PluginState::duplicate;
  });
  return found == entries_.end() ? nullptr : found->get();
}

Result<const PluginRecord*> PluginCatalog::find(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  if (const Entry* entry = entry_of(id)) return &entry->record;
  return Error(ErrorCode::not_found, "no such plugin: " + std::string(id)).next_step("souschef plugin list");
}

Result<const PluginFaces*> PluginCatalog::start(Entry& entry) {
  const std::scoped_lock lock(mutex_);
  if (entry.instance != nullptr) return &entry.instance->faces();
  const PluginRecord& record = entry.record;
  if (record.state != PluginState::ok)
    return Error(ErrorCode::plugin, "the plugin \"" + record.manifest.id + "\" cannot be used", record.reason)
        .next_step(record.next);
  const auto settings = options_.settings.find(record.manifest.id);
  auto started =
      start_native(builtins_, std::make_unique<PluginHost>(record.manifest.id, pool_, options_.log),
                   settings == options_.settings.end() ? "{}" : json_text(settings->second));
  if (!started) {
    entry.set_state(PluginState::broken, started.error());
    return std::move(started).error();
  }
  entry.instance = std::move(*started);
  return &entry.instance->faces();
}

Result<const PluginFaces*> PluginCatalog::faces(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  SOUSCHEF_CHECK(find(id));
  return start(*entry_of(id));
}

Result<Calls*> PluginCatalog::calls(std::string_view id, PluginKind kind) {
  SOUSCHEF_TRY(const PluginRecord* record, find(id));
  if (record->state == PluginState::ok && !record->manifest.is(kind))
    return Error(ErrorCode::unsupported, "\"" + std::string(id) + "\" is not a " + std::string(name_of(kind)))
        .next_step("souschef plugin info " + std::string(id));
  SOUSCHEF_TRY(const PluginFaces* offered, faces(id));
  if (offered->calls == nullptr)
    return Error(ErrorCode::plugin, "the plugin \"" + std::string(id) + "\" breaks its word",
                 "plugin.json says that it is a " + std::string(name_of(kind)) + ", but it answers no calls");
  return offered->calls;
}

const store::FilterSet& PluginCatalog::filters() {
  const std::scoped_lock lock(mutex_);
  if (filters_) return *filters_;
  filters_.emplace();
  for (const auto& entry : entries_) {
    const PluginRecord& record = entry->record;
    if (record.origin != PluginOrigin::builtin || !record.manifest.is(PluginKind::filter)) continue;
    const auto started = start(*entry);
    if (!started || (*started)->filter == nullptr) continue;
    filters_->add({record.manifest.id, (*started)->analyser, (*started)->filter, (*started)->wrapper});
  }
  return *filters_;
}

Result<const PluginFaces*> PluginCatalog::first_accepting(std::span<const std::byte> head, PluginKind kind) {
  const std::scoped_lock lock(mutex_);
  for (const auto& entry : entries_) {
    if (entry->record.state != PluginState::ok || !entry->record.manifest.is(kind)) continue;
    SOUSCHEF_TRY(const PluginFaces* offered, start(*entry));
    const bool has_face =
        kind == PluginKind::tracer ? offered->tracer != nullptr : offered->inspector != nullptr;
    if (has_face && offered->analyser->accepts(head)) return offered;
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
