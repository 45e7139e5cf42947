// SPDX-License-Identifier: MIT
// The danger: a writer stores a file while we collect. Most of its chunks are in the store already, so it
// only refers to them; and what it refers to is, to us, garbage. Nobody can lock out writers on other
// machines. So:
//
//   writer                                        collection
//   1 takes a lease                               a lists leases
//   2 reads the generation                        b reads roots, marks
//   3 looks up, stores what is new                c copies needed objects out of packs that go
//   4 publishes its manifest and record           d raises the generation, names the condemned packs
//   5 reads the generation again: unchanged, or   e reads roots again: does a new one need a condemned pack?
//     nothing of mine condemned? else from 2        then pardon all of it and begin again
//                                                 f moves packs to the trash
//
// If 5 comes before d, then 4 comes before e, and e sees the new root. If 5 comes after d, the writer sees
// that it was condemned and stores again. Packs that a writer wrote itself are safe otherwise: its lease
// stands in them, and a pack whose lease lived at a is never a candidate; if it was gone at a, its root was
// there at b.
//
// What stands between a mistake of all this (a clock, a cache of a network file system) and lost data is the
// trash: it is emptied only after another mark that began when everybody who was alive at f had ended; and a
// needed object that is found in the trash, by a mark or by any reader, comes back by itself.
//
// A crash before d leaves copies, which the next collection finds superfluous. After d and before f:
// condemned packs that are still there are pardoned by the next collection, which then plans anew. In f: a
// part is in the trash, where nothing is needed.
#include "store/garbage_collection.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "store/atomic_file.hpp"
#include "store/generation.hpp"
#include "store/object_map.hpp"
#include "store/pack_rewrite.hpp"
#include "store/reserve.hpp"
#include "store/root_walk.hpp"
#include "store/store_parts.hpp"
#include "store/trash.hpp"
#include "store/unique_id.hpp"

namespace souschef::store {

namespace {

using namespace std::chrono_literals;

// Attribute caches of other machines may be as old.
constexpr auto kLeastTrashAgeRemote = 120s;
// Rows of objects that are gone stay in the index until there are more of them than of others.
constexpr std::uint64_t kStaleRowsTolerated = 100'000;

std::int64_t wall_ms(const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.since_1970()).count();
}

// Which of the wanted objects lie in a pack of the trash.
bool holds_any(FileSystem& disk, const std::filesystem::path& path, const PackId& id,
               const std::set<ObjectKey>& wanted) {
  const auto reader = PackReader::open(disk, path, id);
  const auto table = reader ? (*reader)->table() : Result<PackTable>(reader.error());
  if (!table) return false;
  for (const PlacedFrame& frame : table->frames)
    for (const ObjectRow& row : frame.header.rows)
      if (wanted.contains(key_of(row.kind, row.id))) return true;
  return false;
}

// Which of the wanted contents some recipe in a pack of the trash makes.
bool makes_any(FileSystem& disk, const std::filesystem::path& path, const PackId& id,
               const std::set<ContentId>& wanted) {
  if (wanted.empty()) return false;
  const auto reader = PackReader::open(disk, path, id);
  const auto table = reader ? (*reader)->table() : Result<PackTable>(reader.error());
  if (!table) return false;
  const auto recipes = recipes_of(**reader, table->frames);
  return recipes && std::any_of(recipes->begin(), recipes->end(),
                                [&](const RecipeSummary& recipe) { return wanted.contains(recipe.content); });
}

struct PackInTrash {
  std::uint64_t generation;
  PackId pack;
};
Result<std::vector<PackInTrash>> find_in_trash(StoreParts& parts, const std::set<ObjectKey>& wanted,
                                               const std::set<ContentId>& makes = {}) {
  Trash trash(parts.disk, parts.paths);
  std::vector<PackInTrash> found;
  SOUSCHEF_TRY(const auto batches, trash.batches());
  for (const TrashBatch& batch : batches) {
    SOUSCHEF_TRY(const TrashContents contents, trash.contents(batch.generation));
    for (const PackId& pack : contents.packs)
      if (const auto path = trash.pack(batch.generation, pack);
          holds_any(parts.disk, path, pack, wanted) || makes_any(parts.disk, path, pack, makes))
        found.push_back({batch.generation, pack});
  }
  return found;
}

// What a collection that is at work, or that died, has condemned and not moved.
Result<bool> condemned_and_there(StoreParts& parts) {
  SOUSCHEF_TRY(const Generation generation, read_generation(parts.disk, parts.paths));
  return std::any_of(generation.condemned.begin(), generation.condemned.end(),
                     [&](const PackId& pack) { return exists(parts.disk, parts.paths.pack(pack)); });
}

// Nothing that is in packs/ is condemned any more, and every index takes notice.
Status pardon_all(StoreParts& parts, const std::string& lease_id, std::uint64_t& generation) {
  SOUSCHEF_TRY(Generation now, read_generation(parts.disk, parts.paths));
  now.condemned.clear();
  ++now.number;
  SOUSCHEF_CHECK(write_generation(parts.disk, parts.paths, now, lease_id));
  generation = now.number;
  SOUSCHEF_TRY([[maybe_unused]] const Generation seen, parts.keeper->refresh());
  return parts.keeper->scan();
}

}  // namespace

