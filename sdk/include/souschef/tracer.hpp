// SPDX-License-Identifier: MIT
// The C++ face of SOUSCHEF_TRACER: what a file needs, writes and is. The enums of plugin.h are the truth for
// numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/analysis.hpp>

namespace souschef {

inline constexpr std::uint32_t kNone = SOUSCHEF_NONE;
inline constexpr std::string_view kBaseEntry = SOUSCHEF_BASE_ENTRY;

enum class ReferenceKind : std::uint32_t {
  other = SOUSCHEF_KIND_OTHER,
  library = SOUSCHEF_KIND_LIBRARY,
  image = SOUSCHEF_KIND_IMAGE,
  movie = SOUSCHEF_KIND_MOVIE,
  sound = SOUSCHEF_KIND_SOUND,
  font = SOUSCHEF_KIND_FONT,
  volume = SOUSCHEF_KIND_VOLUME,
  cache_file = SOUSCHEF_KIND_CACHE_FILE,
  mesh_cache = SOUSCHEF_KIND_MESH_CACHE,
  point_cache = SOUSCHEF_KIND_POINT_CACHE,
  fluid = SOUSCHEF_KIND_FLUID,
  ocean = SOUSCHEF_KIND_OCEAN,
  geometry_nodes = SOUSCHEF_KIND_GEOMETRY_NODES,
  mesh_data = SOUSCHEF_KIND_MESH_DATA,
  light_profile = SOUSCHEF_KIND_LIGHT_PROFILE,
  script = SOUSCHEF_KIND_SCRIPT,
  text = SOUSCHEF_KIND_TEXT,
  proxy = SOUSCHEF_KIND_PROXY,
  unexplained = SOUSCHEF_KIND_UNEXPLAINED
};

enum class Expansion : std::uint32_t {
  file = SOUSCHEF_EXPAND_FILE,
  last_digits = SOUSCHEF_EXPAND_LAST_DIGITS,
  trailing_digits = SOUSCHEF_EXPAND_TRAILING_DIGITS,
  udim = SOUSCHEF_EXPAND_UDIM,
  uvtile = SOUSCHEF_EXPAND_UVTILE,
  folder = SOUSCHEF_EXPAND_FOLDER,
  point_cache = SOUSCHEF_EXPAND_POINT_CACHE,
  views = SOUSCHEF_EXPAND_VIEWS
};

enum class Need : std::uint32_t {
  required = SOUSCHEF_NEED_REQUIRED,
  cache = SOUSCHEF_NEED_CACHE,
  optional = SOUSCHEF_NEED_OPTIONAL
};

enum class OutputKind : std::uint32_t {
  render = SOUSCHEF_OUTPUT_RENDER,
  file_node = SOUSCHEF_OUTPUT_FILE_NODE,
  bake = SOUSCHEF_OUTPUT_BAKE,
  other = SOUSCHEF_OUTPUT_OTHER
};

// See the structs of the same names in plugin.h for what each member means. Paths are bytes.
struct TracedDatablock {
  std::string name;
  std::uint32_t library = kNone;
  bool root = false;
};
struct TracedReference {
  std::string path;
  std::string base;
  ReferenceKind kind = ReferenceKind::other;
  Expansion expansion = Expansion::file;
  Need need = Need::required;
  std::uint32_t datablock = kNone;
  std::string property;
  std::string pattern;
  std::int32_t first_frame = 1;
  std::int32_t last_frame = 0;
  bool rewritable = false;
};
struct TracedOutput {
  OutputKind kind = OutputKind::render;
  std::uint32_t datablock = kNone;
  std::string path;
  std::string slot;
  std::string format;
  std::string extension;
  std::string node;
  bool muted = false;
};
struct TracedSimulation {
  std::uint32_t datablock = kNone;
  std::string kind;
  std::string name;
  bool baked = false;
  std::int32_t first_frame = 1;
  std::int32_t last_frame = 0;
  std::uint32_t cache = kNone;
};
struct TraceWarning {
  std::uint32_t datablock = kNone;
  std::string code;
  std::string message;
};

// Receives a trace in the order that souschef_trace_sink fixes. Each call returns false to stop.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual bool datablock(const TracedDatablock& datablock) = 0;
  virtual bool uses(std::uint32_t from, std::span<const std::uint32_t> to) = 0;
  virtual bool reference(const TracedReference& reference) = 0;
  virtual bool output(const TracedOutput& output) = 0;
  virtual bool simulation(const TracedSimulation& simulation) = 0;
  virtual bool facts(std::string_view json) = 0;
  virtual bool warning(const TraceWarning& warning) = 0;
};

