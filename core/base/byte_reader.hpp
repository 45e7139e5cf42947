// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace souschef::core {

// Reads numbers from bytes that may be anything. Reading beyond the end gives zeros and is remembered: `good`
// is asked once, where it matters. Immutable bytes, borrowed.
class ByteReader {
 public:
  enum class Order { little, big };
  explicit ByteReader(std::span<const std::byte> bytes, Order order = Order::little)
      : bytes_(bytes), order_(order) {}

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] bool good() const { return good_; }
  void set_order(Order order) { order_ = order; }

  void seek(std::uint64_t at) {
    if (at <= bytes_.size())
      at_ = static_cast<std::size_t>(at);
    else
      fail();
  }
  std::span<const std::byte> take(std::uint64_t count) {
    if (count > left()) {
      fail();
      return {};
    }
    const auto piece = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += static_cast<std::size_t>(count);
    return piece;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::int32_t i32() { return static_cast<std::int32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  // Up to a NUL, which is taken too; at most `limit` bytes before it.
  std::string_view text(std::size_t limit) {
    const std::size_t begin = at_;
    for (std::size_t i = 0; i <= limit && begin + i < bytes_.size(); ++i)
      if (bytes_[begin + i] == std::byte{0}) {
        at_ = begin + i + 1;
        return {reinterpret_cast<const char*>(bytes_.data()) + begin, i};
      }
    fail();
    return {};
  }
  // True, and moves past it, if these bytes come next.
  bool skip(std::string_view expected) {
    if (expected.size() > left() ||
        std::string_view(reinterpret_cast<const char*>(bytes_.data()) + at_, expected.size()) != expected)
      return false;
    at_ += expected.size();
    return true;
  }

 private:
  void fail() {
    good_ = false;
    at_ = bytes_.size();
  }
  std::uint64_t number(std::size_t count) {
    const auto piece = take(count);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const std::size_t place = order_ == Order::big ? i : piece.size() - 1 - i;
      value = (value << 8) | std::to_integer<std::uint64_t>(piece[place]);
    }
    return value;
  }

  std::span<const std::byte> bytes_;
  Order order_;
  std::size_t at_ = 0;
  bool good_ = true;
};

}  // namespace souschef::core
