// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace souschef::core {

// Programs on this machine, best first, each once (links resolved). A pattern is a name, looked up on PATH,
// or a path with ~ and with * inside its components: "/opt/blender*/blender".
std::vector<std::filesystem::path> find_programs(const std::vector<std::string>& patterns);

// True for a regular file that this user may execute.
bool is_program(const std::filesystem::path& path);

}  // namespace souschef::core
