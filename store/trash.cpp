// SPDX-License-Identifier: MIT
#include "store/trash.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "store/atomic_file.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::string_view kMagic = "souschef-trash 1\n", kBatchFile = "batch";
constexpr std::uint64_t kMostBatchBytes = 16U << 20;
constexpr std::size_t kNameDigits = 8;
constexpr std::size_t kRemovers = 8, kFilesPerRemover = 32;

std::string check_of(std::string_view text) {
  return hash_of(text).hex().substr(0, 16);
}

template <class T>
std::optional<T> number_of(std::string_view text) {
  T value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string flat_name(std::string name) {
  std::replace(name.begin(), name.end(), '/', '~');
  return name;
}
std::string deep_name(std::string name) {
  std::replace(name.begin(), name.end(), '~', '/');
  return name;
}

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
  return text;
}

Error damaged() {
  return Error(ErrorCode::corrupt, "a batch of the trash is damaged");
}

}  // namespace

std::string serialize(const TrashBatch& batch) {
  std::string text = std::string(kMagic) + "generation " + std::to_string(batch.generation) + "\ntime_ms " +
                     std::to_string(batch.time_ms) + "\nreason " + one_line(batch.reason) + "\n";
  for (const std::string& lease : batch.leases) text += "lease " + one_line(lease) + "\n";
  return text + "check " + check_of(text) + "\n";
}

Result<TrashBatch> parse_batch(std::string_view text) {
  if (!text.starts_with(kMagic)) {
    if (text.starts_with("souschef-trash "))
      return Error(ErrorCode::unsupported, "trash of a newer version").next_step("update souschef");
    return damaged();
  }
  const std::size_t check = text.rfind("check ");
  if (check == std::string_view::npos ||
      text.substr(check) != "check " + check_of(text.substr(0, check)) + "\n")
    return damaged();
  std::string_view lines = text.substr(kMagic.size(), check - kMagic.size());
  TrashBatch batch;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return damaged();
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return damaged();
    const std::string_view key = line.substr(0, space);
    const std::string_view value = line.substr(space + 1);
    if (key == "generation") {
      const auto number = number_of<std::uint64_t>(value);
      if (!number) return damaged();
      batch.generation = *number;
    } else if (key == "time_ms") {
      const auto number = number_of<std::int64_t>(value);
      if (!number) return damaged();
      batch.time_ms = *number;
    } else if (key == "reason") {
      batch.reason = value;
    } else if (key == "lease") {
      batch.leases.emplace(value);
    } else {
      return damaged();
    }
  }
  if (batch.generation == 0) return damaged();
  return batch;
}

fs::path Trash::folder(std::uint64_t generation) const {
  const std::string digits = std::to_string(generation);
  return paths_.trash() / (std::string(kNameDigits - std::min(kNameDigits, digits.size()), '0') + digits);
}

fs::path Trash::pack(std::uint64_t generation, const PackId& pack) const {
  return folder(generation) / paths_.pack(pack).filename();
}

Result<std::vector<TrashBatch>> Trash::batches(std::vector<std::string>* damaged_names) {
  std::vector<TrashBatch> batches;
  const auto folders = disk_.list(paths_.trash());
  if (!folders) {
    if (folders.error().code == ErrorCode::not_found) return batches;
    return folders.error();
  }
  for (const FolderEntry& entry : *folders) {
    if (entry.kind != FileKind::folder) continue;
    const auto text = read_file(disk_, paths_.trash() / entry.name / kBatchFile, kMostBatchBytes);
    auto batch = text ? parse_batch(*text) : Result<TrashBatch>(text.error());
    if (batch && folder(batch->generation).filename() == entry.name)
      batches.push_back(std::move(*batch));
    else if (damaged_names != nullptr)
      damaged_names->push_back(entry.name);
  }
  std::sort(batches.begin(), batches.end(),
            [](const TrashBatch& a, const TrashBatch& b) { return a.generation < b.generation; });
  return batches;
}

Result<TrashContents> Trash::contents(std::uint64_t generation) {
  TrashContents contents;
  SOUSCHEF_TRY(const auto entries, disk_.list(folder(generation)));
  for (const FolderEntry& entry : entries) {
    if (entry.kind != FileKind::regular || entry.name == kBatchFile || is_temporary(entry.name)) continue;
    if (const auto status = disk_.status(folder(generation) / entry.name)) contents.bytes += status->size;
    if (const auto id = StorePaths::pack_of_name(entry.name))
      contents.packs.push_back(*id);
    else
      contents.files.push_back(deep_name(entry.name));
  }
  return contents;
}

