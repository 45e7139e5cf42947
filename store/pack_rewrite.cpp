// SPDX-License-Identifier: MIT
#include "store/pack_rewrite.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <utility>

#include "store/deduplicator.hpp"
#include "store/hasher.hpp"
#include "store/pack_sink.hpp"

namespace souschef::store {

namespace {

// Objects of this size and more are frames of their own, as ingest makes them.
constexpr std::uint32_t kLargeObject = 256U << 10;
constexpr std::size_t kFrameTarget = 1U << 20;
constexpr std::size_t kMetaFrameTarget = 512U << 10;
constexpr std::size_t kFramesInMemory = 24;

struct Unit {
  std::uint32_t order = 0;  // of the first needed object
  std::size_t pack = 0;     // index into the map's packs
  std::size_t frame = 0;
  std::uint32_t ordinal = 0;  // of an object; unused for whole frames
};

bool earlier(const Unit& a, const Unit& b) {
  return a.order < b.order;
}

class Rewrite {
 public:
  Rewrite(const RewriteRequest& request, const ProgressFunction& progress, const CancelFunction& cancelled)
      : request_(request),
        progress_(progress),
        cancelled_(cancelled),
        deduplicator_(*request.parts.index),
        sink_(
            request.parts.disk, request.parts.paths, *request.parts.keeper, deduplicator_, request.lease_id,
            [] {}, ObjectIndex::Known::move_here) {}

  Result<RewriteReport> run() {
    sort_out();
    for (const Unit& unit : whole_frames_) SOUSCHEF_CHECK(copy_frame(unit));
    for (const Unit& unit : chunks_) SOUSCHEF_CHECK(copy_object(unit, kFrameTarget));
    SOUSCHEF_CHECK(flush());
    for (const Unit& unit : meta_) SOUSCHEF_CHECK(copy_object(unit, kMetaFrameTarget));
    SOUSCHEF_CHECK(flush());
    SOUSCHEF_CHECK(sink_.flush());
    report_.bytes_written = sink_.bytes_written();
    report_.written = sink_.finished();
    return std::move(report_);
  }

 private:
  using FrameKey = std::pair<std::size_t, std::size_t>;
  using Loaded = std::shared_ptr<const LoadedFrame>;

  // What is copied how.
  void sort_out() {
    const auto& packs = request_.map.packs();
    for (std::size_t p = 0; p < packs.size(); ++p) {
      if (!request_.packs.contains(packs[p].id)) continue;
      for (std::size_t f = 0; f < packs[p].frames.size(); ++f) sort_out(p, f);
    }
    for (auto* units : {&whole_frames_, &chunks_, &meta_}) std::sort(units->begin(), units->end(), earlier);
  }

  void sort_out(std::size_t p, std::size_t f) {
    const ObjectMap::Frame& frame = request_.map.packs()[p].frames[f];
    std::uint64_t live = 0;
    std::uint32_t first = 0;
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const std::uint32_t order = request_.order[frame.first + i];
      if (order == 0) continue;
      live += request_.map.length(frame.first + i);
      first = first == 0 ? order : std::min(first, order);
    }
    if (first == 0) return;
    bytes_total_ += frame.size;
    if (static_cast<double>(live) >= request_.verbatim_from * frame.raw) {
      whole_frames_.push_back({first, p, f, 0});
      return;
    }
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      const std::uint32_t order = request_.order[frame.first + i];
      if (order == 0) continue;
      auto& units = request_.map.kind(frame.first + i) == ObjectKind::chunk ? chunks_ : meta_;
      units.push_back({order, p, f, i});
    }
  }

  Status report_progress(std::uint64_t more) {
    if (cancelled_ && cancelled_()) return Error(ErrorCode::cancelled, "stopped");
    PutProgress progress;
    bytes_done_ += more;
    progress.bytes_done = std::min(bytes_done_, bytes_total_);
    progress.bytes_total = bytes_total_;
    progress.new_bytes = sink_.bytes_written();
    if (progress_) progress_(progress);
    return {};
  }

  // Null: the pack is damaged and must stay.
  Loaded load(std::size_t p, std::size_t f) {
    for (auto it = frames_.begin(); it != frames_.end(); ++it)
      if (it->first == FrameKey{p, f}) {
        frames_.splice(frames_.begin(), frames_, it);
        return frames_.front().second;
      }
    const ObjectMap::Pack& pack = request_.map.packs()[p];
    auto& reader = readers_[p];
    if (reader == nullptr) {
      auto opened = PackReader::open(request_.parts.disk, request_.parts.paths.pack(pack.id), pack.id);
      if (!opened) {
        report_.damaged.insert(pack.id);
        return nullptr;
      }
      reader = std::move(*opened);
      if (readers_.size() > kFramesInMemory)
        std::erase_if(readers_, [&](const auto& r) { return r.first != p; });
    }
    auto frame = readers_[p]->frame(pack.frames[f].offset, pack.frames[f].size);
    if (!frame) {
      report_.damaged.insert(pack.id);
      return nullptr;
    }
    frames_.emplace_front(FrameKey{p, f}, std::move(*frame));
    if (frames_.size() > kFramesInMemory) frames_.pop_back();
    return frames_.front().second;
  }