// --------------------------------------------------------------------------------------- beginning

GarbageCollection::GarbageCollection(StoreParts& parts, GcMode mode)
    : parts_(parts), mode_(mode), trash_(std::make_unique<Trash>(parts.disk, parts.paths)) {}
GarbageCollection::~GarbageCollection() = default;

Result<std::unique_ptr<GarbageCollection>> GarbageCollection::begin(Store& store, GcMode mode) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_CHECK(check_abilities(parts.format, Purpose::gc));
  std::unique_ptr<GarbageCollection> gc(new GarbageCollection(parts, mode));
  SOUSCHEF_CHECK(gc->start());
  return gc;
}

Status GarbageCollection::start() {
  if (mode_ == GcMode::collect) {
    give_reserve_up_if_needed(parts_.disk, parts_.paths);
    SOUSCHEF_TRY(lease_, parts_.leases->acquire("gc", "gc"));
  }
  SOUSCHEF_CHECK(look_again());
  SOUSCHEF_TRY(const Generation generation, parts_.keeper->refresh());
  generation_ = generation.number;
  return mode_ == GcMode::collect ? pardon_leftovers() : Status();
}

Status GarbageCollection::check_lease() {
  return lease_ == nullptr ? Status() : lease_->check();
}

Status GarbageCollection::look_again() {
  SOUSCHEF_TRY(auto all, parts_.leases->list());
  leases_.clear();
  for (LeaseRecord& lease : all)
    if (lease.role != "gc" && parts_.leases->judge(lease) == Verdict::alive)
      leases_.push_back(std::move(lease));
  return {};
}

// A collection died between condemning and moving. Whether its last look at the roots came to an end is not
// known: what it condemned and what is still there counts again.
Status GarbageCollection::pardon_leftovers() {
  SOUSCHEF_TRY(const bool some_are_there, condemned_and_there(parts_));
  if (!some_are_there) return {};
  SOUSCHEF_CHECK(check_lease());
  return pardon_all(parts_, lease_->id(), generation_);
}

// ----------------------------------------------------------------------------------------- marking

Status GarbageCollection::walk(std::span<const GcRoot> roots, const CancelFunction& cancelled) {
  map_ = std::make_unique<ObjectMap>();
  SOUSCHEF_TRY(*map_, ObjectMap::load(parts_));
  order_.assign(map_->slots(), 0);
  missing_.clear();
  std::uint32_t next = 0;
  bool known_damaged = false;
  RootWalk walk(
      parts_, *map_,
      [&](ObjectMap::Slot slot) {
        if (order_[slot] != 0) return RootWalk::Step::known;
        order_[slot] = ++next;
        return RootWalk::Step::go_on;
      },
      [&](ObjectKind kind, const Hash& id, const Error&) {
        if (!known_damaged) missing_.emplace_back(kind, id);
        return Status();
      });
  for (const GcRoot& root : roots) {
    if (cancelled && cancelled()) return Error(ErrorCode::cancelled, "stopped");
    known_damaged = root.known_damaged;
    SOUSCHEF_CHECK(walk.walk(root.root));
  }
  return {};
}

