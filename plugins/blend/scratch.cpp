// SPDX-License-Identifier: MIT
#include "plugins/blend/scratch.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace souschef::blend {
namespace {

constexpr std::uint64_t kLargePage = 2U << 20;

Error system_error(std::string what, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  Error error(full ? ErrorCode::no_space : ErrorCode::io, std::move(what), std::strerror(code));
  if (full) error.next = "make room there, or name another folder in TMPDIR";
  if (code == ENOMEM) error.next = "close other programs and try again";
  return error;
}

Result<int> open_unlinked(const std::filesystem::path& folder) {
  std::string name = (folder / "souschef-unpacked-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  if (file < 0) return system_error("cannot make a temporary file in " + folder.string(), errno);
  ::unlink(name.c_str());
  return file;
}

Status write_all(int file, std::uint64_t offset, std::span<const std::byte> data) {
  while (!data.empty()) {
    const ssize_t written = ::pwrite(file, data.data(), data.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_error("cannot write a temporary file", written == 0 ? ENOSPC : errno);
    offset += static_cast<std::uint64_t>(written);
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Scratch::~Scratch() {
  release();
}

Scratch::Scratch(Scratch&& other) noexcept {
  *this = std::move(other);
}

Scratch& Scratch::operator=(Scratch&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
    mapped_ = std::exchange(other.mapped_, 0);
    file_ = std::exchange(other.file_, -1);
    writable_ = std::exchange(other.writable_, false);
  }
  return *this;
}

void Scratch::release() {
  if (data_ != nullptr) ::munmap(data_, mapped_);
  if (file_ >= 0) ::close(file_);
  data_ = nullptr;
  file_ = -1;
}

Result<Scratch> Scratch::create(std::uint64_t size, std::uint64_t in_memory,
                                const std::filesystem::path& folder) {
  Scratch scratch;
  scratch.size_ = size;
  if (size == 0) return scratch;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  int protection = PROT_READ | PROT_WRITE;
  if (size > in_memory) {
    SOUSCHEF_TRY(scratch.file_, open_unlinked(folder));
    if (::ftruncate(scratch.file_, static_cast<off_t>(size)) != 0)
      return system_error("cannot make room in a temporary file", errno);
    flags = MAP_SHARED;
    protection = PROT_READ;
  }
  void* mapped = ::mmap(nullptr, size, protection, flags, scratch.file_, 0);
  if (mapped == MAP_FAILED) return system_error("cannot map the unpacked file", errno);
  scratch.data_ = static_cast<std::byte*>(mapped);
  scratch.mapped_ = size;
  return scratch;
}

Result<Scratch> Scratch::create_writable(std::uint64_t size, std::uint64_t in_memory,
                                         const std::filesystem::path& folder) {
  if (size <= in_memory) return create(size, in_memory, folder);
  Scratch scratch;
  SOUSCHEF_TRY(scratch.file_, open_unlinked(folder));
  if (const int code = ::posix_fallocate(scratch.file_, 0, static_cast<off_t>(size)); code != 0)
    return system_error("cannot make room in a temporary file", code);
  void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, scratch.file_, 0);
  if (mapped == MAP_FAILED) return system_error("cannot map a temporary file", errno);
  scratch.data_ = static_cast<std::byte*>(mapped);
  scratch.size_ = size;
  scratch.mapped_ = size;
  scratch.writable_ = true;
  return scratch;
}

Status Scratch::write(std::uint64_t offset, std::span<const std::byte> data) {
  if (file_ >= 0) return write_all(file_, offset, data);
  if (!data.empty()) std::memcpy(data_ + offset, data.data(), data.size());
  return {};
}

void Scratch::use_large_pages() {
#ifdef MADV_HUGEPAGE
  if (file_ < 0 && mapped_ >= kLargePage) ::madvise(data_, mapped_, MADV_HUGEPAGE);
#endif
}

GrowingScratch::~GrowingScratch() {
  if (file_ >= 0) ::close(file_);
}

Status GrowingScratch::append(std::span<const std::byte> data) {
  if (data.empty()) return {};
  if (file_ < 0 && size_ + data.size() > in_memory_) SOUSCHEF_CHECK(move_to_file());
  if (file_ >= 0) {
    SOUSCHEF_CHECK(write_all(file_, size_, data));
  } else {
    // The whole reserve is mapped at once; pages come as they are touched.
    if (memory_.data_ == nullptr) {
      SOUSCHEF_TRY(memory_, Scratch::create(in_memory_, in_memory_, folder_));
    }
    // Most tables are small, and there may be hundreds of them: what they take grows by small pages first.
    if (size_ < kLargePage && size_ + data.size() >= kLargePage) memory_.use_large_pages();
    SOUSCHEF_CHECK(memory_.write(size_, data));
  }
  size_ += data.size();
  return {};
}

Status GrowingScratch::move_to_file() {
  SOUSCHEF_TRY(file_, open_unlinked(folder_));
  SOUSCHEF_CHECK(write_all(file_, 0, {memory_.data_, static_cast<std::size_t>(size_)}));
  memory_ = Scratch();
  return {};
}

Result<Scratch> GrowingScratch::finish() {
  if (file_ < 0) {
    memory_.size_ = size_;
    return std::move(memory_);
  }
  Scratch scratch;
  scratch.size_ = size_;
  scratch.file_ = std::exchange(file_, -1);
  void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, scratch.file_, 0);
  if (mapped == MAP_FAILED) return system_error("cannot map the unpacked file", errno);
  scratch.data_ = static_cast<std::byte*>(mapped);
  scratch.mapped_ = size_;
  return scratch;
}

}  // namespace souschef::blend
