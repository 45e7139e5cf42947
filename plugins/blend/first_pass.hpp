// SPDX-License-Identifier: MIT
#pragma once

#include <souschef/result.hpp>

#include "plugins/blend/file_notes.hpp"
#include "plugins/blend/unit.hpp"
#include "plugins/blend/uses.hpp"

namespace souschef::blend {

// True for windows, screens and workspaces: a render never looks at them.
[[nodiscard]] bool is_interface(Code code);

// Goes once over all blocks of a unit that a render may look at, and notes which datablock uses which, texts
// that look like paths, and drivers. Errors: bad_input (a catalogue or links that no Blender writes), io.
Status first_pass(const Units& units, std::uint32_t unit, Uses& uses, FileNotes& notes);

}  // namespace souschef::blend
