// SPDX-License-Identifier: MIT
// Names and bytes become durable apart: bytes by syncing the file, a name by syncing the folder that holds
// it. So two things are remembered: for each file the size that was synced (files here only grow), and for
// each change of a name whether its folder was synced since. A power cut undoes, last first, the changes that
// were not, and cuts the files.
#include "tests/support/fault_file_system.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace fs = std::filesystem;

namespace souschef::test {

using store::Access;
using store::FileStatus;
using store::FileSystem;
using store::OpenFile;

class FaultFile final : public OpenFile {
 public:
  FaultFile(FaultFileSystem& disk, std::unique_ptr<OpenFile> file) : disk_(disk), file_(std::move(file)) {
    if (auto status = file_->status()) inode_ = status->inode;
  }

  [[nodiscard]] const fs::path& path() const override { return file_->path(); }
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    return file_->read_at(offset, buffer);
  }
  Status write_at(std::uint64_t offset, std::span<const std::byte> data) override {
    SOUSCHEF_CHECK(disk_.step("write", path(), true));
    return file_->write_at(offset, data);
  }
  Status append(std::span<const std::byte> data) override {
    SOUSCHEF_CHECK(disk_.step("append", path(), true));
    return file_->append(data);
  }
  Status truncate(std::uint64_t size) override {
    SOUSCHEF_CHECK(disk_.step("cut", path(), false));
    return file_->truncate(size);
  }
  Status sync() override {
    SOUSCHEF_CHECK(disk_.step("sync", path(), true));
    SOUSCHEF_TRY(const FileStatus status, file_->status());
    disk_.remember_size(inode_, status.size);
    return {};
  }
  void start_writeback(std::uint64_t, std::uint64_t) override {}
  [[nodiscard]] Result<FileStatus> status() const override { return file_->status(); }
  [[nodiscard]] int descriptor() const override { return file_->descriptor(); }

 private:
  FaultFileSystem& disk_;
  std::unique_ptr<OpenFile> file_;
  std::uint64_t inode_ = 0;
};

FaultFileSystem::FaultFileSystem(fs::path root) : root_(std::move(root)) {
  saved_folder_ = root_.string() + ".saved";
  fs::create_directories(saved_folder_);
}

FaultFileSystem::~FaultFileSystem() {
  std::error_code ignored;
  fs::remove_all(saved_folder_, ignored);
}

std::uint64_t FaultFileSystem::steps() const {
  const std::lock_guard lock(mutex_);
  return steps_;
}
std::vector<std::string> FaultFileSystem::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}
std::size_t FaultFileSystem::count(std::string_view verb) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(log_.begin(), log_.end(), [&](const std::string& line) {
    return line.substr(0, line.find(' ')) == verb;
  }));
}
void FaultFileSystem::clear_log() {
  const std::lock_guard lock(mutex_);
  log_.clear();
}
void FaultFileSystem::fail_at(std::uint64_t step, ErrorCode code) {
  const std::lock_guard lock(mutex_);
  failures_[steps_ + step] = code;
}
void FaultFileSystem::fill_up_at(std::uint64_t step) {
  const std::lock_guard lock(mutex_);
  full_from_ = steps_ + step;
}
void FaultFileSystem::make_room() {
  const std::lock_guard lock(mutex_);
  full_from_.reset();
}
void FaultFileSystem::die_at(std::uint64_t step) {
  const std::lock_guard lock(mutex_);
  dead_from_ = steps_ + step;
}
bool FaultFileSystem::died() const {
  const std::lock_guard lock(mutex_);
  return dead_from_ && steps_ >= *dead_from_;
}

Status FaultFileSystem::step(const char* verb, const fs::path& path, bool needs_space) {
  const std::lock_guard lock(mutex_);
  ++steps_;
  const std::string what = std::string(verb) + " " + path.lexically_relative(root_).string();
  if (dead_from_ && steps_ >= *dead_from_) return Error(ErrorCode::io, "the process is gone", what);
  if (const auto planned = failures_.find(steps_); planned != failures_.end())
    return Error(planned->second, "a planned failure", what);
  if (needs_space && full_from_ && steps_ >= *full_from_)
    return Error(ErrorCode::no_space, "a planned full disk", what);
  log_.push_back(what);
  return {};
}

fs::path FaultFileSystem::save(const fs::path& path) {
  fs::path saved = saved_folder_ / std::to_string(++saved_);
  fs::create_hard_link(path, saved);
  return saved;
}

void FaultFileSystem::remember_size(std::uint64_t inode, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  synced_size_[inode] = size;
}

Result<std::unique_ptr<OpenFile>> FaultFileSystem::create(const fs::path& path,
                                                          std::optional<std::uint32_t> mode) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("create", path, true));
  SOUSCHEF_TRY(auto file, real_.create(path, mode));
  SOUSCHEF_TRY(const FileStatus status, file->status());
  synced_size_[status.inode] = 0;
  names_.push_back({Change::made_file, path, {}, {}});
  return std::unique_ptr<OpenFile>(std::make_unique<FaultFile>(*this, std::move(file)));
}

