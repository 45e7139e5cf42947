// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souschef::core {

// The known word that a typo most likely meant, or an empty string. Restricted Damerau-Levenshtein distance,
// at most a third of the word's length.
std::string closest_word(std::string_view typed, const std::vector<std::string>& known);

}  // namespace souschef::core
