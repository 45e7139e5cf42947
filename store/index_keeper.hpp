// SPDX-License-Identifier: MIT
// Keeps the index of this host in step with the files of the store, which other hosts change too.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/file_system.hpp"
#include "store/generation.hpp"
#include "store/object_index.hpp"
#include "store/pack_reader.hpp"
#include "store/pack_writer.hpp"
#include "store/store_paths.hpp"

namespace souschef::store {

// The recipes of a pack, summarised: reads the frames that hold any.
Result<std::vector<RecipeSummary>> recipes_of(const PackReader& pack, std::span<const PlacedFrame> frames);

// Thread-safe. `disk`, `paths` and `index` are borrowed.
class IndexKeeper {
 public:
  IndexKeeper(FileSystem& disk, const StorePaths& paths, ObjectIndex& index, std::string host);

  // Cheap: looks at gc-generation and at the sizes of the added-logs, and takes up what changed. A new index,
  // or one that knows more than the store (a copied, restored store), is built from the packs. The generation
  // that the index now stands at.
  Result<Generation> refresh();
  // Lists all packs: takes up those that are new, drops those that are gone. Before anything is reported
  // missing.
  Status scan();
  // From nothing.
  Status rebuild();
  // The same after a scan(), unless it was done before and packs have only come since: it would find nothing
  // that the scan does not find.
  Status rebuild_if_of_use();

  // A pack that this process added: indexed, and told to other hosts. Its number.
  Result<std::uint32_t> pack_added(const FinishedPack& pack, std::span<const RecipeSummary> recipes,
                                   ObjectIndex::Known known = ObjectIndex::Known::keep);

  // Packs that could not be read at the last scan, one error each.
  [[nodiscard]] std::vector<Error> problems() const;

 private:
  // `named`: packs that are taken up even where the listing does not have them.
  Status scan_locked(const Generation& generation, std::set<PackId> named);
  Status take_up(const PackId& id);
  // The packs that the logs name and that the index does not know.
  Result<std::set<PackId>> follow_logs(IndexProgress& progress, bool& went_back);

  FileSystem& disk_;
  const StorePaths& paths_;
  ObjectIndex& index_;
  std::string host_;
  mutable std::mutex mutex_;
  std::vector<Error> problems_;
  // Since it was built from nothing: the packs that were there at the last scan. None has gone since then.
  std::optional<std::set<PackId>> built_from_;
};

// All packs that lie under their names, in no order.
Result<std::vector<PackId>> list_packs(FileSystem& disk, const StorePaths& paths);

}  // namespace souschef::store
