// SPDX-License-Identifier: MIT
#include "core/queue/order_trust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using testing::HasSubstr;

TEST(OrderTrust, ScriptsCountWhereTheOrderWasTrusted) {
  const test::TempFolder folder;
  const TrustStore store(folder / "trust");
  Order order;
  order.id = std::string(26, '0');
  order.name = "fisk";
  EXPECT_TRUE(check_order_trust(store, order));
  order.settings.autoexec = true;
  const Status refused = check_order_trust(store, order);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().next, HasSubstr("souschef config trust fisk"));
  ASSERT_TRUE(trust_order(store, order));
  EXPECT_TRUE(check_order_trust(store, order));
  order.entry = "other.blend";
  EXPECT_FALSE(check_order_trust(store, order));
}

}  // namespace
}  // namespace souschef::core
