// SPDX-License-Identifier: MIT
// JPEG (ITU T.81): markers of two bytes, most with a length; after SOS entropy-coded data until the next
// marker. The file has no checksum: what can be seen is that every segment is there, that scan data is there,
// and that the end is.
#include <string>

#include "core/base/byte_reader.hpp"
#include "core/verification/image_check.hpp"

namespace souschef::core {
namespace {

constexpr unsigned kStart = 0xD8, kEnd = 0xD9, kScan = 0xDA;

Error bad(std::string why) {
  return {ErrorCode::bad_input, "the JPEG is damaged", std::move(why)};
}

bool is_frame_header(unsigned marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// Moves past entropy-coded data, to the marker behind it.
std::size_t skip_scan(std::span<const std::byte> file, std::size_t at) {
  for (; at + 1 < file.size(); ++at) {
    if (file[at] != std::byte{0xFF}) continue;
    const auto next = std::to_integer<unsigned>(file[at + 1]);
    const bool stuffed = next == 0 || next == 0xFF || (next >= 0xD0 && next <= 0xD7);
    if (!stuffed) return at;
  }
  return file.size();
}

}  // namespace

Result<ImageFacts> check_jpeg(std::span<const std::byte> file) {
  ByteReader reader(file, ByteReader::Order::big);
  if (reader.u8() != 0xFF || reader.u8() != kStart) return bad("it does not begin like a JPEG");
  ImageFacts facts{.kind = "JPEG"};
  std::size_t scans = 0;
  for (;;) {
    if (reader.u8() != 0xFF) return bad(reader.good() ? "a marker is missing" : "it is cut short");
    unsigned marker = reader.u8();
    while (marker == 0xFF && reader.good()) marker = reader.u8();
    if (marker == kEnd) break;
    const std::uint16_t length = reader.u16();
    const auto segment = reader.take(length < 2 ? 0 : length - 2U);
    if (!reader.good() || length < 2) return bad("it is cut short");
    if (is_frame_header(marker)) {
      ByteReader fields(segment, ByteReader::Order::big);
      fields.u8();
      facts.height = fields.u16();
      facts.width = fields.u16();
    }
    if (marker == kScan) {
      const std::size_t begin = reader.at();
      reader.seek(skip_scan(file, begin));
      if (reader.at() == begin || reader.left() == 0) return bad("it is cut short");
      ++scans;
    }
  }
  if (facts.width == 0 || facts.height == 0 || scans == 0) return bad("it has no image");
  return facts;
}

}  // namespace souschef::core
