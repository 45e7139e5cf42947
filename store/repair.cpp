// SPDX-License-Identifier: MIT
// In order, each step safe by itself:
//
//   1. check all data        which packs are damaged, which contents lack something
//   2. save                  what is good in damaged packs is copied into new ones, durable and indexed
//   3. set aside             damaged packs are condemned (so that every index forgets them), then moved to
//                            damaged-packs/, where people may look at them; nothing else does
//   4. fetch                 what roots still lack: from the trash, then from other stores. A recipe that is
//                            back tells what else is missing, so this repeats until nothing more is found
//   5. bank again            files of the production that had a content which is still damaged. If such a
//                            file is what it was, its chunks are what is missing
//   6. check all data again  what is still damaged
//
// Repair holds the lease of garbage collection: neither may move packs under the other.
#include "store/repair.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "store/deduplicator.hpp"
#include "store/garbage_collection.hpp"
#include "store/generation.hpp"
#include "store/hasher.hpp"
#include "store/object_map.hpp"
#include "store/pack_sink.hpp"
#include "store/root_walk.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

namespace {

struct Lack {
  ObjectKind kind = ObjectKind::chunk;
  Hash id;  // of a content, where none of its recipes is there
  auto operator<=>(const Lack&) const = default;
};

class Repair {
 public:
  Repair(Store& store, const RepairRequest& request, const ProgressFunction& progress,
         const CancelFunction& cancelled)
      : store_(store),
        parts_(parts_of(store)),
        request_(request),
        progress_(progress),
        cancelled_(cancelled) {}

  Result<RepairReport> run();

 private:
  // Objects on their way into new packs.
  class Saver {
   public:
    explicit Saver(StoreParts& parts, std::string lease)
        : parts_(parts),
          deduplicator_(*parts.index),
          sink_(
              parts.disk, parts.paths, *parts.keeper, deduplicator_, std::move(lease), [] {},
              ObjectIndex::Known::move_here) {}
    // `bytes` have been compared with the id. Once each.
    Status add(ObjectKind kind, const Hash& id, ByteView bytes);
    // All of its objects have been compared.
    Status add(const LoadedFrame& frame);
    Status flush() { return sink_.flush(); }
    [[nodiscard]] bool has(ObjectKind kind, const Hash& id) const { return seen_.contains({kind, id}); }
    [[nodiscard]] std::uint64_t count() const { return seen_.size(); }

   private:
    StoreParts& parts_;
    Deduplicator deduplicator_;
    PackSink sink_;
    std::set<Lack> seen_;
  };

  Result<CheckReport> check(double percent);
  Status save_good_objects();
  Status save_from(const PackReader& reader, std::span<const PlacedFrame> frames, Saver& saver);
  Status set_aside();
  Result<std::set<Lack>> lacking();
  Status fetch();
  Result<std::size_t> fetch_from(Store& other, const std::set<Lack>& lacks);
  Status bank_again();

  Store& store_;
  StoreParts& parts_;
  const RepairRequest& request_;
  const ProgressFunction& progress_;
  const CancelFunction& cancelled_;
  std::unique_ptr<Lease> lease_;
  RepairReport report_;
};

Status Repair::Saver::add(ObjectKind kind, const Hash& id, ByteView bytes) {
  if (!seen_.insert({kind, id}).second) return {};
  std::vector<RecipeSummary> recipes;
  if (kind == ObjectKind::recipe)
    if (const auto recipe = parse_recipe(bytes)) recipes.push_back(summary_of(RecipeId(id), *recipe));
  SOUSCHEF_TRY(
      const EncodedFrame frame,
      encode_frame(bytes, {{kind, id, static_cast<std::uint32_t>(bytes.size()), 0}}, parts_.level()));
  return sink_.append(frame, recipes);
}

Status Repair::Saver::add(const LoadedFrame& frame) {
  EncodedFrame copy;
  copy.header = frame.header();
  copy.stored = frame.stored();
  std::vector<RecipeSummary> recipes;
  Bytes scratch;
  for (std::size_t i = 0; i < copy.header.rows.size(); ++i) {
    const ObjectRow& row = copy.header.rows[i];
    seen_.insert({row.kind, row.id});
    if (row.kind != ObjectKind::recipe) continue;
    SOUSCHEF_TRY(const auto bytes, frame.object(i, scratch));
    if (const auto recipe = parse_recipe(bytes)) recipes.push_back(summary_of(RecipeId(row.id), *recipe));
  }
  return sink_.append(copy, recipes);
}

Result<CheckReport> Repair::check(double percent) {
  CheckRequest request;
  request.roots = request_.roots;
  request.data_percent = percent;
  return check_store(store_, request, percent > 0 ? progress_ : ProgressFunction(), cancelled_);
}

// ----------------------------------------------------------------------------------- damaged packs

// A frame that is whole is copied as it is. Of others the good objects.
Status Repair::save_from(const PackReader& reader, std::span<const PlacedFrame> frames, Saver& saver) {
  Bytes scratch;
  for (const PlacedFrame& placed : frames) {
    if (cancelled_ && cancelled_()) return Error(ErrorCode::cancelled, "stopped");
    const auto frame = reader.frame(placed.offset, placed.size());
    if (!frame) continue;
    const auto& rows = (*frame)->header().rows;
    std::vector<bool> good(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto bytes = (*frame)->object(i, scratch);
      good[i] = bytes && hash_of(*bytes) == rows[i].id;
    }
    if ((*frame)->stored_bytes_match() && std::find(good.begin(), good.end(), false) == good.end()) {
      SOUSCHEF_CHECK(saver.add(**frame));
      continue;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!good[i]) continue;
      SOUSCHEF_TRY(const auto bytes, (*frame)->object(i, scratch));
      SOUSCHEF_CHECK(saver.add(rows[i].kind, rows[i].id, bytes));
    }
  }
  return {};
}

