// SPDX-License-Identifier: MIT
#include "store/lmdb_env.hpp"

#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <lmdb.h>
#include <sys/stat.h>

#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::size_t kMapBytes = 256ULL << 30;
constexpr std::size_t kLeastMapBytes = 1ULL << 30;
constexpr unsigned kMostReaders = 510;

constexpr std::array<const char*, kTables> kNames = {
    "meta",  "packs",  "pack-ids", "objects",   "contents", "blobs",  "closures",
    "stats", "pantry", "trace",    "unchanged", "queue",    "outline"};

Error failure(int result, std::string what) {
  switch (result) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_PANIC:
    case MDB_INCOMPATIBLE:
      return Error(ErrorCode::corrupt, std::move(what), mdb_strerror(result));
    case MDB_MAP_FULL:
      return Error(ErrorCode::no_space, std::move(what), mdb_strerror(result));
    default:
      break;
  }
  return result > 0 ? system_error(result, std::move(what))
                    : Error(ErrorCode::io, std::move(what), mdb_strerror(result));
}

MDB_val value_of(ByteView bytes) {
  return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}
ByteView view_of(const MDB_val& value) {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

MDB_txn* transaction_of(void* handle) {
  return static_cast<MDB_txn*>(handle);
}

}  // namespace

struct LmdbEnv::State {
  MDB_env* env = nullptr;
  std::array<MDB_dbi, kTables> tables{};

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (env != nullptr) mdb_env_close(env);
  }

  Status open(const fs::path& folder);
  [[nodiscard]] MDB_dbi table(Table which) const { return tables[static_cast<std::size_t>(which)]; }
};

Status LmdbEnv::State::open(const fs::path& folder) {
  const std::string what = "cannot open the index " + folder.string();
  if (const int result = mdb_env_create(&env); result != 0) return failure(result, what);
  mdb_env_set_maxdbs(env, kTables);
  mdb_env_set_maxreaders(env, kMostReaders);
  // Addresses, not memory. Where a limit on addresses is set, fewer must do.
  int result = ENOMEM;
  for (std::size_t bytes = kMapBytes; result == ENOMEM && bytes >= kLeastMapBytes; bytes /= 2) {
    mdb_env_set_mapsize(env, bytes);
    result = mdb_env_open(env, folder.c_str(), MDB_NOMETASYNC | MDB_NOTLS | MDB_NORDAHEAD, 0660);
    if (result == ENOMEM) {
      mdb_env_close(env);
      env = nullptr;
      if (const int made = mdb_env_create(&env); made != 0) return failure(made, what);
      mdb_env_set_maxdbs(env, kTables);
      mdb_env_set_maxreaders(env, kMostReaders);
    }
  }
  if (result != 0) return failure(result, what);
  int dead = 0;
  mdb_reader_check(env, &dead);  // slots of processes that were killed

  MDB_txn* transaction = nullptr;
  // Usually the tables are there, and looking needs no turn as the writer.
  result = mdb_txn_begin(env, nullptr, MDB_RDONLY, &transaction);
  if (result != 0) return failure(result, what);
  for (std::size_t i = 0; i < kTables && result == 0; ++i)
    result = mdb_dbi_open(transaction, kNames[i], 0, &tables[i]);
  if (result == 0) return mdb_txn_commit(transaction), Status();
  mdb_txn_abort(transaction);
  if (result != MDB_NOTFOUND) return failure(result, what);

  result = mdb_txn_begin(env, nullptr, 0, &transaction);
  if (result != 0) return failure(result, what);
  for (std::size_t i = 0; i < kTables; ++i)
    if (result = mdb_dbi_open(transaction, kNames[i], MDB_CREATE, &tables[i]); result != 0) {
      mdb_txn_abort(transaction);
      return failure(result, what);
    }
  if (result = mdb_txn_commit(transaction); result != 0) return failure(result, what);
  return {};
}

LmdbEnv::LmdbEnv(std::unique_ptr<State> state) : state_(std::move(state)) {}
LmdbEnv::~LmdbEnv() = default;

Result<std::shared_ptr<LmdbEnv>> LmdbEnv::open(const fs::path& folder) {
  static std::mutex mutex;
  static std::map<std::pair<dev_t, ino_t>, std::weak_ptr<LmdbEnv>> open_ones;

  struct stat found {};
  if (::stat(folder.c_str(), &found) != 0)
    return system_error(errno, "cannot open the index " + folder.string());
  const std::lock_guard lock(mutex);
  std::weak_ptr<LmdbEnv>& known = open_ones[{found.st_dev, found.st_ino}];
  if (auto alive = known.lock()) return alive;
  auto state = std::make_unique<State>();
  SOUSCHEF_CHECK(state->open(folder));
  std::shared_ptr<LmdbEnv> env(new LmdbEnv(std::move(state)));
  known = env;
  return env;
}

