// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "plugins/blend/visit.hpp"

namespace souschef::blend {

// What a Geometry Nodes modifier refers to: folders of baked frames, and strings that it hands to its node
// group.
void trace_nodes_modifier(Visit& visit, const Record& modifier, std::string_view modifier_name, bool renders);

// The name as part of a folder's name: letters stay, other bytes become their decimal code. Digits were kept
// for a while in descriptions of the rule, so both forms are made.
std::string escaped_folder_name(std::string_view name, bool digits_stay);

}  // namespace souschef::blend
