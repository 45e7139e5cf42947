// SPDX-License-Identifier: MIT
#include "core/verification/image_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "core/base/byte_reader.hpp"

namespace souschef::core {
namespace {

Error bad(std::string what, std::string why) {
  return {ErrorCode::bad_input, std::move(what), std::move(why)};
}

// RIFF: "RIFF", the length of what follows, a kind.
Result<ImageFacts> check_riff(std::span<const std::byte> file, std::string_view kind,
                              std::string_view format) {
  ByteReader reader(file);
  reader.skip("RIFF");
  const std::uint64_t length = reader.u32();
  if (!reader.skip(kind) || length + 8 > file.size()) return bad("the file is damaged", "it is cut short");
  return ImageFacts{.kind = format};
}

Result<ImageFacts> check_bmp(std::span<const std::byte> file) {
  ByteReader reader(file);
  reader.skip("BM");
  const std::uint32_t length = reader.u32();
  reader.take(12);
  const std::int32_t width = reader.i32(), height = reader.i32();
  if (!reader.good() || length > file.size() || width <= 0 || height == 0)
    return bad("the BMP is damaged", "it is cut short");
  return ImageFacts{
      .kind = "BMP",
      .width = static_cast<std::uint32_t>(width),
      .height = static_cast<std::uint32_t>(height < 0 ? -static_cast<std::int64_t>(height) : height)};
}

Result<ImageFacts> check_dpx(std::span<const std::byte> file, ByteReader::Order order) {
  ByteReader reader(file, order);
  reader.take(4);
  const std::uint32_t data = reader.u32();
  reader.take(8);
  const std::uint32_t length = reader.u32();
  reader.seek(772);
  const std::uint32_t width = reader.u32(), height = reader.u32();
  const bool whole = reader.good() && data < file.size() && (length == 0xFFFFFFFF || length <= file.size());
  if (!whole) return bad("the DPX is damaged", "it is cut short");
  return ImageFacts{.kind = "DPX", .width = width, .height = height};
}

// "#?RADIANCE\n...\n\n-Y 1080 +X 1920\n", then the pixels.
Result<ImageFacts> check_hdr(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()),
                              std::min<std::size_t>(file.size(), 4096));
  const std::size_t header = text.find("\n\n");
  const std::size_t end = header == std::string_view::npos ? header : text.find('\n', header + 2);
  if (end == std::string_view::npos || end + 1 >= file.size())
    return bad("the HDR is damaged", "it is cut short");
  return ImageFacts{.kind = "HDR"};
}

// The header says where the pixels begin and how long the whole file is.
Result<ImageFacts> check_cineon(std::span<const std::byte> file) {
  ByteReader reader(file, ByteReader::Order::big);
  reader.take(4);
  const std::uint64_t pixels_at = reader.u32();
  reader.take(12);
  const std::uint64_t size = reader.u32();
  if (!reader.good() || pixels_at >= file.size() || size > file.size())
    return bad("the Cineon file is damaged", "it is cut short");
  return ImageFacts{.kind = "CINEON"};
}

Result<ImageFacts> check_iris(std::span<const std::byte> file) {
  ByteReader reader(file, ByteReader::Order::big);
  reader.take(2);
  const bool coded = reader.u8() != 0;
  const std::uint64_t sample_bytes = reader.u8();
  reader.take(2);
  const std::uint32_t width = reader.u16(), height = reader.u16(), channels = reader.u16();
  constexpr std::uint64_t kHeader = 512;
  const std::uint64_t samples = std::uint64_t{width} * height * channels * sample_bytes;
  if (!reader.good() || samples == 0 || kHeader + (coded ? 1 : samples) > file.size())
    return bad("the Iris file is damaged", "it is cut short");
  return ImageFacts{.kind = "IRIS", .width = width, .height = height};
}

// TGA has no signature: the lengths must fit. Run-length coded ones can only be seen to have a beginning.
Result<ImageFacts> check_tga(std::span<const std::byte> file) {
  ByteReader reader(file);
  const std::size_t id = reader.u8(), map = reader.u8(), type = reader.u8();
  reader.take(2);
  const std::size_t map_length = reader.u16(), map_bits = reader.u8();
  reader.take(4);
  const std::uint32_t width = reader.u16(), height = reader.u16(), bits = reader.u8();
  const std::uint64_t pixels = std::uint64_t{width} * height * ((bits + 7) / 8);
  const std::uint64_t before = 18 + id + (map != 0 ? map_length * ((map_bits + 7) / 8) : 0);
  const bool coded = type >= 9;
  if (!reader.good() || width == 0 || height == 0 || before + (coded ? 1 : pixels) > file.size())
    return bad("the TGA is damaged", "it is cut short");
  return ImageFacts{.kind = "TARGA", .width = width, .height = height};
}

bool begins(std::span<const std::byte> file, std::string_view bytes, std::size_t at = 0) {
  return file.size() >= at + bytes.size() &&
         std::string_view(reinterpret_cast<const char*>(file.data()) + at, bytes.size()) == bytes;
}

