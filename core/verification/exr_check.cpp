// SPDX-License-Identifier: MIT
// OpenEXR 2: magic, version and flags; for every part a header of attributes; for every part a table of
// offsets; chunks. A chunk is a block of scan lines (1 to 256 by the compression) or a tile, with its length
// in front.
//
// Checked: that every offset leads to a chunk which lies in the file and is the one that the table promises.
// Chunks that zlib has compressed (ZIPS, ZIP, and PXR24, whose inner form is left alone) are decompressed,
// which verifies their checksums; ZIP and uncompressed scan lines are looked at for black and transparent
// pictures.
//
// Two of a file's bytes stand before each other in ZIP: the two halves of all samples are stored apart, as
// differences of neighbours plus 128. Both are undone in plane().
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/base/byte_reader.hpp"
#include "core/base/inflate.hpp"
#include "core/verification/image_check.hpp"

namespace souschef::core {
namespace {

constexpr std::uint32_t kMagic = 20000630;
constexpr std::uint32_t kTiled = 0x200, kDeep = 0x800, kMultipart = 0x1000;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kMostChannels = 4096, kMostParts = 1024;
constexpr std::int64_t kLargestSide = 1 << 20;

enum Compression : unsigned { kNone = 0, kRle, kZips, kZip, kPiz, kPxr24, kB44, kB44a, kDwaa, kDwab };

Error bad(std::string why) {
  return {ErrorCode::bad_input, "the EXR is damaged", std::move(why)};
}

struct Channel {
  std::string name;
  std::size_t bytes = 4;  // a sample
  bool sampled = true;    // every pixel has one
  enum class Role { colour, alpha, other } role = Role::other;
};

struct Part {
  std::vector<Channel> channels;
  unsigned compression = 255;
  std::int64_t x0 = 0, y0 = 0, x1 = -1, y1 = -1;
  std::int64_t shown_width = 0, shown_height = 0;
  std::int64_t chunk_count = 0;
  bool tiled = false, deep = false;

