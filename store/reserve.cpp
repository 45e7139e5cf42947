// SPDX-License-Identifier: MIT
#include "store/reserve.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include "store/atomic_file.hpp"
#include "store/bytes.hpp"
#include "store/index_keeper.hpp"
#include "store/pack_format.hpp"

namespace souschef::store {

namespace {

constexpr std::uint64_t kFirstSize = 256U << 10;
constexpr std::uint64_t kPiece = 1U << 20;
// So much must be left beside it: the reserve shall not be what fills the disk.
constexpr std::uint64_t kPlenty = 8;

Status write_reserve(FileSystem& disk, const StorePaths& paths, const std::string& owner,
                     std::uint64_t size) {
  SOUSCHEF_TRY(const auto file, disk.create(paths.temporary() / temporary_name(owner)));
  std::mt19937_64 random(size);
  Bytes piece(static_cast<std::size_t>(std::min(kPiece, size)));
  Status status;
  for (std::uint64_t at = 0; at < size && status; at += piece.size()) {
    for (std::size_t i = 0; i + sizeof(std::uint64_t) <= piece.size(); i += sizeof(std::uint64_t)) {
      const std::uint64_t word = random();
      std::memcpy(piece.data() + i, &word, sizeof word);
    }
    status = file->write_at(
        at,
        std::span(piece).first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), size - at))));
  }
  if (status) status = disk.replace(file->path(), paths.reserve());
  if (!status) static_cast<void>(disk.remove_file(file->path()).has_value());
  return status;
}

// Two packs, as large as they are here.
std::uint64_t wanted_size(FileSystem& disk, const StorePaths& paths) {
  std::uint64_t largest = 0;
  if (const auto packs = list_packs(disk, paths))
    for (const PackId& pack : *packs)
      if (const auto status = disk.status(paths.pack(pack))) largest = std::max(largest, status->size);
  return std::max(2 * std::min<std::uint64_t>(largest, kPackTarget + kMostFrameBytes), kFirstSize);
}

}  // namespace

void make_first_reserve(FileSystem& disk, const StorePaths& paths) {
  static_cast<void>(write_reserve(disk, paths, "create", kFirstSize).has_value());
}

void give_reserve_up_if_needed(FileSystem& disk, const StorePaths& paths) {
  const auto reserve = disk.status(paths.reserve());
  const auto space = disk.space(paths.folder());
  if (!reserve || !space || space->available >= 2 * kPackTarget) return;
  static_cast<void>(disk.remove_file(paths.reserve()).has_value());
}

void keep_reserve(FileSystem& disk, const StorePaths& paths, const std::string& lease_id) {
  const std::uint64_t wanted = wanted_size(disk, paths);
  const auto reserve = disk.status(paths.reserve());
  const auto space = disk.space(paths.folder());
  if (!space || (reserve && reserve->size >= wanted && reserve->size < 4 * wanted)) return;
  if (space->available < kPlenty * wanted) return;
  static_cast<void>(write_reserve(disk, paths, lease_id, wanted).has_value());
}

}  // namespace souschef::store
