// SPDX-License-Identifier: MIT
#include "plugins/blend/gzip_stream.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <zlib.h>

#include "plugins/blend/file_window.hpp"

namespace souschef::blend {
namespace {

constexpr std::size_t kStep = 1U << 20;
constexpr int kGzipOnly = 16 + MAX_WBITS;

Error damaged(const z_stream& stream, const char* otherwise) {
  return Error(ErrorCode::bad_input, "the compressed file is damaged",
               stream.msg != nullptr ? stream.msg : otherwise);
}

struct Inflater {
  z_stream stream{};
  bool open = false;
  Inflater() { open = inflateInit2(&stream, kGzipOnly) == Z_OK; }
  ~Inflater() {
    if (open) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

bool has_gzip_magic(std::span<const std::byte> start) {
  return start.size() >= 2 && start[0] == std::byte{0x1F} && start[1] == std::byte{0x8B};
}

Status unpack_gzip(const InputFile& file, const std::function<Status(std::span<const std::byte>)>& take) {
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
      if (got != 0) SOUSCHEF_CHECK(take(std::span(unpacked).first(got)));
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

}  // namespace souschef::blend
