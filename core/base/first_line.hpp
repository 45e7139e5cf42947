// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace souschef::core {

// Of a small file of somebody else's (git's, the system's), without the end of the line. Empty where there is
// none, or where it is not for us. For the kernel's files there is store/kernel_file.hpp.
std::string first_line(const std::filesystem::path& file);

}  // namespace souschef::core