// The packs of the trash in which something that is needed lies; how many came back.
Result<std::size_t> GarbageCollection::bring_back_missing() {
  std::set<ObjectKey> wanted;
  std::set<ContentId> contents;
  for (const auto& [kind, id] : missing_) {
    wanted.insert(key_of(kind, id));
    // A content without any recipe: its recipe has another name, which only the packs of the trash know.
    if (kind == ObjectKind::recipe) contents.insert(ContentId(id));
  }
  SOUSCHEF_TRY(const auto found, find_in_trash(parts_, wanted, contents));
  if (found.empty() || mode_ == GcMode::look) {
    packs_back_ += found.size();
    return found.size();
  }
  SOUSCHEF_TRY(const std::size_t back, bring_back(parts_, *lease_, wanted, contents));
  packs_back_ += back;
  SOUSCHEF_TRY(const Generation generation, read_generation(parts_.disk, parts_.paths));
  generation_ = generation.number;
  return back;
}

Status GarbageCollection::mark(std::span<const GcRoot> roots, const CancelFunction& cancelled) {
  const std::uint64_t generation = generation_;
  for (;;) {
    written_.clear();
    SOUSCHEF_CHECK(walk(roots, cancelled));
    if (missing_.empty()) break;
    const auto [kind, id] = missing_.front();
    SOUSCHEF_TRY(const std::size_t found, bring_back_missing());
    if (found == 0)
      return Error(ErrorCode::corrupt, "something that is needed is missing: object " + id.brief(),
                   "as long as that is so, nothing is removed")
          .next_step("souschef check");
    if (mode_ == GcMode::look) break;  // it would have come back
  }
  marked_generation_ = generation;
  return {};
}

std::string GarbageCollection::protector_of(const std::string& lease) const {
  const auto living =
      std::find_if(leases_.begin(), leases_.end(), [&](const LeaseRecord& one) { return one.id() == lease; });
  return living == leases_.end() ? std::string() : living->id();
}

std::vector<PackUsage> GarbageCollection::usage() const {
  std::vector<PackUsage> packs;
  for (const ObjectMap::Pack& pack : map_->packs()) {
    PackUsage usage{pack.id, pack.size, protector_of(pack.lease), spared_.contains(pack.id), {}};
    usage.frames.reserve(pack.frames.size());
    for (const ObjectMap::Frame& frame : pack.frames) {
      FrameUsage one{frame.size, frame.raw, 0, false};
      for (std::uint32_t i = 0; i < frame.count; ++i) {
        if (order_[frame.first + i] == 0) continue;
        one.live_raw += map_->length(frame.first + i);
        one.any_live = true;
      }
      usage.frames.push_back(one);
    }
    packs.push_back(std::move(usage));
  }
  return packs;
}

GcPlan GarbageCollection::plan(const GcRules& rules) const {
  return plan_gc(usage(), rules);
}

// --------------------------------------------------------------------------------------- executing

Status GarbageCollection::rewrite(const GcPlan& plan, const ProgressFunction& progress,
                                  const CancelFunction& cancelled) {
  SOUSCHEF_CHECK(check_lease());
  std::set<PackId> packs;
  std::set<PackId> leaving;
  for (const PackDecision& decision : plan.packs) {
    if (decision.fate != PackFate::keep) leaving.insert(decision.pack);
    if (decision.fate == PackFate::rewrite) packs.insert(decision.pack);
  }
  SOUSCHEF_CHECK(refuse_unknown_recipes(parts_, *map_, order_, leaving));
  if (packs.empty()) return {};
  SOUSCHEF_TRY(
      const RewriteReport report,
      rewrite_packs({parts_, *map_, order_, packs, plan.verbatim_from, lease_->id()}, progress, cancelled));
  bytes_written_ += report.bytes_written;
  spared_.insert(report.damaged.begin(), report.damaged.end());
  // A collection that died may have written the very same pack, which then looked superfluous.
  written_.insert(report.written.begin(), report.written.end());
  return {};
}

