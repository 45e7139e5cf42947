// SPDX-License-Identifier: MIT
#include "store/pack_format.hpp"

#include <algorithm>
#include <array>

#include "store/hasher.hpp"

namespace souschef::store {

namespace {

constexpr std::string_view kHeaderMagic = "SCPK", kFrameMagic = "SCFR", kFooterMagic = "SCFT",
                           kTailMagic = "SCPE";
constexpr std::size_t kCheckBytes = 8;
constexpr std::uint32_t kLengthBits = 24;

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "not a pack, or a damaged one", std::move(why));
}

std::span<const std::byte> check_of(std::span<const std::byte> bytes, Hash& hash) {
  hash = hash_of(bytes);
  return std::span(hash.bytes).first(kCheckBytes);
}

bool check_matches(std::span<const std::byte> bytes, std::span<const std::byte> check) {
  Hash hash;
  const auto expected = check_of(bytes, hash);
  return std::equal(expected.begin(), expected.end(), check.begin(), check.end());
}

void append_check(Bytes& out, std::size_t from) {
  Hash hash;
  const auto check = check_of(std::span(out).subspan(from), hash);
  WireWriter(out).bytes(check);
}

std::size_t row_size(Codec codec) {
  return codec == Codec::zstd_each ? 40 : 36;
}

bool is_kind(std::uint32_t value) {
  return value >= static_cast<std::uint32_t>(ObjectKind::chunk) &&
         value <= static_cast<std::uint32_t>(ObjectKind::recipe);
}

// Rows and sizes agree, and nothing is larger than the format allows.
Status check_frame(const FrameHeader& header) {
  std::uint64_t raw = 0;
  std::uint64_t stored = 0;
  for (const ObjectRow& row : header.rows) {
    if (row.length > kMostObjectBytes)
      return damaged("an object of " + std::to_string(row.length) + " bytes");
    raw += row.length;
    stored += row.stored_length;
  }
  if (raw != header.raw_size) return damaged("objects that do not add up to their frame");
  if (raw > kMostFrameBytes) return damaged("a frame of " + std::to_string(raw) + " bytes");
  if (header.codec == Codec::zstd_each && stored != header.stored_size)
    return damaged("stored objects that do not add up to their frame");
  if (header.codec == Codec::none && header.stored_size != header.raw_size)
    return damaged("a frame stored as it is, with two sizes");
  // zstd never needs more than this; a longer frame was not written by us.
  if (header.stored_size > raw + raw / 128 + 64 * (header.rows.size() + 1))
    return damaged("a frame that is larger stored than raw");
  return {};
}

}  // namespace

std::array<std::byte, 16> stored_check(std::span<const std::byte> stored) {
  std::array<std::byte, 16> check{};
  const Hash hash = hash_of(stored);
  std::copy_n(hash.bytes.begin(), check.size(), check.begin());
  return check;
}

void append_header(Bytes& out, const PackHeader& header) {
  const std::size_t start = out.size();
  WireWriter writer(out);
  writer.text(kHeaderMagic);
  writer.number(kPackVersion);
  writer.number(static_cast<std::uint16_t>(8 + header.lease.size() + kCheckBytes));
  writer.text(header.lease);
  append_check(out, start);
}

void append_frame_header(Bytes& out, const FrameHeader& header) {
  const std::size_t start = out.size();
  out.reserve(start + header.size());
  WireWriter writer(out);
  writer.text(kFrameMagic);
  writer.number(static_cast<std::uint8_t>(header.codec));
  writer.number(std::uint8_t{0});
  writer.number(std::uint16_t{0});
  writer.number(static_cast<std::uint32_t>(header.rows.size()));
  writer.number(header.raw_size);
  writer.number(header.stored_size);
  writer.number(std::uint32_t{0});
  writer.bytes(header.stored_check);
  for (const ObjectRow& row : header.rows) {
    writer.hash(row.id);
    writer.number((static_cast<std::uint32_t>(row.kind) << kLengthBits) | row.length);
    if (header.codec == Codec::zstd_each) writer.number(row.stored_length);
  }
  append_check(out, start);
}

PackId append_footer(Bytes& out, std::span<const std::byte> header, std::uint32_t frames,
                     std::uint64_t footer_offset, std::span<const std::byte> frame_headers) {
  const std::size_t start = out.size();
  WireWriter writer(out);
  writer.text(kFooterMagic);
  writer.number(frames);
  writer.number(footer_offset);
  writer.bytes(header);
  writer.bytes(frame_headers);
  const auto size = static_cast<std::uint32_t>(out.size() - start);
  const PackId id(hash_of(std::span(out).subspan(start)));
  writer.number(size);
  writer.hash(id.hash);
  writer.text(kTailMagic);
  return id;
}

Result<ParsedHeader> parse_header(std::span<const std::byte> front) {
  WireReader reader(front);
  const std::string_view magic = reader.text(kHeaderMagic.size());
  const auto version = reader.number<std::uint16_t>();
  const auto size = reader.number<std::uint16_t>();
  if (!reader.ok() || magic != kHeaderMagic) return damaged("it begins otherwise");
  if (version != kPackVersion)
    return Error(ErrorCode::unsupported, "a pack of version " + std::to_string(version),
                 "this program reads version " + std::to_string(kPackVersion));
  if (size < 8 + kCheckBytes || size > kMostHeaderBytes || size > front.size())
    return damaged("a header of " + std::to_string(size) + " bytes");
  ParsedHeader parsed;
  parsed.size = size;
  parsed.header.lease = reader.text(size - 8 - kCheckBytes);
  if (!check_matches(front.first(size - kCheckBytes), reader.bytes(kCheckBytes)))
    return damaged("a wrong checksum in the header");
  return parsed;
}

