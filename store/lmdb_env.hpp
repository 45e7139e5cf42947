// SPDX-License-Identifier: MIT
// The one place that sees LMDB: tables of bytes to bytes in one memory-mapped file, with transactions.
//
// Rules (invariant 4), kept here: one map of 256 GiB of addresses, so that it never has to be enlarged under
// readers; no NOSYNC and no WRITEMAP, so that a crash of the program or the machine leaves the state after
// some commit; NOMETASYNC, so that this may be an earlier one: the index is not on the durability path. Rules
// for the user: no transaction across I/O or a wait; at most kMostKeys keys in a write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include <souschef/result.hpp>

namespace souschef::store {

// Stand in files as names: append only.
enum class Table : unsigned {
  meta,
  packs,
  pack_ids,
  objects,
  contents,
  blobs,
  closures,
  stats,
  pantry,
  memo_trace,
  memo_unchanged,
  memo_queue,
  memo_outline
};
inline constexpr std::size_t kTables = 13;

// A transaction's pages stay in memory until it commits: 100 000 keys took 340 MB (measured).
inline constexpr std::size_t kMostKeys = 8192;

using ByteView = std::span<const std::byte>;

class LmdbEnv;

// Sees the state as it was when it began. Values live as long as it does. One thread at a time.
class LmdbReader {
 public:
  ~LmdbReader();
  LmdbReader(LmdbReader&& other) noexcept;
  LmdbReader& operator=(LmdbReader&&) = delete;

  [[nodiscard]] std::optional<ByteView> get(Table table, ByteView key) const;

  // Visits keys in order, from the first not less than `from`, until `visit` says false.
  template <class Visit>
  Status for_each(Table table, ByteView from, Visit&& visit) const {
    Cursor cursor(*this, table, from);
    for (; cursor.valid(); cursor.next())
      if (!visit(cursor.key(), cursor.value())) break;
    return cursor.status();
  }
  [[nodiscard]] std::uint64_t count(Table table) const;

 private:
  friend class LmdbEnv;
  class Cursor {
   public:
    Cursor(const LmdbReader& reader, Table table, ByteView from);
    ~Cursor();
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    [[nodiscard]] bool valid() const { return valid_; }
    void next();
    [[nodiscard]] ByteView key() const { return key_; }
    [[nodiscard]] ByteView value() const { return value_; }
    [[nodiscard]] const Status& status() const { return status_; }

   private:
    void take(int result);
    void* cursor_ = nullptr;
    bool valid_ = false;
    ByteView key_, value_;
    Status status_;
  };

  LmdbReader(const LmdbEnv& env, void* transaction) : env_(&env), transaction_(transaction) {}
  const LmdbEnv* env_;
  void* transaction_;
};

// Changes that become visible together at commit(); dropped by the destructor otherwise. Only one exists at a
// time on a machine: beginning waits for the other. One thread.
class LmdbWriter {
 public:
  ~LmdbWriter();
  LmdbWriter(LmdbWriter&& other) noexcept;
  LmdbWriter& operator=(LmdbWriter&&) = delete;

  [[nodiscard]] std::optional<ByteView> get(Table table, ByteView key) const;
  Status put(Table table, ByteView key, ByteView value);
  Status remove(Table table, ByteView key);  // success if there is none
  Status clear(Table table);
  Status commit();  // errors: no_space, io; nothing is changed then

 private:
  friend class LmdbEnv;
  LmdbWriter(const LmdbEnv& env, void* transaction) : env_(&env), transaction_(transaction) {}
  const LmdbEnv* env_;
  void* transaction_;
};

struct LmdbSizes {
  std::uint64_t file_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::uint64_t map_bytes = 0;
};

// An open file of tables; made where there is none. Thread-safe. LMDB forbids opening a file twice in one
// process, so open() gives out the same object again while it is alive.
class LmdbEnv {
 public:
  // Errors: corrupt (delete the folder's content and rebuild), no_space, denied, io.
  static Result<std::shared_ptr<LmdbEnv>> open(const std::filesystem::path& folder);
  ~LmdbEnv();
  LmdbEnv(const LmdbEnv&) = delete;
  LmdbEnv& operator=(const LmdbEnv&) = delete;

  [[nodiscard]] Result<LmdbReader> read() const;
  [[nodiscard]] Result<LmdbWriter> write() const;
  [[nodiscard]] LmdbSizes sizes() const;

 private:
  friend class LmdbReader;
  friend class LmdbWriter;
  struct State;
  explicit LmdbEnv(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace souschef::store
