// SPDX-License-Identifier: MIT
// Bytes that a file unpacks to, or a table about it: in memory while they are few, in an unlinked temporary
// file beyond that. Either way they are read as one piece of memory.
//
// A temporary file is written with pwrite and mapped for reading only: writing through a mapping would end
// the program with SIGBUS when the disk is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include <souschef/result.hpp>

namespace souschef::blend {

// Of a fixed size, zero where nothing was written. Threads: write() to places that do not overlap from any
// thread; the rest one thread at a time.
class Scratch {
 public:
  Scratch() = default;
  ~Scratch();
  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&& other) noexcept;

  // In memory up to `in_memory` bytes, else in `folder`. Errors: no_space, io.
  static Result<Scratch> create(std::uint64_t size, std::uint64_t in_memory,
                                const std::filesystem::path& folder);
  // The same, but memory() is never null: for tables that are filled in no order. A file takes its whole room
  // on the disk at once, so that writing through the mapping cannot fail later.
  static Result<Scratch> create_writable(std::uint64_t size, std::uint64_t in_memory,
                                         const std::filesystem::path& folder);

  // Stays where it is until the object is destroyed; moving the object does not move the bytes.
  [[nodiscard]] const std::byte* data() const { return data_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // The same bytes for writing in place; null where they are in a file that only write() reaches.
  [[nodiscard]] std::byte* memory() { return file_ < 0 || writable_ ? data_ : nullptr; }
  // For who will fill all of it: memory comes in pieces of 2 MiB where the system has them. A page fault for
  // every 4 KiB costs more than unpacking what goes there.
  void use_large_pages();
  // offset + data.size() <= size(). Errors: no_space, io.
  Status write(std::uint64_t offset, std::span<const std::byte> data);

 private:
  friend class GrowingScratch;
  void release();

  std::byte* data_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t mapped_ = 0;
  int file_ = -1;
  bool writable_ = false;  // the file is mapped for writing
};

// Of a size that is not known before. One thread at a time.
class GrowingScratch {
 public:
  GrowingScratch(std::uint64_t in_memory, std::filesystem::path folder)
      : in_memory_(in_memory), folder_(std::move(folder)) {}
  ~GrowingScratch();
  GrowingScratch(GrowingScratch&&) = delete;
  GrowingScratch& operator=(GrowingScratch&&) = delete;

  // Errors: no_space, io.
  Status append(std::span<const std::byte> data);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Everything appended. Ends the use of this object.
  Result<Scratch> finish();

 private:
  Status move_to_file();

  std::uint64_t in_memory_;
  std::filesystem::path folder_;
  Scratch memory_;
  std::uint64_t size_ = 0;
  int file_ = -1;
};

}  // namespace souschef::blend
