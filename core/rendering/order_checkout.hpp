// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include <souschef/result.hpp>

#include "core/jobs/checkout.hpp"
#include "core/production/render_folders.hpp"
#include "core/queue/order.hpp"
#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// The job that an order renders from: the one that was banked, with its late inputs in it, which are banked
// now unless an earlier run has. `job` of the order must be there. Any thread; one at a time for an order.
// Errors: those of bind_late_inputs.
Result<JobId> job_to_render(Production& production, const QueueFolder& queue, const Order& order,
                            const store::CancelFunction& cancelled);

struct OrderCheckoutRequest {
  std::string order_id;
  JobId job;
  CheckoutUse use = CheckoutUse::shared;
};

// The working tree of an order; returns the .blend in it. One that was made since this machine was started is
// used again, whichever process made it. Any thread; one at a time for an order. Errors: those of check_out;
// unsupported (a job without a .blend).
Result<std::filesystem::path> order_checkout(Production& production, const RenderFolders& folders,
                                             const OrderCheckoutRequest& request,
                                             const store::ProgressFunction& progress,
                                             const store::CancelFunction& cancelled);

// The trees of all other orders go; `keep` says which stay.
Status tidy_checkouts(const RenderFolders& folders,
                      const std::function<bool(const std::string& order_id)>& keep);

}  // namespace souschef::core