Status Trash::begin(const TrashBatch& batch, const std::string& lease_id) {
  SOUSCHEF_CHECK(make_folders(disk_, folder(batch.generation)));
  WriteOptions options;
  options.temporary_folder = paths_.temporary();
  options.owner = lease_id;
  SOUSCHEF_TRY([[maybe_unused]] const Published published,
               publish_file(disk_, folder(batch.generation) / kBatchFile, serialize(batch), options));
  return {};
}

Status Trash::move(const fs::path& from, const fs::path& to, OldName old_name) {
  Status moved = disk_.publish(from, to);
  // Moved before, by an earlier try.
  if (!moved && moved.error().code == ErrorCode::not_found && exists(disk_, to)) moved = {};
  if (!moved) return moved;
  changed_.insert(to.parent_path());
  if (old_name == OldName::must_be_gone) left_.insert(from.parent_path());
  return {};
}

Status Trash::move_pack(std::uint64_t generation, const PackId& pack_id) {
  // One that is back after a power cut is garbage, which the next collection finds: 256 syncs less.
  return move(paths_.pack(pack_id), pack(generation, pack_id), OldName::may_come_back);
}

Status Trash::move_file(std::uint64_t generation, const std::string& name, OldName old_name) {
  return move(paths_.folder() / name, folder(generation) / flat_name(name), old_name);
}

Status Trash::bring_back_pack(std::uint64_t generation, const PackId& pack_id) {
  // A pack's name fixes its content: one that is there again already is the same.
  if (exists(disk_, paths_.pack(pack_id))) return {};
  return move(pack(generation, pack_id), paths_.pack(pack_id), OldName::must_be_gone);
}

Status Trash::bring_back_file(std::uint64_t generation, const std::string& name) {
  const fs::path target = paths_.folder() / name;
  SOUSCHEF_CHECK(make_folders(disk_, target.parent_path()));
  return move(folder(generation) / flat_name(name), target, OldName::must_be_gone);
}

// The new names first: where both cannot be had at once, a file that has two names is better than one that
// has none.
Status Trash::sync() {
  for (const fs::path& changed : changed_) SOUSCHEF_CHECK(disk_.sync_folder(changed));
  for (const fs::path& left : left_)
    if (!changed_.contains(left)) SOUSCHEF_CHECK(disk_.sync_folder(left));
  changed_.clear();
  left_.clear();
  return {};
}

// Whoever undoes a removal that died half way must not bring back a record whose content is gone: so the
// files go first, records before the manifests that they point to (snapshots/, then jobs/), then the packs.
// The batch file goes last, so that what is left is still known for what it is.
Status Trash::remove(std::uint64_t generation) {
  const fs::path place = folder(generation);
  const auto left = contents(generation);
  if (!left) return left.error().code == ErrorCode::not_found ? Status() : Status(left.error());
  std::map<std::string, std::vector<fs::path>, std::greater<>> kinds;
  for (const std::string& file : left->files)
    kinds[file.substr(0, file.find('/'))].push_back(place / flat_name(file));
  for (const auto& [kind, files] : kinds) SOUSCHEF_CHECK(remove_files(files));
  if (!left->files.empty() && !left->packs.empty()) SOUSCHEF_CHECK(disk_.sync_folder(place));
  std::vector<fs::path> packs;
  for (const PackId& id : left->packs) packs.push_back(pack(generation, id));
  SOUSCHEF_CHECK(remove_files(packs));
  return remove_tree(disk_, place);
}

// Whoever removes a file waits: for the disk to take its blocks back, or for a server to answer.
Status Trash::remove_files(std::span<const fs::path> files) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  Status first_failure;
  const auto remove_next = [&] {
    for (std::size_t at = next++; at < files.size(); at = next++) {
      Status removed = disk_.remove_file(files[at]);
      if (removed) continue;
      const std::lock_guard lock(mutex);
      if (first_failure) first_failure = std::move(removed);
      next = files.size();
    }
  };
  {
    std::vector<std::jthread> others;
    const std::size_t useful = std::min(kRemovers, files.size() / kFilesPerRemover);
    for (std::size_t i = 1; i < useful; ++i) others.emplace_back(remove_next);
    remove_next();
  }
  return first_failure;
}

}  // namespace souschef::store