Status GarbageCollection::condemn(const GcPlan& plan) {
  condemned_.clear();
  for (const PackDecision& decision : plan.packs)
    if (decision.fate != PackFate::keep && !spared_.contains(decision.pack) &&
        !written_.contains(decision.pack))
      condemned_.push_back(decision.pack);
  SOUSCHEF_CHECK(check_lease());
  SOUSCHEF_TRY(const Generation before, read_generation(parts_.disk, parts_.paths));
  const Generation now{before.number + 1, {condemned_.begin(), condemned_.end()}};
  SOUSCHEF_CHECK(write_generation(parts_.disk, parts_.paths, now, lease_->id()));
  generation_ = now.number;
  batch_begun_ = false;
  return {};
}

Status GarbageCollection::pardon() {
  SOUSCHEF_CHECK(check_lease());
  condemned_.clear();
  SOUSCHEF_CHECK(pardon_all(parts_, lease_->id(), generation_));
  return Error(ErrorCode::changed, "somebody needs what was about to go").next_step("try again");
}

Status GarbageCollection::confirm(std::span<const GcRoot> roots) {
  const std::set<PackId> condemned(condemned_.begin(), condemned_.end());
  bool needed = false;
  std::vector<bool> seen(map_->slots(), false);
  bool known_damaged = false;
  RootWalk walk(
      parts_, *map_,
      [&](ObjectMap::Slot slot) {
        if (seen[slot]) return RootWalk::Step::known;
        seen[slot] = true;
        needed = needed || condemned.contains(map_->place_of(slot).pack->id);
        return RootWalk::Step::go_on;
      },
      // Gone from the index already: another process of this machine has read what is condemned.
      [&](ObjectKind, const Hash&, const Error&) {
        needed = needed || !known_damaged;
        return Status();
      });
  for (const GcRoot& root : roots) {
    known_damaged = root.known_damaged;
    SOUSCHEF_CHECK(walk.walk(root.root));
    if (needed) return pardon();
  }
  return {};
}

Status GarbageCollection::begin_batch() {
  if (batch_begun_) return {};
  TrashBatch batch;
  batch.generation = generation_;
  batch.time_ms = wall_ms(parts_.clock);
  batch.reason = "gc";
  SOUSCHEF_CHECK(look_again());
  for (const LeaseRecord& lease : leases_) batch.leases.insert(lease.id());
  SOUSCHEF_CHECK(check_lease());
  SOUSCHEF_CHECK(trash_->begin(batch, lease_->id()));
  batch_begun_ = true;
  return {};
}

Status GarbageCollection::discard_file(const std::string& name, Trash::OldName old_name) {
  SOUSCHEF_CHECK(begin_batch());
  SOUSCHEF_CHECK(check_lease());
  Status moved = trash_->move_file(generation_, name, old_name);
  return moved || moved.error().code == ErrorCode::not_found ? Status() : moved;
}

Status GarbageCollection::keep_file(const std::string& name) {
  SOUSCHEF_CHECK(check_lease());
  Status back = trash_->bring_back_file(generation_, name);
  // Published anew in the meantime: what is there stands.
  return back || back.error().code == ErrorCode::exists ? Status() : back;
}

Result<bool> GarbageCollection::recover_file(const std::string& name) {
  SOUSCHEF_TRY(const auto batches, trash_->batches());
  for (const TrashBatch& batch : batches) {
    SOUSCHEF_TRY(const TrashContents contents, trash_->contents(batch.generation));
    if (std::find(contents.files.begin(), contents.files.end(), name) == contents.files.end()) continue;
    SOUSCHEF_CHECK(check_lease());
    SOUSCHEF_CHECK(trash_->bring_back_file(batch.generation, name));
    SOUSCHEF_CHECK(trash_->sync());
    return true;
  }
  return false;
}

