// SPDX-License-Identifier: MIT
// Tables:
//   meta      name            -> value           identity, versions, progress
//   packs     number:u32      -> id:32 size:u64
//   pack-ids  id:16           -> number:u32
//   objects   ObjectKey       -> Location        10 million of them in the largest stores: 16 bytes each
//   contents  id:16           -> RecipeSummary*  (id:32 blob:32 filter-version:u32 flags:u32), best first
//   blobs     id:16           -> content:32
//   closures  content id:16   -> pack number:u32*
//   stats     path hash:16    -> SeenFile
//   pantry    id:16 mode:1    -> PantryRecord
//   memos     key hash:32     -> anything
//
// Numbers of packs are given out once and never again. So a removed pack needs one deleted row: the objects
// that pointed to it point to a number that nobody has, and count as absent. A pack's row is written last: a
// crash while its objects are added leaves rows that count as absent too.
//
// An object has one row, also where several packs have it. A pack of which some object is found in another
// is noted as shadowed (meta). When packs go, what is shadowed may have the last copy: it is noted as to be
// added again, in the same transaction, until that is done.
#include "store/object_index.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "store/file_system.hpp"
#include "store/hasher.hpp"
#include "store/wire.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::size_t kHalfId = 16;
constexpr std::uint32_t kHasBlob = 1, kMakesBlob = 2;

ByteView bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
template <class T>
ByteView raw(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}
ByteView half(const Hash& id) {
  return std::span(id.bytes).first(kHalfId);
}

// Rows are of this program's own making on this machine; a row of another size counts as absent.
template <class T>
std::optional<T> copy_of(std::optional<ByteView> bytes) {
  if (!bytes || bytes->size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes->data(), sizeof value);
  return value;
}

Hash path_key(const fs::path& path) {
  return hash_of(path.native());
}

std::array<std::byte, kHalfId + 1> pantry_key(const ContentId& content, bool executable) {
  std::array<std::byte, kHalfId + 1> key{};
  std::copy_n(content.hash.bytes.begin(), kHalfId, key.begin());
  key[kHalfId] = static_cast<std::byte>(executable ? 1 : 0);
  return key;
}

std::optional<KnownPack> parse_pack(std::optional<ByteView> row) {
  if (!row) return std::nullopt;
  WireReader reader(*row);
  KnownPack pack;
  pack.id = PackId(reader.hash());
  pack.size = reader.number<std::uint64_t>();
  return reader.at_end() ? std::optional(pack) : std::nullopt;
}

void write_summary(WireWriter& writer, const RecipeSummary& recipe) {
  writer.hash(recipe.id.hash);
  writer.hash(recipe.blob ? recipe.blob->hash : Hash{});
  writer.number(recipe.filter_version);
  writer.number((recipe.blob ? kHasBlob : 0U) | (recipe.makes_blob ? kMakesBlob : 0U));
}

std::vector<RecipeSummary> parse_summaries(const ContentId& content, std::optional<ByteView> row) {
  std::vector<RecipeSummary> recipes;
  if (!row) return recipes;
  for (WireReader reader(*row); reader.left() > 0;) {
    RecipeSummary recipe;
    recipe.content = content;
    recipe.id = RecipeId(reader.hash());
    const Hash blob = reader.hash();
    recipe.filter_version = reader.number<std::uint32_t>();
    const auto flags = reader.number<std::uint32_t>();
    if ((flags & kHasBlob) != 0) recipe.blob = BlobId(blob);
    recipe.makes_blob = (flags & kMakesBlob) != 0;
    if (!reader.ok()) break;
    recipes.push_back(recipe);
  }
  return recipes;
}

bool better(const RecipeSummary& a, const RecipeSummary& b) {
  if (a.makes_blob != b.makes_blob) return a.makes_blob;
  if (a.filter_version != b.filter_version) return a.filter_version > b.filter_version;
  return a.id < b.id;
}

std::uint64_t meta_number(std::optional<ByteView> row) {
  return copy_of<std::uint64_t>(row).value_or(0);
}
constexpr std::string_view kPacksVersion = "packs-version", kNextNumber = "next-pack-number",
                           kIdentity = "identity", kProgress = "progress", kShadowed = "shadowed-packs",
                           kAddAgain = "packs-to-add-again";

