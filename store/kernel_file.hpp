// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace souschef::store {

// What a file of the kernel's (/proc, /sys, control groups) says now. Such files state a size of 0, or of a
// page, and have no end until it is read: readers that trust the size do not fit. Empty where there is none,
// or where it is not for us. Not for files on a disk, whose errors matter.
std::string read_kernel_file(const std::filesystem::path& file);
// Its first line, without the end of it.
std::string first_kernel_line(const std::filesystem::path& file);

}  // namespace souschef::store
