// SPDX-License-Identifier: MIT
#include <souschef/hash.hpp>

#include <gtest/gtest.h>

namespace souschef {
namespace {

TEST(Hash, HexComesBack) {
  Hash hash;
  for (std::size_t i = 0; i < Hash::kSize; ++i) hash.bytes[i] = static_cast<std::byte>(i * 7);
  EXPECT_EQ(Hash::from_hex(hash.hex()), hash);
}
TEST(Hash, OtherTextIsNotAHash) {
  EXPECT_FALSE(Hash::from_hex("").has_value());
  EXPECT_FALSE(Hash::from_hex(std::string(63, 'a')).has_value());
  EXPECT_FALSE(Hash::from_hex(std::string(64, 'g')).has_value());
}
TEST(Hash, IdsOfDifferentKindsAreDifferentTypes) {
  static_assert(!std::is_convertible_v<ContentId, BlobId>);
  static_assert(!std::is_convertible_v<Hash, JobId>);
}

}  // namespace
}  // namespace souschef