Status bump_packs_version(LmdbWriter& writer) {
  const std::uint64_t version = meta_number(writer.get(Table::meta, bytes_of(kPacksVersion))) + 1;
  return writer.put(Table::meta, bytes_of(kPacksVersion), raw(version));
}

std::set<std::uint32_t> parse_numbers(std::optional<ByteView> row) {
  std::set<std::uint32_t> numbers;
  if (row)
    for (WireReader reader(*row); reader.left() >= sizeof(std::uint32_t);)
      numbers.insert(reader.number<std::uint32_t>());
  return numbers;
}

std::set<std::uint32_t> numbers_of(LmdbWriter& writer, std::string_view name) {
  return parse_numbers(writer.get(Table::meta, bytes_of(name)));
}

Status set_numbers(LmdbWriter& writer, std::string_view name, const std::set<std::uint32_t>& numbers) {
  if (numbers == numbers_of(writer, name)) return {};
  Bytes row;
  WireWriter fields(row);
  for (const std::uint32_t number : numbers) fields.number(number);
  return writer.put(Table::meta, bytes_of(name), row);
}

Bytes serialize(const SeenFile& file) {
  Bytes out;
  WireWriter writer(out);
  writer.number(file.stamp.size);
  writer.number(static_cast<std::uint64_t>(file.stamp.mtime_ns));
  writer.number(static_cast<std::uint64_t>(file.stamp.ctime_ns));
  writer.number(file.stamp.inode);
  writer.number(static_cast<std::uint8_t>(file.stamp.executable ? 1 : 0));
  writer.hash(file.content.hash);
  writer.number(file.content_size);
  // Nearly always the blob is the content.
  if (file.blob.hash != file.content.hash) {
    writer.hash(file.blob.hash);
    writer.number(file.blob_size);
  }
  return out;
}

std::optional<SeenFile> parse_seen(std::optional<ByteView> row) {
  if (!row) return std::nullopt;
  WireReader reader(*row);
  SeenFile file;
  file.stamp.size = reader.number<std::uint64_t>();
  file.stamp.mtime_ns = static_cast<std::int64_t>(reader.number<std::uint64_t>());
  file.stamp.ctime_ns = static_cast<std::int64_t>(reader.number<std::uint64_t>());
  file.stamp.inode = reader.number<std::uint64_t>();
  file.stamp.executable = reader.number<std::uint8_t>() != 0;
  file.content = ContentId(reader.hash());
  file.content_size = reader.number<std::uint64_t>();
  file.blob = BlobId(file.content.hash);
  file.blob_size = file.content_size;
  if (reader.left() > 0) {
    file.blob = BlobId(reader.hash());
    file.blob_size = reader.number<std::uint64_t>();
  }
  return reader.at_end() ? std::optional(file) : std::nullopt;
}

// Numbers and texts with their lengths; read by parse_progress() of the same schema only.
Bytes serialize(const IndexProgress& progress) {
  Bytes out;
  WireWriter writer(out);
  writer.number(progress.generation);
  writer.number(static_cast<std::uint8_t>(progress.newest ? 1 : 0));
  writer.hash(progress.newest ? progress.newest->hash : Hash{});
  for (const auto& [host, size] : progress.logs) {
    writer.varint(host.size());
    writer.text(host);
    writer.number(size);
  }
  return out;
}

std::optional<IndexProgress> parse_progress(std::optional<ByteView> row) {
  if (!row) return std::nullopt;
  IndexProgress progress;
  WireReader reader(*row);
  progress.generation = reader.number<std::uint64_t>();
  const bool has_newest = reader.number<std::uint8_t>() != 0;
  const Hash newest = reader.hash();
  if (has_newest) progress.newest = PackId(newest);
  while (reader.ok() && reader.left() > 0) {
    const std::string host(reader.text(static_cast<std::size_t>(reader.varint())));
    progress.logs[host] = reader.number<std::uint64_t>();
  }
  return reader.ok() ? std::optional(progress) : std::nullopt;
}

}  // namespace

