// SPDX-License-Identifier: MIT
// In order, each step relying on the one before:
//
//   1. the tables of all packs     every footer against its name, every frame header against its checksum
//   2. the index against them      a wrong one is built anew: it is a claim, never proof
//   3. the data, as far as asked   stored bytes against their checksum, every object against its id
//   4. copies                      what is damaged in one pack may be good in another: then it is found there
//   5. the roots                   every recipe, node and chunk that somebody needs is there and not damaged
//
// The walk over the roots marks what it has seen, so that what a thousand versions share is visited once.
// That finds out *whether* something is wrong; only if it is, each root is walked by itself to say for whom.
//
// Nobody keeps a collection from working meanwhile, and it may take packs away between any two of these
// steps. A pack that is gone is therefore no damage in itself: what is needed of it was written anew before,
// and is not on our map. So roots that lack something are looked at again. They are whole if they can be
// read, where a collection has been here since; and what it has condemned, which nobody can read as long as
// it is at work, is not lost: it is pardoned if its roots are still there when the collection looks once
// more.
#include "store/check.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "store/atomic_file.hpp"
#include "store/garbage_collection.hpp"
#include "store/generation.hpp"
#include "store/hasher.hpp"
#include "store/null_sink.hpp"
#include "store/object_map.hpp"
#include "store/pantry.hpp"
#include "store/root_walk.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

namespace {

using namespace std::chrono_literals;

constexpr auto kReport = 100ms;

class Check {
 public:
  Check(Store& store, const CheckRequest& request, const ProgressFunction& progress,
        const CancelFunction& cancelled)
      : store_(store),
        parts_(parts_of(store)),
        request_(request),
        progress_(progress),
        cancelled_(cancelled) {}

  Result<CheckReport> run();

 private:
  struct DamagedObject {
    ObjectKind kind;
    Hash id;
  };

  struct Suspect {
    DamagedRoot root;
    std::set<MissingObject> missing;
  };

  Status load();
  Result<bool> index_agrees();
  Status read_data();
  void read_pack(const ObjectMap::Pack& pack);
  void read_frame(const PackReader& reader, const ObjectMap::Pack& pack, const PlacedFrame& frame,
                  ObjectMap::Slot first);
  [[nodiscard]] bool chosen(const PackId& pack, const ObjectMap::Frame& frame) const;
  void damaged(const ObjectMap::Pack& pack, ObjectMap::Slot slot, const DamagedObject& object,
               const std::string& why);
  Status find_copies();
  Status walk_roots();
  Result<Suspect> walk_alone(std::size_t root);
  Status look_again(std::span<Suspect> suspects);
  [[nodiscard]] bool collection_is_at_work() const;
  [[nodiscard]] bool is_readable(const ContentRoot& root) const;
  void look_around();
  [[nodiscard]] Status stopped() const;

  Store& store_;
  StoreParts& parts_;
  const CheckRequest& request_;
  const ProgressFunction& progress_;
  const CancelFunction& cancelled_;
  CheckReport report_;
  std::uint64_t generation_ = 0;  // when the check began
  ObjectMap map_;