  // Recipes are told to the index with the pack that holds them.
  static void add_summary(const ObjectRow& row, ByteView bytes, std::vector<RecipeSummary>& recipes) {
    if (row.kind != ObjectKind::recipe) return;
    if (const auto recipe = parse_recipe(bytes)) recipes.push_back(summary_of(RecipeId(row.id), *recipe));
  }

  Status copy_frame(const Unit& unit) {
    const Loaded frame = load(unit.pack, unit.frame);
    const PackId& pack = request_.map.packs()[unit.pack].id;
    if (frame == nullptr || !frame->stored_bytes_match()) {
      report_.damaged.insert(pack);
      return {};
    }
    std::vector<RecipeSummary> recipes;
    Bytes scratch;
    const auto& rows = frame->header().rows;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
      if (rows[i].kind != ObjectKind::recipe) continue;
      const auto bytes = frame->object(i, scratch);
      if (bytes && hash_of(*bytes) == rows[i].id) add_summary(rows[i], *bytes, recipes);
    }
    EncodedFrame copy;
    copy.header = frame->header();
    copy.stored = frame->stored();
    SOUSCHEF_CHECK(sink_.append(copy, recipes));
    return report_progress(copy.stored.size());
  }

  Status copy_object(const Unit& unit, std::size_t target) {
    const PackId& pack = request_.map.packs()[unit.pack].id;
    const Loaded frame = load(unit.pack, unit.frame);
    if (frame == nullptr) return {};
    Bytes scratch;
    const ObjectRow& row = frame->header().rows[unit.ordinal];
    const auto bytes = frame->object(unit.ordinal, scratch);
    if (!bytes || hash_of(*bytes) != row.id) {
      report_.damaged.insert(pack);
      return {};
    }
    const bool alone = bytes->size() >= kLargeObject && row.kind == ObjectKind::chunk;
    if (alone || raw_.size() + bytes->size() > target || rows_.size() >= kMostFrameObjects)
      SOUSCHEF_CHECK(flush());
    raw_.insert(raw_.end(), bytes->begin(), bytes->end());
    rows_.push_back({row.kind, row.id, row.length, 0});
    add_summary(row, *bytes, recipes_);
    if (alone) SOUSCHEF_CHECK(flush());
    return {};
  }

  Status flush() {
    if (rows_.empty()) return {};
    SOUSCHEF_TRY(const EncodedFrame frame, encode_frame(raw_, std::move(rows_), request_.parts.level()));
    SOUSCHEF_CHECK(sink_.append(frame, recipes_));
    const std::uint64_t size = frame.stored.size();
    raw_.clear();
    rows_.clear();
    recipes_.clear();
    return report_progress(size);
  }

  const RewriteRequest& request_;
  const ProgressFunction& progress_;
  const CancelFunction& cancelled_;
  Deduplicator deduplicator_;
  PackSink sink_;
  RewriteReport report_;
  std::vector<Unit> whole_frames_, chunks_, meta_;
  std::map<std::size_t, std::shared_ptr<PackReader>> readers_;
  std::list<std::pair<FrameKey, Loaded>> frames_;  // last used first
  Bytes raw_;                                      // the frame that is being filled
  std::vector<ObjectRow> rows_;
  std::vector<RecipeSummary> recipes_;
  std::uint64_t bytes_done_ = 0, bytes_total_ = 0;
};

}  // namespace

Result<RewriteReport> rewrite_packs(const RewriteRequest& request, const ProgressFunction& progress,
                                    const CancelFunction& cancelled) {
  return Rewrite(request, progress, cancelled).run();
}

Status refuse_unknown_recipes(StoreParts& parts, const ObjectMap& map, std::span<const std::uint32_t> order,
                              const std::set<PackId>& packs) {
  for (const ObjectMap::Pack& pack : map.packs()) {
    if (!packs.contains(pack.id)) continue;
    std::shared_ptr<PackReader> reader;
    for (const ObjectMap::Frame& frame : pack.frames) {
      std::vector<std::uint32_t> recipes;
      for (std::uint32_t i = 0; i < frame.count; ++i)
        if (map.kind(frame.first + i) == ObjectKind::recipe && order[frame.first + i] == 0)
          recipes.push_back(i);
      if (recipes.empty()) continue;
      if (reader == nullptr) {
        SOUSCHEF_TRY(reader, PackReader::open(parts.disk, parts.paths.pack(pack.id), pack.id));
      }
      const auto loaded = reader->frame(frame.offset, frame.size);
      if (!loaded) continue;  // damaged: nothing can be told, and nothing can be had from it
      Bytes scratch;
      for (const std::uint32_t i : recipes) {
        const auto bytes = (*loaded)->object(i, scratch);
        if (!bytes) continue;
        const auto recipe = parse_recipe(*bytes);
        if (!recipe && recipe.error().code == ErrorCode::unsupported)
          return Error(ErrorCode::unsupported, "the store holds recipes of a newer version of this program",
                       recipe.error().line())
              .next_step("update souschef before garbage is collected");
      }
    }
  }
  return {};
}

}  // namespace souschef::store