struct PathChange {
  std::uint32_t reference = 0;
  std::string path;
};

class Tracer {
 public:
  virtual ~Tracer() = default;
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  virtual Status trace(Analysis& analysis, TraceSink& sink) = 0;
  // Writes the content with `changes` made. A path that does not fit is bad_input.
  virtual Status rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) = 0;
};

namespace abi {

inline souschef_trace_sink export_trace_sink(TraceSink& sink) {
  souschef_trace_sink out{};
  out.struct_size = sizeof out;
  out.context = &sink;
  out.datablock = [](void* context, const souschef_datablock* d) -> std::int32_t {
    return static_cast<TraceSink*>(context)->datablock(
               {std::string(view(d->name)), d->library, (d->flags & SOUSCHEF_DATABLOCK_ROOT) != 0})
               ? 0
               : 1;
  };
  out.uses = [](void* context, std::uint32_t from, const std::uint32_t* to,
                std::size_t count) -> std::int32_t {
    return static_cast<TraceSink*>(context)->uses(from, {to, count}) ? 0 : 1;
  };
  out.reference = [](void* context, const souschef_reference* r) -> std::int32_t {
    TracedReference reference;
    reference.path = view(r->path);
    reference.base = view(r->base);
    reference.kind = static_cast<ReferenceKind>(r->kind);
    reference.expansion = static_cast<Expansion>(r->expansion);
    reference.need = static_cast<Need>(r->need);
    reference.datablock = r->datablock;
    reference.property = view(r->property);
    reference.pattern = view(r->pattern);
    reference.first_frame = r->first_frame;
    reference.last_frame = r->last_frame;
    reference.rewritable = r->rewritable != 0;
    return static_cast<TraceSink*>(context)->reference(reference) ? 0 : 1;
  };
  out.output = [](void* context, const souschef_output* o) -> std::int32_t {
    return static_cast<TraceSink*>(context)->output(
               {static_cast<OutputKind>(o->kind), o->datablock, std::string(view(o->path)),
                std::string(view(o->slot)), std::string(view(o->format)), std::string(view(o->extension)),
                std::string(view(o->node)), o->muted != 0})
               ? 0
               : 1;
  };
  out.simulation = [](void* context, const souschef_simulation* s) -> std::int32_t {
    return static_cast<TraceSink*>(context)->simulation(
               {s->datablock, std::string(view(s->kind)), std::string(view(s->name)), s->baked != 0,
                s->first_frame, s->last_frame, SOUSCHEF_HAS(s, cache) ? s->cache : kNone})
               ? 0
               : 1;
  };
  out.facts = [](void* context, souschef_text json) -> std::int32_t {
    return static_cast<TraceSink*>(context)->facts(view(json)) ? 0 : 1;
  };
  out.warning = [](void* context, std::uint32_t datablock, souschef_text code,
                   souschef_text message) -> std::int32_t {
    return static_cast<TraceSink*>(context)->warning(
               {datablock, std::string(view(code)), std::string(view(message))})
               ? 0
               : 1;
  };
  return out;
}

class ImportedTraceSink final : public TraceSink {
 public:
  explicit ImportedTraceSink(const souschef_trace_sink& sink) : sink_(sink) {}
  bool datablock(const TracedDatablock& d) override {
    const souschef_datablock out{sizeof out, bytes(std::string_view(d.name)), d.library,
                                 d.root ? static_cast<std::uint32_t>(SOUSCHEF_DATABLOCK_ROOT) : 0U};
    return sink_.datablock(sink_.context, &out) == 0;
  }
  bool uses(std::uint32_t from, std::span<const std::uint32_t> to) override {
    return sink_.uses(sink_.context, from, to.data(), to.size()) == 0;
  }
  bool reference(const TracedReference& r) override {
    const souschef_reference out{sizeof out,
                                 bytes(std::string_view(r.path)),
                                 bytes(std::string_view(r.base)),
                                 static_cast<std::uint32_t>(r.kind),
                                 static_cast<std::uint32_t>(r.expansion),
                                 static_cast<std::uint32_t>(r.need),
                                 r.datablock,
                                 text(r.property),
                                 bytes(std::string_view(r.pattern)),
                                 r.first_frame,
                                 r.last_frame,
                                 r.rewritable ? 1U : 0U};
    return sink_.reference(sink_.context, &out) == 0;
  }
  bool output(const TracedOutput& o) override {
    const souschef_output out{sizeof out,
                              static_cast<std::uint32_t>(o.kind),
                              o.datablock,
                              bytes(std::string_view(o.path)),
                              bytes(std::string_view(o.slot)),
                              text(o.format),
                              text(o.extension),
                              text(o.node),
                              o.muted ? 1U : 0U};
    return sink_.output(sink_.context, &out) == 0;
  }
  bool simulation(const TracedSimulation& s) override {
    const souschef_simulation out{sizeof out,        s.datablock,   text(s.kind), text(s.name),
                                  s.baked ? 1U : 0U, s.first_frame, s.last_frame, 0, s.cache};
    return sink_.simulation(sink_.context, &out) == 0;
  }
  bool facts(std::string_view json) override { return sink_.facts(sink_.context, text(json)) == 0; }
  bool warning(const TraceWarning& w) override {
    return sink_.warning(sink_.context, w.datablock, text(w.code), text(w.message)) == 0;
  }

