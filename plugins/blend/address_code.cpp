// SPDX-License-Identifier: MIT
// Addresses are the only part of a re-saved file that is new from beginning to end, so their code decides
// what such a save costs.
//
// An allocator such as jemalloc keeps one slab per size class and hands out its places one after another. So
// for each class the next block is expected at a stride from the last one. When a slab is full, the next one
// is anywhere: one jump, which must not be taken for the new stride; hence a stride only changes when a new
// one was seen twice. The classes are jemalloc's (four to a doubling) of the length and the head that
// Blender's own allocator puts in front; within a class addresses differ by multiples of the lowest bit of
// its size. Measured on village (134 000 blocks, loaded and saved again): 94 % of all addresses are foreseen,
// 13.6 kB remain after zstd; by exact lengths it was 52.7 kB.
//
// From Blender 5 on addresses are numbers that a file gives out to every pointer it meets, from a start that
// depends on the datablock's name. There the distance to the block before says how many pointers lie between,
// and is expected to be what it was last between blocks of the same two classes.
//
//   page    = foresight u8, number blocks, number size of runs, runs, surprises
//   runs    = number of addresses that are as foreseen, one for each surprise in between; the last may be
//   missing surprise = number zigzag(distance / unit), at least 1; or 0, number zigzag(distance)
#include "plugins/blend/address_code.hpp"

#include <algorithm>
#include <bit>

namespace souschef::blend {
namespace {

// Caches are aligned to this; what jemalloc places at random within a page it places at multiples of it.
constexpr std::uint32_t kMaxUnit = 64;
constexpr std::uint32_t kSequenceUnit = 16;

// The class of an allocation of `size` bytes, and the size of the class (0: larger than can be).
struct SizeClass {
  std::uint8_t index = 0;
  std::uint64_t size = 0;
};

SizeClass class_of(std::uint64_t size) {
  if (size <= 8) return {0, 8};
  if (size <= 128) {
    const std::uint64_t sixteens = (size + 15) / 16;
    return {static_cast<std::uint8_t>(sixteens), sixteens * 16};
  }
  // 160, 192, 224, 256, 320, ...: `width` bits, the highest two behind the first count.
  const auto width = static_cast<unsigned>(std::bit_width(size - 1));
  const unsigned step = width - 3;
  const std::uint64_t quarter = ((size - 1) >> step) - 3;  // 1 to 4
  return {static_cast<std::uint8_t>(8 + (width - 8) * 4 + quarter), (quarter + 4) << step};
}

struct Surprises {
  std::vector<std::byte> runs;
  std::vector<std::byte> distances;
  std::uint64_t run = 0;
};

void put_surprise(Surprises& out, const AddressPredictor::Guess& guess, Address address) {
  if (address == guess.address) {
    ++out.run;
    return;
  }
  put_number(out.runs, out.run);
  out.run = 0;
  const auto distance = static_cast<std::int64_t>(address - guess.address);
  if (distance % guess.unit == 0) {
    put_number(out.distances, zigzag(distance / guess.unit));
  } else {
    put_number(out.distances, 0);
    put_number(out.distances, zigzag(distance));
  }
}

}  // namespace

AddressPredictor::Guess AddressPredictor::guess(Foresight foresight, std::uint64_t length) const {
  const SizeClass size_class = class_of(length + head_);
  if (foresight == Foresight::sequence)
    return {last_ + pairs_[pair_with(size_class.index)].expected, kSequenceUnit};
  const Track& track = classes_[size_class.index];
  const std::uint64_t lowest = size_class.size & (~size_class.size + 1);
  return {track.used ? track.last + track.stride.expected : last_,
          lowest == 0 ? kMaxUnit : static_cast<std::uint32_t>(std::min<std::uint64_t>(lowest, kMaxUnit))};
}

void AddressPredictor::learn(std::uint64_t length, Address address) {
  const SizeClass size_class = class_of(length + head_);
  Track& track = classes_[size_class.index];
  if (track.used)
    track.stride.learn(address - track.last);
  else
    track = {.stride = {.expected = size_class.size}, .used = true};
  track.last = address;
  pairs_[pair_with(size_class.index)].learn(address - last_);
  last_ = address;
  previous_class_ = size_class.index;
}

void write_address_page(AddressPredictor& predictor, std::span<const Address> addresses,
                        std::span<const std::uint64_t> lengths, std::vector<std::byte>& out) {
  Surprises by_class;
  Surprises by_sequence;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    put_surprise(by_class, predictor.guess(Foresight::size_class, lengths[i]), addresses[i]);
    put_surprise(by_sequence, predictor.guess(Foresight::sequence, lengths[i]), addresses[i]);
    predictor.learn(lengths[i], addresses[i]);
  }
  const auto size = [](const Surprises& all) { return all.runs.size() + all.distances.size(); };
  const bool sequence = size(by_sequence) < size(by_class);
  Surprises& better = sequence ? by_sequence : by_class;
  if (better.run != 0) put_number(better.runs, better.run);

  out.push_back(static_cast<std::byte>(sequence ? Foresight::sequence : Foresight::size_class));
  put_number(out, addresses.size());
  put_number(out, better.runs.size());
  put_bytes(out, better.runs);
  put_bytes(out, better.distances);
}

std::optional<std::size_t> address_page_count(std::span<const std::byte> page) {
  NumberReader in(page);
  in.byte();
  const std::uint64_t count = in.number();
  if (in.failed() || count == 0 || count > kMaxAddressPage) return std::nullopt;
  return static_cast<std::size_t>(count);
}

bool read_address_page(AddressPredictor& predictor, std::span<const std::byte> page,
                       std::span<const std::uint64_t> lengths, std::span<Address> addresses) {
  NumberReader in(page);
  const std::uint8_t foresight = in.byte();
  if (foresight > static_cast<std::uint8_t>(Foresight::sequence)) return false;
  if (in.number() != addresses.size()) return false;
  NumberReader runs(in.bytes(in.number()));

  std::uint64_t run = runs.number();
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto guess = predictor.guess(static_cast<Foresight>(foresight), lengths[i]);
    Address address = guess.address;
    if (run > 0) {
      --run;
    } else {
      const std::uint64_t coded = in.number();
      const std::int64_t distance =
          coded == 0 ? in.signed_number()
                     : static_cast<std::int64_t>(static_cast<std::uint64_t>(unzigzag(coded)) * guess.unit);
      address += static_cast<Address>(distance);
      run = runs.at_end() ? 0 : runs.number();
    }
    addresses[i] = address;
    predictor.learn(lengths[i], address);
  }
  return !in.failed() && !runs.failed() && in.at_end() && runs.at_end() && run == 0;
}

}  // namespace souschef::blend
