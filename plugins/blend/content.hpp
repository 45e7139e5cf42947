// SPDX-License-Identifier: MIT
// The unwrapped bytes of a file as one piece of memory that is filled as it is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <souschef/host.hpp>
#include <souschef/result.hpp>

#include "plugins/blend/scratch.hpp"

namespace souschef::blend {

// Produces the pieces of a content: the frames of a zstd file, the pages of a file that could not be mapped.
class Pieces {
 public:
  virtual ~Pieces() = default;
  [[nodiscard]] virtual std::size_t count() const = 0;
  [[nodiscard]] virtual std::uint64_t offset(std::size_t piece) const = 0;  // in the content
  [[nodiscard]] virtual std::uint64_t size(std::size_t piece) const = 0;
  // The piece that holds `offset`, which is inside the content.
  [[nodiscard]] virtual std::size_t piece_at(std::uint64_t offset) const = 0;
  // Fills `target`, as large as the piece. Thread-safe.
  virtual Status load(std::size_t piece, std::span<std::byte> target) const = 0;
};

// One thread at a time. What bytes() returns stays valid as long as the object.
class Content {
 public:
  // Bytes that are all there: the host's map, a packed library. Borrowed.
  explicit Content(std::span<const std::byte> present)
      : data_(present.data()), size_(present.size()), stored_(present.size()) {}
  // Bytes that were unpacked as a stream from `stored` bytes.
  Content(Scratch unpacked, std::uint64_t stored)
      : scratch_(std::move(unpacked)), data_(scratch_.data()), size_(scratch_.size()), stored_(stored) {}
  // Bytes that come when they are looked at, from `stored` bytes. `room` has the size of all pieces together.
  Content(std::unique_ptr<Pieces> pieces, Scratch room, std::uint64_t stored, Host host);

  Content(Content&&) = default;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // The size of the file that it comes from.
  [[nodiscard]] std::uint64_t stored() const { return stored_; }

  // Exactly `size` bytes from `offset`; empty where they reach beyond the end or cannot be had. The latter
  // makes status() fail for good: whoever has read the content asks it before he believes what he has found.
  [[nodiscard]] std::span<const std::byte> bytes(std::uint64_t offset, std::uint64_t size) const {
    if (offset > size_ || size > size_ - offset) return {};
    if (pieces_ != nullptr) return bytes_of_pieces(offset, size);
    return {data_ + offset, static_cast<std::size_t>(size)};
  }
  [[nodiscard]] const Status& status() const { return status_; }
  // A hint that `size` bytes from `offset` will be asked for soon; loads nothing that is not there. Inlined
  // at any price: GCC takes a function that only fetches for one without effect and drops calls to it.
  [[gnu::always_inline]] void expect(std::uint64_t offset, std::uint64_t size) const {
    constexpr std::uint64_t kCacheLine = 64;
    if (offset > size_ || size > size_ - offset) return;
    for (std::uint64_t at = 0; at < size; at += kCacheLine) __builtin_prefetch(data_ + offset + at);
  }

  // True where bytes() costs nothing.
  [[nodiscard]] bool present() const { return pieces_ == nullptr; }
  // Whether what is looked at is, or will be, in memory rather than in a temporary file.
  [[nodiscard]] bool in_memory() const { return pieces_ == nullptr || scratch_.memory() != nullptr; }
  // Fills everything, on several threads.
  Status load_all() const;

 private:
  friend class Skim;
  // A part of the content that is there although its pieces are not.
  struct Kept {
    std::uint64_t begin = 0, end = 0;
    std::uint64_t place = 0;  // of its first byte among all that is kept
  };
  std::span<const std::byte> bytes_of_pieces(std::uint64_t offset, std::uint64_t size) const;
  const std::byte* kept(std::uint64_t offset, std::uint64_t size) const;
  bool loaded(std::uint64_t offset, std::uint64_t size) const;
  bool load(std::size_t first, std::size_t count) const;
  // Does `task` for each of these pieces, side by side. False: one of them failed, status() tells why.
  bool for_each(std::size_t first, std::size_t count, const std::function<Status(std::size_t)>& task) const;

  // Filling is not a change that a reader can see.
  std::unique_ptr<Pieces> pieces_;
  mutable Scratch scratch_;
  mutable std::vector<std::uint8_t> there_;  // per piece
  mutable Scratch kept_bytes_;               // one part behind the other
  mutable std::vector<Kept> kept_;     // in file order, with something that is not kept between each two
  mutable std::size_t last_kept_ = 0;  // where something was found last
  mutable std::size_t next_ = 0;       // the piece behind the last one that was filled
  mutable std::size_t ahead_ = 1;      // how many are filled at once
  mutable Status status_;
  Host host_{nullptr};
  const std::byte* data_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t stored_ = 0;
};

}  // namespace souschef::blend
