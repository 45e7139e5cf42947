// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/queue/order.hpp"

namespace souschef::core {

// The frames in the order in which they are handed out. Every frame once.
std::vector<std::int32_t> hand_out_order(const FrameRange& frames, FrameOrder order);

// `count` frames spread over the range, first and last among them, ascending: the proof of an order. All of
// them where there are no more.
std::vector<std::int32_t> proof_frames(const FrameRange& frames, std::size_t count);

}  // namespace souschef::core
