// SPDX-License-Identifier: MIT
// MD5 as RFC 1321 has it: four words of state, 64 steps a block in four rounds. The constants are
// floor(2^32 * abs(sin(i + 1))).
#include <bit>

#include "plugins/checksum/block_buffer.hpp"
#include "plugins/checksum/digest.hpp"

namespace souschef::checksum {
namespace {

constexpr std::uint32_t kSines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

class Md5 final : public Digest {
 public:
  void update(std::span<const std::byte> data) override {
    buffer_.update(data, [this](const Block& block) { stir(block); });
  }
  std::string finish() override {
    buffer_.finish(BlockBuffer::Order::little, [this](const Block& block) { stir(block); });
    std::string hex;
    for (const std::uint32_t word : state_)
      for (int byte = 0; byte < 4; ++byte)
        for (const int shift : {4, 0}) hex += "0123456789abcdef"[(word >> (8 * byte + shift)) & 15U];
    return hex;
  }

 private:
  void stir(const Block& block) {
    std::uint32_t words[16];
    for (std::size_t i = 0; i < 16; ++i)
      words[i] = std::uint32_t{block[4 * i + 3]} << 24 | std::uint32_t{block[4 * i + 2]} << 16 |
                 std::uint32_t{block[4 * i + 1]} << 8 | block[4 * i];
    auto [a, b, c, d] = state_;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t round = i / 16;
      const std::uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                                  : round == 1 ? (d & b) | (~d & c)
                                  : round == 2 ? b ^ c ^ d
                                               : c ^ (b | ~d);
      const std::size_t word = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
      const std::uint32_t sum = a + mixed + kSines[i] + words[word % 16];
      a = d, d = c, c = b, b += std::rotl(sum, kShifts[round][i % 4]);
    }
    state_[0] += a, state_[1] += b, state_[2] += c, state_[3] += d;
  }

  BlockBuffer buffer_;
  std::array<std::uint32_t, 4> state_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
};

}  // namespace

std::unique_ptr<Digest> md5() {
  return std::make_unique<Md5>();
}

}  // namespace souschef::checksum
