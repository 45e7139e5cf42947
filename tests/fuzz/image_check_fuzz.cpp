// SPDX-License-Identifier: MIT
// Files that a renderer says are pictures. Whatever they are, looking at them ends, in bounds.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "core/verification/image_check.hpp"

using namespace souschef::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto file = std::as_bytes(std::span(bytes, size));
  if (const auto facts = check_image(file, "")) {
    if (facts->magenta < 0 || facts->magenta > 1) std::abort();
    if (!facts->decoded && (facts->all_black || facts->all_transparent)) std::abort();
  }
  for (const auto check : {check_png, check_jpeg, check_exr, check_tiff, check_movie})
    static_cast<void>(check(file).has_value());
  return 0;
}