Status Repair::save_good_objects() {
  Saver saver(parts_, lease_->id());
  for (const DamagedPack& damaged : report_.before.damaged_packs) {
    const auto reader = PackReader::open(parts_.disk, parts_.paths.pack(damaged.pack), damaged.pack);
    if (!reader) continue;
    const auto table = (*reader)->table();
    if (table) {
      SOUSCHEF_CHECK(save_from(**reader, table->frames, saver));
    } else if (const auto salvage = (*reader)->salvage()) {
      SOUSCHEF_CHECK(save_from(**reader, salvage->frames, saver));
    }
  }
  SOUSCHEF_CHECK(saver.flush());
  report_.objects_saved = saver.count();
  return {};
}

Status Repair::set_aside() {
  if (report_.before.damaged_packs.empty()) return {};
  SOUSCHEF_TRY(Generation generation, read_generation(parts_.disk, parts_.paths));
  ++generation.number;
  generation.condemned.clear();
  for (const DamagedPack& damaged : report_.before.damaged_packs) generation.condemned.insert(damaged.pack);
  SOUSCHEF_CHECK(lease_->check());
  SOUSCHEF_CHECK(write_generation(parts_.disk, parts_.paths, generation, lease_->id()));
  SOUSCHEF_CHECK(make_folders(parts_.disk, parts_.paths.damaged_packs()));
  for (const PackId& pack : generation.condemned) {
    SOUSCHEF_CHECK(lease_->check());
    const auto target = parts_.paths.damaged_packs() / parts_.paths.pack(pack).filename();
    // One of that name was set aside before, from another copy of the store: this one is no better.
    Status moved = parts_.disk.publish(parts_.paths.pack(pack), target);
    if (!moved && moved.error().code == ErrorCode::exists)
      moved = parts_.disk.replace(parts_.paths.pack(pack), target);
    if (!moved && moved.error().code != ErrorCode::not_found) return moved;
    SOUSCHEF_CHECK(parts_.disk.sync_folder(parts_.paths.pack_folder(pack)));
    report_.set_aside.push_back(pack);
  }
  SOUSCHEF_CHECK(parts_.disk.sync_folder(parts_.paths.damaged_packs()));
  SOUSCHEF_TRY([[maybe_unused]] const Generation seen, parts_.keeper->refresh());
  return parts_.keeper->scan();
}

// ---------------------------------------------------------------------------------------- fetching

Result<std::set<Lack>> Repair::lacking() {
  SOUSCHEF_TRY(const ObjectMap map, ObjectMap::load(parts_));
  std::set<Lack> lacks;
  std::vector<bool> seen(map.slots(), false);
  RootWalk walk(
      parts_, map,
      [&](ObjectMap::Slot slot) {
        if (seen[slot]) return RootWalk::Step::known;
        seen[slot] = true;
        return RootWalk::Step::go_on;
      },
      [&](ObjectKind kind, const Hash& id, const Error&) {
        lacks.insert({kind, id});
        return Status();
      });
  for (const ContentRoot& root : request_.roots) {
    if (cancelled_ && cancelled_()) return Error(ErrorCode::cancelled, "stopped");
    SOUSCHEF_CHECK(walk.walk(root));
  }
  return lacks;
}

