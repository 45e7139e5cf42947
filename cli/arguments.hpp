// SPDX-License-Identifier: MIT
// The one place that sees the option parser. A command declares what it takes, then parses:
//
//   bool dry_run = false;
//   std::vector<std::string> files;
//   Arguments arguments(invocation);
//   arguments.positionals("FILE.blend", files, "what to bank");
//   arguments.flag("-n,--dry-run", dry_run, "show what would be banked");
//   SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
//   if (parsed == Parsed::help) return ExitCode::done;      // --help was asked for and has been printed
//
// Every command also takes -C, --json, --quiet, --verbose, --color, --config and --help.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::cli {

class Invocation;

enum class Parsed { run, help };

class Arguments {
 public:
  explicit Arguments(Invocation& invocation);
  ~Arguments();

  // `names`: "-n,--dry-run". Targets keep their value where the option is not given and outlive parse().
  void flag(const std::string& names, bool& target, const std::string& doc);
  // `--data` gives `bare`, `--data=5%` gives "5%".
  void flag_or_value(const std::string& name, const std::string& value_name, const std::string& bare,
                     std::string& target, const std::string& doc);
  void option(const std::string& names, const std::string& value_name, std::string& target,
              const std::string& doc);
  void option(const std::string& names, const std::string& value_name, std::optional<std::string>& target,
              const std::string& doc);
  void option(const std::string& names, const std::string& value_name, std::optional<std::int64_t>& target,
              const std::string& doc);
  void option(const std::string& names, const std::string& value_name, std::optional<bool>& target,
              const std::string& doc);  // yes or no
  // May be given several times.
  void options(const std::string& names, const std::string& value_name, std::vector<std::string>& target,
               const std::string& doc);
  void positional(const std::string& name, std::string& target, const std::string& doc);
  void optional_positional(const std::string& name, std::string& target, const std::string& doc);
  void positionals(const std::string& name, std::vector<std::string>& target,
                   const std::string& doc);  // one or more
  void optional_positionals(const std::string& name, std::vector<std::string>& target,
                            const std::string& doc);

  // Errors: usage, with a suggestion for a typo. Settings that every command takes are in effect afterwards.
  Result<Parsed> parse();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace souschef::cli