Result<ImageFacts> check_by_beginning(std::span<const std::byte> file, std::string_view format) {
  using Order = ByteReader::Order;
  if (begins(file, "\x89PNG")) return check_png(file);
  if (begins(file, "\xff\xd8\xff")) return check_jpeg(file);
  if (begins(file, std::string_view("\x76\x2f\x31\x01", 4))) return check_exr(file);
  if (begins(file, "II") || begins(file, "MM")) return check_tiff(file);
  if (begins(file, "RIFF") && begins(file, "WEBP", 8)) return check_riff(file, "WEBP", "WEBP");
  if (begins(file, "BM")) return check_bmp(file);
  if (begins(file, "SDPX")) return check_dpx(file, Order::big);
  if (begins(file, "XPDS")) return check_dpx(file, Order::little);
  if (begins(file, "#?")) return check_hdr(file);
  if (begins(file, std::string_view("\x80\x2a\x5f\xd7", 4))) return check_cineon(file);
  if (begins(file, std::string_view("\0\0\0\x0cjP  ", 8)) ||
      begins(file, std::string_view("\xff\x4f\xff\x51", 4)))
    return ImageFacts{.kind = "JPEG2000"};
  if (begins(file, std::string_view("\x01\xda", 2))) return check_iris(file);
  if (begins(file, "ftypavif", 4)) return ImageFacts{.kind = "AVIF"};
  if (format.starts_with("TARGA")) return check_tga(file);
  return bad("the file is no image", "it does not begin like one");
}

// What one word of a renderer stands for in the file.
std::string_view kind_of(std::string_view format) {
  if (format == "OPEN_EXR_MULTILAYER") return "OPEN_EXR";
  if (format == "TARGA_RAW") return "TARGA";
  return format;
}

bool is_movie(std::string_view format) {
  static constexpr std::array<std::string_view, 8> kMovies = {"FFMPEG", "AVI_JPEG", "AVI_RAW", "H264",
                                                              "XVID",   "THEORA",   "AV1",     "MOVIE"};
  return std::find(kMovies.begin(), kMovies.end(), format) != kMovies.end();
}

// Matroska: an EBML head, then a segment whose length is written when the movie is finished. Numbers carry
// their own length: as many bytes as the first one has zeros in front, and one.
std::optional<std::uint64_t> ebml_size(ByteReader& reader) {
  const std::uint8_t first = reader.u8();
  if (!reader.good() || first == 0) return std::nullopt;
  const int more = std::countl_zero(first);
  std::uint64_t value = first & (0xFFU >> static_cast<unsigned>(more + 1));
  bool all_ones = value == 0xFFU >> static_cast<unsigned>(more + 1);
  for (int i = 0; i < more; ++i) {
    const std::uint8_t byte = reader.u8();
    all_ones = all_ones && byte == 0xFF;
    value = value << 8 | byte;
  }
  if (!reader.good() || all_ones) return std::nullopt;  // all ones: not known yet
  return value;
}

Result<ImageFacts> check_matroska(std::span<const std::byte> file) {
  ByteReader reader(file, ByteReader::Order::big);
  reader.take(4);
  const auto head = ebml_size(reader);
  if (head) reader.take(*head);
  const std::uint32_t segment = reader.u32();
  if (!head || !reader.good() || segment != 0x18538067)
    return bad("the movie is damaged", "its beginning makes no sense");
  const auto length = ebml_size(reader);
  if (!length) return bad("the movie is damaged", "it was not finished");
  if (*length > reader.left()) return bad("the movie is damaged", "it is cut short");
  return ImageFacts{.kind = "MOVIE"};
}

}  // namespace

// Boxes of MP4 and MOV must fit into the file, and the one with the index must be there: it is written last.
Result<ImageFacts> check_movie(std::span<const std::byte> file) {
  if (begins(file, "RIFF")) return check_riff(file, "AVI ", "MOVIE");
  if (begins(file, std::string_view("\x1a\x45\xdf\xa3", 4))) return check_matroska(file);
  if (begins(file, "OggS") || begins(file, "FLV") || begins(file, std::string_view("\0\0\x01\xba", 4)))
    return ImageFacts{.kind = "MOVIE"};
  ByteReader reader(file, ByteReader::Order::big);
  bool has_index = false;
  while (reader.left() >= 8) {
    std::uint64_t length = reader.u32(), header = 8;
    const auto type = reader.take(4);
    if (length == 1) {
      length = reader.u64();
      header = 16;
    }
    has_index = has_index || begins(type, "moov");
    if (length == 0) break;  // up to the end
    if (length < header) return bad("the movie is damaged", "a part of it makes no sense");
    reader.take(length - header);
    if (!reader.good()) return bad("the movie is damaged", "it is cut short");
  }
  if (!has_index) return bad("the movie is damaged", "its index is missing");
  return ImageFacts{.kind = "MOVIE"};
}

Result<ImageFacts> check_image(std::span<const std::byte> file, std::string_view format) {
  if (file.empty()) return bad("the file is empty", "nothing was written");
  if (is_movie(format)) return check_movie(file);
  SOUSCHEF_TRY(ImageFacts facts, check_by_beginning(file, format));
  if (!format.empty() && facts.kind != kind_of(format))
    return bad("the file is of another kind",
               std::string(format) + " was ordered, this is " + std::string(facts.kind));
  return facts;
}

}  // namespace souschef::core
