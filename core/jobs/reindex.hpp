// SPDX-License-Identifier: MIT
#pragma once

#include <souschef/result.hpp>

#include "core/production/production.hpp"
#include "store/reindex.hpp"

namespace souschef::core {

// Builds the index of this machine anew from the packs. Loses nothing but time.
Result<store::ReindexReport> reindex(Production& production);

}  // namespace souschef::core
