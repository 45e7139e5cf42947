// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

#include <sys/statvfs.h>

#include "store/atomic_file.hpp"
#include "store/garbage_collection.hpp"
#include "store/local_folders.hpp"
#include "store/materialize.hpp"
#include "store/process_identity.hpp"
#include "store/reserve.hpp"
#include "store/store_parts.hpp"
#include "store/unique_id.hpp"
#include "store/write_session.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::uint64_t kMostFormatBytes = 64U << 10;
// More threads than this gain nothing and need memory for a file each.
constexpr unsigned kMostThreads = 24;
// Measured on the production of the benchmarks: against 1 it stores 3 % more and saves a tenth of all the
// time of banking, against -1 it is 2 % and a fortieth; against 3 half of the time of compressing.
constexpr int kDefaultLevel = -3;

Table table_of(MemoTable table) {
  switch (table) {
    case MemoTable::unchanged:
      return Table::memo_unchanged;
    case MemoTable::queue:
      return Table::memo_queue;
    case MemoTable::outline:
      return Table::memo_outline;
    case MemoTable::trace:
      break;
  }
  return Table::memo_trace;
}

Result<IndexIdentity> identity_of(const fs::path& folder, const std::string& uuid) {
  struct statvfs volume {};
  if (::statvfs(folder.c_str(), &volume) != 0)
    return system_error(errno, "cannot look at " + folder.string());
  std::error_code failed;
  const fs::path path = fs::canonical(folder, failed);
  if (failed) return system_error(failed.value(), "cannot look at " + folder.string());
  return IndexIdentity{uuid, std::to_string(volume.f_fsid), path.string()};
}

class RealStore final : public Store {
 public:
  RealStore(FileSystem& disk, const Clock& clock, const OpenOptions& options, const fs::path& folder,
            StoreFormat format)
      : parts_(disk, clock, options, folder, std::move(format)) {}

  Status start();
  StoreParts& parts() { return parts_; }

  [[nodiscard]] const fs::path& folder() const override { return parts_.paths.folder(); }
  [[nodiscard]] std::string uuid() const override { return parts_.format.uuid; }

  Result<std::unique_ptr<WriteSession>> begin_write(std::string_view purpose) override;
  Result<std::unique_ptr<Lease>> begin_read(std::string_view purpose,
                                            std::vector<std::string> keeps) override;
  std::optional<StoredFile> known(const fs::path& resolved) override;
  Result<ContentInfo> describe(ContentId content) override;
  Status read(ContentId content, Form form, ByteSink& out) override;
  Result<std::string> read_all(ContentId content, std::uint64_t limit) override;

  Result<std::vector<PlacedFile>> restore(std::span<const PlaceRequest> files, Form form,
                                          const ProgressFunction& progress,
                                          const CancelFunction& cancelled) override {
    return restore_files(parts_, files, form, progress, cancelled);
  }
  Result<std::vector<PlacedFile>> checkout(std::span<const PlaceRequest> files,
                                           const ProgressFunction& progress,
                                           const CancelFunction& cancelled) override {
    return check_out_files(parts_, files, progress, cancelled);
  }

  std::optional<std::string> memo(MemoTable table, std::string_view key) override {
    const auto reader = parts_.index->read();
    return reader ? reader->memo(table_of(table), key) : std::nullopt;
  }
  void set_memo(MemoTable table, std::string_view key, std::string_view value) override {
    static_cast<void>(parts_.index->set_memo(table_of(table), key, value).has_value());
  }

 private:
  StoreParts parts_;
};

Status RealStore::start() {
  SOUSCHEF_CHECK(check_abilities(parts_.format, Purpose::read));
  fs::path index_folder = parts_.options.index_folder;
  parts_.pantry_folder = parts_.options.pantry_folder;
  if (index_folder.empty() || parts_.pantry_folder.empty()) {
    SOUSCHEF_TRY(const LocalFolders local,
                 local_folders(fs::absolute(folder()).parent_path(), parts_.format.uuid));
    if (index_folder.empty()) index_folder = local.index;
    if (parts_.pantry_folder.empty()) parts_.pantry_folder = local.pantry;
  }
  SOUSCHEF_TRY(const IndexIdentity identity, identity_of(folder(), parts_.format.uuid));
  SOUSCHEF_TRY(parts_.index, ObjectIndex::open(index_folder, identity));
  parts_.keeper =
      std::make_unique<IndexKeeper>(parts_.disk, parts_.paths, *parts_.index, this_process().host);
  const auto kind = file_system_kind(folder());
  LeaseOptions leases;
  leases.expiry = kind && kind->nearness == Nearness::local ? kLocalLeaseExpiry : kRemoteLeaseExpiry;
  SOUSCHEF_TRY(parts_.leases, LeaseFolder::open(parts_.paths.leases(), leases, parts_.disk, parts_.clock));
  parts_.reader =
      std::make_unique<ObjectReader>(parts_.disk, parts_.paths, *parts_.index, *parts_.keeper, parts_.clock);
  parts_.reader->set_last_resort(
      [this](ObjectKind object, const Hash& id) { return bring_back(parts_, object, id); });
  parts_.rebuild = std::make_unique<Rebuild>(*parts_.index, *parts_.reader, parts_.filters);
  parts_.stats = std::make_unique<StatCache>(parts_.disk, parts_.paths, *parts_.index, parts_.clock);
  return {};
}

