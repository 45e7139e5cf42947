// SPDX-License-Identifier: MIT
// Little-endian fields of the on-disk formats.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <souschef/hash.hpp>

#include "store/bytes.hpp"

namespace souschef::store {

static_assert(std::endian::native == std::endian::little, "the fields are copied as they are");

// Grows a buffer field by field.
class WireWriter {
 public:
  explicit WireWriter(Bytes& out) : out_(out) {}

  void bytes(std::span<const std::byte> data) { out_.insert(out_.end(), data.begin(), data.end()); }
  void text(std::string_view data) { bytes(std::as_bytes(std::span(data))); }
  void hash(const Hash& value) { bytes(value.bytes); }
  template <std::unsigned_integral T>
  void number(T value) {
    bytes(std::as_bytes(std::span(&value, 1)));
  }
  // Seven bits a byte, low ones first; the high bit says that more follow.
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<std::byte>(value | 0x80));
    out_.push_back(static_cast<std::byte>(value));
  }

 private:
  Bytes& out_;
};

// Takes fields from the front. After the first field that is not there ok() is false for ever and all fields
// read as zero or empty: check once, at the end, before using what was read as a size or a place.
class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> data) : data_(data) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return data_.size(); }
  [[nodiscard]] bool at_end() const { return ok_ && data_.empty(); }

  std::span<const std::byte> bytes(std::size_t size) {
    if (size > data_.size()) {
      ok_ = false;
      data_ = {};
      return {};
    }
    const auto taken = data_.first(size);
    data_ = data_.subspan(size);
    return taken;
  }
  std::string_view text(std::size_t size) {
    const auto taken = bytes(size);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  Hash hash() {
    Hash value;
    const auto taken = bytes(Hash::kSize);
    std::copy(taken.begin(), taken.end(), value.bytes.begin());
    return value;
  }
  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    const auto taken = bytes(sizeof value);
    if (!taken.empty()) std::memcpy(&value, taken.data(), sizeof value);
    return value;
  }
  // Only the shortest form of a number is accepted, so that equal content has equal bytes.
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto taken = bytes(1);
      if (taken.empty()) return 0;
      const auto byte = std::to_integer<std::uint64_t>(taken[0]);
      if (shift == 63 && byte > 1) break;
      value |= (byte & 0x7F) << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) break;
        return value;
      }
    }
    ok_ = false;
    data_ = {};
    return 0;
  }

 private:
  std::span<const std::byte> data_;
  bool ok_ = true;
};

}  // namespace souschef::store
