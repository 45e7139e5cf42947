// SPDX-License-Identifier: MIT
// PNG (ISO/IEC 15948): a signature, then chunks of length, type, data, CRC. The image is one zlib stream over
// all IDAT chunks; inflated it is one filter byte and the filtered samples for every row.
//
// Everything is checked: every CRC, the stream's own checksum, the number of bytes, the filters. For what
// Blender writes (8 and 16 bit, not interlaced, no palette) the pixels are looked at too.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "core/base/byte_reader.hpp"
#include "core/base/inflate.hpp"
#include "core/verification/image_check.hpp"

namespace souschef::core {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr std::uint32_t kLargestSide = 1 << 20;
constexpr double kMagentaHigh = 0.9, kMagentaLow = 0.1;

struct Header {
  std::uint32_t width = 0, height = 0;
  unsigned depth = 0, colour = 0, interlace = 0;
  [[nodiscard]] unsigned channels() const {
    switch (colour) {
      case 2:
        return 3;
      case 4:
        return 2;
      case 6:
        return 4;
      default:
        return 1;
    }
  }
  [[nodiscard]] std::size_t row_bytes(std::uint32_t pixels) const {
    return (std::size_t{pixels} * channels() * depth + 7) / 8;
  }
  [[nodiscard]] std::size_t pixel_bytes() const { return std::max<std::size_t>(1, channels() * depth / 8); }
  [[nodiscard]] bool has_alpha() const { return colour == 4 || colour == 6; }
  [[nodiscard]] bool is_plain() const { return interlace == 0 && depth >= 8 && colour != 3; }
  [[nodiscard]] bool valid() const {
    const bool known_depth = depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    const bool fits = colour == 0 || (colour == 3 ? depth <= 8 : depth >= 8);
    const bool known_colour = colour == 0 || colour == 2 || colour == 3 || colour == 4 || colour == 6;
    return known_depth && known_colour && fits && interlace <= 1 && width > 0 && height > 0 &&
           width <= kLargestSide && height <= kLargestSide;
  }
};

Error bad(std::string why) {
  return {ErrorCode::bad_input, "the PNG is damaged", std::move(why)};
}

// Undoes the filter of one row, in place; `above` is the row before it, unfiltered.
bool unfilter(unsigned filter, std::span<std::uint8_t> row, std::span<const std::uint8_t> above,
              std::size_t pixel) {
  const auto left = [&](std::size_t i) { return i >= pixel ? row[i - pixel] : 0; };
  const auto corner = [&](std::size_t i) { return i >= pixel ? above[i - pixel] : 0; };
  const auto paeth = [&](std::size_t i) {
    const int a = left(i), b = above[i], c = corner(i);
    const int pa = std::abs(b - c), pb = std::abs(a - c), pc = std::abs(a + b - 2 * c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
  };
  for (std::size_t i = 0; i < row.size(); ++i) {
    int guess = 0;
    if (filter == 1) guess = left(i);
    if (filter == 2) guess = above[i];
    if (filter == 3) guess = (left(i) + above[i]) / 2;
    if (filter == 4) guess = paeth(i);
    row[i] = static_cast<std::uint8_t>(row[i] + guess);
  }
  return filter <= 4;
}

// Looks at rows of samples as they come.
class Pixels {
 public:
  explicit Pixels(const Header& header) : header_(header) {}

  void row(std::span<const std::uint8_t> samples) {
    const std::size_t wide = header_.depth / 8, channels = header_.channels();
    const std::size_t colours = header_.has_alpha() ? channels - 1 : channels;
    for (std::size_t at = 0; at + wide * channels <= samples.size(); at += wide * channels) {
      for (std::size_t i = 0; i < wide * colours; ++i) black_ = black_ && samples[at + i] == 0;
      if (header_.has_alpha())
        for (std::size_t i = 0; i < wide; ++i)
          transparent_ = transparent_ && samples[at + wide * colours + i] == 0;
      if (colours == 3) magenta_ += is_magenta(samples.subspan(at), wide) ? 1 : 0;
      ++count_;
    }
  }

  void put_into(ImageFacts& facts) const {
    facts.decoded = true;
    facts.all_black = black_;
    facts.all_transparent = header_.has_alpha() && transparent_;
    facts.magenta = count_ > 0 ? static_cast<double>(magenta_) / static_cast<double>(count_) : 0;
  }

 private:
  // By the high bytes; they come first.
  static bool is_magenta(std::span<const std::uint8_t> pixel, std::size_t wide) {
    return pixel[0] > 255 * kMagentaHigh && pixel[wide] < 255 * kMagentaLow &&
           pixel[2 * wide] > 255 * kMagentaHigh;
  }
  const Header& header_;
  bool black_ = true, transparent_ = true;
  std::uint64_t magenta_ = 0, count_ = 0;
};

// Takes the inflated bytes, in whatever pieces, and makes rows of them.
class Rows {
 public:
  Rows(const Header& header, Pixels& pixels) : header_(header), pixels_(pixels) {
    if (header.interlace == 0) {
      lengths_.assign(1, {header.row_bytes(header.width), header.height});
    } else {
      // Adam7: seven small images, one after the other.
      static constexpr unsigned kX[] = {0, 4, 0, 2, 0, 1, 0}, kY[] = {0, 0, 4, 0, 2, 0, 1};
      static constexpr unsigned kStepX[] = {8, 8, 4, 4, 2, 2, 1}, kStepY[] = {8, 8, 8, 4, 4, 2, 2};
      for (int pass = 0; pass < 7; ++pass) {
        const std::uint32_t wide = (header.width + kStepX[pass] - 1 - kX[pass]) / kStepX[pass];
        const std::uint32_t high = (header.height + kStepY[pass] - 1 - kY[pass]) / kStepY[pass];
        if (wide > 0 && high > 0) lengths_.push_back({header.row_bytes(wide), high});
      }
    }
    begin_pass();
  }

  // The part of the current row that is still missing; empty at the end of the image.
  std::span<std::byte> room() {
    if (pass_ >= lengths_.size()) return {};
    return std::as_writable_bytes(std::span(row_)).subspan(filled_);
  }
  // So many bytes of the room have been filled. False for a filter that does not exist.
  bool filled(std::size_t count) {
    filled_ += count;
    if (pass_ >= lengths_.size() || filled_ < row_.size()) return true;
    filled_ = 0;
    const auto samples = std::span(row_).subspan(1);
    if (!unfilter(row_[0], samples, above_, header_.pixel_bytes())) return false;
    if (header_.is_plain()) pixels_.row(samples);
    std::copy(samples.begin(), samples.end(), above_.begin());
    if (++line_ >= lengths_[pass_].rows) {
      ++pass_;
      begin_pass();
    }
    return true;
  }
  [[nodiscard]] bool complete() const { return pass_ >= lengths_.size(); }

 private:
  struct Pass {
    std::size_t bytes;
    std::uint32_t rows;
  };
  void begin_pass() {
    line_ = 0;
    if (pass_ >= lengths_.size()) return;
    row_.assign(lengths_[pass_].bytes + 1, 0);
    above_.assign(lengths_[pass_].bytes, 0);
  }

  const Header& header_;
  Pixels& pixels_;
  std::vector<Pass> lengths_;
  std::size_t pass_ = 0, filled_ = 0;
  std::uint32_t line_ = 0;
  std::vector<std::uint8_t> row_, above_;
};

// One IDAT chunk. An empty text: all is well.
std::string inflate_piece(Inflater& inflater, std::span<const std::byte> data, Rows& rows, bool& ended) {
  while (!data.empty() && !ended) {
    std::byte spare[1];
    const bool past_the_end = rows.complete();
    std::span<std::byte> room = past_the_end ? std::span<std::byte>(spare) : rows.room();
    const std::size_t before = room.size(), offered = data.size();
    const auto state = inflater.run(data, room);
    const std::size_t count = before - room.size();
    if (state == Inflater::State::bad) return "its data cannot be decompressed";
    if (past_the_end && count > 0) return "it holds more than its size says";
    if (!past_the_end && !rows.filled(count)) return "a row has an unknown filter";
    ended = state == Inflater::State::done;
    if (!ended && count == 0 && data.size() == offered) return "its data cannot be decompressed";
  }
  return {};
}

}  // namespace

Result<ImageFacts> check_png(std::span<const std::byte> file) {
  ByteReader reader(file, ByteReader::Order::big);
  if (!reader.skip(kSignature)) return bad("it does not begin like a PNG");
  Header header;
  std::optional<Pixels> pixels;
  std::optional<Rows> rows;
  Inflater inflater;
  bool ended = false;
  for (bool first = true;; first = false) {
    const std::uint32_t length = reader.u32();
    const auto covered = reader.take(std::uint64_t{length} + 4);
    const std::uint32_t crc = reader.u32();
    if (!reader.good()) return bad("it is cut short");
    if (crc32_of(covered) != crc) return bad("a checksum is wrong");
    const std::string_view type(reinterpret_cast<const char*>(covered.data()), 4);
    const auto data = covered.subspan(4);
    if (first) {
      ByteReader fields(data, ByteReader::Order::big);
      header.width = fields.u32();
      header.height = fields.u32();
      header.depth = fields.u8();
      header.colour = fields.u8();
      fields.u16();  // compression and filter method
      header.interlace = fields.u8();
      if (type != "IHDR" || !fields.good() || !header.valid()) return bad("its header makes no sense");
      pixels.emplace(header);
      rows.emplace(header, *pixels);
    } else if (type == "IDAT") {
      std::string problem = inflate_piece(inflater, data, *rows, ended);
      if (!problem.empty()) return bad(std::move(problem));
    } else if (type == "IEND") {
      break;
    }
  }
  if (!ended || !rows->complete()) return bad("rows are missing");
  ImageFacts facts{.kind = "PNG", .width = header.width, .height = header.height};
  if (header.is_plain()) pixels->put_into(facts);
  return facts;
}

}  // namespace souschef::core
