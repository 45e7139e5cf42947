// SPDX-License-Identifier: MIT
#include "store/file_sink.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "store/atomic_file.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kBufferBytes = 256U << 10;

bool all_zero(std::span<const std::byte> data) {
  // A block equals itself moved by one byte if all its bytes are alike.
  return !data.empty() && data[0] == std::byte{0} &&
         std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0;
}

}  // namespace

FileSink::FileSink(FileSystem& disk, std::unique_ptr<OpenFile> file) : disk_(disk), file_(std::move(file)) {
  buffer_.reserve(kBufferBytes);
}

Result<std::unique_ptr<FileSink>> FileSink::create(FileSystem& disk, const std::filesystem::path& folder,
                                                   std::string_view owner,
                                                   std::optional<std::uint32_t> mode) {
  SOUSCHEF_TRY(auto file, disk.create(folder / temporary_name(owner), mode));
  return std::unique_ptr<FileSink>(new FileSink(disk, std::move(file)));
}

FileSink::~FileSink() {
  if (!named_) static_cast<void>(disk_.remove_file(file_->path()).has_value());
}

bool FileSink::flush() {
  if (buffer_.empty()) return true;
  hole_at_end_ = all_zero(buffer_);
  if (!hole_at_end_) status_ = file_->write_at(offset_, buffer_);
  offset_ += buffer_.size();
  buffer_.clear();
  return status_.has_value();
}

bool FileSink::write(std::span<const std::byte> data) {
  if (!status_) return false;
  while (!data.empty()) {
    // What fills a buffer by itself need not go through it.
    const bool direct = buffer_.empty() && data.size() >= kBufferBytes;
    const std::size_t count = std::min(data.size(), kBufferBytes - buffer_.size());
    if (direct) {
      const auto block = data.first(kBufferBytes);
      hole_at_end_ = all_zero(block);
      if (!hole_at_end_) status_ = file_->write_at(offset_, block);
      offset_ += block.size();
    } else {
      buffer_.insert(buffer_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(count));
      if (buffer_.size() == kBufferBytes) flush();
    }
    if (!status_) return false;
    data = data.subspan(count);
  }
  return true;
}

Status FileSink::finish() {
  if (status_) flush();
  if (status_ && hole_at_end_) status_ = file_->truncate(offset_);
  return status_;
}

Status FileSink::publish(const std::filesystem::path& target) {
  SOUSCHEF_CHECK(disk_.publish(file_->path(), target));
  named_ = true;
  return {};
}

Status FileSink::replace(const std::filesystem::path& target) {
  SOUSCHEF_CHECK(disk_.replace(file_->path(), target));
  named_ = true;
  return {};
}

}  // namespace souschef::store
