// SPDX-License-Identifier: MIT
// Is this file a whole image? Looks at what the file itself says about its length, its parts and their
// checksums, and decodes what zlib can decode: PNG completely, OpenEXR with ZIP. Made for files that a
// renderer has just written: what is wrong with them is that they are cut short, empty, or of another size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::core {

struct ImageFacts {
  std::string_view
      kind;  // "PNG", "OPEN_EXR", ... as renderers name formats; empty: not an image that is known here
  std::uint32_t width = 0, height = 0;  // 0: the format was not looked into that far
  bool decoded = false;                 // every pixel was decoded; the rest is known only then
  bool all_black = false;               // every colour sample is zero
  bool all_transparent = false;         // there is an alpha channel, and it is zero everywhere
  double magenta = 0;                   // share of pixels in the colour of missing textures
};

// `format`: what is expected, as renderers name it ("PNG", "OPEN_EXR_MULTILAYER", "FFMPEG"); empty: whatever
// it is. Errors: bad_input, saying in one sentence what is wrong.
Result<ImageFacts> check_image(std::span<const std::byte> file, std::string_view format);

// The parts of it, one a format.
Result<ImageFacts> check_png(std::span<const std::byte> file);
Result<ImageFacts> check_jpeg(std::span<const std::byte> file);
Result<ImageFacts> check_exr(std::span<const std::byte> file);
Result<ImageFacts> check_tiff(std::span<const std::byte> file);
Result<ImageFacts> check_movie(std::span<const std::byte> file);

}  // namespace souschef::core
