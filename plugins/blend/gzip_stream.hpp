// SPDX-License-Identifier: MIT
// gzip, as Blender wrote it until 2.93: the one place of this room that includes zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <souschef/analysis.hpp>
#include <souschef/result.hpp>

#include "plugins/blend/unpacked.hpp"

namespace souschef::blend {

[[nodiscard]] bool has_gzip_magic(std::span<const std::byte> start);

// Unpacks all members of a file in order; a failure of `take` ends the matter.
// What follows the last member and is not another is ignored, as gzip does.
Status unpack_gzip(const InputFile& file, const TakeUnpacked& take);

// A member of a gzip file: its header, a deflate stream, and 8 bytes of checksum and size.
struct GzipMember {
  std::vector<std::byte> header;     // as it is: time, name, system
  std::uint64_t deflate_offset = 0;  // in the file
  std::uint64_t end = 0;             // of the member, in the file
  std::uint64_t content_offset = 0;
  std::uint64_t size = 0;  // of its content
};

// All members of a file that unpack_gzip() takes. Unpacks all of it to find where they end. Errors:
// bad_input, also for a header of more than 64 KiB; io.
Result<std::vector<GzipMember>> find_gzip_members(const InputFile& file);

// Packs one member. One thread at a time.
class GzipPacker {
 public:
  using Take = std::function<Status(std::span<const std::byte>)>;

  // `level`: 1 to 9. Errors: failed (out of memory).
  static Result<GzipPacker> create(int level);
  GzipPacker(GzipPacker&&) noexcept;
  GzipPacker& operator=(GzipPacker&&) noexcept;
  ~GzipPacker();

  Status push(std::span<const std::byte> content, const Take& take);
  // The rest of the deflate stream, checksum and size.
  Status finish(const Take& take);

 private:
  struct State;
  explicit GzipPacker(std::unique_ptr<State> state);
  Status deflate_to(int flush, const Take& take);

  std::unique_ptr<State> state_;
};

// Of the library that is linked: "1.2.13".
const char* zlib_release();

}  // namespace souschef::blend
