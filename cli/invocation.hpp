// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

#include "cli/terminal.hpp"

namespace souschef::core {
class Production;
}

namespace souschef::cli {

// What every command takes.
struct GlobalOptions {
  std::filesystem::path folder;  // -C: where to start looking for the production
  bool json = false, quiet = false, verbose = false;
  ColorChoice color = ColorChoice::automatic;
  std::vector<std::pair<std::string, std::string>> config;  // --config KEY=VALUE
  std::filesystem::path log_file, trace_file;               // empty: none
};

// One run of one command: its words, where it talks, the production that it works on. One thread.
class Invocation {
 public:
  Invocation(Terminal& terminal, std::string_view verb, std::vector<std::string> arguments);
  ~Invocation();

  [[nodiscard]] Terminal& terminal() { return terminal_; }
  [[nodiscard]] std::string_view verb() const { return verb_; }
  [[nodiscard]] const std::vector<std::string>& arguments() const { return arguments_; }
  [[nodiscard]] const GlobalOptions& global() const { return global_; }
  // Called by Arguments once they are known; starts the log and the record of times. Errors: usage, io.
  Status apply(const GlobalOptions& global);

  // The folder that relative names on the command line are relative to (-C or the current one), absolute.
  [[nodiscard]] std::filesystem::path folder() const;
  // A name from the command line as an absolute path, not resolved.
  [[nodiscard]] std::filesystem::path absolute(std::string_view name) const;

  // Before production(): do not trust the stat cache.
  void set_rehash(bool on) { rehash_ = on; }
  // The production at or above folder(), opened at the first call. Errors: no_production, bad_input (config).
  Result<core::Production*> production();
  // The production that holds `name`, or, for a file outside of all productions, one without a store around
  // it.
  Result<core::Production*> production_or_lone(std::string_view name);

 private:
  Terminal& terminal_;
  std::string verb_;
  std::vector<std::string> arguments_;
  GlobalOptions global_;
  bool rehash_ = false;
  std::unique_ptr<core::Production> production_;
};

}  // namespace souschef::cli
