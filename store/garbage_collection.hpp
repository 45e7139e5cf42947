// SPDX-License-Identifier: MIT
// Giving disk back, in steps that the caller (core/jobs/collect_garbage) goes through in this order; the .cpp
// says why no step can lose what somebody needs.
//
//   auto gc = GarbageCollection::begin(store, {});
//   gc->mark(roots read now);                    // what is needed
//   const GcPlan plan = gc->plan(rules);         // pure: a dry run ends here
//   gc->rewrite(plan);                           // needed objects of packs that go: copied, durable, indexed
//   gc->condemn(plan);                           // told to everybody; nothing is moved yet
//   gc->confirm(roots read anew);                // `changed`: somebody came in between; again from mark()
//   gc->discard_file("snapshots/….json") …       // the caller's own files
//   gc->discard_packs();
//   gc->empty_trash(policy);
//   gc->finish();
//
// One thread at a time. A process that dies at any moment leaves a store in which everything needed is there;
// the next collection finishes or undoes the rest.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/content_root.hpp"
#include "store/gc_plan.hpp"
#include "store/lease.hpp"
#include "store/object_index.hpp"
#include "store/object_reader.hpp"
#include "store/pack_format.hpp"
#include "store/store.hpp"
#include "store/trash.hpp"

namespace souschef::store {

class ObjectMap;
struct StoreParts;

// Something that must stay.
struct GcRoot {
  ContentRoot root;
  bool known_damaged = false;  // a check said so: what is missing of it is no obstacle
};

enum class GcMode {
  look,    // takes no lease and changes nothing
  collect  // errors: `locked` while another collection is at work
};

struct TrashPolicy {
  std::chrono::hours keep{24 * 7};  // younger batches stay
  bool now = false;                 // none stays, as far as it is safe
};

struct TrashReport {
  std::uint64_t batches = 0, bytes = 0;  // deleted for good
  std::uint64_t batches_left = 0, bytes_left = 0;
};

class GarbageCollection {
 public:
  // Lists leases before anything else is read (so that who was done by then has published what refers to its
  // packs), and takes back what a collection that died half way has condemned.
  static Result<std::unique_ptr<GarbageCollection>> begin(Store& store, GcMode mode);
  ~GarbageCollection();
  GarbageCollection(const GarbageCollection&) = delete;
  GarbageCollection& operator=(const GarbageCollection&) = delete;

  // Who lives, as seen at begin() or at the last look_again(); what they keep are roots.
  [[nodiscard]] const std::vector<LeaseRecord>& leases() const { return leases_; }
  Status look_again();

  // What the roots need. Content that is needed and in the trash comes back first (not in GcMode::look).
  // Errors: corrupt, naming the first object that is needed and nowhere: nothing was touched.
  Status mark(std::span<const GcRoot> roots, const CancelFunction& cancelled = {});
  // Packs that mark() brought back, or would have.
  [[nodiscard]] std::uint64_t packs_back() const { return packs_back_; }

  [[nodiscard]] GcPlan plan(const GcRules& rules) const;

  // From here on GcMode::collect only. Durable when it returns. Packs whose bytes turn out to be damaged
  // stay.
  Status rewrite(const GcPlan& plan, const ProgressFunction& progress = {},
                 const CancelFunction& cancelled = {});
  [[nodiscard]] std::uint64_t bytes_written() const { return bytes_written_; }
  // Raises the generation; what is condemned counts as absent for writers from now on. Also needed where only
  // the caller's files go.
  Status condemn(const GcPlan& plan);
  // `roots`: all that there are, read after condemn(). `changed`: some need what was condemned, so all of it
  // was pardoned.
  Status confirm(std::span<const GcRoot> roots);

  // Moves a file of the store's folder ("jobs/7c/7c01….json") to the trash; success if it is gone.
  Status discard_file(const std::string& name, Trash::OldName old_name = Trash::OldName::must_be_gone);
  // Takes it back: somebody needs it after all.
  Status keep_file(const std::string& name);
  // A file that is missing: true if it was in the trash and is back.
  Result<bool> recover_file(const std::string& name);
  // The files' moves are on disk when this returns. Then the packs follow.
  Status discard_packs();

  // Deletes batches that mark() has been through and whose readers are gone (invariant 25).
  Result<TrashReport> empty_trash(const TrashPolicy& policy);
  // Leftovers of dead programs; the reserve, if there is room. Returns what the disk has left.
  Result<DiskSpace> finish();

  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  // Errors: locked, once another process may have taken over.
  Status check_lease();

 private:
  GarbageCollection(StoreParts& parts, GcMode mode);
  Status start();
  Status pardon_leftovers();
  Status walk(std::span<const GcRoot> roots, const CancelFunction& cancelled);
  Result<std::size_t> bring_back_missing();
  [[nodiscard]] std::vector<PackUsage> usage() const;
  [[nodiscard]] std::string protector_of(const std::string& lease) const;
  Status pardon();
  Status begin_batch();
  Status drop_stale_rows();

  StoreParts& parts_;
  const GcMode mode_;
  std::unique_ptr<Trash> trash_;
  std::unique_ptr<Lease> lease_;
  std::vector<LeaseRecord> leases_;
  std::uint64_t generation_ = 0;         // as this collection last read or wrote it
  std::uint64_t marked_generation_ = 0;  // when mark() was last through
  std::unique_ptr<ObjectMap> map_;
  std::vector<std::uint32_t> order_;  // by slot: when it was first reached; 0: not needed
  std::vector<std::pair<ObjectKind, Hash>> missing_;
  std::set<PackId> spared_;   // damaged: they could not be rewritten
  std::set<PackId> written_;  // by this collection
  std::vector<PackId> condemned_;
  bool batch_begun_ = false;
  std::uint64_t packs_back_ = 0, bytes_written_ = 0;
};

// ---- without a collection

struct UndoReport {
  std::uint64_t generation = 0, packs = 0, files = 0;
  std::string reason;
};
// Everything that the last collection moved comes back. Errors: not_found (the trash is empty), locked.
Result<UndoReport> undo_collection(Store& store);

// An object that somebody misses; a recipe's id may be the content that it should make.
using MissingObject = std::pair<ObjectKind, Hash>;
// Those of them that lie in what a collection has condemned, or moved to the trash.
Result<std::set<MissingObject>> find_set_aside(StoreParts& parts, const std::set<MissingObject>& wanted);

// Looks through the trash, and what a collection that is at work or died has condemned, and brings the pack
// back in which an object lies (or, as a recipe, what makes a content). It stays while a collection is at
// work, and where this process may not write.
Result<SetAside> bring_back(StoreParts& parts, ObjectKind kind, const Hash& id);
// The same for many, for the holder of the gc lease: how many packs came back.
Result<std::size_t> bring_back(StoreParts& parts, Lease& lease, const std::set<ObjectKey>& objects,
                               const std::set<ContentId>& contents);

}  // namespace souschef::store