Status GarbageCollection::discard_packs() {
  SOUSCHEF_CHECK(trash_->sync());
  if (condemned_.empty()) return {};
  SOUSCHEF_CHECK(begin_batch());
  // Before they go, every index of this machine knows none of them.
  SOUSCHEF_TRY(Generation seen, parts_.keeper->refresh());
  for (const PackId& pack : condemned_) {
    SOUSCHEF_CHECK(check_lease());
    SOUSCHEF_CHECK(trash_->move_pack(generation_, pack));
  }
  SOUSCHEF_CHECK(trash_->sync());
  condemned_.clear();
  SOUSCHEF_TRY(seen, parts_.keeper->refresh());
  return drop_stale_rows();
}

Status GarbageCollection::drop_stale_rows() {
  SOUSCHEF_TRY(const auto counts, parts_.index->counts());
  const auto needed = static_cast<std::uint64_t>(
      std::count_if(order_.begin(), order_.end(), [](std::uint32_t at) { return at != 0; }));
  if (counts.objects < kStaleRowsTolerated || counts.objects < 2 * needed) return {};
  return parts_.keeper->rebuild();
}

// ---------------------------------------------------------------------------------- trash and rest

Result<TrashReport> GarbageCollection::empty_trash(const TrashPolicy& policy) {
  TrashReport report;
  SOUSCHEF_CHECK(look_again());
  SOUSCHEF_TRY(const auto batches, trash_->batches());
  const std::int64_t now = wall_ms(parts_.clock);
  const bool remote = parts_.leases->expiry() >= kRemoteLeaseExpiry;
  for (const TrashBatch& batch : batches) {
    SOUSCHEF_TRY(const TrashContents contents, trash_->contents(batch.generation));
    const auto age = std::chrono::milliseconds(now - batch.time_ms);
    const bool readers = std::any_of(leases_.begin(), leases_.end(), [&](const LeaseRecord& lease) {
      return batch.leases.contains(lease.id());
    });
    const bool safe =
        batch.generation <= marked_generation_ && !readers && (!remote || age >= kLeastTrashAgeRemote);
    if (!safe || (!policy.now && age < policy.keep)) {
      ++report.batches_left;
      report.bytes_left += contents.bytes;
      continue;
    }
    SOUSCHEF_CHECK(check_lease());
    SOUSCHEF_CHECK(trash_->remove(batch.generation));
    ++report.batches;
    report.bytes += contents.bytes;
  }
  return report;
}

Result<DiskSpace> GarbageCollection::finish() {
  SOUSCHEF_CHECK(look_again());
  SOUSCHEF_TRY(const auto all, parts_.leases->list());
  for (const LeaseRecord& lease : all)
    if (lease.presence && parts_.leases->judge(lease) == Verdict::dead)
      SOUSCHEF_CHECK(parts_.leases->remove_dead(lease));
  std::set<std::string> holders = {lease_->id()};
  for (const LeaseRecord& lease : leases_) holders.insert(lease.id());
  const auto leftovers = parts_.disk.list(parts_.paths.temporary());
  if (leftovers)
    for (const FolderEntry& entry : *leftovers) {
      if (!is_temporary(entry.name) || holders.contains(std::string(owner_of_temporary(entry.name))))
        continue;
      SOUSCHEF_CHECK(check_lease());
      SOUSCHEF_CHECK(remove_tree(parts_.disk, parts_.paths.temporary() / entry.name));
    }
  keep_reserve(parts_.disk, parts_.paths, lease_->id());
  lease_->release();
  return parts_.disk.space(parts_.paths.folder());
}

// ------------------------------------------------------------------------------ without collecting

Result<UndoReport> undo_collection(Store& store) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_TRY(const auto lease, parts.leases->acquire("gc", "undo"));
  Trash trash(parts.disk, parts.paths);
  SOUSCHEF_TRY(const auto batches, trash.batches());
  if (batches.empty()) return Error(ErrorCode::not_found, "there is nothing to undo", "the trash is empty");
  const TrashBatch& batch = batches.back();
  SOUSCHEF_TRY(TrashContents contents, trash.contents(batch.generation));
  UndoReport report{batch.generation, contents.packs.size(), contents.files.size(), batch.reason};
  for (const PackId& pack : contents.packs) {
    SOUSCHEF_CHECK(lease->check());
    SOUSCHEF_CHECK(trash.bring_back_pack(batch.generation, pack));
  }
  SOUSCHEF_CHECK(trash.sync());
  std::uint64_t generation = 0;
  SOUSCHEF_CHECK(pardon_all(parts, lease->id(), generation));
  // Manifests before the records that point to them: the names sort that way.
  std::sort(contents.files.begin(), contents.files.end());
  for (const std::string& file : contents.files) {
    SOUSCHEF_CHECK(lease->check());
    const Status back = trash.bring_back_file(batch.generation, file);
    // Banked anew in the meantime: what is there stands.
    if (!back && back.error().code != ErrorCode::exists) return back.error();
  }
  SOUSCHEF_CHECK(trash.sync());
  SOUSCHEF_CHECK(lease->check());
  SOUSCHEF_CHECK(trash.remove(batch.generation));
  return report;
}