  std::mutex mutex_;       // guards what reading threads find
  std::vector<bool> bad_;  // by slot
  std::map<PackId, DamagedPack> damaged_packs_;
  std::map<ObjectKey, DamagedObject> damaged_objects_;
  std::atomic<std::uint64_t> frames_read_{0}, bytes_read_{0};
  std::atomic<bool> stop_{false};
};

Status Check::stopped() const {
  return stop_ || (cancelled_ && cancelled_()) ? Status(Error(ErrorCode::cancelled, "stopped")) : Status();
}

// --------------------------------------------------------------------------------- packs and index

Status Check::load() {
  SOUSCHEF_TRY(const Generation generation, read_generation(parts_.disk, parts_.paths));
  generation_ = generation.number;
  SOUSCHEF_TRY(map_, ObjectMap::load(parts_));
  SOUSCHEF_TRY(const bool agrees, index_agrees());
  if (!agrees) {
    report_.index_was_wrong = true;
    SOUSCHEF_CHECK(parts_.keeper->rebuild());
    SOUSCHEF_TRY(map_, ObjectMap::load(parts_));
  }
  bad_.assign(map_.slots(), false);
  for (const ObjectMap::Problem& problem : map_.problems()) {
    DamagedPack& pack = damaged_packs_[problem.pack];
    pack.pack = problem.pack;
    pack.why = problem.error.line();
    if (const auto status = parts_.disk.status(parts_.paths.pack(problem.pack))) pack.size = status->size;
  }
  report_.packs = map_.packs().size() + map_.problems().size();
  report_.objects = map_.slots();
  for (const ObjectMap::Pack& pack : map_.packs()) report_.bytes += pack.size;
  return {};
}

// Every object of every pack is found, where the index says; but for packs that a collection takes away
// meanwhile.
Result<bool> Check::index_agrees() {
  for (const ObjectMap::Pack& pack : map_.packs()) {
    SOUSCHEF_CHECK(stopped());
    const auto opened = PackReader::open(parts_.disk, parts_.paths.pack(pack.id), pack.id);
    if (!opened && opened.error().code == ErrorCode::not_found) continue;
    SOUSCHEF_TRY(const auto reader, opened);
    SOUSCHEF_TRY(const PackTable table, reader->table());
    const auto front = reader->header();
    if (!front || front->lease != table.header.lease)
      damaged_packs_[pack.id] = {pack.id, pack.size, front ? "two different headers" : front.error().line(),
                                 0};
    SOUSCHEF_TRY(const ObjectIndex::Reader index, parts_.index->read());
    if (!index.pack(pack.number)) continue;
    for (const PlacedFrame& frame : table.frames)
      for (std::uint32_t i = 0; i < frame.header.rows.size(); ++i) {
        const ObjectRow& row = frame.header.rows[i];
        const auto location = index.find(row.kind, row.id);
        if (!location) return false;
        const ObjectMap::Found found = map_.find(*location);
        if (found.where == ObjectMap::Where::newer) continue;
        if (found.where == ObjectMap::Where::nowhere || map_.kind(found.slot) != row.kind ||
            map_.length(found.slot) != row.length)
          return false;
        if (location->pack == pack.number && (location->offset != frame.offset || location->ordinal != i))
          return false;
      }
  }
  return true;
}

// -------------------------------------------------------------------------------------------- data

bool Check::chosen(const PackId& pack, const ObjectMap::Frame& frame) const {
  if (request_.data_percent >= 100) return true;
  const Hash hash = hash_of(pack.hex() + std::to_string(frame.offset) + "/" + std::to_string(request_.seed));
  std::uint32_t number = 0;
  std::memcpy(&number, hash.bytes.data(), sizeof number);
  return number < request_.data_percent / 100 * 4294967296.0;
}

void Check::damaged(const ObjectMap::Pack& pack, ObjectMap::Slot slot, const DamagedObject& object,
                    const std::string& why) {
  const std::lock_guard lock(mutex_);
  DamagedPack& damaged_pack = damaged_packs_[pack.id];
  damaged_pack.pack = pack.id;
  damaged_pack.size = pack.size;
  if (damaged_pack.why.empty()) damaged_pack.why = why;
  ++damaged_pack.damaged_objects;
  bad_[slot] = true;
  damaged_objects_.emplace(key_of(object.kind, object.id), object);
}

void Check::read_frame(const PackReader& reader, const ObjectMap::Pack& pack, const PlacedFrame& frame,
                       ObjectMap::Slot first) {
  const auto& rows = frame.header.rows;
  const auto loaded = reader.frame(frame.offset, frame.size());
  ++frames_read_;
  bytes_read_ += frame.size();
  Bytes scratch;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const auto object = loaded ? (*loaded)->object(i, scratch) : Result<ByteView>(loaded.error());
    if (object && hash_of(*object) == rows[i].id) continue;
    damaged(pack, first + i, {rows[i].kind, rows[i].id},
            object ? "object " + rows[i].id.brief() + " has other bytes than its name says"
                   : object.error().line());
  }
  if (!loaded || (*loaded)->stored_bytes_match()) return;
  // Even if all objects came out well: the disk does not give back what was written.
  const std::lock_guard lock(mutex_);
  DamagedPack& damaged_pack = damaged_packs_[pack.id];
  damaged_pack.pack = pack.id;
  damaged_pack.size = pack.size;
  if (damaged_pack.why.empty()) damaged_pack.why = "stored bytes that are not those that were written";
}

void Check::read_pack(const ObjectMap::Pack& pack) {
  const auto reader = PackReader::open(parts_.disk, parts_.paths.pack(pack.id), pack.id);
  const auto table = reader ? (*reader)->table() : Result<PackTable>(reader.error());
  if (!table || table->frames.size() != pack.frames.size()) {
    // It was good a moment ago. Where a collection has moved it, only who needs it may call that damage.
    const std::lock_guard lock(mutex_);
    if (table || table.error().code != ErrorCode::not_found)
      damaged_packs_[pack.id] = {pack.id, pack.size, table ? "it changes" : table.error().line(), 0};
    for (const ObjectMap::Frame& frame : pack.frames)
      std::fill_n(bad_.begin() + frame.first, frame.count, true);
    return;
  }
  for (std::size_t f = 0; f < pack.frames.size() && !stop_; ++f)
    if (chosen(pack.id, pack.frames[f])) read_frame(**reader, pack, table->frames[f], pack.frames[f].first);
}