Result<std::size_t> frame_header_size(std::span<const std::byte> start) {
  WireReader reader(start);
  const std::string_view magic = reader.text(kFrameMagic.size());
  const auto codec = reader.number<std::uint8_t>();
  reader.bytes(3);
  const auto count = reader.number<std::uint32_t>();
  if (!reader.ok() || magic != kFrameMagic) return damaged("no frame where one should be");
  if (codec > static_cast<std::uint8_t>(Codec::zstd_each))
    return Error(ErrorCode::unsupported, "a frame with codec " + std::to_string(codec),
                 "this program reads codecs 0 to 2");
  if (count == 0 || count > kMostFrameObjects)
    return damaged("a frame of " + std::to_string(count) + " objects");
  return kFrameHeaderStart + count * row_size(static_cast<Codec>(codec)) + kCheckBytes;
}

Result<FrameHeader> parse_frame_header(std::span<const std::byte> bytes) {
  SOUSCHEF_TRY(const std::size_t size, frame_header_size(bytes));
  if (size > bytes.size()) return damaged("a frame header that is cut off");
  const auto fields = bytes.first(size - kCheckBytes);
  if (!check_matches(fields, bytes.subspan(size - kCheckBytes, kCheckBytes)))
    return damaged("a wrong checksum in a frame header");

  WireReader reader(fields);
  FrameHeader header;
  reader.bytes(kFrameMagic.size());
  header.codec = static_cast<Codec>(reader.number<std::uint8_t>());
  const auto reserved = reader.number<std::uint8_t>() | reader.number<std::uint16_t>();
  header.rows.resize(reader.number<std::uint32_t>());
  header.raw_size = reader.number<std::uint32_t>();
  header.stored_size = reader.number<std::uint32_t>();
  if (reserved != 0 || reader.number<std::uint32_t>() != 0) return damaged("reserved fields in use");
  const auto check = reader.bytes(header.stored_check.size());
  std::copy(check.begin(), check.end(), header.stored_check.begin());
  for (ObjectRow& row : header.rows) {
    row.id = reader.hash();
    const auto kind_and_length = reader.number<std::uint32_t>();
    if (!is_kind(kind_and_length >> kLengthBits))
      return Error(ErrorCode::unsupported,
                   "a pack with objects of kind " + std::to_string(kind_and_length >> kLengthBits),
                   "this program reads kinds 1 to 3");
    row.kind = static_cast<ObjectKind>(kind_and_length >> kLengthBits);
    row.length = kind_and_length & ((1U << kLengthBits) - 1);
    if (header.codec == Codec::zstd_each) row.stored_length = reader.number<std::uint32_t>();
  }
  SOUSCHEF_CHECK(check_frame(header));
  return header;
}

Result<PackTail> parse_tail(std::span<const std::byte> last) {
  if (last.size() < kPackTailBytes) return damaged("it is too short");
  WireReader reader(last.last(kPackTailBytes));
  PackTail tail;
  tail.footer_size = reader.number<std::uint32_t>();
  tail.footer_hash = reader.hash();
  if (reader.text(kTailMagic.size()) != kTailMagic) return damaged("it ends otherwise");
  if (tail.footer_size > kMostFooterBytes)
    return damaged("a footer of " + std::to_string(tail.footer_size) + " bytes");
  return tail;
}

Result<PackTable> parse_footer(std::span<const std::byte> footer, const PackId& id) {
  if (hash_of(footer) != id.hash) return damaged("a footer that is not what the name says");
  WireReader reader(footer);
  if (reader.text(kFooterMagic.size()) != kFooterMagic) return damaged("no footer");
  const auto count = reader.number<std::uint32_t>();
  PackTable table;
  table.footer_offset = reader.number<std::uint64_t>();
  if (!reader.ok()) return damaged("a footer that is cut off");

  std::span<const std::byte> rest = footer.last(reader.left());
  SOUSCHEF_TRY(ParsedHeader header, parse_header(rest));
  table.header = std::move(header.header);
  rest = rest.subspan(header.size);

  if (count > rest.size() / kFrameHeaderStart) return damaged("more frames than its footer has room for");
  table.frames.reserve(count);
  std::uint64_t offset = header.size;
  for (std::uint32_t i = 0; i < count; ++i) {
    PlacedFrame frame;
    frame.offset = offset;
    SOUSCHEF_TRY(frame.header, parse_frame_header(rest));
    rest = rest.subspan(frame.header.size());
    offset += frame.size();
    table.frames.push_back(std::move(frame));
  }
  if (!rest.empty()) return damaged("bytes behind the last frame header");
  if (offset != table.footer_offset || offset > kMostPackBytes)
    return damaged("frames that do not reach to the footer");
  return table;
}

}  // namespace souschef::store
