// SPDX-License-Identifier: MIT
// The vectors of FIPS 180-4 and RFC 1321, and every length around the ends of blocks.
#include "plugins/checksum/digest.hpp"

#include <gtest/gtest.h>

#include "plugins/checksum/sum_line.hpp"
#include "tests/support/stage_bench.hpp"

namespace souschef::checksum {
namespace {

std::string of(std::unique_ptr<Digest> digest, std::string_view text) {
  digest->update(std::as_bytes(std::span(text)));
  return digest->finish();
}

TEST(Sha256, KnownTexts) {
  EXPECT_EQ(of(sha256(), ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(of(sha256(), "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(of(sha256(), "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(of(sha256(), std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Md5, KnownTexts) {
  EXPECT_EQ(of(md5(), ""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(of(md5(), "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(of(md5(), "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(of(md5(), "12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Digest, PiecesMakeNoDifference) {
  for (const char* name : {"sha256", "md5"})
    for (std::size_t length = 0; length < 200; ++length) {
      const std::string text(length, 'x');
      const auto piecewise = digest_of_name(name);
      for (const char c : text) piecewise->update(std::as_bytes(std::span(&c, 1)));
      EXPECT_EQ(piecewise->finish(), of(digest_of_name(name), text)) << name << " " << length;
    }
}

TEST(Digest, UnknownNameIsNone) {
  EXPECT_EQ(digest_of_name("crc32"), nullptr);
}

TEST(SumLine, OddNamesAreEscaped) {
  EXPECT_EQ(sum_line("ab", "0001.png"), "ab  0001.png\n");
  EXPECT_EQ(sum_line("ab", "a\\b\nc.png"), "\\ab  a\\\\b\\nc.png\n");
}

}  // namespace
}  // namespace souschef::checksum
