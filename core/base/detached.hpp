// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

struct DetachedOptions {
  std::vector<std::string> command;  // [0]: an absolute path
  std::filesystem::path folder;      // working folder
  std::vector<std::string> unset;    // removed from our environment
  int nice = 0;                      // added to ours
};

// Starts a program that outlives us: a session of its own, no descriptor of ours, /dev/null for its input,
// output and errors, so that whoever waits for our output to end does not wait for it. How it ends nobody is
// told. Errors: io.
Status start_detached(const DetachedOptions& options);

// The file that this program was started from. Errors: io.
Result<std::filesystem::path> own_program();

}  // namespace souschef::core
