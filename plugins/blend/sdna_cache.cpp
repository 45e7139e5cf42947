// SPDX-License-Identifier: MIT
#include "plugins/blend/sdna_cache.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

namespace souschef::blend {
namespace {

// A production has files of a few versions. What is larger than any Blender's is not kept.
constexpr std::size_t kKept = 4;
constexpr std::size_t kMostBytes = 512U << 10;

// A catalogue with the bytes that it borrows.
struct Parsed {
  std::vector<std::byte> bytes;
  Sdna dna;

  [[nodiscard]] bool is_of(std::span<const std::byte> data, std::uint32_t pointer_size,
                           ByteOrder order) const {
    return dna.pointer_size() == pointer_size && dna.order() == order && std::ranges::equal(bytes, data);
  }
};

struct Cache {
  std::mutex mutex;  // guards the members below
  std::array<std::shared_ptr<const Parsed>, kKept> latest;
  std::size_t next = 0;  // the oldest one
};

Cache& cache() {
  static Cache the_cache;
  return the_cache;
}

std::shared_ptr<const Sdna> dna_of(const std::shared_ptr<const Parsed>& parsed) {
  return {parsed, &parsed->dna};
}

std::shared_ptr<const Parsed> find(std::span<const std::byte> data, std::uint32_t pointer_size,
                                   ByteOrder order) {
  const std::lock_guard lock(cache().mutex);
  for (const auto& parsed : cache().latest)
    if (parsed != nullptr && parsed->is_of(data, pointer_size, order)) return parsed;
  return nullptr;
}

}  // namespace

Result<std::shared_ptr<const Sdna>> shared_sdna(std::span<const std::byte> data, std::uint32_t pointer_size,
                                                ByteOrder order) {
  if (const auto known = find(data, pointer_size, order)) return dna_of(known);
  auto parsed = std::make_shared<Parsed>();
  parsed->bytes.assign(data.begin(), data.end());
  SOUSCHEF_TRY(parsed->dna, Sdna::parse(parsed->bytes, pointer_size, order));
  if (data.size() <= kMostBytes) {
    const std::lock_guard lock(cache().mutex);
    cache().latest[cache().next] = parsed;
    cache().next = (cache().next + 1) % kKept;
  }
  return dna_of(parsed);
}

}  // namespace souschef::blend