Result<std::unique_ptr<WriteSession>> RealStore::begin_write(std::string_view purpose) {
  SOUSCHEF_CHECK(check_abilities(parts_.format, Purpose::write));
  SOUSCHEF_TRY(auto lease, parts_.leases->enter("write", purpose));
  SOUSCHEF_TRY(const Generation generation, parts_.keeper->refresh());
  return std::unique_ptr<WriteSession>(
      std::make_unique<RealWriteSession>(parts_, std::move(lease), generation.number));
}

Result<std::unique_ptr<Lease>> RealStore::begin_read(std::string_view purpose,
                                                     std::vector<std::string> keeps) {
  auto lease = parts_.leases->enter("read", purpose, std::move(keeps));
  if (lease || (lease.error().code != ErrorCode::denied && lease.error().code != ErrorCode::no_space))
    return lease;
  return std::unique_ptr<Lease>();
}

std::optional<StoredFile> RealStore::known(const fs::path& resolved) {
  if (parts_.options.rehash) return std::nullopt;
  const auto seen = parts_.stats->find(resolved);
  if (!seen) return std::nullopt;
  const auto closure = parts_.reader->closure(seen->content);
  if (!closure || !*closure) return std::nullopt;
  return StoredFile{seen->content, seen->blob, seen->content_size, seen->blob_size, seen->stamp, false};
}

Result<ContentInfo> RealStore::describe(ContentId content) {
  SOUSCHEF_TRY(Recipe recipe, parts_.rebuild->choose(content));
  ContentInfo info;
  info.content_size = recipe.content_size;
  info.filter = recipe.filter;
  info.filter_version = recipe.filter_version;
  info.exact_wrapper = recipe.wrapper && recipe.wrapper->exact;
  if (info.exact_wrapper) info.blob = recipe.wrapper->blob;
  TreeWalker walker(std::move(recipe.root),
                    [this](const Hash& id) { return parts_.reader->read(ObjectKind::node, id); });
  for (;; ++info.chunks) {
    SOUSCHEF_TRY(const auto chunk, walker.next());
    if (!chunk) return info;
  }
}

Status RealStore::read(ContentId content, Form form, ByteSink& out) {
  SOUSCHEF_TRY([[maybe_unused]] const RebuiltFile file,
               parts_.rebuild->write(content, {}, form, Proof::chunks, out));
  return {};
}

Result<std::string> RealStore::read_all(ContentId content, std::uint64_t limit) {
  SOUSCHEF_TRY(const Recipe recipe, parts_.rebuild->choose(content));
  if (recipe.content_size > limit)
    return Error(ErrorCode::bad_input, "content " + content.brief() + " is too large",
                 std::to_string(recipe.content_size) + " bytes where at most " + std::to_string(limit) +
                     " are expected");
  StringSink text;
  SOUSCHEF_CHECK(read(content, Form::content, text));
  return std::move(text.text);
}

}  // namespace

// There is one kind of store.
StoreParts& parts_of(Store& store) {
  return static_cast<RealStore&>(store).parts();
}

WorkPool& StoreParts::pool() {
  const std::lock_guard lock(pool_mutex_);
  if (pool_ == nullptr) {
    const unsigned wanted =
        options.threads != 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1U);
    pool_ = std::make_unique<WorkPool>(std::min(wanted, kMostThreads));
  }
  return *pool_;
}

int StoreParts::level() const {
  return options.compression_level != 0 ? options.compression_level : kDefaultLevel;
}

// FORMAT comes last: a folder without it is no store, whatever else is in it.
Status Store::create(const fs::path& folder, FileSystem& disk) {
  const StorePaths paths(folder);
  if (exists(disk, paths.format()))
    return Error(ErrorCode::exists, "there is a store already: " + folder.string());
  SOUSCHEF_CHECK(make_folders(disk, folder));
  for (const fs::path& part :
       {paths.packs(), paths.leases(), paths.added(), paths.temporary(), paths.trash()})
    SOUSCHEF_CHECK(make_folders(disk, part));
  // All of them now: a snapshot then never has to make one, nor to sync the folder above.
  for (unsigned first = 0; first < 256; ++first) {
    PackId id;
    id.hash.bytes[0] = static_cast<std::byte>(first);
    const Status made = disk.make_folder(paths.pack_folder(id));
    if (!made && made.error().code != ErrorCode::exists) return made;
  }
  SOUSCHEF_CHECK(disk.sync_folder(paths.packs()));
  make_first_reserve(disk, paths);
  StoreFormat format;
  format.uuid = new_uuid();
  SOUSCHEF_TRY([[maybe_unused]] const Published published,
               publish_file(disk, paths.format(), serialize(format)));
  return {};
}

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, const OpenOptions& options) {
  FileSystem& disk = options.disk == nullptr ? FileSystem::real() : *options.disk;
  const Clock& clock = options.clock == nullptr ? Clock::real() : *options.clock;
  const auto text = read_file(disk, StorePaths(folder).format(), kMostFormatBytes);
  if (!text) {
    if (text.error().code == ErrorCode::not_found)
      return Error(ErrorCode::not_found, "no store in " + folder.string()).next_step("souschef init");
    return text.error();
  }
  SOUSCHEF_TRY(StoreFormat format, parse_format(*text));
  auto store = std::make_unique<RealStore>(disk, clock, options, folder, std::move(format));
  SOUSCHEF_CHECK(store->start());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace souschef::store
