// SPDX-License-Identifier: MIT
// The speakable names of orders. A name is claimed by making its folder, which only one can; any number of
// machines may try at once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// Letters, digits and '-', beginning with a letter; at most 32. Errors: usage.
Status check_order_name(std::string_view name);

// A number from 0 to bound - 1; passed in so that tests choose.
using ChanceFunction = std::function<std::uint64_t(std::uint64_t bound)>;
std::uint64_t real_chance(std::uint64_t bound);

// Claims a free name for an order: a word by chance; once most are taken, a word with a number. On disk when
// this returns.
Result<std::string> claim_order_name(const QueueFolder& queue, std::string_view order_id,
                                     const ChanceFunction& chance = real_chance);
// Claims this name. Errors: exists.
Status claim_order_name(const QueueFolder& queue, std::string_view order_id, std::string_view name);

// The id of the order with this name, or with this id or its unique beginning (8 characters at least).
// Errors: not_found with a suggestion.
Result<std::string> find_order(const QueueFolder& queue, std::string_view name_or_id);

// Lets go of a name. Success if it was free.
Status release_order_name(const QueueFolder& queue, std::string_view name);

}  // namespace souschef::core