Status Check::read_data() {
  if (request_.data_percent <= 0) return {};
  PutProgress total;
  for (const ObjectMap::Pack& pack : map_.packs())
    for (const ObjectMap::Frame& frame : pack.frames)
      if (chosen(pack.id, frame)) total.bytes_total += frame.size;
  const auto report = [&] {
    if (!progress_) return;
    total.bytes_done = bytes_read_;
    progress_(total);
  };
  {
    TaskGroup group(parts_.pool());
    for (const ObjectMap::Pack& pack : map_.packs()) group.run_long([this, &pack] { read_pack(pack); });
    while (!group.wait_for(kReport)) {
      report();
      if (cancelled_ && cancelled_()) stop_ = true;
    }
  }
  report();
  return stopped();
}

// What is damaged where the index looks, and good elsewhere, is found there from now on.
Status Check::find_copies() {
  if (damaged_objects_.empty()) return {};
  for (const ObjectMap::Pack& pack : map_.packs()) {
    SOUSCHEF_CHECK(stopped());
    const auto reader = PackReader::open(parts_.disk, parts_.paths.pack(pack.id), pack.id);
    const auto table = reader ? (*reader)->table() : Result<PackTable>(reader.error());
    if (!table) continue;
    for (std::size_t f = 0; f < table->frames.size() && f < pack.frames.size(); ++f) {
      const PlacedFrame& frame = table->frames[f];
      for (std::uint32_t i = 0; i < frame.header.rows.size(); ++i) {
        const ObjectRow& row = frame.header.rows[i];
        const auto wanted = damaged_objects_.find(key_of(row.kind, row.id));
        if (wanted == damaged_objects_.end() || bad_[pack.frames[f].first + i]) continue;
        const auto loaded = (*reader)->frame(frame.offset, frame.size());
        Bytes scratch;
        const auto object = loaded ? (*loaded)->object(i, scratch) : Result<ByteView>(loaded.error());
        if (!object || hash_of(*object) != row.id) continue;
        SOUSCHEF_CHECK(
            parts_.index->move_object(wanted->first, {pack.number, static_cast<std::uint32_t>(frame.offset),
                                                      static_cast<std::uint32_t>(frame.size()), i}));
        damaged_objects_.erase(wanted);
      }
    }
  }
  return {};
}

// ------------------------------------------------------------------------------------------- roots

Result<Check::Suspect> Check::walk_alone(std::size_t root) {
  Suspect found;
  found.root.root = root;
  std::set<ObjectMap::Slot> seen;
  RootWalk walk(
      parts_, map_,
      [&](ObjectMap::Slot slot) {
        if (bad_[slot]) return RootWalk::Step::damaged;
        return seen.insert(slot).second ? RootWalk::Step::go_on : RootWalk::Step::known;
      },
      [&](ObjectKind kind, const Hash& id, const Error& error) {
        if (found.root.objects++ == 0) found.root.why = error.line();
        found.missing.emplace(kind, id);
        return Status();
      });
  SOUSCHEF_CHECK(walk.walk(request_.roots[root]));
  return found;
}

Status Check::walk_roots() {
  std::vector<bool> seen(map_.slots(), false);
  bool all_good = true;
  RootWalk walk(
      parts_, map_,
      [&](ObjectMap::Slot slot) {
        if (bad_[slot]) return RootWalk::Step::damaged;
        if (seen[slot]) return RootWalk::Step::known;
        seen[slot] = true;
        return RootWalk::Step::go_on;
      },
      [&](ObjectKind, const Hash&, const Error&) {
        all_good = false;
        return Status();
      });
  for (const ContentRoot& root : request_.roots) {
    SOUSCHEF_CHECK(stopped());
    SOUSCHEF_CHECK(walk.walk(root));
  }
  report_.roots = request_.roots.size();
  if (all_good) return {};
  std::vector<Suspect> suspects;
  for (std::size_t i = 0; i < request_.roots.size(); ++i) {
    SOUSCHEF_CHECK(stopped());
    SOUSCHEF_TRY(Suspect suspect, walk_alone(i));
    if (suspect.root.objects > 0) suspects.push_back(std::move(suspect));
  }
  return look_again(suspects);
}

