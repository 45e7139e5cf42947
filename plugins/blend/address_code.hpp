// SPDX-License-Identifier: MIT
// The addresses of all blocks, coded as what a predictor did not foresee. The head comment of the .cpp says
// how it foresees.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "plugins/blend/byte_order.hpp"
#include "plugins/blend/filter_stream.hpp"

namespace souschef::blend {

// From what the next address is foreseen. On disk: never reuse a number.
enum class Foresight : std::uint8_t {
  size_class = 0,  // blocks of about one length lie at regular distances: memory allocators
  sequence = 1     // each block follows the one before it: the numbers of Blender 5
};

// The most blocks of one page.
inline constexpr std::size_t kMaxAddressPage = 1U << 15;

// The state that both sides share; one object for all pages of a file, in order. Everything is learned from
// every address, so that each page may use what serves it better.
class AddressPredictor {
 public:
  explicit AddressPredictor(std::uint32_t pointer_size) : head_(pointer_size) {
    pairs_.fill({.expected = kFirstStep});
  }

  struct Guess {
    Address address = 0;
    std::uint32_t unit = 1;  // the distance from the guess is most likely a multiple of this
  };
  [[nodiscard]] Guess guess(Foresight foresight, std::uint64_t length) const;
  void learn(std::uint64_t length, Address address);

 private:
  // A distance that changes only when another one was seen twice.
  struct Stride {
    Address expected = 0;
    Address candidate = 0;

    void learn(Address step) {
      if (step == expected) return;
      if (step == candidate) expected = step;
      candidate = step;
    }
  };
  struct Track {
    Address last = 0;
    Stride stride;
    bool used = false;
  };
  static constexpr std::size_t kPairs = 4096;
  static constexpr Address kFirstStep = 16;

  [[nodiscard]] std::size_t pair_with(std::uint8_t size_class) const {
    return (previous_class_ * std::size_t{37} + size_class) % kPairs;
  }

  std::uint32_t head_;  // what Blender's allocator puts in front of each block
  std::array<Track, 256> classes_{};
  std::array<Stride, kPairs> pairs_{};  // from a block of one class to the next block, of another
  Address last_ = 0;
  std::uint8_t previous_class_ = 0;
};

// One page. `lengths` are those of the blocks in their heads; as many as addresses, at most kMaxAddressPage.
void write_address_page(AddressPredictor& predictor, std::span<const Address> addresses,
                        std::span<const std::uint64_t> lengths, std::vector<std::byte>& out);

// Reading: first how many blocks a page holds, then the addresses of as many. False: the page is damaged.
std::optional<std::size_t> address_page_count(std::span<const std::byte> page);
bool read_address_page(AddressPredictor& predictor, std::span<const std::byte> page,
                       std::span<const std::uint64_t> lengths, std::span<Address> addresses);

}  // namespace souschef::blend
