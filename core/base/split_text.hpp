// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

namespace souschef::core {

// The parts between the separators, as views into `text`. An empty part counts; a separator at the very end
// closes the last part and begins none.
std::vector<std::string_view> split_text(std::string_view text, char separator);

// Without the spaces, tabs and carriage returns at its ends.
std::string_view trimmed(std::string_view text);

}  // namespace souschef::core
