// SPDX-License-Identifier: MIT
// Plugins for tests of the plugin host: Python scripts that behave, or misbehave, as told.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/temp_folder.hpp"

namespace souschef::test {

struct PluginFolder {
  std::string id = "slate";
  std::string kinds = R"(["stage"])";
  std::string abi = "1.0";
  std::string more;  // further members of plugin.json, each with a comma in front
  // What the script does with a request, in Python: `say(object)`, `raw(text)`, `answer(result)`, `request`,
  // `read()`.
  std::string on_request = "answer(request['params'])";
  std::string at_start;  // before hello is answered
};

// Makes <parent>/<id> with plugin.json and plugin.py; returns the folder.
std::filesystem::path make_plugin(const TempFolder& parent, const PluginFolder& plugin);

// False where there is no python3: such tests skip.
bool have_python();

}  // namespace souschef::test
