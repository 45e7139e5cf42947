// SPDX-License-Identifier: MIT
// Cached form: a version byte, then lists in the order of the struct. Numbers are LEB128 (signed ones
// zigzagged), texts are a length and bytes. Half a megabyte of a large library reads in about a millisecond.
#include "core/jobs/trace_record.hpp"

#include <algorithm>
#include <utility>

namespace souschef::core {
namespace {

constexpr char kRecordVersion = 1;

class Recorder final : public TraceSink {
 public:
  explicit Recorder(TraceRecord& record) : record_(record) {}

  bool datablock(const TracedDatablock& datablock) override {
    if (!uses_.empty()) broken_ = "a datablock after the uses";
    record_.datablocks.push_back(datablock);
    return broken_.empty();
  }
  bool uses(std::uint32_t from, std::span<const std::uint32_t> to) override {
    for (const std::uint32_t target : to) {
      if (from >= record_.datablocks.size() || target >= record_.datablocks.size())
        broken_ = "a use of a datablock that there is not";
      uses_.emplace_back(from, target);
    }
    return broken_.empty();
  }
  bool reference(const TracedReference& reference) override {
    check(reference.datablock);
    record_.references.push_back(reference);
    return broken_.empty();
  }
  bool output(const TracedOutput& output) override {
    check(output.datablock);
    record_.outputs.push_back(output);
    return broken_.empty();
  }
  bool simulation(const TracedSimulation& simulation) override {
    check(simulation.datablock);
    record_.simulations.push_back(simulation);
    return broken_.empty();
  }
  bool facts(std::string_view json) override {
    record_.facts = json;
    return true;
  }
  bool warning(const TraceWarning& warning) override {
    check(warning.datablock);
    record_.warnings.push_back(warning);
    return broken_.empty();
  }

  Status finish() {
    for (const TracedSimulation& simulation : record_.simulations)
      if (simulation.cache != kNone && simulation.cache >= record_.references.size())
        broken_ = "a cache reference that there is not";
    if (!broken_.empty()) return Error(ErrorCode::plugin, "the tracer broke its contract", broken_);
    std::sort(uses_.begin(), uses_.end());
    uses_.erase(std::unique(uses_.begin(), uses_.end()), uses_.end());
    record_.use_starts.assign(record_.datablocks.size() + 1, 0);
    for (const auto& [from, to] : uses_) ++record_.use_starts[from + 1];
    for (std::size_t i = 1; i < record_.use_starts.size(); ++i)
      record_.use_starts[i] += record_.use_starts[i - 1];
    for (const auto& [from, to] : uses_) record_.use_targets.push_back(to);
    return {};
  }
  [[nodiscard]] bool broken() const { return !broken_.empty(); }

 private:
  void check(std::uint32_t datablock) {
    if (datablock != kNone && datablock >= record_.datablocks.size())
      broken_ = "a datablock that there is not";
  }

  TraceRecord& record_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> uses_;
  std::string broken_;
};

class Writer {
 public:
  std::string bytes;

  void number(std::uint64_t value) {
    while (value >= 128) {
      bytes += static_cast<char>(value | 128);
      value >>= 7;
    }
    bytes += static_cast<char>(value);
  }
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void text(std::string_view value) {
    number(value.size());
    bytes += value;
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool good = true;

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ >= bytes_.size()) break;
      const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
      value |= static_cast<std::uint64_t>(byte & 127U) << shift;
      if (byte < 128) return value;
    }
    good = false;
    return 0;
  }
  std::uint32_t number32() {
    const std::uint64_t value = number();
    if (value > UINT32_MAX) good = false;
    return static_cast<std::uint32_t>(value);
  }
  std::int32_t signed32() {
    const std::uint64_t value = number();
    return static_cast<std::int32_t>(static_cast<std::int64_t>(value >> 1) ^
                                     -static_cast<std::int64_t>(value & 1));
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > bytes_.size() - at_) {
      good = false;
      return {};
    }
    std::string value(bytes_.substr(at_, size));
    at_ += size;
    return value;
  }
  // A list is never longer than the bytes that are left: checked before anything is allocated.
  std::size_t count() {
    const std::uint64_t value = number();
    if (value > bytes_.size() - at_) good = false;
    return good ? static_cast<std::size_t>(value) : 0;
  }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

