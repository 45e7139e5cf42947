// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include <souschef/result.hpp>

#include "core/production/config.hpp"
#include "core/queue/order.hpp"

namespace souschef::core {

// "1920x1080", "50%", "1920x1080@50%", a word of the config's [[resolution]] tables, or one of the words of
// the original: HD, UHD, DCP2K (2048x858), DCP4K (4096x1716); upper and lower case are the same. Errors:
// usage, with a suggestion.
Result<RenderSettings::Resolution> parse_resolution(const Config& config, std::string_view text);

}  // namespace souschef::core