Result<std::unique_ptr<OpenFile>> FaultFileSystem::open(const fs::path& path, Access access) {
  const std::lock_guard lock(mutex_);
  const bool makes = access == Access::append && !real_.status(path);
  if (makes) SOUSCHEF_CHECK(step("create", path, true));
  SOUSCHEF_TRY(auto file, real_.open(path, access));
  SOUSCHEF_TRY(const FileStatus status, file->status());
  if (makes) names_.push_back({Change::made_file, path, {}, {}});
  if (access != Access::read) synced_size_.try_emplace(status.inode, status.size);
  return std::unique_ptr<OpenFile>(std::make_unique<FaultFile>(*this, std::move(file)));
}

Result<FileStatus> FaultFileSystem::status(const fs::path& path) {
  return real_.status(path);
}
Result<std::vector<store::FolderEntry>> FaultFileSystem::list(const fs::path& folder) {
  return real_.list(folder);
}
Result<store::DiskSpace> FaultFileSystem::space(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_TRY(store::DiskSpace space, real_.space(path));
  if (full_from_ && steps_ + 1 >= *full_from_) space.available = 0;
  return space;
}

Status FaultFileSystem::make_folder(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("mkdir", path, true));
  SOUSCHEF_CHECK(real_.make_folder(path));
  names_.push_back({Change::made_folder, path, {}, {}});
  return {};
}

Status FaultFileSystem::publish(const fs::path& from, const fs::path& to) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("publish", to, false));
  SOUSCHEF_CHECK(real_.publish(from, to));
  names_.push_back({Change::renamed, to, from, {}});
  return {};
}

Status FaultFileSystem::replace(const fs::path& from, const fs::path& to) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("replace", to, false));
  fs::path saved = real_.status(to) ? save(to) : fs::path();
  SOUSCHEF_CHECK(real_.replace(from, to));
  names_.push_back({Change::renamed, to, from, std::move(saved)});
  return {};
}

Status FaultFileSystem::link(const fs::path& from, const fs::path& to) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("link", to, false));
  SOUSCHEF_CHECK(real_.link(from, to));
  names_.push_back({Change::made_file, to, {}, {}});
  return {};
}

Status FaultFileSystem::remove_file(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("remove", path, false));
  if (const auto there = real_.status(path); !there) return there.error();
  fs::path saved = save(path);
  SOUSCHEF_CHECK(real_.remove_file(path));
  names_.push_back({Change::removed_file, path, {}, std::move(saved)});
  return {};
}

Status FaultFileSystem::remove_folder(const fs::path& path) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("rmdir", path, false));
  SOUSCHEF_CHECK(real_.remove_folder(path));
  names_.push_back({Change::removed_folder, path, {}, {}});
  return {};
}

Status FaultFileSystem::set_mode(const fs::path& path, std::uint32_t mode) {
  SOUSCHEF_CHECK(step("chmod", path, false));
  return real_.set_mode(path, mode);
}

Status FaultFileSystem::sync_folder(const fs::path& folder) {
  const std::lock_guard lock(mutex_);
  SOUSCHEF_CHECK(step("sync_folder", folder, false));
  for (NameChange& change : names_)
    if (change.name.parent_path() == folder) change.durable = true;
  return {};
}

void FaultFileSystem::undo(const NameChange& change) {
  std::error_code ignored;
  switch (change.change) {
    case Change::made_file:
      fs::remove(change.name, ignored);
      break;
    case Change::made_folder:
      fs::remove_all(change.name, ignored);
      break;
    case Change::renamed:
      if (fs::exists(change.before.parent_path(), ignored)) fs::rename(change.name, change.before, ignored);
      if (!change.saved.empty()) fs::rename(change.saved, change.name, ignored);
      break;
    case Change::removed_file:
      if (fs::exists(change.name.parent_path(), ignored)) fs::rename(change.saved, change.name, ignored);
      break;
    case Change::removed_folder:
      fs::create_directory(change.name, ignored);
      break;
  }
}

void FaultFileSystem::lose_power(Loss loss, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  if (!dead_from_ || *dead_from_ > steps_) dead_from_ = steps_;
  std::mt19937_64 random(seed);
  const std::size_t first_lost = loss == Loss::data   ? names_.size()
                                 : loss == Loss::some ? random() % (names_.size() + 1)
                                                      : 0;
  for (std::size_t i = names_.size(); i-- > first_lost;)
    if (!names_[i].durable) undo(names_[i]);
  names_.clear();

  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const auto status = real_.status(entry.path());
    if (!status) continue;
    const auto synced = synced_size_.find(status->inode);
    if (synced == synced_size_.end() || synced->second >= status->size) continue;
    std::uint64_t size = synced->second;
    if (loss == Loss::some) size += random() % (status->size - size + 1);
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(entry.path(), size);
  }
}

}  // namespace souschef::test