void write(Writer& out, const TracedReference& r) {
  out.text(r.path);
  out.text(r.base);
  out.number(static_cast<std::uint32_t>(r.kind));
  out.number(static_cast<std::uint32_t>(r.expansion));
  out.number(static_cast<std::uint32_t>(r.need));
  out.number(r.datablock);
  out.text(r.property);
  out.text(r.pattern);
  out.signed_number(r.first_frame);
  out.signed_number(r.last_frame);
  out.number(r.rewritable ? 1 : 0);
}
void write(Writer& out, const TracedOutput& o) {
  out.number(static_cast<std::uint32_t>(o.kind));
  out.number(o.datablock);
  for (const std::string* text : {&o.path, &o.slot, &o.format, &o.extension, &o.node}) out.text(*text);
  out.number(o.muted ? 1 : 0);
}
void write(Writer& out, const TracedSimulation& s) {
  out.number(s.datablock);
  out.text(s.kind);
  out.text(s.name);
  out.number(s.baked ? 1 : 0);
  out.signed_number(s.first_frame);
  out.signed_number(s.last_frame);
  out.number(s.cache);
}

TracedReference read_reference(Reader& in) {
  TracedReference r;
  r.path = in.text();
  r.base = in.text();
  r.kind = static_cast<ReferenceKind>(in.number32());
  r.expansion = static_cast<Expansion>(in.number32());
  r.need = static_cast<Need>(in.number32());
  r.datablock = in.number32();
  r.property = in.text();
  r.pattern = in.text();
  r.first_frame = in.signed32();
  r.last_frame = in.signed32();
  r.rewritable = in.number() != 0;
  return r;
}
TracedOutput read_output(Reader& in) {
  TracedOutput o;
  o.kind = static_cast<OutputKind>(in.number32());
  o.datablock = in.number32();
  for (std::string* text : {&o.path, &o.slot, &o.format, &o.extension, &o.node}) *text = in.text();
  o.muted = in.number() != 0;
  return o;
}
TracedSimulation read_simulation(Reader& in) {
  TracedSimulation s;
  s.datablock = in.number32();
  s.kind = in.text();
  s.name = in.text();
  s.baked = in.number() != 0;
  s.first_frame = in.signed32();
  s.last_frame = in.signed32();
  s.cache = in.number32();
  return s;
}

bool consistent(const TraceRecord& record) {
  const std::size_t count = record.datablocks.size();
  const auto known = [&](std::uint32_t index) { return index == kNone || index < count; };
  const auto cached = [&](const TracedSimulation& s) {
    return s.cache == kNone || s.cache < record.references.size();
  };
  if (record.use_starts.size() != count + 1 || record.use_starts.back() != record.use_targets.size())
    return false;
  return std::is_sorted(record.use_starts.begin(), record.use_starts.end()) &&
         std::all_of(record.use_targets.begin(), record.use_targets.end(),
                     [&](auto t) { return t < count; }) &&
         std::all_of(record.datablocks.begin(), record.datablocks.end(),
                     [&](auto& d) { return known(d.library); }) &&
         std::all_of(record.references.begin(), record.references.end(),
                     [&](auto& r) { return known(r.datablock); }) &&
         std::all_of(record.outputs.begin(), record.outputs.end(),
                     [&](auto& o) { return known(o.datablock); }) &&
         std::all_of(record.simulations.begin(), record.simulations.end(),
                     [&](auto& s) { return known(s.datablock) && cached(s); }) &&
         std::all_of(record.warnings.begin(), record.warnings.end(),
                     [&](auto& w) { return known(w.datablock); });
}

}  // namespace

Result<TraceRecord> record_trace(Tracer& tracer, Analysis& analysis) {
  TraceRecord record;
  Recorder recorder(record);
  if (Status traced = tracer.trace(analysis, recorder); !traced && !recorder.broken()) return traced.error();
  SOUSCHEF_CHECK(recorder.finish());
  return record;
}

