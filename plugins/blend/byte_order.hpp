// SPDX-License-Identifier: MIT
// Numbers as a .blend stores them: unaligned, in the byte order of the machine that wrote it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace souschef::blend {

enum class ByteOrder : std::uint8_t { little, big };

inline constexpr ByteOrder kNativeOrder =
    std::endian::native == std::endian::little ? ByteOrder::little : ByteOrder::big;

template <class T>
requires std::is_integral_v<T>
constexpr T swapped(T value) {
  using U = std::make_unsigned_t<T>;
  if constexpr (sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2) return static_cast<T>(__builtin_bswap16(static_cast<U>(value)));
  if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<U>(value)));
  if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(static_cast<U>(value)));
}

// Reads a T at `at`, which need not be aligned. The caller has checked that it is there.
template <class T>
requires std::is_arithmetic_v<T> T load(const std::byte* at, ByteOrder order) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(load<std::uint32_t>(at, order));
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<double>(load<std::uint64_t>(at, order));
  else {
    T value;
    std::memcpy(&value, at, sizeof value);
    return order == kNativeOrder ? value : swapped(value);
  }
}

template <class T>
requires std::is_integral_v<T>
void store(std::byte* at, T value, ByteOrder order) {
  if (order != kNativeOrder) value = swapped(value);
  std::memcpy(at, &value, sizeof value);
}

// A pointer of the file: its address when it was saved.
using Address = std::uint64_t;

inline Address load_address(const std::byte* at, std::uint32_t pointer_size, ByteOrder order) {
  return pointer_size == 8 ? load<std::uint64_t>(at, order) : load<std::uint32_t>(at, order);
}

}  // namespace souschef::blend
