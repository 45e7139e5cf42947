// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/config.hpp"
#include "core/slots/slot.hpp"

namespace souschef::core {

// The slots of this machine: those of the config's [[slot]] that are enabled; where it has none, one for each
// NVIDIA card, named by the beginning of its UUID ("gpu-3f9a12cd"), else the CPU.
// `wanted`: only these, whether enabled or not. Errors: not_found with a suggestion; bad_input.
Result<std::vector<Slot>> slots_of(const Config& config, const std::vector<std::string>& wanted);

}  // namespace souschef::core
