// SPDX-License-Identifier: MIT
#include "core/queue/order_trust.hpp"

#include "core/base/json_text.hpp"
#include "core/plugin_host/plugin_catalog.hpp"

namespace souschef::core {
namespace {

Hash hash_of_order(const Order& order) {
  return trust_hash(TrustKind::order, json_text(order_json(order)));
}

}  // namespace

Status trust_order(const TrustStore& store, const Order& order) {
  return store.trust(TrustKind::order, hash_of_order(order), order.name + " " + order.id);
}

Status check_order_trust(const TrustStore& store, const Order& order) {
  if (!order.settings.autoexec || store.is_trusted(TrustKind::order, hash_of_order(order))) return {};
  return Error(ErrorCode::denied, order.name + " wants scripts in its .blend to run",
               "it was not placed here by you, and the target " + order.target + " does not let scripts run")
      .next_step("souschef config trust " + order.name + "  once you know whose it is, then  souschef redo " +
                 order.name);
}

Status check_may_run(PluginCatalog& plugins, const Target& target, const Order& order) {
  SOUSCHEF_CHECK(plugins.may_use("target[" + target.name + "]."));
  return target.autoexec ? Status() : check_order_trust(plugins.trust(), order);
}

}  // namespace souschef::core
