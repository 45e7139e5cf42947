// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <souschef/result.hpp>

namespace souschef::store {

// A file in memory, read-only, that may shrink under the reader: an artist saves over it, an editor truncates
// it. The kernel then raises SIGBUS, which would end the program; here the lost page becomes a page of zeros
// and the mapping is marked damaged. Ask damaged() after reading and before believing.
//
// Thread-safe. Installs a handler for SIGBUS at first use; faults elsewhere go where they went before.
class MappedFile {
 public:
  // `size` bytes from the beginning of the open file; the descriptor may be closed afterwards. Errors: io
  // (also: too many mappings at once; read the file instead).
  static Result<std::unique_ptr<MappedFile>> map(int descriptor, std::uint64_t size);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] bool damaged() const;

 private:
  MappedFile(std::span<const std::byte> bytes, std::size_t slot) : bytes_(bytes), slot_(slot) {}
  std::span<const std::byte> bytes_;
  std::size_t slot_;
};

}  // namespace souschef::store
