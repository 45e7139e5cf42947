// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace souschef::test {

// Bytes that no compressor shrinks; the same for the same seed.
inline std::string random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Text-like bytes: they compress to about a third.
inline std::string random_words(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text;
  text.reserve(size + 16);
  while (text.size() < size) {
    text += "vertex" + std::to_string(random() % 1000);
    text += ' ';
  }
  text.resize(size);
  return text;
}

}  // namespace souschef::test
