// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include <souschef/analysis.hpp>

namespace souschef::test {

// An input file that is a string, mapped or only to be read piece by piece.
class MemoryFile final : public InputFile {
 public:
  enum class Access { mapped, read_only };
  explicit MemoryFile(std::string bytes, Access access = Access::mapped)
      : bytes_(std::move(bytes)), access_(access) {}

  [[nodiscard]] std::string_view name() const override { return "memory"; }
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> map() const override {
    return access_ == Access::mapped ? std::as_bytes(std::span(bytes_)) : std::span<const std::byte>();
  }
  [[nodiscard]] std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    if (offset >= fails_at_) return -1;
    if (offset >= bytes_.size()) return 0;
    const std::size_t count = std::min<std::size_t>(buffer.size(), bytes_.size() - offset);
    std::memcpy(buffer.data(), bytes_.data() + offset, count);
    bytes_read_ += count;
    return static_cast<std::int64_t>(count);
  }

  // From here on reading fails.
  void fail_at(std::uint64_t offset) { fails_at_ = offset; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  std::string bytes_;
  Access access_;
  std::uint64_t fails_at_ = UINT64_MAX;
  mutable std::uint64_t bytes_read_ = 0;
};

}  // namespace souschef::test
