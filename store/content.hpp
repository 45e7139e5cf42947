// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include <souschef/analysis.hpp>
#include <souschef/result.hpp>

namespace souschef::store {

// Bytes that are read front to back to be stored: a file, a file without its wrapper, or memory. Borrows what
// it reads from. One thread at a time.
class Content {
 public:
  virtual ~Content() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // Fills the buffer. `changed` if there is less than size() promised; io.
  [[nodiscard]] virtual Status read(std::uint64_t offset, std::span<std::byte> buffer) const = 0;
  // As many bytes as the buffer has, or fewer but not none; in the buffer only if they are not in memory
  // anyway. `offset` lies before the end. Valid until the next call.
  [[nodiscard]] virtual Result<std::span<const std::byte>> view(std::uint64_t offset,
                                                                std::span<std::byte> buffer) const {
    buffer = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size() - offset)));
    SOUSCHEF_CHECK(read(offset, buffer));
    return buffer;
  }
};

// The file as it is. `done` counts what was read.
class RawContent final : public Content {
 public:
  RawContent(const InputFile& file, std::atomic<std::uint64_t>* done) : file_(file), done_(done) {}
  [[nodiscard]] std::uint64_t size() const override { return file_.size(); }
  [[nodiscard]] Status read(std::uint64_t offset, std::span<std::byte> buffer) const override {
    const std::int64_t count = file_.read_at(offset, buffer);
    if (count < 0) return Error(ErrorCode::io, "cannot read " + std::string(file_.name()));
    if (static_cast<std::size_t>(count) != buffer.size())
      return Error(ErrorCode::changed, std::string(file_.name()) + " changed while it was read",
                   "it became shorter");
    if (done_ != nullptr) *done_ += buffer.size();
    return {};
  }
  // What was cut short meanwhile reads as zeros: the file's check_unchanged() tells.
  [[nodiscard]] Result<std::span<const std::byte>> view(std::uint64_t offset,
                                                        std::span<std::byte> buffer) const override {
    const auto map = file_.map();
    if (map.empty()) return Content::view(offset, buffer);
    const auto piece = map.subspan(static_cast<std::size_t>(offset));
    return piece.first(std::min(piece.size(), buffer.size()));
  }

 private:
  const InputFile& file_;
  std::atomic<std::uint64_t>* done_;
};

// What an analysis says is inside.
class UnwrappedContent final : public Content {
 public:
  explicit UnwrappedContent(Analysis& analysis) : analysis_(analysis) {}
  [[nodiscard]] std::uint64_t size() const override { return analysis_.content_size(); }
  [[nodiscard]] Status read(std::uint64_t offset, std::span<std::byte> buffer) const override {
    while (!buffer.empty()) {
      const auto piece = analysis_.content(offset, buffer.size());
      if (piece.empty() || piece.size() > buffer.size())
        return Error(ErrorCode::changed, "the file's content ends too early");
      std::memcpy(buffer.data(), piece.data(), piece.size());
      offset += piece.size();
      buffer = buffer.subspan(piece.size());
    }
    return {};
  }
  [[nodiscard]] Result<std::span<const std::byte>> view(std::uint64_t offset,
                                                        std::span<std::byte> buffer) const override {
    const auto piece = analysis_.content(offset, buffer.size());
    if (piece.empty() || piece.size() > buffer.size())
      return Error(ErrorCode::changed, "the file's content ends too early");
    return piece;
  }

 private:
  Analysis& analysis_;
};

class MemoryContent final : public Content {
 public:
  explicit MemoryContent(std::span<const std::byte> data) : data_(data) {}
  [[nodiscard]] std::uint64_t size() const override { return data_.size(); }
  [[nodiscard]] Status read(std::uint64_t offset, std::span<std::byte> buffer) const override {
    if (!buffer.empty()) std::memcpy(buffer.data(), data_.data() + offset, buffer.size());
    return {};
  }

 private:
  std::span<const std::byte> data_;
};

}  // namespace souschef::store