// ----------------------------------------------------------------------------- beside a collection

bool Check::collection_is_at_work() const {
  const auto leases = parts_.leases->list();
  return leases && std::any_of(leases->begin(), leases->end(), [&](const LeaseRecord& lease) {
           return lease.role == "gc" && parts_.leases->judge(lease) == Verdict::alive;
         });
}

// Read as a whole, since there is no map of the packs that have changed; as any reader does it brings back
// what is needed from the trash.
bool Check::is_readable(const ContentRoot& root) const {
  NullSink nowhere(cancelled_);
  return store_.read(root.content, Form::original, nowhere).has_value();
}

Status Check::look_again(std::span<Suspect> suspects) {
  const bool at_work = collection_is_at_work();
  SOUSCHEF_TRY(const Generation now, read_generation(parts_.disk, parts_.paths));
  std::set<MissingObject> missing;
  for (const Suspect& suspect : suspects) missing.insert(suspect.missing.begin(), suspect.missing.end());
  SOUSCHEF_TRY(const auto aside, find_set_aside(parts_, missing));
  std::size_t whole = 0;
  for (Suspect& suspect : suspects) {
    SOUSCHEF_CHECK(stopped());
    const bool is_aside =
        std::includes(aside.begin(), aside.end(), suspect.missing.begin(), suspect.missing.end());
    const bool may_be_whole = is_aside || now.number != generation_;
    if (may_be_whole && (is_readable(request_.roots[suspect.root.root]) || (is_aside && at_work)))
      ++whole;
    else
      report_.damaged_roots.push_back(std::move(suspect.root));
  }
  SOUSCHEF_CHECK(stopped());
  if (whole > 0)
    report_.remarks.push_back(
        std::to_string(whole) +
        " files are whole, but a collection has put parts of them aside: it is under way, "
        "or was interrupted, and the next  souschef gc  puts that in order");
  return {};
}

void Check::look_around() {
  const auto leases = parts_.leases->list();
  std::set<std::string> holders;
  if (leases)
    for (const LeaseRecord& lease : *leases) {
      if (!lease.unreadable.empty())
        report_.remarks.push_back("lease " + lease.id() + " cannot be read: " + lease.unreadable);
      else if (parts_.leases->judge(lease) == Verdict::alive)
        holders.insert(lease.id());
    }
  const auto temporary = parts_.disk.list(parts_.paths.temporary());
  std::size_t leftovers = 0;
  if (temporary)
    for (const FolderEntry& entry : *temporary)
      leftovers += holders.contains(std::string(owner_of_temporary(entry.name))) ? 0 : 1;
  if (leftovers > 0)
    report_.remarks.push_back(std::to_string(leftovers) +
                              " temporary files of programs that are gone; gc removes them");
}

Result<CheckReport> Check::run() {
  SOUSCHEF_CHECK(load());
  SOUSCHEF_CHECK(read_data());
  SOUSCHEF_CHECK(find_copies());
  SOUSCHEF_CHECK(walk_roots());
  look_around();
  report_.frames_read = frames_read_;
  report_.bytes_read = bytes_read_;
  for (auto& [id, pack] : damaged_packs_) report_.damaged_packs.push_back(std::move(pack));
  return std::move(report_);
}

}  // namespace

Result<CheckReport> check_store(Store& store, const CheckRequest& request, const ProgressFunction& progress,
                                const CancelFunction& cancelled) {
  return Check(store, request, progress, cancelled).run();
}

Result<std::uint64_t> check_pantry(Store& store, const CancelFunction& cancelled) {
  StoreParts& parts = parts_of(store);
  Pantry pantry(parts);
  std::uint64_t changed = 0;
  const auto folders = parts.disk.list(parts.pantry_folder);
  if (!folders) {
    if (folders.error().code == ErrorCode::not_found) return changed;
    return folders.error();
  }
  for (const FolderEntry& folder : *folders) {
    const auto files = parts.disk.list(parts.pantry_folder / folder.name);
    if (!files) continue;
    for (const FolderEntry& file : *files) {
      if (cancelled && cancelled()) return Error(ErrorCode::cancelled, "stopped");
      const bool executable = file.name.ends_with(".x");
      const auto content = ContentId::from_hex(file.name.substr(0, 2 * Hash::kSize));
      if (!content || is_temporary(file.name)) continue;
      if (const Status good = pantry.check(*content, executable); !good) ++changed;
    }
  }
  return changed;
}

}  // namespace souschef::store
