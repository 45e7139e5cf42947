// SPDX-License-Identifier: MIT
// How an index learns what other hosts did, without listing a thousand packs each time:
//
//   store/added/<host>.log    each host appends the names of the packs that it published
//   store/gc-generation       raised by every garbage collection
//
// An index remembers how many bytes of each log it has read and which generation it has seen. If nothing
// grew, nothing happened: a handful of look-ups. If a log grew, its new lines name the new packs. If the
// generation rose, packs may be gone: one listing tells. If anything went backwards, the store is not the one
// that this index knew (it was copied, or restored from a backup): start anew.
//
// The logs are hints. A line may be lost in a power cut or arrive torn; the pack is found at the next
// listing, which happens before anything is reported missing.
#include "store/index_keeper.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "store/atomic_file.hpp"
#include "store/hasher.hpp"
#include "store/recipe.hpp"

namespace souschef::store {

namespace {

constexpr std::uint64_t kMostLogBytes = 256U << 20;

std::string safe_name(std::string name) {
  for (char& c : name) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.';
    if (!fine) c = '_';
  }
  if (name.empty() || name.front() == '.') name.insert(0, "_");
  return name;
}

bool holds_recipes(const PlacedFrame& frame) {
  return std::any_of(frame.header.rows.begin(), frame.header.rows.end(),
                     [](const ObjectRow& row) { return row.kind == ObjectKind::recipe; });
}

}  // namespace

Result<std::vector<RecipeSummary>> recipes_of(const PackReader& pack, std::span<const PlacedFrame> frames) {
  std::vector<RecipeSummary> recipes;
  for (const PlacedFrame& placed : frames) {
    if (!holds_recipes(placed)) continue;
    SOUSCHEF_TRY(const auto frame, pack.frame(placed.offset, placed.size()));
    Bytes scratch;
    for (std::size_t i = 0; i < placed.header.rows.size(); ++i) {
      const ObjectRow& row = placed.header.rows[i];
      if (row.kind != ObjectKind::recipe) continue;
      SOUSCHEF_TRY(const auto bytes, frame->object(i, scratch));
      if (hash_of(bytes) != row.id)
        return Error(ErrorCode::corrupt, "damaged pack " + pack.id().brief(),
                     "recipe " + row.id.brief() + " has other bytes than its name says");
      auto recipe = parse_recipe(bytes);
      // A recipe of a newer version is none that this program could use; it stays where it is.
      if (!recipe && recipe.error().code == ErrorCode::unsupported) continue;
      if (!recipe) return std::move(recipe).error().in_context("damaged pack " + pack.id().brief());
      recipes.push_back(summary_of(RecipeId(row.id), *recipe));
    }
  }
  return recipes;
}

Result<std::vector<PackId>> list_packs(FileSystem& disk, const StorePaths& paths) {
  std::vector<PackId> packs;
  SOUSCHEF_TRY(const auto folders, disk.list(paths.packs()));
  for (const FolderEntry& folder : folders) {
    if (folder.kind != FileKind::folder || folder.name.size() != 2) continue;
    const auto entries = disk.list(paths.packs() / folder.name);
    if (!entries) {
      if (entries.error().code == ErrorCode::not_found) continue;
      return entries.error();
    }
    for (const FolderEntry& entry : *entries)
      if (const auto id = StorePaths::pack_of_name(entry.name); id && entry.kind == FileKind::regular)
        packs.push_back(*id);
  }
  return packs;
}

IndexKeeper::IndexKeeper(FileSystem& disk, const StorePaths& paths, ObjectIndex& index, std::string host)
    : disk_(disk), paths_(paths), index_(index), host_(safe_name(std::move(host))) {}

std::vector<Error> IndexKeeper::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

Status IndexKeeper::take_up(const PackId& id) {
  const auto attempt = [&]() -> Status {
    SOUSCHEF_TRY(const auto pack, PackReader::open(disk_, paths_.pack(id), id));
    SOUSCHEF_TRY(const PackTable table, pack->table());
    SOUSCHEF_TRY(const auto recipes, recipes_of(*pack, table.frames));
    SOUSCHEF_TRY([[maybe_unused]] const std::uint32_t number,
                 index_.add_pack({id, pack->size(), table.frames, recipes}));
    return {};
  };
  Status taken = attempt();
  if (taken) return {};
  switch (taken.error().code) {
    case ErrorCode::not_found:  // gone in the meantime, or its line came before it did
      return {};
    case ErrorCode::corrupt:
    case ErrorCode::unsupported:
    case ErrorCode::io:
    case ErrorCode::denied:
      problems_.push_back(std::move(taken).error());
      return {};  // the others are good all the same
    default:
      return taken;
  }
}