  [[nodiscard]] std::int64_t width() const { return x1 - x0 + 1; }
  [[nodiscard]] std::int64_t height() const { return y1 - y0 + 1; }
  [[nodiscard]] std::int64_t rows_in_chunk() const {
    static constexpr std::int64_t kRows[] = {1, 1, 1, 16, 32, 16, 32, 32, 32, 256};
    return kRows[compression];
  }
  [[nodiscard]] std::size_t row_bytes() const {
    std::size_t bytes = 0;
    for (const Channel& channel : channels) bytes += channel.bytes * static_cast<std::size_t>(width());
    return bytes;
  }
  [[nodiscard]] bool simple() const {
    return !tiled && !deep && std::all_of(channels.begin(), channels.end(), [](const Channel& channel) {
      return channel.sampled;
    });
  }
};

// "R", "ViewLayer.Combined.R": the picture that people look at. Other layers may well be black.
Channel::Role role_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  if (dot != std::string_view::npos && !name.substr(0, dot).ends_with("Combined"))
    return Channel::Role::other;
  if (last == "R" || last == "G" || last == "B" || last == "Y") return Channel::Role::colour;
  return last == "A" ? Channel::Role::alpha : Channel::Role::other;
}

bool read_channels(std::span<const std::byte> value, Part& part) {
  ByteReader reader(value);
  while (reader.left() > 1 && part.channels.size() < kMostChannels) {
    Channel channel;
    channel.name = reader.text(kLongestName);
    const std::uint32_t type = reader.u32();
    reader.u32();  // linear, reserved
    channel.sampled = (reader.u32() == 1) & (reader.u32() == 1);
    channel.bytes = type == 1 ? 2 : 4;
    channel.role = type == 0 ? Channel::Role::other : role_of(channel.name);
    if (!reader.good() || type > 2) return false;
    part.channels.push_back(std::move(channel));
  }
  return reader.left() <= 1 && !part.channels.empty();
}

bool read_attribute(std::string_view name, std::span<const std::byte> value, Part& part) {
  ByteReader reader(value);
  if (name == "channels") return read_channels(value, part);
  if (name == "compression") part.compression = reader.u8();
  if (name == "dataWindow") {
    part.x0 = reader.i32();
    part.y0 = reader.i32();
    part.x1 = reader.i32();
    part.y1 = reader.i32();
  }
  if (name == "displayWindow") {
    const std::int64_t x0 = reader.i32(), y0 = reader.i32();
    part.shown_width = reader.i32() - x0 + 1;
    part.shown_height = reader.i32() - y0 + 1;
  }
  if (name == "chunkCount") part.chunk_count = reader.i32();
  if (name == "tiles") part.tiled = true;
  if (name == "type") {
    const std::string_view type(reinterpret_cast<const char*>(value.data()), value.size());
    part.tiled = type.find("tile") != std::string_view::npos;
    part.deep = type.starts_with("deep");
  }
  return reader.good();
}

bool read_header(ByteReader& reader, Part& part) {
  for (;;) {
    const std::string_view name = reader.text(kLongestName);
    if (!reader.good()) return false;
    if (name.empty()) break;
    reader.text(kLongestName);  // type
    const auto value = reader.take(reader.u32());
    if (!reader.good() || !read_attribute(name, value, part)) return false;
  }
  return part.compression <= kDwab && part.width() > 0 && part.height() > 0 && part.width() <= kLargestSide &&
         part.height() <= kLargestSide && !part.channels.empty();
}

// Remembers whether anything was seen.
struct Picture {
  bool colour_seen = false, alpha_seen = false;  // such a channel exists
  bool black = true, transparent = true;
  bool decoded = true;
};

// The bytes of a block of lines as they were before ZIP took them apart.
std::vector<std::byte> plane(std::span<const std::byte> stored) {
  std::vector<std::byte> bytes(stored.begin(), stored.end());
  for (std::size_t i = 1; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(std::to_integer<unsigned>(bytes[i - 1]) +
                                      std::to_integer<unsigned>(bytes[i]) - 128);
  std::vector<std::byte> woven(bytes.size());
  const std::size_t half = (bytes.size() + 1) / 2;
  for (std::size_t i = 0; i < bytes.size(); ++i) woven[i] = bytes[i % 2 == 0 ? i / 2 : half + i / 2];
  return woven;
}

void look_at(const Part& part, std::span<const std::byte> lines, Picture& picture) {
  const std::size_t width = static_cast<std::size_t>(part.width());
  while (lines.size() >= part.row_bytes()) {
    for (const Channel& channel : part.channels) {
      const auto samples = lines.subspan(0, channel.bytes * width);
      lines = lines.subspan(samples.size());
      if (channel.role == Channel::Role::other) continue;
      const bool is_alpha = channel.role == Channel::Role::alpha;
      bool& all_zero = is_alpha ? picture.transparent : picture.black;
      (is_alpha ? picture.alpha_seen : picture.colour_seen) = true;
      if (all_zero)
        all_zero = std::all_of(samples.begin(), samples.end(), [](std::byte b) { return b == std::byte{0}; });
    }
  }
}

// One chunk of scan lines that begins at `y`. An empty text: all is well.
std::string check_lines(const Part& part, std::int64_t y, std::span<const std::byte> data, Picture& picture) {
  const std::int64_t rows = std::min(part.rows_in_chunk(), part.y1 - y + 1);
  if (!part.simple()) {
    picture.decoded = false;
    return {};
  }
  const std::size_t size = part.row_bytes() * static_cast<std::size_t>(rows);
  if (data.size() > size) return "a chunk is longer than its lines";
  if (data.size() == size) {  // stored as it is, whatever the compression
    look_at(part, data, picture);
    return {};
  }
  if (part.compression == kZip || part.compression == kZips) {
    std::vector<std::byte> stored(size);
    if (!inflate_exactly(data, stored)) return "a chunk cannot be decompressed";
    look_at(part, plane(stored), picture);
    return {};
  }
  picture.decoded = false;
  return part.compression == kNone ? "a chunk is shorter than its lines" : std::string();
}

std::int64_t chunks_in(const Part& part) {
  if (part.chunk_count > 0) return part.chunk_count;
  return (part.height() + part.rows_in_chunk() - 1) / part.rows_in_chunk();
}

std::string check_chunk(std::span<const std::byte> file, std::uint64_t offset, const std::vector<Part>& parts,
                        std::size_t index, std::int64_t number, Picture& picture) {
  ByteReader reader(file);
  reader.seek(offset);
  if (offset == 0) return "a chunk is missing";
  if (parts.size() > 1 && reader.u32() != index) return "a chunk belongs to another part";
  const Part& part = parts[index];
  const std::int64_t y = reader.i32();
  if (part.tiled) reader.take(12);
  if (part.deep) {
    picture.decoded = false;
    const std::uint64_t table = reader.u64(), packed = reader.u64();
    reader.u64();
    if (table > file.size() || packed > file.size()) return "it is cut short";
    reader.take(table + packed);
    return reader.good() ? "" : "it is cut short";
  }
  const std::uint32_t length = reader.u32();
  const auto data = reader.take(length);
  if (!reader.good()) return "it is cut short";
  if (part.tiled) {
    picture.decoded = false;
    return {};
  }
  // In files of falling lines the table still goes by rising y.
  if (y != part.y0 + number * part.rows_in_chunk()) return "a chunk is not where it belongs";
  return check_lines(part, y, data, picture);
}

}  // namespace

Result<ImageFacts> check_exr(std::span<const std::byte> file) {
  ByteReader reader(file);
  if (reader.u32() != kMagic) return bad("it does not begin like an EXR");
  const std::uint32_t version = reader.u32();
  if ((version & 0xFF) != 2) return bad("it is of an unknown version");
  std::vector<Part> parts;
  do {
    Part part;
    part.tiled = (version & kTiled) != 0;
    part.deep = (version & kDeep) != 0;
    if (!read_header(reader, part)) return bad("its header makes no sense, or it is cut short");
    parts.push_back(std::move(part));
    if ((version & kMultipart) == 0) break;
  } while (!reader.skip(std::string_view("\0", 1)) && parts.size() < kMostParts);

  Picture picture;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    const Part& part = parts[index];
    if (part.tiled && part.chunk_count == 0) {
      picture.decoded =
          false;  // how many tiles there are would have to be worked out; nobody writes such files
      break;
    }
    for (std::int64_t number = 0; number < chunks_in(part); ++number) {
      const std::uint64_t offset = reader.u64();
      if (!reader.good()) return bad("it is cut short");
      std::string problem = check_chunk(file, offset, parts, index, number, picture);
      if (!problem.empty()) return bad(std::move(problem));
    }
  }
  const Part& first = parts.front();
  ImageFacts facts{
      .kind = "OPEN_EXR",
      .width = static_cast<std::uint32_t>(std::clamp<std::int64_t>(first.shown_width, 0, kLargestSide)),
      .height = static_cast<std::uint32_t>(std::clamp<std::int64_t>(first.shown_height, 0, kLargestSide))};
  facts.decoded = picture.decoded && picture.colour_seen;
  facts.all_black = facts.decoded && picture.black;
  facts.all_transparent = facts.decoded && picture.alpha_seen && picture.transparent;
  return facts;
}

}  // namespace souschef::core
