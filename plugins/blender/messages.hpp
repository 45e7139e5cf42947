// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string_view>

#include <souschef/result.hpp>

#include "plugins/blender/json.hpp"

namespace souschef::blender {

// renderer.command: one line for the worker. Errors: bad_input.
Result<Json> command(const Json& request);

// renderer.decode: events out of lines. Lines that mean nothing give none; it never fails.
Json decode(const Json& request);

// One line that Blender prints while it renders: {"frame", "fraction", "text"}, or nothing.
std::optional<Json> progress_of(std::string_view line);

}  // namespace souschef::blender
