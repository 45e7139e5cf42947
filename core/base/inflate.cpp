// SPDX-License-Identifier: MIT
#include "core/base/inflate.hpp"

#include <algorithm>

#include <zlib.h>

namespace souschef::core {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 30;  // zlib counts in 32 bits

Bytef* bytes_of(const std::byte* data) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data));
}

}  // namespace

struct Inflater::Stream {
  z_stream z{};
  bool good = false;
  ~Stream() {
    if (good) ::inflateEnd(&z);
  }
};

std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t so_far) {
  uLong crc = so_far;
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), kPiece);
    crc = ::crc32(crc, bytes_of(bytes.data()), static_cast<uInt>(count));
    bytes = bytes.subspan(count);
  }
  return static_cast<std::uint32_t>(crc);
}

Inflater::Inflater(Deflated format) : stream_(std::make_unique<Stream>()) {
  stream_->good = ::inflateInit2(&stream_->z, format == Deflated::raw ? -MAX_WBITS : MAX_WBITS) == Z_OK;
}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

Inflater::State Inflater::run(std::span<const std::byte>& input, std::span<std::byte>& output) {
  if (!stream_->good) return State::bad;
  z_stream& z = stream_->z;
  const std::size_t offered = std::min(input.size(), kPiece), room = std::min(output.size(), kPiece);
  z.next_in = bytes_of(input.data());
  z.avail_in = static_cast<uInt>(offered);
  z.next_out = bytes_of(output.data());
  z.avail_out = static_cast<uInt>(room);
  const int result = ::inflate(&z, Z_NO_FLUSH);
  input = input.subspan(offered - z.avail_in);
  output = output.subspan(room - z.avail_out);
  if (result == Z_STREAM_END) return State::done;
  return result == Z_OK || result == Z_BUF_ERROR ? State::more : State::bad;
}

bool inflate_exactly(std::span<const std::byte> input, std::span<std::byte> output, Deflated format) {
  Inflater inflater(format);
  for (;;) {
    const std::size_t before = input.size() + output.size();
    const auto state = inflater.run(input, output);
    if (state == Inflater::State::done) return output.empty();
    if (state == Inflater::State::bad || input.size() + output.size() == before) return false;
  }
}

}  // namespace souschef::core
