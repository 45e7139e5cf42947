// SPDX-License-Identifier: MIT
#include "core/rendering/frame_place.hpp"

#include <vector>

#include <souschef/file_name.hpp>

#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kPiece = 4 << 20;

store::FileSystem& disk() {
  return store::FileSystem::real();
}

// A copy that appears whole under its name.
Status copy_whole(const fs::path& from, const fs::path& to) {
  const fs::path temporary = to.parent_path() / store::temporary_name("frame");
  SOUSCHEF_TRY(const auto source, disk().open(from, store::Access::read));
  SOUSCHEF_TRY(const auto target, disk().create(temporary));
  std::vector<std::byte> piece(kPiece);
  Status copied;
  for (std::uint64_t at = 0; copied;) {
    const auto got = source->read_at(at, piece);
    if (!got) copied = got.error();
    if (!got || *got == 0) break;
    copied = target->write_at(at, std::span(piece).first(*got));
    at += *got;
  }
  if (copied) copied = target->sync();
  if (copied) copied = disk().replace(temporary, to);
  if (!copied) (void)disk().remove_file(temporary);
  return copied;
}

Status move_file(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (!failed) return {};
  if (failed != std::errc::cross_device_link)
    return store::system_error(failed.value(), "cannot move a file to " + escape_name(to.string()));
  SOUSCHEF_CHECK(copy_whole(from, to));
  return disk().remove_file(from);
}

// A name that is free: "x.png", "x.png.1", ...
fs::path free_name(const fs::path& wanted) {
  fs::path name = wanted;
  for (int i = 1; store::exists(disk(), name); ++i) name = wanted.string() + "." + std::to_string(i);
  return name;
}

Status place_file(const PlaceRequest& request, const FileRecord& file) {
  const fs::path from = request.staging / file.path, to = request.root / file.path;
  const auto there = disk().status(to);
  if (!store::exists(disk(), from)) {
    if (there && there->kind == store::FileKind::regular && there->size == file.size) return {};
    return Error(ErrorCode::not_found,
                 "a frame's file is gone before it came to its place: " + escape_name(file.path));
  }
  SOUSCHEF_CHECK(store::make_folders(disk(), to.parent_path()));
  if (there && request.existing == Existing::aside) {
    const fs::path older = free_name(request.older / file.path);
    SOUSCHEF_CHECK(store::make_folders(disk(), older.parent_path()));
    SOUSCHEF_CHECK(move_file(to, older));
  }
  return move_file(from, to);
}

}  // namespace

Status place_frame(const PlaceRequest& request) {
  for (const FileRecord& file : request.files) SOUSCHEF_CHECK(place_file(request, file));
  return {};
}

}  // namespace souschef::core