// What is gone goes first: of two places of an object the index keeps the one that it knows, so what a
// collection wrote anew is found only once its old place is forgotten. Packs that were taken up before that
// are read once more.
Status IndexKeeper::scan_locked(const Generation& generation, std::set<PackId> named) {
  problems_.clear();
  SOUSCHEF_TRY(const auto listed, list_packs(disk_, paths_));
  std::set<PackId> there(listed.begin(), listed.end());
  for (const PackId& id : generation.condemned) there.erase(id);
  if (built_from_ && std::includes(there.begin(), there.end(), built_from_->begin(), built_from_->end()))
    built_from_ = there;
  else
    built_from_.reset();

  SOUSCHEF_TRY(const auto known, index_.packs());
  std::vector<PackId> gone;
  for (const auto& [number, pack] : known)
    if (there.erase(pack.id) == 0) gone.push_back(pack.id);
  SOUSCHEF_CHECK(index_.remove_packs(gone));
  SOUSCHEF_TRY(const auto again, index_.packs_to_add_again());
  there.insert(again.begin(), again.end());
  there.merge(named);  // a listing of another machine's work may be old
  for (const PackId& id : there) SOUSCHEF_CHECK(take_up(id));
  return {};
}

// Reads what was appended since. Lines are names of packs; what is none is passed over.
Result<std::set<PackId>> IndexKeeper::follow_logs(IndexProgress& progress, bool& went_back) {
  std::set<PackId> added;
  const auto entries = disk_.list(paths_.added());
  if (!entries) {
    if (entries.error().code == ErrorCode::not_found) return added;
    return entries.error();
  }
  for (const FolderEntry& entry : *entries) {
    if (!entry.name.ends_with(StorePaths::kLogSuffix)) continue;
    std::uint64_t& read = progress.logs[entry.name];
    SOUSCHEF_TRY(const FileStatus status, disk_.status(paths_.added() / entry.name));
    if (status.size == read) continue;
    if (status.size < read || status.size - read > kMostLogBytes) {
      went_back = true;
      read = status.size;
      continue;
    }
    SOUSCHEF_TRY(const auto file, disk_.open(paths_.added() / entry.name, Access::read));
    std::string text(static_cast<std::size_t>(status.size - read), '\0');
    SOUSCHEF_TRY(const std::size_t count, file->read_at(read, std::as_writable_bytes(std::span(text))));
    text.resize(count);
    // A line that is still being written is read next time.
    text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
    read += text.size();
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      if (const auto id = PackId::from_hex(rest.substr(0, end))) added.insert(*id);
      rest.remove_prefix(end + 1);
    }
  }
  if (added.empty()) return added;
  SOUSCHEF_TRY(const auto known, index_.packs());
  for (const auto& [number, pack] : known) added.erase(pack.id);
  return added;
}

Result<Generation> IndexKeeper::refresh() {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_TRY(Generation generation, read_generation(disk_, paths_));
  SOUSCHEF_TRY(const auto before, index_.progress());
  IndexProgress progress = before.value_or(IndexProgress{});

  bool anew = !before;
  if (before) {
    const bool newest_is_gone = before->newest && !exists(disk_, paths_.pack(*before->newest)) &&
                                before->generation == generation.number;
    anew = newest_is_gone || generation.number < before->generation;
  }
  bool must_scan = anew || generation.number != progress.generation;
  if (anew) {
    SOUSCHEF_CHECK(index_.forget_packs());
    progress = {};
  }
  SOUSCHEF_TRY(std::set<PackId> added, follow_logs(progress, must_scan));
  for (const PackId& id : generation.condemned) added.erase(id);
  if (must_scan) {
    SOUSCHEF_CHECK(scan_locked(generation, added));
  } else {
    for (const PackId& id : added) SOUSCHEF_CHECK(take_up(id));
  }
  progress.generation = generation.number;
  // What is condemned may go without another generation.
  if (progress.newest &&
      (generation.condemned.contains(*progress.newest) || !exists(disk_, paths_.pack(*progress.newest))))
    progress.newest.reset();
  if (!before || progress != *before) SOUSCHEF_CHECK(index_.set_progress(progress));
  return generation;
}

Status IndexKeeper::scan() {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_TRY(const Generation generation, read_generation(disk_, paths_));
  return scan_locked(generation, {});
}

Status IndexKeeper::rebuild() {
  {
    const std::lock_guard lock(mutex_);
    SOUSCHEF_CHECK(index_.forget_packs());
    built_from_ = std::set<PackId>();
  }
  SOUSCHEF_TRY([[maybe_unused]] const Generation generation, refresh());
  return {};
}

Status IndexKeeper::rebuild_if_of_use() {
  {
    const std::lock_guard lock(mutex_);
    if (built_from_) return {};
  }
  return rebuild();
}

Result<std::uint32_t> IndexKeeper::pack_added(const FinishedPack& pack,
                                              std::span<const RecipeSummary> recipes,
                                              ObjectIndex::Known known) {
  const std::lock_guard lock(mutex_);
  const std::string line = pack.id.hex() + "\n";
  SOUSCHEF_TRY(const auto log, disk_.open(paths_.added_log(host_), Access::append));
  SOUSCHEF_TRY(const FileStatus before, log->status());
  SOUSCHEF_CHECK(log->append(std::as_bytes(std::span(line))));
  return index_.add_pack({pack.id, pack.size, pack.frames, recipes}, known, [&](IndexProgress& progress) {
    std::uint64_t& read = progress.logs[log->path().filename().string()];
    // Another process of this host may have appended in between: then the log is read
    // the usual way.
    if (read == before.size) read += line.size();
    progress.newest = pack.id;
  });
}

}  // namespace souschef::store
