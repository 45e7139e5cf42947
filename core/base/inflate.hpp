// SPDX-License-Identifier: MIT
// The one place of this room that sees zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace souschef::core {

std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t so_far = 0);

enum class Deflated {
  zlib,  // RFC 1950: its own checksum is verified at the end
  raw    // RFC 1951, as in a zip archive
};

// One stream, decompressed piece by piece. One thread at a time.
class Inflater {
 public:
  explicit Inflater(Deflated format = Deflated::zlib);
  ~Inflater();
  Inflater(Inflater&&) noexcept;
  Inflater& operator=(Inflater&&) noexcept;

  enum class State {
    more,  // wants more input, or room for output
    done,  // the stream has ended and its checksum is right
    bad
  };
  // Takes from the front of `input` and fills the front of `output`; both are moved past what was used.
  State run(std::span<const std::byte>& input, std::span<std::byte>& output);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

// A whole stream into exactly `output`: false where it is damaged, too short or too long.
bool inflate_exactly(std::span<const std::byte> input, std::span<std::byte> output,
                     Deflated format = Deflated::zlib);

}  // namespace souschef::core