Result<std::size_t> Repair::fetch_from(Store& other, const std::set<Lack>& lacks) {
  StoreParts& theirs = parts_of(other);
  Saver saver(parts_, lease_->id());
  const auto take = [&](ObjectKind kind, const Hash& id) -> Status {
    if (saver.has(kind, id)) return {};
    const auto bytes = theirs.reader->read(kind, id);  // compared with the id
    if (bytes) return saver.add(kind, id, *bytes);
    const bool stops = bytes.error().code == ErrorCode::cancelled;
    return stops ? Status(bytes.error()) : Status();
  };
  for (const Lack& lack : lacks) {
    if (cancelled_ && cancelled_()) return Error(ErrorCode::cancelled, "stopped");
    SOUSCHEF_CHECK(take(lack.kind, lack.id));
    if (lack.kind != ObjectKind::recipe) continue;
    std::vector<RecipeSummary> recipes;
    {
      SOUSCHEF_TRY(const ObjectIndex::Reader reader, theirs.index->read());
      recipes = reader.recipes(ContentId(lack.id));
    }
    for (const RecipeSummary& recipe : recipes) SOUSCHEF_CHECK(take(ObjectKind::recipe, recipe.id.hash));
  }
  SOUSCHEF_CHECK(saver.flush());
  return static_cast<std::size_t>(saver.count());
}

Status Repair::fetch() {
  std::vector<std::unique_ptr<Store>> others;
  for (const auto& folder : request_.others) {
    SOUSCHEF_TRY(auto other, Store::open(folder, parts_.options));
    SOUSCHEF_TRY([[maybe_unused]] const Generation seen, parts_of(*other).keeper->refresh());
    others.push_back(std::move(other));
  }
  for (bool progress = true; progress;) {
    SOUSCHEF_TRY(const auto lacks, lacking());
    if (lacks.empty()) return {};
    std::set<ObjectKey> keys;
    std::set<ContentId> contents;
    for (const Lack& lack : lacks) {
      keys.insert(key_of(lack.kind, lack.id));
      if (lack.kind == ObjectKind::recipe) contents.insert(ContentId(lack.id));
    }
    SOUSCHEF_TRY(const std::size_t packs, bring_back(parts_, *lease_, keys, contents));
    report_.packs_back += packs;
    progress = packs > 0;
    if (progress) continue;
    for (const auto& other : others) {
      SOUSCHEF_TRY(const std::size_t objects, fetch_from(*other, lacks));
      report_.objects_fetched += objects;
      progress = progress || objects > 0;
    }
  }
  return {};
}

Status Repair::bank_again() {
  if (request_.candidates.empty()) return {};
  SOUSCHEF_TRY(const CheckReport now, check(0));
  std::set<ContentId> damaged;
  for (const DamagedRoot& root : now.damaged_roots) damaged.insert(request_.roots[root.root].content);
  std::set<std::filesystem::path> paths;
  for (const RepairCandidate& candidate : request_.candidates)
    if (damaged.contains(candidate.content)) paths.insert(candidate.path);
  if (paths.empty()) return {};
  SOUSCHEF_TRY(const auto session, store_.begin_write("repair"));
  for (const auto& path : paths) {
    const PutRequest request{path, nullptr};
    const auto files = session->put_files(std::span(&request, 1), progress_, cancelled_);
    if (files)
      report_.files_banked += damaged.contains((*files)[0].content) ? 1 : 0;
    else if (files.error().code == ErrorCode::cancelled)
      return files.error();
  }
  return session->seal();
}

Result<RepairReport> Repair::run() {
  SOUSCHEF_TRY(report_.before, check(100));
  if (report_.before.clean()) {
    report_.after = report_.before;
    return std::move(report_);
  }
  SOUSCHEF_TRY(lease_, parts_.leases->acquire("gc", "repair"));
  SOUSCHEF_CHECK(save_good_objects());
  SOUSCHEF_CHECK(set_aside());
  SOUSCHEF_CHECK(fetch());
  SOUSCHEF_CHECK(bank_again());
  SOUSCHEF_TRY(report_.after, check(100));
  return std::move(report_);
}

}  // namespace

Result<RepairReport> repair_store(Store& store, const RepairRequest& request,
                                  const ProgressFunction& progress, const CancelFunction& cancelled) {
  return Repair(store, request, progress, cancelled).run();
}

}  // namespace souschef::store
