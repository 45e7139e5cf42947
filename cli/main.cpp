// SPDX-License-Identifier: MIT
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <souschef/plugin.hpp>

#include "cli/command.hpp"
#include "cli/help.hpp"
#include "cli/interrupt.hpp"
#include "core/base/log.hpp"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

// The built-in plugins are found through the same symbol as any other plugin's.
SOUSCHEF_ENTRY();

namespace {

using namespace souschef;
using namespace souschef::cli;

// The verb is the first word that is no option; `-C DIR` and the like may stand before it. Without one, a
// .blend is ordered: `souschef shot.blend`.
struct Words {
  std::string verb;
  std::vector<std::string> arguments;
};

Words split(std::vector<std::string> words) {
  std::size_t at = 0;
  while (at < words.size() && words[at].size() > 1 && words[at][0] == '-') {
    const bool takes_value = words[at] == "-C" || words[at] == "--directory" || words[at] == "--color" ||
                             words[at] == "--config" || words[at] == "--log-file" ||
                             words[at] == "--trace-file";
    at += takes_value ? 2 : 1;
  }
  if (at >= words.size()) {
    if (words.size() == 1 && words[0] == "--version") return {"version", {}};
    // Meant is the overview, not what there is to say about `help`.
    std::erase_if(words, [](const std::string& word) { return word == "--help" || word == "-h"; });
    return {"help", std::move(words)};
  }
  const bool is_blend =
      std::filesystem::path(words[at]).extension() == ".blend" && find_command(words[at]) == nullptr;
  if (is_blend) return {"order", std::move(words)};
  Words split{words[at], {}};
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  split.arguments = std::move(words);
  return split;
}

int run(Terminal& terminal, std::vector<std::string> arguments) {
  Words words = split(std::move(arguments));
  if (std::find(words.arguments.begin(), words.arguments.end(), "--json") != words.arguments.end())
    terminal.set_json(true);
  const Command* command = find_command(words.verb);
  if (command == nullptr) {
    const std::string guess = closest_command(words.verb);
    terminal.error(Error(ErrorCode::usage, "unknown command: " + words.verb)
                       .next_step(guess.empty() ? "souschef help" : "did you mean  souschef " + guess + "?"));
    return static_cast<int>(ExitCode::usage);
  }
  Invocation invocation(terminal, command->verb, std::move(words.arguments));
  const Result<ExitCode> result = command->run(invocation);
  const ExitCode exit = result ? *result : exit_code_for(result.error().code);
  if (!result) terminal.error(result.error());
  core::log::debug("cli", "ends",
                   {{"exit", std::to_string(static_cast<int>(exit))},
                    {"error", result ? std::string("none") : result.error().line()}});
  if (const Status written = core::log::finish(); !written) terminal.warn(written.error().line());
  return static_cast<int>(exit);
}

// Slabs and frames of some megabytes come and go all the time while files are banked. glibc gives each back
// to the system and gets it again page by page, a fortieth of all the time of banking.
void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  Terminal terminal;
  catch_interrupts();
  try {
    return run(terminal, std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& exception) {
    terminal.error(Error(ErrorCode::failed, "this is a bug in souschef", exception.what())
                       .next_step("please report it with the command that you typed"));
  }
  return static_cast<int>(ExitCode::failed);
}