 private:
  souschef_trace_sink sink_;
};

// The plugin's side, for a class `P` that has `Tracer& tracer()`.
template <class P>
const souschef_tracer* exported_tracer() {
  static const souschef_tracer kTable = {
      sizeof(souschef_tracer), P::kTracerVersion,
      [](const souschef_plugin* plugin, souschef_analysis* analysis, const souschef_trace_sink* sink,
         souschef_error* error) {
        return guarded(error, [&] {
          ImportedTraceSink imported(*sink);
          return status_of(error,
                           static_cast<P*>(plugin->self)->tracer().trace(*analysis->analysis, imported));
        });
      },
      [](const souschef_plugin* plugin, souschef_analysis* analysis, const souschef_path_change* changes,
         std::size_t count, const souschef_byte_sink* out, souschef_error* error) {
        return guarded(error, [&] {
          std::vector<PathChange> list;
          for (std::size_t i = 0; i < count; ++i)
            list.push_back({changes[i].reference, std::string(view(changes[i].path))});
          ImportedSink sink(*out);
          return status_of(error,
                           static_cast<P*>(plugin->self)->tracer().rewrite(*analysis->analysis, list, sink));
        });
      }};
  return &kTable;
}

class ImportedTracer final : public Tracer {
 public:
  ImportedTracer(const souschef_plugin* plugin, const souschef_tracer* table)
      : plugin_(plugin), table_(table) {}
  [[nodiscard]] std::uint32_t version() const override { return table_->version; }
  Status trace(Analysis& analysis, TraceSink& sink) override {
    souschef_error error = empty_error();
    const souschef_trace_sink exported = export_trace_sink(sink);
    const souschef_status status = table_->trace(plugin_, handle_of(analysis), &exported, &error);
    return status == SOUSCHEF_OK ? Status() : Status(to_error(status, error));
  }
  Status rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) override {
    std::vector<souschef_path_change> list;
    for (const PathChange& change : changes)
      list.push_back({change.reference, bytes(std::string_view(change.path))});
    souschef_error error = empty_error();
    const souschef_byte_sink sink = export_sink(out);
    const souschef_status status =
        table_->rewrite(plugin_, handle_of(analysis), list.data(), list.size(), &sink, &error);
    return status == SOUSCHEF_OK ? Status() : Status(to_error(status, error));
  }

 private:
  const souschef_plugin* plugin_;
  const souschef_tracer* table_;
};

}  // namespace abi
}  // namespace souschef
