// SPDX-License-Identifier: MIT
// A file of the production while it is read: opened without following links, mapped where that is safe, and
// asked at the end whether it is still what it was. Class and rules: store.hpp.
#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "store/descriptor.hpp"
#include "store/file_system.hpp"
#include "store/file_system_kind.hpp"
#include "store/mapped_file.hpp"
#include "store/store.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::size_t kHeadBytes = 64;

// Component by component, for kernels (or sandboxes) without openat2.
Descriptor open_by_components(const fs::path& path) {
  Descriptor at(::open(path.has_root_path() ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const fs::path relative = path.relative_path();
  for (auto part = relative.begin(); at && part != relative.end(); ++part) {
    const bool last = std::next(part) == relative.end();
    const int flags = last ? O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
                           : O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC;
    at = Descriptor(::openat(at.get(), part->c_str(), flags));
  }
  return at;
}

Descriptor open_without_links(const fs::path& path) {
#ifdef SYS_openat2
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS;
  const long opened = ::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how);
  if (opened >= 0) return Descriptor(static_cast<int>(opened));
  if (errno != ENOSYS && errno != EPERM && errno != EINVAL) return {};
#endif
  return open_by_components(path);
}

Error changed(const fs::path& path, std::string why) {
  return Error(ErrorCode::changed, path.string() + " changed while it was read", std::move(why))
      .next_step("wait until it is saved, then try again");
}

class RealSourceFile final : public SourceFile {
 public:
  RealSourceFile(fs::path path, Descriptor file, const FileStamp& stamp)
      : path_(std::move(path)), name_(path_.string()), file_(std::move(file)), stamp_(stamp) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::uint64_t size() const override { return stamp_.size; }
  [[nodiscard]] std::span<const std::byte> map() const override {
    std::call_once(mapped_once_, [this] {
      // A mapped file on a server may lose its pages at any time, not only when it is cut.
      const auto kind = file_system_kind("/proc/self/fd/" + std::to_string(file_.get()));
      if (stamp_.size == 0 || !kind || kind->nearness == Nearness::remote) return;
      if (auto mapped = MappedFile::map(file_.get(), stamp_.size)) mapped_ = std::move(*mapped);
    });
    return mapped_ == nullptr ? std::span<const std::byte>() : mapped_->bytes();
  }
  [[nodiscard]] std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t count =
          ::pread(file_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return -1;
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return static_cast<std::int64_t>(done);
  }

  [[nodiscard]] const FileStamp& stamp() const override { return stamp_; }

  Status check_unchanged() const override {
    if (mapped_ != nullptr && mapped_->damaged()) return changed(path_, "it was cut short");
    struct stat opened {};
    struct stat named {};
    if (::fstat(file_.get(), &opened) != 0) return changed(path_, "it cannot be looked at any more");
    if (stamp_of(opened) != stamp_) return changed(path_, "it was written to");
    if (::lstat(path_.c_str(), &named) != 0) return changed(path_, "it was removed");
    if (named.st_ino != opened.st_ino || named.st_dev != opened.st_dev)
      return changed(path_, "it was replaced");
    return {};
  }

  Result<Analysis*> analysis(const FilterSet& filters, const fs::path& temporary_folder) override {
    if (analysed_) return analysis_.get();
    std::array<std::byte, kHeadBytes> head{};
    const std::int64_t count = read_at(0, head);
    if (count < 0) return system_error(errno, "cannot read " + name_);
    const FilterEntry* entry = filters.accepting(std::span(head).first(static_cast<std::size_t>(count)));
    if (entry != nullptr) {
      SOUSCHEF_TRY(analysis_, entry->analyser->open(*this, temporary_folder));
    }
    analysed_ = true;
    return analysis_.get();
  }

 private:
  fs::path path_;
  std::string name_;
  Descriptor file_;
  FileStamp stamp_;
  mutable std::once_flag mapped_once_;
  mutable std::unique_ptr<MappedFile> mapped_;
  bool analysed_ = false;
  std::unique_ptr<Analysis> analysis_;  // last: it reads the file until it goes
};

}  // namespace

Result<std::unique_ptr<SourceFile>> SourceFile::open(const fs::path& resolved) {
  Descriptor file = open_without_links(resolved);
  if (!file) {
    const int reason = errno;
    if (reason == ELOOP)
      return Error(ErrorCode::denied, "cannot read " + resolved.string(),
                   "there is a symbolic link in its path now");
    return system_error(reason, "cannot read " + resolved.string());
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error(errno, "cannot read " + resolved.string());
  if (!S_ISREG(status.st_mode))
    return Error(ErrorCode::bad_input, "cannot read " + resolved.string(), "not a regular file");
  return std::unique_ptr<SourceFile>(
      std::make_unique<RealSourceFile>(resolved, std::move(file), stamp_of(status)));
}

}  // namespace souschef::store
