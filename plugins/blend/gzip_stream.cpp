// SPDX-License-Identifier: MIT
#include "plugins/blend/gzip_stream.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

#include "plugins/blend/byte_order.hpp"
#include "plugins/blend/file_window.hpp"

namespace souschef::blend {
namespace {

constexpr std::size_t kStep = 1U << 20;
constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr int kRaw = -MAX_WBITS;
constexpr int kMemoryLevel = 8;  // zlib's default
constexpr std::size_t kFixedHeader = 10;
constexpr std::size_t kMaxHeader = 64U << 10;
constexpr std::size_t kTrailer = 8;

Error damaged(const z_stream& stream, const char* otherwise) {
  return Error(ErrorCode::bad_input, "the compressed file is damaged",
               stream.msg != nullptr ? stream.msg : otherwise);
}

struct Inflater {
  z_stream stream{};
  bool open = false;
  explicit Inflater(int window_bits = kGzipOnly) { open = inflateInit2(&stream, window_bits) == Z_OK; }
  ~Inflater() {
    if (open) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

Error cannot_read() {
  return Error(ErrorCode::io, "cannot read the compressed file");
}

// The length of a member's header, or 0.
std::size_t header_size(std::span<const std::byte> start) {
  if (start.size() < kFixedHeader || !has_gzip_magic(start)) return 0;
  const auto flags = std::to_integer<unsigned>(start[3]);
  std::size_t size = kFixedHeader;
  const auto skip_text = [&] {
    const auto end = std::find(start.begin() + static_cast<std::ptrdiff_t>(std::min(size, start.size())),
                               start.end(), std::byte{0});
    size = static_cast<std::size_t>(end - start.begin()) + 1;
  };
  if ((flags & 4U) != 0) {  // extra
    if (start.size() < size + 2) return 0;
    size +=
        2 + std::to_integer<std::size_t>(start[size]) + (std::to_integer<std::size_t>(start[size + 1]) << 8);
  }
  if ((flags & 8U) != 0) skip_text();   // name
  if ((flags & 16U) != 0) skip_text();  // comment
  if ((flags & 2U) != 0) size += 2;     // checksum of the header
  return size <= start.size() ? size : 0;
}

// Passes over the deflate stream that begins at `offset`, which is set to its end. Bytes of content.
Result<std::uint64_t> skip_deflate(const InputFile& file, std::uint64_t& offset,
                                   std::vector<std::byte>& unpacked) {
  Inflater inflater(kRaw);
  if (!inflater.open) return Error(ErrorCode::failed, "out of memory");
  z_stream& stream = inflater.stream;
  std::vector<std::byte> buffer;
  std::uint64_t size = 0;
  while (true) {
    const auto window = file_window(file, offset, kStep, buffer);
    if (window.empty()) return damaged(stream, "it ends within the stream");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(window.data()));
    stream.avail_in = static_cast<uInt>(window.size());
    int code = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
      stream.avail_out = static_cast<uInt>(unpacked.size());
      code = inflate(&stream, Z_NO_FLUSH);
      size += unpacked.size() - stream.avail_out;
      if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END)
        return damaged(stream, "not a deflate stream");
    } while (code != Z_STREAM_END && (stream.avail_in != 0 || stream.avail_out == 0));
    offset += window.size() - stream.avail_in;
    if (code == Z_STREAM_END) return size;
  }
}

}  // namespace

bool has_gzip_magic(std::span<const std::byte> start) {
  return start.size() >= 2 && start[0] == std::byte{0x1F} && start[1] == std::byte{0x8B};
}

Status unpack_gzip(const InputFile& file, const TakeUnpacked& take) {
  Inflater inflater;
  if (!inflater.open) return Error(ErrorCode::failed, "out of memory");
  z_stream& stream = inflater.stream;

  std::vector<std::byte> buffer;
  std::vector<std::byte> unpacked(kStep);
  bool member_ended = false;
  std::uint64_t offset = 0;
  while (offset < file.size()) {
    const auto window = file_window(file, offset, kStep, buffer);
    if (window.empty()) return Error(ErrorCode::io, "cannot read the compressed file");
    if (member_ended) {
      if (!has_gzip_magic(window)) return {};
      inflateReset(&stream);
      member_ended = false;
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(window.data()));
    stream.avail_in = static_cast<uInt>(window.size());
    while (!member_ended) {
      stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
      stream.avail_out = static_cast<uInt>(unpacked.size());
      const int code = inflate(&stream, Z_NO_FLUSH);
      const std::size_t got = unpacked.size() - stream.avail_out;
      const std::uint64_t consumed = offset + window.size() - stream.avail_in;
      if (got != 0) SOUSCHEF_CHECK(take(std::span(unpacked).first(got), consumed));
      if (code == Z_STREAM_END) {
        member_ended = true;
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return damaged(stream, "not a deflate stream");
      } else if (stream.avail_in == 0 && stream.avail_out != 0) {
        break;
      }
    }
    offset += window.size() - stream.avail_in;
  }
  if (!member_ended) return damaged(stream, "it ends within the stream");
  return {};
}

