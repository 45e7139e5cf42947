// SPDX-License-Identifier: MIT
// The small text files of a store: leases, FORMAT, gc-generation, batches of the trash. What parses is
// written again as it was, where the format has one spelling.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/generation.hpp"
#include "store/lease.hpp"
#include "store/store_format.hpp"
#include "store/trash.hpp"

using namespace souschef::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  static_cast<void>(parse_lease(text).has_value());
  if (const auto name = parse_lease_name(text))
    if (name->role + "." + std::to_string(name->number) != text) std::abort();
  if (const auto format = parse_format(text)) static_cast<void>(serialize(*format));
  if (const auto generation = parse_generation(text)) {
    const auto again = parse_generation(serialize(*generation));
    if (!again || *again != *generation) std::abort();
  }
  if (const auto batch = parse_batch(text)) {
    const auto again = parse_batch(serialize(*batch));
    if (!again || again->generation != batch->generation || again->leases != batch->leases) std::abort();
  }
  return 0;
}
