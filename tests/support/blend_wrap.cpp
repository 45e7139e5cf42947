// SPDX-License-Identifier: MIT
#include "tests/support/blend_wrap.hpp"

#include <algorithm>
#include <stdexcept>

#include <zlib.h>
#include <zstd.h>

namespace souschef::test {
namespace {

std::string gzip_member(std::string_view content, int level) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string out(deflateBound(&stream, static_cast<uLong>(content.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void append_u32(std::string& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> (8 * i));
}

}  // namespace

std::string gzip_wrapped(std::string_view content, std::size_t members, int level) {
  const std::size_t step = content.size() / members + 1;
  std::string out;
  for (std::size_t at = 0; at < content.size() || at == 0; at += step)
    out += gzip_member(content.substr(at, step), level);
  return out;
}

std::string zstd_wrapped(std::string_view content, const ZstdStyle& style) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, style.level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, style.state_sizes ? 1 : 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, style.checksums ? 1 : 0);
  std::string out;
  std::vector<std::uint32_t> stored;
  std::vector<std::uint32_t> sizes;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t size = std::min(
        style.frame_sizes[std::min(stored.size(), style.frame_sizes.size() - 1)], content.size() - at);
    std::string frame(ZSTD_compressBound(size), '\0');
    const std::size_t got = ZSTD_compress2(context, frame.data(), frame.size(), content.data() + at, size);
    if (ZSTD_isError(got) != 0) throw std::runtime_error(ZSTD_getErrorName(got));
    out.append(frame, 0, got);
    stored.push_back(static_cast<std::uint32_t>(got));
    sizes.push_back(static_cast<std::uint32_t>(size));
    at += size;
  }
  ZSTD_freeCCtx(context);
  if (style.seek_table) out += zstd_seek_table(stored, sizes, style.entry_checksums);
  return out;
}

std::string zstd_seek_table(const std::vector<std::uint32_t>& stored,
                            const std::vector<std::uint32_t>& content, bool checksums) {
  const std::uint32_t entry = checksums ? 12 : 8;
  std::string out;
  append_u32(out, 0x184D2A5E);
  append_u32(out, static_cast<std::uint32_t>(stored.size()) * entry + 9);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    append_u32(out, stored[i]);
    append_u32(out, content[i]);
    if (checksums) append_u32(out, 0);
  }
  append_u32(out, static_cast<std::uint32_t>(stored.size()));
  out += static_cast<char>(checksums ? 0x80 : 0);
  append_u32(out, 0x8F92EAB1);
  return out;
}

}  // namespace souschef::test
