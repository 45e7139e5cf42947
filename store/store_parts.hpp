// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "store/chunker.hpp"
#include "store/clock.hpp"
#include "store/file_system.hpp"
#include "store/filter_set.hpp"
#include "store/index_keeper.hpp"
#include "store/lease.hpp"
#include "store/object_index.hpp"
#include "store/object_reader.hpp"
#include "store/rebuild.hpp"
#include "store/stat_cache.hpp"
#include "store/store.hpp"
#include "store/store_format.hpp"
#include "store/store_paths.hpp"
#include "store/work_pool.hpp"

namespace souschef::store {

// Everything that an open store consists of, for those who work inside this room. Members are made in this
// order and go in the opposite one. Thread-safe as far as its members are.
struct StoreParts {
  FileSystem& disk;
  const Clock& clock;
  OpenOptions options;
  FilterSet filters;
  StorePaths paths;
  StoreFormat format;
  Chunker chunker;
  std::filesystem::path pantry_folder;
  std::unique_ptr<ObjectIndex> index;
  std::unique_ptr<IndexKeeper> keeper;
  std::unique_ptr<LeaseFolder> leases;
  std::unique_ptr<ObjectReader> reader;
  std::unique_ptr<Rebuild> rebuild;
  std::unique_ptr<StatCache> stats;

  StoreParts(FileSystem& disk_in, const Clock& clock_in, OpenOptions options_in,
             const std::filesystem::path& folder, StoreFormat format_in)
      : disk(disk_in),
        clock(clock_in),
        options(std::move(options_in)),
        filters(options.filters == nullptr ? FilterSet() : *options.filters),
        paths(folder),
        format(std::move(format_in)),
        chunker(format.chunker) {}

  // Threads are started when they are first needed: most commands need none.
  WorkPool& pool();

  [[nodiscard]] int level() const;

 private:
  std::mutex pool_mutex_;
  std::unique_ptr<WorkPool> pool_;
};

// The parts of an open store: for check, repair, statistics, garbage collection, dump.
StoreParts& parts_of(Store& store);

}  // namespace souschef::store