RecipeSummary summary_of(const RecipeId& id, const Recipe& recipe) {
  RecipeSummary summary;
  summary.id = id;
  summary.content = recipe.content;
  if (recipe.wrapper) summary.blob = recipe.wrapper->blob;
  summary.makes_blob = recipe.wrapper && recipe.wrapper->exact;
  summary.filter_version = recipe.filter_version;
  return summary;
}

ObjectKey key_of(ObjectKind kind, const Hash& id) {
  ObjectKey key;
  std::copy_n(id.bytes.begin(), key.bytes.size(), key.bytes.begin());
  key.bytes.back() ^= static_cast<std::byte>(kind);
  return key;
}

// ----------------------------------------------------------------------------------------- opening

Result<std::unique_ptr<ObjectIndex>> ObjectIndex::open(const fs::path& folder,
                                                       const IndexIdentity& identity) {
  FileSystem& disk = FileSystem::real();
  const fs::path place = folder / ("v" + std::to_string(kIndexSchema));
  SOUSCHEF_CHECK(make_folders(disk, place));
  auto env = LmdbEnv::open(place);
  if (!env && env.error().code == ErrorCode::corrupt) {
    // Whoever still has the old files open goes on with them and sees its own truth.
    for (const char* name : {"data.mdb", "lock.mdb"}) {
      const Status removed = disk.remove_file(place / name);
      if (!removed && removed.error().code != ErrorCode::not_found) return removed.error();
    }
    env = LmdbEnv::open(place);
  }
  if (!env) return std::move(env).error();
  std::unique_ptr<ObjectIndex> index(new ObjectIndex(std::move(*env)));
  SOUSCHEF_CHECK(index->claim(identity));
  return index;
}

Status ObjectIndex::claim(const IndexIdentity& identity) {
  const std::string wanted = identity.store_uuid + "\n" + identity.file_system + "\n" + identity.path;
  const auto matches = [&](std::optional<ByteView> found) {
    const ByteView expected = bytes_of(wanted);
    return found && std::equal(found->begin(), found->end(), expected.begin(), expected.end());
  };
  {
    SOUSCHEF_TRY(const LmdbReader reader, env_->read());
    if (matches(reader.get(Table::meta, bytes_of(kIdentity)))) return {};
  }
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  if (matches(writer.get(Table::meta, bytes_of(kIdentity)))) return {};
  const std::uint64_t version = meta_number(writer.get(Table::meta, bytes_of(kPacksVersion))) + 1;
  for (std::size_t table = 0; table < kTables; ++table)
    SOUSCHEF_CHECK(writer.clear(static_cast<Table>(table)));
  SOUSCHEF_CHECK(writer.put(Table::meta, bytes_of(kPacksVersion), raw(version)));
  SOUSCHEF_CHECK(writer.put(Table::meta, bytes_of(kIdentity), bytes_of(wanted)));
  return writer.commit();
}

// ----------------------------------------------------------------------------------------- reading

Result<ObjectIndex::Reader> ObjectIndex::read() const {
  SOUSCHEF_TRY(LmdbReader reader, env_->read());
  const std::uint64_t version = meta_number(reader.get(Table::meta, bytes_of(kPacksVersion)));
  std::shared_ptr<const Reader::Packs> packs;
  {
    const std::lock_guard lock(mutex_);
    if (packs_version_ == version) packs = packs_;
  }
  if (packs == nullptr) {
    auto fresh = std::make_shared<Reader::Packs>();
    SOUSCHEF_CHECK(reader.for_each(Table::packs, {}, [&](ByteView key, ByteView value) {
      const auto number = copy_of<std::uint32_t>(key);
      const auto pack = parse_pack(value);
      if (number && pack) fresh->emplace(*number, *pack);
      return true;
    }));
    packs = fresh;
    const std::lock_guard lock(mutex_);
    packs_ = packs;
    packs_version_ = version;
  }
  return Reader(std::move(reader), std::move(packs));
}

std::optional<Location> ObjectIndex::Reader::find(ObjectKind kind, const Hash& id) const {
  return find(key_of(kind, id));
}

std::optional<Location> ObjectIndex::Reader::find(const ObjectKey& key) const {
  const auto location = copy_of<Location>(reader_.get(Table::objects, key.bytes));
  if (!location || !packs_->contains(location->pack)) return std::nullopt;
  return location;
}

