// SPDX-License-Identifier: MIT
// Changes to config files that keep everything else in them: comments, order, spaces.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

// Appends [[list]] with a name and values (texts). Errors: exists (the name is taken), io, bad_input (the
// file was not valid before). The file is valid afterwards, or unchanged.
Status add_named_table(const std::filesystem::path& file, const std::string& list, const std::string& name,
                       const std::vector<std::pair<std::string, std::string>>& values);

// Sets one key ("store.compression", "target[lts].autoexec") to a TOML literal. Errors as above; usage for a
// key that the schema does not have.
Status set_config_value(const std::filesystem::path& file, const std::string& key,
                        const std::string& literal);

}  // namespace souschef::core