Result<std::vector<GzipMember>> find_gzip_members(const InputFile& file) {
  std::vector<GzipMember> members;
  std::vector<std::byte> buffer;
  std::vector<std::byte> unpacked(kStep);
  std::uint64_t offset = 0;
  std::uint64_t content = 0;
  while (offset < file.size()) {
    const auto start = file_window(file, offset, kMaxHeader, buffer);
    if (start.empty()) return cannot_read();
    if (!has_gzip_magic(start)) break;
    const std::size_t header = header_size(start);
    if (header == 0) return Error(ErrorCode::bad_input, "the header of the compressed file is damaged");
    GzipMember member{.header = {start.begin(), start.begin() + static_cast<std::ptrdiff_t>(header)},
                      .deflate_offset = offset + header,
                      .content_offset = content};
    offset = member.deflate_offset;
    SOUSCHEF_TRY(member.size, skip_deflate(file, offset, unpacked));
    offset += kTrailer;
    if (offset > file.size()) return Error(ErrorCode::bad_input, "the compressed file is cut short");
    member.end = offset;
    content += member.size;
    members.push_back(std::move(member));
  }
  return members;
}

struct GzipPacker::State {
  z_stream stream{};
  uLong checksum = crc32(0, nullptr, 0);
  std::uint64_t size = 0;
  std::vector<std::byte> out = std::vector<std::byte>(kStep);

  State() = default;
  ~State() { deflateEnd(&stream); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

GzipPacker::GzipPacker(std::unique_ptr<State> state) : state_(std::move(state)) {}
GzipPacker::GzipPacker(GzipPacker&&) noexcept = default;
GzipPacker& GzipPacker::operator=(GzipPacker&&) noexcept = default;
GzipPacker::~GzipPacker() = default;

Result<GzipPacker> GzipPacker::create(int level) {
  auto state = std::make_unique<State>();
  if (deflateInit2(&state->stream, level, Z_DEFLATED, kRaw, kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK)
    return Error(ErrorCode::failed, "out of memory");
  return GzipPacker(std::move(state));
}

Status GzipPacker::push(std::span<const std::byte> content, const Take& take) {
  z_stream& stream = state_->stream;
  while (!content.empty()) {
    const auto now = content.first(std::min(content.size(), kStep));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(now.data()));
    stream.avail_in = static_cast<uInt>(now.size());
    state_->checksum = crc32(state_->checksum, stream.next_in, stream.avail_in);
    state_->size += now.size();
    SOUSCHEF_CHECK(deflate_to(Z_NO_FLUSH, take));
    content = content.subspan(now.size());
  }
  return {};
}

Status GzipPacker::finish(const Take& take) {
  SOUSCHEF_CHECK(deflate_to(Z_FINISH, take));
  std::byte trailer[kTrailer];
  store(trailer, static_cast<std::uint32_t>(state_->checksum), ByteOrder::little);
  store(trailer + 4, static_cast<std::uint32_t>(state_->size), ByteOrder::little);
  return take(trailer);
}

Status GzipPacker::deflate_to(int flush, const Take& take) {
  z_stream& stream = state_->stream;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(state_->out.data());
    stream.avail_out = static_cast<uInt>(state_->out.size());
    const int code = deflate(&stream, flush);
    if (code == Z_STREAM_ERROR) return Error(ErrorCode::failed, "zlib cannot pack");
    const std::size_t got = state_->out.size() - stream.avail_out;
    if (got != 0) SOUSCHEF_CHECK(take(std::span(state_->out).first(got)));
    if (code == Z_STREAM_END) return {};
    if (flush == Z_NO_FLUSH && stream.avail_out != 0) return {};
  }
}

const char* zlib_release() {
  return zlibVersion();
}

}  // namespace souschef::blend