std::optional<KnownPack> ObjectIndex::Reader::pack(std::uint32_t number) const {
  const auto found = packs_->find(number);
  return found == packs_->end() ? std::nullopt : std::optional(found->second);
}

std::vector<RecipeSummary> ObjectIndex::Reader::recipes(const ContentId& content) const {
  return parse_summaries(content, reader_.get(Table::contents, half(content.hash)));
}

std::optional<ContentId> ObjectIndex::Reader::content_of(const BlobId& blob) const {
  const auto hash = copy_of<Hash>(reader_.get(Table::blobs, half(blob.hash)));
  return hash ? std::optional(ContentId(*hash)) : std::nullopt;
}

std::optional<std::vector<std::uint32_t>> ObjectIndex::Reader::closure(const ContentId& content) const {
  const auto row = reader_.get(Table::closures, half(content.hash));
  if (!row || row->size() % sizeof(std::uint32_t) != 0) return std::nullopt;
  std::vector<std::uint32_t> packs(row->size() / sizeof(std::uint32_t));
  if (!packs.empty()) std::memcpy(packs.data(), row->data(), row->size());
  return packs;
}

std::optional<SeenFile> ObjectIndex::Reader::seen(const fs::path& path) const {
  return parse_seen(reader_.get(Table::stats, half(path_key(path))));
}

std::optional<PantryRecord> ObjectIndex::Reader::pantry(const ContentId& content, bool executable) const {
  const auto row = reader_.get(Table::pantry, pantry_key(content, executable));
  if (!row) return std::nullopt;
  WireReader reader(*row);
  PantryRecord record;
  record.inode = reader.number<std::uint64_t>();
  record.size = reader.number<std::uint64_t>();
  record.mtime_ns = static_cast<std::int64_t>(reader.number<std::uint64_t>());
  record.mode = reader.number<std::uint32_t>();
  return reader.at_end() ? std::optional(record) : std::nullopt;
}

std::optional<std::string> ObjectIndex::Reader::memo(Table table, std::string_view key) const {
  const auto row = reader_.get(table, hash_of(key).bytes);
  if (!row) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(row->data()), row->size());
}

