// SPDX-License-Identifier: MIT
#include <string>

#include "cli/arguments.hpp"
#include "cli/command.hpp"

namespace souschef::cli {
namespace {

std::string all_verbs() {
  std::string words;
  for (const Command& command : commands())
    if (command.group != Group::hidden) words += (words.empty() ? "" : " ") + std::string(command.verb);
  return words;
}

std::string zsh_verbs() {
  std::string words;
  for (const Command& command : commands())
    if (command.group != Group::hidden)
      words += "    '" + std::string(command.verb) + ":" + std::string(command.summary) + "'\n";
  return words;
}

// Order names come from the program itself, so that they are those of the moment.
constexpr std::string_view kNames =
    "souschef list --json 2>/dev/null | sed -n 's/.*\"order\":\"\\([^\"]*\\)\".*/\\1/p'";
constexpr std::string_view kVerbsWithOrders =
    "show|frames|log|pause|resume|cancel|redo|accept|approve|reject|set|move|delete|render|wait";

std::string bash_script() {
  return "# source <(souschef completion bash)\n"
         "_souschef() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]}\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    COMPREPLY=($(compgen -W '" +
         all_verbs() +
         "' -- \"$word\") $(compgen -f -X '!*.blend' -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n"
         "    " +
         std::string(kVerbsWithOrders) + ") COMPREPLY=($(compgen -W \"$(" + std::string(kNames) +
         ")\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _souschef souschef\n";
}

std::string zsh_script() {
  return "#compdef souschef\n# source <(souschef completion zsh)\n"
         "_souschef() {\n"
         "  local -a verbs\n  verbs=(\n" +
         zsh_verbs() +
         "  )\n"
         "  if (( CURRENT == 2 )); then _describe command verbs; _files -g '*.blend'; return; fi\n"
         "  case $words[2] in\n"
         "    " +
         std::string(kVerbsWithOrders) + ") compadd -- ${(f)\"$(" + std::string(kNames) +
         ")\"} ;;\n"
         "    *) _files ;;\n"
         "  esac\n"
         "}\n"
         "compdef _souschef souschef\n";
}

std::string fish_script() {
  std::string script = "# souschef completion fish | source\ncomplete -c souschef -f\n";
  for (const Command& command : commands())
    if (command.group != Group::hidden)
      script += "complete -c souschef -n __fish_use_subcommand -a " + std::string(command.verb) + " -d '" +
                std::string(command.summary) + "'\n";
  std::string verbs(kVerbsWithOrders);
  for (char& c : verbs)
    if (c == '|') c = ' ';
  return script + "complete -c souschef -n '__fish_seen_subcommand_from " + verbs + "' -a \"(" +
         std::string(kNames) + ")\"\ncomplete -c souschef -n 'not __fish_seen_subcommand_from " + verbs +
         "' -F\n";
}

}  // namespace

Result<ExitCode> cmd_completion(Invocation& invocation) {
  std::string shell;
  Arguments arguments(invocation);
  arguments.positional("bash|zsh|fish", shell, "the shell to complete in");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (shell != "bash" && shell != "zsh" && shell != "fish")
    return Error(ErrorCode::usage, "completion is for bash, zsh or fish, not " + shell);
  invocation.terminal().write(shell == "bash"  ? bash_script()
                              : shell == "zsh" ? zsh_script()
                                               : fish_script());
  return ExitCode::done;
}

}  // namespace souschef::cli
