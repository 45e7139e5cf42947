// SPDX-License-Identifier: MIT
// Scripts in an order's .blend: whose word counts that they may run. docs/format/trust.md
#pragma once

#include <souschef/result.hpp>

#include "core/plugin_host/plugin_trust.hpp"
#include "core/production/config.hpp"
#include "core/queue/order.hpp"

namespace souschef::core {

class PluginCatalog;

// An order may let scripts in its .blend run whatever the target says. Everybody who can write to the queue
// can hand in such an order, so it counts where this user placed it on this machine, or trusts it.
Status trust_order(const TrustStore& store, const Order& order);
// Errors: denied.
Status check_order_trust(const TrustStore& store, const Order& order);

// Both: whether this user lets the order's Blender run here, and scripts in it. Errors: denied.
Status check_may_run(PluginCatalog& plugins, const Target& target, const Order& order);

}  // namespace souschef::core
