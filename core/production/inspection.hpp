// SPDX-License-Identifier: MIT
// What inspector plugins print of a file for developers: `souschef debug blend-blocks FILE`.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/inspector.hpp>
#include <souschef/result.hpp>

#include "core/production/production.hpp"
#include "store/store.hpp"

namespace souschef::core {

// A file opened by the inspector that knows it. The analysis reads from the source.
struct InspectedFile {
  std::unique_ptr<store::SourceFile> source;
  std::unique_ptr<Analysis> analysis;
  Inspector* inspector = nullptr;  // lives as long as the production's plugins
};

// Nothing where no inspector knows the file. Errors: not_found, bad_input, plugin, io.
Result<std::optional<InspectedFile>> open_inspected(Production& production,
                                                    const std::filesystem::path& resolved);

struct InspectionCommand {
  std::string name, arguments, summary;
};

// What the inspectors of this production offer. A plugin that does not start is left out.
Result<std::vector<InspectionCommand>> inspection_commands(Production& production);

// Runs one of them. Errors: those of open_inspected; unsupported (nobody knows the file, or its inspector
// does not know the command).
Status inspect_file(Production& production, const std::filesystem::path& file, std::string_view command,
                    const std::vector<std::string>& arguments, ByteSink& out);

}  // namespace souschef::core
