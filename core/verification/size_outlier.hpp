// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "core/queue/order_ledger.hpp"

namespace souschef::core {

// Whether a frame's first file is much smaller or larger than those of the frames around it that are done:
// less than a quarter or more than four times their median. Needs four of them; a difference of a few
// kilobytes is none. A remark, never a failure: a cut to black looks the same.
bool is_size_outlier(const OrderLedger& ledger, std::int32_t frame, std::uint64_t size);

}  // namespace souschef::core
