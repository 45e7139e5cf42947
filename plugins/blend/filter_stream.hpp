// SPDX-License-Identifier: MIT
// The pages that a filtered .blend consists of. docs/format/blend-filter.md is the law; in short:
//
//   stream  = page*          page = kind u8, number size, size bytes
//   order   = header  fields  structure*  addresses*  { values  shapes*  body* }*
//   body    = 0x00: bytes as they are; 0x01..0xEF: rows of so many bytes, turned into planes
//   (byte_planes.hpp) number  = LEB128: seven bits a byte, lowest first, at most ten bytes; signed ones are
//   zigzagged
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace souschef::blend {

// On disk: never reuse a number.
enum class PageKind : std::uint8_t {
  plain = 0x00,
  // 0x01 to kMaxRow: a body page of planes; the kind is the length of a row.
  header = 0xF0,     // how the file is laid out, and the bytes before its first block
  fields = 0xF1,     // where structs hold pointers and volatile values
  structure = 0xF2,  // names of the groups, heads of the blocks
  addresses = 0xF3,  // where blocks were in memory
  values = 0xF4,     // volatile values and dangling pointers of the body up to the next such page
  shapes = 0xF5      // where in that part of the body they belong
};
inline constexpr std::uint8_t kMaxRow = 0xEF;

constexpr bool is_body(std::uint8_t kind) {
  return kind <= kMaxRow;
}

// What a decoder keeps at once. Encoders write far smaller pages.
inline constexpr std::size_t kMaxPage = 1U << 20;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

inline constexpr std::size_t kMaxNumberSize = 10;

// Writes at most kMaxNumberSize bytes; returns the end.
inline std::byte* put_number(std::byte* at, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<std::byte>(value | 0x80);
  *at++ = static_cast<std::byte>(value);
  return at;
}

inline void put_number(std::vector<std::byte>& out, std::uint64_t value) {
  std::byte buffer[kMaxNumberSize];
  out.insert(out.end(), buffer, put_number(buffer, value));
}

inline void put_bytes(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

// Reads what may be hostile: after the first failure everything reads as 0 and failed() stays true.
class NumberReader {
 public:
  NumberReader() = default;
  explicit NumberReader(std::span<const std::byte> bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  [[nodiscard]] const std::byte* position() const { return at_; }

  std::uint8_t byte() {
    if (at_ == end_) return fail();
    return std::to_integer<std::uint8_t>(*at_++);
  }

  std::uint64_t number() {
    if (at_ != end_ && std::to_integer<unsigned>(*at_) < 0x80) return std::to_integer<std::uint64_t>(*at_++);
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(*at_++);
      if (shift == 63 && byte > 1) return fail();
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }

  std::int64_t signed_number() { return unzigzag(number()); }

  std::span<const std::byte> bytes(std::uint64_t size) {
    if (size > left()) {
      fail();
      return {};
    }
    const std::span<const std::byte> taken(at_, static_cast<std::size_t>(size));
    at_ += size;
    return taken;
  }

 private:
  std::uint8_t fail() {
    failed_ = true;
    at_ = end_;
    return 0;
  }

  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  bool failed_ = false;
};

}  // namespace souschef::blend
