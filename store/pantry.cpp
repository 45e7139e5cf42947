// SPDX-License-Identifier: MIT
#include "store/pantry.hpp"

#include <utility>

#include <linux/fs.h>
#include <sys/ioctl.h>

#include "store/atomic_file.hpp"
#include "store/file_sink.hpp"
#include "store/filter_proof.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::size_t kCopyStep = 1U << 20;

std::uint32_t read_only_mode(bool executable) {
  return executable ? 0555 : 0444;
}

// Linking a file elsewhere changes its ctime: that is left out.
PantryRecord record_of(const FileStatus& status) {
  return {status.inode, status.size, status.mtime_ns, status.mode};
}

Status copy_bytes(const OpenFile& from, ByteSink& to) {
  Bytes buffer(kCopyStep);
  for (std::uint64_t offset = 0;;) {
    SOUSCHEF_TRY(const std::size_t count, from.read_at(offset, buffer));
    if (count == 0) return {};
    if (!to.write(std::span(buffer).first(count)))
      return Error(ErrorCode::io, "cannot copy " + from.path().string());
    offset += count;
  }
}

}  // namespace

fs::path Pantry::path_of(const ContentId& content, bool executable) const {
  const std::string name = content.hex();
  return parts_.pantry_folder / name.substr(0, 2) / (name + (executable ? ".x" : ""));
}

Result<Pantry::Shelved> Pantry::shelve(const ContentId& content, bool executable) {
  const fs::path path = path_of(content, executable);
  std::optional<PantryRecord> record;
  {
    SOUSCHEF_TRY(const ObjectIndex::Reader reader, parts_.index->read());
    record = reader.pantry(content, executable);
  }
  if (record) {
    const auto status = parts_.disk.status(path);
    if (status && status->kind == FileKind::regular && record_of(*status) == *record)
      return Shelved{path, status->size, false};
  }
  SOUSCHEF_CHECK(make_folders(parts_.disk, path.parent_path()));
  SOUSCHEF_TRY(const auto sink,
               FileSink::create(parts_.disk, path.parent_path(), {}, read_only_mode(executable)));
  const auto rebuilt = parts_.rebuild->write(content, {}, Form::content, Proof::file, *sink);
  SOUSCHEF_CHECK(sink->finish());
  if (!rebuilt) return rebuilt.error();
  // Whoever has the old file linked somewhere keeps it.
  SOUSCHEF_CHECK(sink->replace(path));
  SOUSCHEF_TRY(const FileStatus status, sink->file().status());
  SOUSCHEF_CHECK(parts_.index->put_pantry(content, executable, record_of(status)));
  return Shelved{path, status.size, true};
}

bool Pantry::try_reflink(const Shelved& file, const fs::path& target, std::uint32_t mode) {
  if (!reflinks_work_) return false;
  const auto source = parts_.disk.open(file.path, Access::read);
  auto copy = parts_.disk.create(target, mode);
  if (!source || !copy) return false;
  if (::ioctl((*copy)->descriptor(), FICLONE, (*source)->descriptor()) == 0) return true;
  reflinks_work_ = false;
  static_cast<void>(parts_.disk.remove_file(target).has_value());
  return false;
}

Result<Placement> Pantry::place(const Shelved& file, const fs::path& target, bool executable) {
  if (exists(parts_.disk, target)) return Error(ErrorCode::exists, target.string() + " is there already");
  const std::uint32_t mode = read_only_mode(executable);
  if (try_reflink(file, target, mode)) return Placement::reflink;
  if (hardlinks_work_) {
    const Status linked = parts_.disk.link(file.path, target);
    if (linked) return Placement::hardlink;
    if (linked.error().code == ErrorCode::exists || linked.error().code == ErrorCode::no_space)
      return linked.error();
    if (linked.error().code != ErrorCode::not_found) hardlinks_work_ = false;
  }
  SOUSCHEF_TRY(const auto source, parts_.disk.open(file.path, Access::read));
  SOUSCHEF_TRY(const auto sink, FileSink::create(parts_.disk, target.parent_path(), {}, mode));
  SOUSCHEF_CHECK(copy_bytes(*source, *sink));
  SOUSCHEF_CHECK(sink->finish());
  SOUSCHEF_CHECK(sink->publish(target));
  return Placement::copy;
}

Status Pantry::check(const ContentId& content, bool executable) {
  SOUSCHEF_TRY(const auto file, parts_.disk.open(path_of(content, executable), Access::read));
  SOUSCHEF_TRY(const FileStatus status, file->status());
  HashSink hash(content.hash, status.size);
  SOUSCHEF_CHECK(copy_bytes(*file, hash));
  if (hash.matches()) return {};
  SOUSCHEF_CHECK(parts_.index->remove_pantry(content, executable));
  return Error(ErrorCode::corrupt, "the pantry's file " + content.brief() + " was changed",
               "it will be built anew when it is needed");
}

}  // namespace souschef::store