std::string pack_record(const TraceRecord& record) {
  Writer out;
  out.bytes += kRecordVersion;
  out.number(record.datablocks.size());
  for (const TracedDatablock& d : record.datablocks) {
    out.text(d.name);
    out.number(d.library);
    out.number(d.root ? 1 : 0);
  }
  for (std::size_t i = 0; i < record.datablocks.size(); ++i) {
    const std::uint32_t start = record.use_starts[i], end = record.use_starts[i + 1];
    out.number(end - start);
    for (std::uint32_t u = start; u < end; ++u) out.number(record.use_targets[u]);
  }
  out.number(record.references.size());
  for (const auto& reference : record.references) write(out, reference);
  out.number(record.outputs.size());
  for (const auto& output : record.outputs) write(out, output);
  out.number(record.simulations.size());
  for (const auto& simulation : record.simulations) write(out, simulation);
  out.number(record.warnings.size());
  for (const TraceWarning& w : record.warnings) {
    out.number(w.datablock);
    out.text(w.code);
    out.text(w.message);
  }
  out.text(record.facts);
  return std::move(out.bytes);
}

Result<TraceRecord> unpack_record(std::string_view bytes) {
  const Error damaged(ErrorCode::corrupt, "a cached trace is damaged");
  if (bytes.empty() || bytes.front() != kRecordVersion) return damaged;
  Reader in(bytes.substr(1));
  TraceRecord record;
  for (std::size_t left = in.count(); left > 0 && in.good; --left)
    record.datablocks.push_back({in.text(), in.number32(), in.number() != 0});
  record.use_starts.push_back(0);
  for (std::size_t i = 0; i < record.datablocks.size() && in.good; ++i) {
    for (std::size_t left = in.count(); left > 0 && in.good; --left)
      record.use_targets.push_back(in.number32());
    record.use_starts.push_back(static_cast<std::uint32_t>(record.use_targets.size()));
  }
  for (std::size_t left = in.count(); left > 0 && in.good; --left)
    record.references.push_back(read_reference(in));
  for (std::size_t left = in.count(); left > 0 && in.good; --left) record.outputs.push_back(read_output(in));
  for (std::size_t left = in.count(); left > 0 && in.good; --left)
    record.simulations.push_back(read_simulation(in));
  for (std::size_t left = in.count(); left > 0 && in.good; --left)
    record.warnings.push_back({in.number32(), in.text(), in.text()});
  record.facts = in.text();
  if (!in.good || !in.at_end() || !consistent(record)) return damaged;
  return record;
}

std::string_view name_of(ReferenceKind kind) {
  switch (kind) {
    case ReferenceKind::other:
      return "other";
    case ReferenceKind::library:
      return "library";
    case ReferenceKind::image:
      return "image";
    case ReferenceKind::movie:
      return "movie";
    case ReferenceKind::sound:
      return "sound";
    case ReferenceKind::font:
      return "font";
    case ReferenceKind::volume:
      return "volume";
    case ReferenceKind::cache_file:
      return "cache_file";
    case ReferenceKind::mesh_cache:
      return "mesh_cache";
    case ReferenceKind::point_cache:
      return "point_cache";
    case ReferenceKind::fluid:
      return "fluid";
    case ReferenceKind::ocean:
      return "ocean";
    case ReferenceKind::geometry_nodes:
      return "geometry_nodes";
    case ReferenceKind::mesh_data:
      return "mesh_data";
    case ReferenceKind::light_profile:
      return "light_profile";
    case ReferenceKind::script:
      return "script";
    case ReferenceKind::text:
      return "text";
    case ReferenceKind::proxy:
      return "proxy";
    case ReferenceKind::unexplained:
      return "unexplained";
  }
  return "other";
}

std::string_view name_of(OutputKind kind) {
  switch (kind) {
    case OutputKind::render:
      return "render";
    case OutputKind::file_node:
      return "file_node";
    case OutputKind::bake:
      return "bake";
    case OutputKind::other:
      return "other";
  }
  return "other";
}

}  // namespace souschef::core
