// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace souschef {

// The 32 bytes of a BLAKE3-256. A value; the algorithm lives in store/hasher.hpp.
struct Hash {
  static constexpr std::size_t kSize = 32;
  std::array<std::byte, kSize> bytes{};

  auto operator<=>(const Hash&) const = default;

  [[nodiscard]] bool is_zero() const { return *this == Hash{}; }

  // 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(2 * kSize, '0');
    for (std::size_t i = 0; i < kSize; ++i) {
      const auto value = std::to_integer<unsigned>(bytes[i]);
      text[2 * i] = kDigits[value >> 4];
      text[2 * i + 1] = kDigits[value & 15U];
    }
    return text;
  }
  // The first twelve digits: enough for a person to tell two apart.
  [[nodiscard]] std::string brief() const { return hex().substr(0, 12); }

  // Exactly 64 hexadecimal digits, else nothing.
  static std::optional<Hash> from_hex(std::string_view text) {
    if (text.size() != 2 * kSize) return std::nullopt;
    Hash hash;
    for (std::size_t i = 0; i < kSize; ++i) {
      const int high = digit(text[2 * i]);
      const int low = digit(text[2 * i + 1]);
      if (high < 0 || low < 0) return std::nullopt;
      hash.bytes[i] = static_cast<std::byte>(high * 16 + low);
    }
    return hash;
  }

 private:
  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  }
};

// A hash that says what it names. `ContentId` cannot be passed where a `PackId` is meant.
template <class Tag>
struct TypedHash {
  Hash hash;

  TypedHash() = default;
  explicit TypedHash(const Hash& value) : hash(value) {}
  auto operator<=>(const TypedHash&) const = default;

  [[nodiscard]] std::string hex() const { return hash.hex(); }
  [[nodiscard]] std::string brief() const { return hash.brief(); }
  [[nodiscard]] bool is_zero() const { return hash.is_zero(); }
  static std::optional<TypedHash> from_hex(std::string_view text) {
    if (auto hash = Hash::from_hex(text)) return TypedHash(*hash);
    return std::nullopt;
  }
};

using BlobId = TypedHash<struct BlobTag>;  // the bytes of a file as it was found
using ContentId =
    TypedHash<struct ContentTag>;  // the same unwrapped: differs from the blob for compressed .blend files
using ChunkId = TypedHash<struct ChunkTag>;    // a piece of content stored once
using RecipeId = TypedHash<struct RecipeTag>;  // how a blob is rebuilt
using PackId = TypedHash<struct PackTag>;      // a pack, by its footer
using JobId = TypedHash<struct JobTag>;        // a job, by its canonical manifest

}  // namespace souschef

template <>
struct std::hash<souschef::Hash> {
  std::size_t operator()(const souschef::Hash& key) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, key.bytes.data(), sizeof value);
    return value;
  }
};
template <class Tag>
struct std::hash<souschef::TypedHash<Tag>> {
  std::size_t operator()(const souschef::TypedHash<Tag>& id) const noexcept {
    return std::hash<souschef::Hash>{}(id.hash);
  }
};
