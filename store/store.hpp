// SPDX-License-Identifier: MIT
// The door of the store room: content in, content out.
//
//   auto store = Store::open(folder, options);            // .souschef/store of a production
//   auto session = store->begin_write("snapshot");        // takes a lease
//   auto files = session->put_files(requests, progress);  // reads, filters, cuts, hashes, deduplicates
//   session->seal();                                      // from here everything is on disk
//   ...                                                   // the caller publishes what refers to the content
//   session->confirm();                                   // no gc came in between: tell of success
//   store->read(files[0].content, Form::content, sink);   // verified
//
// Threads: a Store is thread-safe. A WriteSession is used by one thread at a time and uses the store's worker
// threads itself. Any number of processes, on any number of machines, may have one store open at the same
// time.
//
// Durability: seal() returns only when every byte that the session added is on disk and still referenced by
// nobody else's delete. Nothing that happened before seal() is promised.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/analysis.hpp>
#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/clock.hpp"
#include "store/file_stamp.hpp"
#include "store/file_system.hpp"
#include "store/filter_set.hpp"

namespace souschef::store {

class Lease;

// A file of the production, held open for reading. The path is resolved (no symbolic link in it) and is
// opened without following one, so that what was allowed is what is read. Only regular files.
class SourceFile : public InputFile {
 public:
  // Errors: not_found, denied, bad_input (not a regular file), io.
  static Result<std::unique_ptr<SourceFile>> open(const std::filesystem::path& resolved);

  [[nodiscard]] virtual const FileStamp& stamp() const = 0;  // taken right after opening
  // Fails with `changed` if the file was written to, cut short or replaced since it was opened.
  virtual Status check_unchanged() const = 0;
  // The file's analysis by the filter that accepts it; opened at the first call, then shared. Null: plain
  // bytes. One thread at a time.
  virtual Result<Analysis*> analysis(const FilterSet& filters,
                                     const std::filesystem::path& temporary_folder) = 0;
};

// One file to bank.
struct PutRequest {
  std::filesystem::path path;    // resolved
  SourceFile* opened = nullptr;  // already open (after a trace), or null
};

// What became of it.
struct StoredFile {
  ContentId content;  // names the file without a compressed wrapper: what identity is made of
  BlobId blob;        // names the file as it was found
  std::uint64_t content_size = 0;
  std::uint64_t blob_size = 0;
  FileStamp stamp;
  bool read = false;     // false: known from the stat cache
  bool settled = false;  // every later change of the file shows in its stamp (git's racy rule)
};

struct PutProgress {
  std::uint64_t files_done = 0, files_total = 0;
  std::uint64_t bytes_done = 0, bytes_total = 0;  // of the files as they are on disk
  std::uint64_t new_bytes = 0;                    // appended to packs so far
};

struct PutStatistics {
  std::uint64_t files = 0, files_read = 0;
  std::uint64_t bytes = 0;              // of all files, unwrapped
  std::uint64_t new_content_bytes = 0;  // raw bytes of chunks that the store did not have
  std::uint64_t new_disk_bytes = 0;     // what packs grew by
};

// What a session or a reader tells while it works; called from any thread, a few times a second.
using ProgressFunction = std::function<void(const PutProgress&)>;
// Asked often; true: stop with `cancelled`.
using CancelFunction = std::function<bool()>;

class WriteSession {
 public:
  virtual ~WriteSession() = default;  // an unsealed session leaves nothing that anybody could see

  // Banks files; results in the order of the requests. A file that moved while it was read is read again a
  // few times and then refused by name (`changed`). Errors leave the session usable.
  virtual Result<std::vector<StoredFile>> put_files(std::span<const PutRequest> requests,
                                                    const ProgressFunction& progress = {},
                                                    const CancelFunction& cancelled = {}) = 0;
  // Banks bytes in memory. `cuts`: where chunks end, as in SliceSink (for tables that grow by small edits);
  // empty: the store's own chunker.
  virtual Result<StoredFile> put_bytes(std::span<const std::byte> data,
                                       std::span<const std::uint32_t> cuts = {}) = 0;

  // Everything on disk; the lease stands, no gc has passed, every pack that the session's files refer to is
  // there (invariant 1). `changed`: put the same files again, then seal again.
  virtual Status seal() = 0;
  // After what refers to the content was published, before success is told to anybody: the lease still stands
  // and no gc has condemned what the session's files refer to. Otherwise (`locked`, `changed`) put the same
  // files again, seal, publish again.
  virtual Status confirm() = 0;

