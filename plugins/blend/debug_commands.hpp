// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <souschef/inspector.hpp>

#include "plugins/blend/blend_analysis.hpp"

namespace souschef::blend {

// Prints plain text for developers; file names as souschef/file_name.hpp spells them.
using DebugCommand = Status (*)(BlendAnalysis& analysis, const std::vector<std::string>& arguments,
                                ByteSink& out);

Status print_header(BlendAnalysis& analysis, const std::vector<std::string>& arguments, ByteSink& out);
// [CODE]: the groups of one code with their DATA; without it one line per block of the file.
Status print_blocks(BlendAnalysis& analysis, const std::vector<std::string>& arguments, ByteSink& out);
// [NAME]: the members of a struct; without it all structs.
Status print_struct(BlendAnalysis& analysis, const std::vector<std::string>& arguments, ByteSink& out);
Status print_paths(BlendAnalysis& analysis, const std::vector<std::string>& arguments, ByteSink& out);

}  // namespace souschef::blend
