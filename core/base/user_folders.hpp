// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace souschef::core {

// Where this program keeps what belongs to the user and not to a production. The folders may not exist.

// $XDG_STATE_HOME/souschef, else ~/.local/state/souschef: decisions and memories of this machine.
std::filesystem::path user_state_folder();
// $XDG_DATA_HOME/souschef, else ~/.local/share/souschef: things that the user has installed.
std::filesystem::path user_data_folder();

// $XDG_CACHE_HOME/souschef, else ~/.cache/souschef: what can be made again.
std::filesystem::path user_cache_folder();

}  // namespace souschef::core