Result<LmdbReader> LmdbEnv::read() const {
  MDB_txn* transaction = nullptr;
  if (const int result = mdb_txn_begin(state_->env, nullptr, MDB_RDONLY, &transaction); result != 0)
    return failure(result, "cannot read the index");
  return LmdbReader(*this, transaction);
}

Result<LmdbWriter> LmdbEnv::write() const {
  MDB_txn* transaction = nullptr;
  if (const int result = mdb_txn_begin(state_->env, nullptr, 0, &transaction); result != 0)
    return failure(result, "cannot write the index");
  return LmdbWriter(*this, transaction);
}

LmdbSizes LmdbEnv::sizes() const {
  LmdbSizes sizes;
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(state_->env, &info);
  mdb_env_stat(state_->env, &stat);
  sizes.map_bytes = info.me_mapsize;
  sizes.used_bytes = (info.me_last_pgno + 1) * stat.ms_psize;
  mdb_filehandle_t file{};
  struct stat found {};
  if (mdb_env_get_fd(state_->env, &file) == 0 && ::fstat(file, &found) == 0)
    sizes.file_bytes = static_cast<std::uint64_t>(found.st_blocks) * 512;
  return sizes;
}

// ----------------------------------------------------------------------------------------- reading

LmdbReader::LmdbReader(LmdbReader&& other) noexcept
    : env_(other.env_), transaction_(std::exchange(other.transaction_, nullptr)) {}

LmdbReader::~LmdbReader() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_of(transaction_));
}

std::optional<ByteView> LmdbReader::get(Table table, ByteView key) const {
  MDB_val wanted = value_of(key);
  MDB_val found{};
  if (mdb_get(transaction_of(transaction_), env_->state_->table(table), &wanted, &found) != 0)
    return std::nullopt;
  return view_of(found);
}

std::uint64_t LmdbReader::count(Table table) const {
  MDB_stat stat{};
  if (mdb_stat(transaction_of(transaction_), env_->state_->table(table), &stat) != 0) return 0;
  return stat.ms_entries;
}

LmdbReader::Cursor::Cursor(const LmdbReader& reader, Table table, ByteView from) {
  MDB_cursor* cursor = nullptr;
  const int opened =
      mdb_cursor_open(transaction_of(reader.transaction_), reader.env_->state_->table(table), &cursor);
  if (opened != 0) {
    status_ = failure(opened, "cannot read the index");
    return;
  }
  cursor_ = cursor;
  MDB_val key = value_of(from);
  MDB_val value{};
  const int result = mdb_cursor_get(cursor, &key, &value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  key_ = view_of(key);
  value_ = view_of(value);
  take(result);
}

LmdbReader::Cursor::~Cursor() {
  if (cursor_ != nullptr) mdb_cursor_close(static_cast<MDB_cursor*>(cursor_));
}

void LmdbReader::Cursor::next() {
  MDB_val key{};
  MDB_val value{};
  const int result = mdb_cursor_get(static_cast<MDB_cursor*>(cursor_), &key, &value, MDB_NEXT);
  key_ = view_of(key);
  value_ = view_of(value);
  take(result);
}

void LmdbReader::Cursor::take(int result) {
  valid_ = result == 0;
  if (result != 0 && result != MDB_NOTFOUND) status_ = failure(result, "cannot read the index");
}

// ----------------------------------------------------------------------------------------- writing

LmdbWriter::LmdbWriter(LmdbWriter&& other) noexcept
    : env_(other.env_), transaction_(std::exchange(other.transaction_, nullptr)) {}

LmdbWriter::~LmdbWriter() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_of(transaction_));
}

std::optional<ByteView> LmdbWriter::get(Table table, ByteView key) const {
  MDB_val wanted = value_of(key);
  MDB_val found{};
  if (mdb_get(transaction_of(transaction_), env_->state_->table(table), &wanted, &found) != 0)
    return std::nullopt;
  return view_of(found);
}

Status LmdbWriter::put(Table table, ByteView key, ByteView value) {
  MDB_val at = value_of(key);
  MDB_val content = value_of(value);
  if (const int result = mdb_put(transaction_of(transaction_), env_->state_->table(table), &at, &content, 0);
      result != 0)
    return failure(result, "cannot write the index");
  return {};
}

Status LmdbWriter::remove(Table table, ByteView key) {
  MDB_val at = value_of(key);
  const int result = mdb_del(transaction_of(transaction_), env_->state_->table(table), &at, nullptr);
  if (result != 0 && result != MDB_NOTFOUND) return failure(result, "cannot write the index");
  return {};
}

Status LmdbWriter::clear(Table table) {
  if (const int result = mdb_drop(transaction_of(transaction_), env_->state_->table(table), 0); result != 0)
    return failure(result, "cannot write the index");
  return {};
}

Status LmdbWriter::commit() {
  if (const int result = mdb_txn_commit(transaction_of(std::exchange(transaction_, nullptr))); result != 0)
    return failure(result, "cannot write the index");
  return {};
}

}  // namespace souschef::store