Result<std::vector<std::pair<std::uint32_t, KnownPack>>> ObjectIndex::packs() const {
  SOUSCHEF_TRY(const Reader reader, read());
  std::vector<std::pair<std::uint32_t, KnownPack>> packs(reader.packs_->begin(), reader.packs_->end());
  std::sort(packs.begin(), packs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return packs;
}

Result<std::vector<PackId>> ObjectIndex::packs_to_add_again() const {
  SOUSCHEF_TRY(const Reader reader, read());
  std::vector<PackId> packs;
  for (const std::uint32_t number : parse_numbers(reader.reader_.get(Table::meta, bytes_of(kAddAgain))))
    if (const auto pack = reader.pack(number)) packs.push_back(pack->id);
  return packs;
}

Result<std::optional<IndexProgress>> ObjectIndex::progress() const {
  SOUSCHEF_TRY(const LmdbReader reader, env_->read());
  return parse_progress(reader.get(Table::meta, bytes_of(kProgress)));
}

Result<ObjectIndex::Counts> ObjectIndex::counts() const {
  SOUSCHEF_TRY(const LmdbReader reader, env_->read());
  return Counts{reader.count(Table::packs), reader.count(Table::objects), reader.count(Table::contents),
                reader.count(Table::stats)};
}

// ----------------------------------------------------------------------------------------- writing

Status ObjectIndex::set_progress(const IndexProgress& progress) {
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  SOUSCHEF_CHECK(writer.put(Table::meta, bytes_of(kProgress), serialize(progress)));
  return writer.commit();
}

namespace {

struct ObjectRowToAdd {
  ObjectKey key;
  Location location;
};

std::vector<ObjectRowToAdd> rows_of(const IndexedPack& pack, std::uint32_t number) {
  std::vector<ObjectRowToAdd> rows;
  for (const PlacedFrame& frame : pack.frames)
    for (std::uint32_t i = 0; i < frame.header.rows.size(); ++i) {
      const ObjectRow& object = frame.header.rows[i];
      rows.push_back(
          {key_of(object.kind, object.id),
           {number, static_cast<std::uint32_t>(frame.offset), static_cast<std::uint32_t>(frame.size()), i}});
    }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return rows;
}

Result<std::uint32_t> next_pack_number(LmdbWriter& writer) {
  const std::uint64_t next = meta_number(writer.get(Table::meta, bytes_of(kNextNumber))) + 1;
  if (next > UINT32_MAX)
    return Error(ErrorCode::failed, "the index has run out of pack numbers").next_step("souschef reindex");
  SOUSCHEF_CHECK(writer.put(Table::meta, bytes_of(kNextNumber), raw(next)));
  return static_cast<std::uint32_t>(next);
}

// `shadowed` takes the pack in which the object is not found from now on, if there are two.
Status add_object(LmdbWriter& writer, const ObjectRowToAdd& row, ObjectIndex::Known known,
                  std::set<std::uint32_t>& shadowed) {
  const auto there = copy_of<Location>(writer.get(Table::objects, row.key.bytes));
  if (there && writer.get(Table::packs, raw(there->pack))) {
    const bool keep = known == ObjectIndex::Known::keep;
    if (there->pack != row.location.pack) shadowed.insert(keep ? row.location.pack : there->pack);
    if (keep) return {};
  }
  return writer.put(Table::objects, row.key.bytes, raw(row.location));
}

Status add_pack_row(LmdbWriter& writer, const IndexedPack& pack, std::uint32_t number) {
  Bytes row;
  WireWriter fields(row);
  fields.hash(pack.id.hash);
  fields.number(pack.size);
  SOUSCHEF_CHECK(writer.put(Table::packs, raw(number), row));
  SOUSCHEF_CHECK(writer.put(Table::pack_ids, half(pack.id.hash), raw(number)));
  return bump_packs_version(writer);
}

Status add_recipe(LmdbWriter& writer, const RecipeSummary& recipe) {
  const ByteView key = half(recipe.content.hash);
  auto known = parse_summaries(recipe.content, writer.get(Table::contents, key));
  if (std::none_of(known.begin(), known.end(), [&](const auto& other) { return other.id == recipe.id; }))
    known.push_back(recipe);
  std::sort(known.begin(), known.end(), better);
  Bytes row;
  WireWriter fields(row);
  for (const RecipeSummary& one : known) write_summary(fields, one);
  SOUSCHEF_CHECK(writer.put(Table::contents, key, row));
  if (recipe.makes_blob)
    SOUSCHEF_CHECK(writer.put(Table::blobs, half(recipe.blob->hash), raw(recipe.content.hash)));
  return {};
}

}  // namespace

Result<std::uint32_t> ObjectIndex::add_pack(const IndexedPack& pack, Known known, const Advance& advance) {
  std::uint32_t number = 0;
  std::vector<ObjectRowToAdd> rows;
  std::span<const ObjectRowToAdd> objects;
  std::span<const RecipeSummary> recipes = pack.recipes;
  std::set<std::uint32_t> newly_shadowed;
  for (bool last = false; !last;) {
    SOUSCHEF_TRY(LmdbWriter writer, env_->write());
    auto add_again = numbers_of(writer, kAddAgain);
    if (number == 0) {
      const auto there = copy_of<std::uint32_t>(writer.get(Table::pack_ids, half(pack.id.hash)));
      if (there && known == Known::keep && !add_again.contains(*there)) return *there;
      number = there.value_or(0);
      if (!there) {
        SOUSCHEF_TRY(number, next_pack_number(writer));
      }
      rows = rows_of(pack, number);
      objects = rows;
    }
    std::size_t budget = kMostKeys;
    for (; budget > 0 && !objects.empty(); --budget, objects = objects.subspan(1))
      SOUSCHEF_CHECK(add_object(writer, objects.front(), known, newly_shadowed));
    for (; budget > 1 && !recipes.empty(); budget -= 2, recipes = recipes.subspan(1))
      SOUSCHEF_CHECK(add_recipe(writer, recipes.front()));
    last = objects.empty() && recipes.empty();
    auto shadowed = numbers_of(writer, kShadowed);
    if (last) {
      SOUSCHEF_CHECK(add_pack_row(writer, pack, number));
      shadowed.erase(number);
      add_again.erase(number);
    }
    shadowed.insert(newly_shadowed.begin(), newly_shadowed.end());
    SOUSCHEF_CHECK(set_numbers(writer, kShadowed, shadowed));
    SOUSCHEF_CHECK(set_numbers(writer, kAddAgain, add_again));
    if (last && advance) {
      auto progress = parse_progress(writer.get(Table::meta, bytes_of(kProgress))).value_or(IndexProgress{});
      advance(progress);
      SOUSCHEF_CHECK(writer.put(Table::meta, bytes_of(kProgress), serialize(progress)));
    }
    SOUSCHEF_CHECK(writer.commit());
  }
  return number;
}

Status ObjectIndex::move_object(const ObjectKey& key, const Location& location) {
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  SOUSCHEF_CHECK(writer.put(Table::objects, key.bytes, raw(location)));
  return writer.commit();
}

Status ObjectIndex::remove_packs(std::span<const PackId> packs) {
  if (packs.empty()) return {};
  // Two processes that add a pack at the same moment give it two numbers: both must go.
  const std::set<PackId> condemned(packs.begin(), packs.end());
  SOUSCHEF_TRY(const auto numbered, this->packs());
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  auto add_again = numbers_of(writer, kAddAgain);
  add_again.merge(numbers_of(writer, kShadowed));
  for (const auto& [number, pack] : numbered) {
    if (!condemned.contains(pack.id)) continue;
    add_again.erase(number);
    SOUSCHEF_CHECK(writer.remove(Table::packs, raw(number)));
    SOUSCHEF_CHECK(writer.remove(Table::pack_ids, half(pack.id.hash)));
  }
  SOUSCHEF_CHECK(set_numbers(writer, kShadowed, {}));
  SOUSCHEF_CHECK(set_numbers(writer, kAddAgain, add_again));
  SOUSCHEF_CHECK(bump_packs_version(writer));
  return writer.commit();
}

Status ObjectIndex::forget_packs() {
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  for (const Table table :
       {Table::packs, Table::pack_ids, Table::objects, Table::contents, Table::blobs, Table::closures})
    SOUSCHEF_CHECK(writer.clear(table));
  for (const std::string_view name : {kProgress, kShadowed, kAddAgain})
    SOUSCHEF_CHECK(writer.remove(Table::meta, bytes_of(name)));
  SOUSCHEF_CHECK(bump_packs_version(writer));
  return writer.commit();
}

Status ObjectIndex::put(const Rows& rows) {
  std::size_t seen = 0;
  std::size_t closures = 0;
  while (seen < rows.seen.size() || closures < rows.closures.size()) {
    SOUSCHEF_TRY(LmdbWriter writer, env_->write());
    std::size_t budget = kMostKeys;
    for (; budget > 0 && seen < rows.seen.size(); --budget, ++seen)
      SOUSCHEF_CHECK(
          writer.put(Table::stats, half(path_key(rows.seen[seen].first)), serialize(rows.seen[seen].second)));
    for (; budget > 0 && closures < rows.closures.size(); --budget, ++closures)
      SOUSCHEF_CHECK(writer.put(Table::closures, half(rows.closures[closures].first.hash),
                                std::as_bytes(std::span(rows.closures[closures].second))));
    SOUSCHEF_CHECK(writer.commit());
  }
  return {};
}

Status ObjectIndex::put_pantry(const ContentId& content, bool executable, const PantryRecord& record) {
  Bytes row;
  WireWriter fields(row);
  fields.number(record.inode);
  fields.number(record.size);
  fields.number(static_cast<std::uint64_t>(record.mtime_ns));
  fields.number(record.mode);
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  SOUSCHEF_CHECK(writer.put(Table::pantry, pantry_key(content, executable), row));
  return writer.commit();
}

Status ObjectIndex::remove_pantry(const ContentId& content, bool executable) {
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  SOUSCHEF_CHECK(writer.remove(Table::pantry, pantry_key(content, executable)));
  return writer.commit();
}

Status ObjectIndex::set_memo(Table table, std::string_view key, std::string_view value) {
  SOUSCHEF_TRY(LmdbWriter writer, env_->write());
  SOUSCHEF_CHECK(writer.put(table, hash_of(key).bytes, bytes_of(value)));
  return writer.commit();
}

}  // namespace souschef::store
