// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>

#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/queue/order.hpp"
#include "core/rendering/renderer.hpp"

namespace souschef::core {

// True where the scene that a worker has opened has sound: its `facts`.
bool has_sound(const Json& facts);

// Has the renderer mix the sound of an order's whole range into one file, which begins with the first frame;
// returns it. `entry`: the .blend in the checkout; `folder` exists, is empty and is the caller's to remove.
// Takes as long as the renderer takes to load the file. Any thread. Errors: unsupported (a renderer that
// mixes nothing), child_failed with its last words, timed_out, cancelled.
Result<std::filesystem::path> mix_down(const Renderer& renderer, const Order& order, const Json& facts,
                                       const std::filesystem::path& entry,
                                       const std::filesystem::path& folder,
                                       const std::function<bool()>& cancelled);

}  // namespace souschef::core