  [[nodiscard]] virtual PutStatistics statistics() const = 0;
  [[nodiscard]] virtual std::string lease_id() const = 0;
};

// In which form content is given back.
enum class Form {
  content,  // without a compressed wrapper: what Blender loads fastest
  original  // the file as it was found; where its wrapper cannot be made again, freshly wrapped
};

struct ContentInfo {
  std::uint64_t content_size = 0;
  std::uint64_t chunks = 0;
  std::string filter;  // empty: plain chunks
  std::uint32_t filter_version = 0;
  bool exact_wrapper = false;  // the original's wrapper can be made again
  BlobId blob;                 // the original that this store can rebuild bit for bit
};

// How a file came into a folder.
enum class Placement { reflink, hardlink, copy };

struct PlaceRequest {
  ContentId content;
  BlobId blob;                   // for Form::original; zero: content only
  std::filesystem::path target;  // its folder exists
  bool executable = false;
};
struct PlacedFile {
  Placement placement = Placement::copy;
  bool exact = true;  // false: Form::original was asked for and the wrapper is a fresh one
  std::uint64_t size = 0;
};

// Small derived facts that may be lost at any time: trace results, "nothing changed" rows, views of the
// queue.
enum class MemoTable : std::uint8_t { trace = 1, unchanged = 2, queue = 3, outline = 4 };

struct OpenOptions {
  const FilterSet* filters = nullptr;  // borrowed; null: plain chunks only
  std::filesystem::path
      index_folder;  // empty: .souschef/index, or the user's state folder for a remote file system
  std::filesystem::path pantry_folder;  // empty: by the same rule
  unsigned threads = 0;                 // 0: one per core
  int compression_level = 0;            // 0: the store's own
  bool exact_wrappers = false;
  bool rehash = false;  // do not trust the stat cache
  // For tests; null: the real ones. The index, which is no truth, is always on the real disk. Borrowed.
  FileSystem* disk = nullptr;
  const Clock* clock = nullptr;
};

class Store {
 public:
  // Makes FORMAT and the folders. Fails with `exists` where there is a store.
  static Status create(const std::filesystem::path& folder, FileSystem& disk = FileSystem::real());
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, const OpenOptions& options);
  virtual ~Store() = default;

  [[nodiscard]] virtual const std::filesystem::path& folder() const = 0;
  [[nodiscard]] virtual std::string uuid() const = 0;

  virtual Result<std::unique_ptr<WriteSession>> begin_write(std::string_view purpose) = 0;

  // Tells collections that somebody reads here and what must stay meanwhile (`keeps`: names that the caller
  // of gc understands). Let go by the destructor. Null where nothing can be written: then nothing can be
  // collected from here either, and another machine's collection leaves what it removes in the trash.
  virtual Result<std::unique_ptr<Lease>> begin_read(std::string_view purpose,
                                                    std::vector<std::string> keeps) = 0;

  // What the stat cache knows of a file, without reading it.
  virtual std::optional<StoredFile> known(const std::filesystem::path& resolved) = 0;

  // Errors: not_found; locked (a collection at work has put it aside: try again); unsupported (needs a filter
  // that is not built in).
  virtual Result<ContentInfo> describe(ContentId content) = 0;
  // Streams verified bytes; the last piece is held back until the whole file's hash is proven. `corrupt`
  // names the pack and the chunk. Other errors as of describe().
  virtual Status read(ContentId content, Form form, ByteSink& out) = 0;
  virtual Result<std::string> read_all(ContentId content,
                                       std::uint64_t limit) = 0;  // small content, in memory

  // Rebuilds files, several at once, each verified before it appears under its name. Fails at the first
  // error; finished files stay.
  virtual Result<std::vector<PlacedFile>> restore(std::span<const PlaceRequest> files, Form form,
                                                  const ProgressFunction& progress = {},
                                                  const CancelFunction& cancelled = {}) = 0;
  // The same through the pantry: files are shared, read-only, with other checkouts; reflink, else hardlink,
  // else copy.
  virtual Result<std::vector<PlacedFile>> checkout(std::span<const PlaceRequest> files,
                                                   const ProgressFunction& progress = {},
                                                   const CancelFunction& cancelled = {}) = 0;

  virtual std::optional<std::string> memo(MemoTable table, std::string_view key) = 0;
  virtual void set_memo(MemoTable table, std::string_view key, std::string_view value) = 0;
};

}  // namespace souschef::store