Result<std::size_t> bring_back(StoreParts& parts, Lease& lease, const std::set<ObjectKey>& objects,
                               const std::set<ContentId>& contents) {
  SOUSCHEF_TRY(const auto found, find_in_trash(parts, objects, contents));
  Trash trash(parts.disk, parts.paths);
  for (const PackInTrash& one : found) {
    SOUSCHEF_CHECK(lease.check());
    SOUSCHEF_CHECK(trash.bring_back_pack(one.generation, one.pack));
  }
  SOUSCHEF_CHECK(trash.sync());
  std::uint64_t generation = 0;
  SOUSCHEF_CHECK(pardon_all(parts, lease.id(), generation));
  return found.size();
}

namespace {

// Every object of what is condemned and of the trash; a recipe also as the content that it makes.
Status each_set_aside(StoreParts& parts, const std::function<void(ObjectKind, const Hash&)>& note) {
  const auto look = [&](const std::filesystem::path& path, const PackId& id) {
    const auto reader = PackReader::open(parts.disk, path, id);
    const auto table = reader ? (*reader)->table() : Result<PackTable>(reader.error());
    if (!table) return;
    for (const PlacedFrame& frame : table->frames)
      for (const ObjectRow& row : frame.header.rows) note(row.kind, row.id);
    if (const auto recipes = recipes_of(**reader, table->frames))
      for (const RecipeSummary& recipe : *recipes) note(ObjectKind::recipe, recipe.content.hash);
  };
  // In this order: what is moved meanwhile is found at its second place.
  SOUSCHEF_TRY(const Generation generation, read_generation(parts.disk, parts.paths));
  for (const PackId& pack : generation.condemned) look(parts.paths.pack(pack), pack);
  Trash trash(parts.disk, parts.paths);
  SOUSCHEF_TRY(const auto batches, trash.batches());
  for (const TrashBatch& batch : batches)
    if (const auto contents = trash.contents(batch.generation))  // else it was emptied meanwhile
      for (const PackId& pack : contents->packs) look(trash.pack(batch.generation, pack), pack);
  return {};
}

}  // namespace

Result<std::set<MissingObject>> find_set_aside(StoreParts& parts, const std::set<MissingObject>& wanted) {
  std::set<MissingObject> found;
  SOUSCHEF_CHECK(each_set_aside(parts, [&](ObjectKind kind, const Hash& id) {
    if (wanted.contains({kind, id})) found.emplace(kind, id);
  }));
  return found;
}

Result<SetAside> bring_back(StoreParts& parts, ObjectKind kind, const Hash& id) {
  SetAside aside;
  SOUSCHEF_CHECK(each_set_aside(
      parts, [&](ObjectKind each, const Hash& one) { aside.objects.push_back(key_of(each, one)); }));
  std::sort(aside.objects.begin(), aside.objects.end());
  const ObjectKey wanted = key_of(kind, id);
  if (!std::binary_search(aside.objects.begin(), aside.objects.end(), wanted)) return aside;
  std::set<ContentId> contents;
  if (kind == ObjectKind::recipe) contents.insert(ContentId(id));
  const auto lease = parts.leases->acquire("gc", "bring back from the trash");
  const auto packs = lease ? bring_back(parts, **lease, {wanted}, contents) : lease.error();
  aside.back = packs.has_value();
  if (!packs) aside.why_not = packs.error();
  return aside;
}

}  // namespace souschef::store
