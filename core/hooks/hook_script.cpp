// SPDX-License-Identifier: MIT
// The scripts do as little as can be: what was there before runs first and decides on success; then the
// program is started, which leaves at once (core/hooks/hook_trigger). Nothing of ours may make a commit fail,
// but for the gate.
//
// A script tells by its second line that it is ours and by its "production:" lines for whom it runs, so that
// two productions in one repository share it and the last one to leave removes it.
#include "core/hooks/hook_script.hpp"

#include <souschef/file_name.hpp>

namespace souschef::core {
namespace {

constexpr std::string_view kMark = "# souschef hook, version 1";
constexpr std::string_view kPlace = "# production: ";
constexpr std::string_view kMadeFolder = "# The folder was made for it.";
constexpr std::string_view kMadeFile = "# The file was made for it.";
constexpr std::string_view kEndedLine = "# The line before had no end.";
constexpr std::string_view kHgEnd = "# souschef hook, end\n";

constexpr std::string_view kGitNames[] = {"post-commit",  "post-merge", "post-checkout",
                                          "post-rewrite", "pre-commit", "reference-transaction"};
constexpr std::string_view kHgNames[] = {"commit", "update", "tag", "precommit"};

std::string place_lines(const HookScript& script) {
  std::string text;
  for (const std::string& place : script.places) text += std::string(kPlace) + escape_name(place) + "\n";
  return text;
}

// The notes in the lines that begin with #.
HookScript read_notes(std::string_view text) {
  HookScript script;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(kPlace)) {
      if (auto place = unescape_name(line.substr(kPlace.size()))) script.places.insert(std::move(*place));
    }
    script.made_folder = script.made_folder || line == kMadeFolder;
    script.made_file = script.made_file || line == kMadeFile;
    script.ended_line = script.ended_line || line == kEndedLine;
  }
  return script;
}

std::string call(std::string_view system, std::string_view event, const std::string& place) {
  return "\"$souschef\" hook run " + std::string(system) + " --event " + std::string(event) +
         " --production " + shell_quoted(place);
}

}  // namespace

std::span<const std::string_view> git_hook_names() {
  return kGitNames;
}

std::string hook_before(std::string_view name) {
  return std::string(name) + ".before-souschef";
}

std::string shell_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string git_hook_script(std::string_view name, const HookScript& script) {
  const std::string before = hook_before(name);
  std::string text = "#!/bin/sh\n" + std::string(kMark) + "\n";
  text += "# `souschef hook remove git` takes it away and puts back what stood here: " + before + "\n";
  text += place_lines(script);
  if (script.made_folder) text += std::string(kMadeFolder) + "\n";
  text += "status=0\nbefore=\"${0%/*}/" + before + "\"\n";
  const std::string find =
      "souschef=" + shell_quoted(script.program) + "\n[ -x \"$souschef\" ] || souschef=souschef\n";
  const std::string quiet = " </dev/null >/dev/null 2>&1\n";
  if (name == "reference-transaction") {
    // git tells of every step of every change; only tags that are there now matter.
    text +=
        "[ \"$1\" = committed ] || [ -x \"$before\" ] || exit 0\n"
        "lines=$(while IFS= read -r line; do printf '%s\\n' \"$line\"; done)\n"
        "if [ -x \"$before\" ]; then printf '%s\\n' \"$lines\" | \"$before\" \"$@\"; status=$?; fi\n"
        "case \"$1 $lines\" in committed*\" refs/tags/\"*) ;; *) exit $status ;; esac\n" +
        find;
    for (const std::string& place : script.places) text += call("git", "tag", place) + " --detach" + quiet;
  } else if (name == "pre-commit") {
    text += "if [ -x \"$before\" ]; then \"$before\" \"$@\" || exit $?; fi\n" + find +
            "command -v \"$souschef\" >/dev/null 2>&1 || exit 0\n";
    for (const std::string& place : script.places) text += call("git", name, place) + " || status=1\n";
  } else {
    text += "if [ -x \"$before\" ]; then \"$before\" \"$@\"; status=$?; fi\n" + find;
    for (const std::string& place : script.places)
      text += call("git", name, place) + " --detach -- \"$@\"" + quiet;
  }
  return text + "exit $status\n";
}

std::optional<HookScript> read_git_hook_script(std::string_view text) {
  if (!text.starts_with("#!/bin/sh\n" + std::string(kMark) + "\n")) return std::nullopt;
  return read_notes(text);
}

std::string hg_hook_lines(const HookScript& script) {
  std::string text = std::string(kMark) + "\n# `souschef hook remove hg` takes these lines away.\n";
  text += place_lines(script);
  if (script.made_file) text += std::string(kMadeFile) + "\n";
  if (script.ended_line) text += std::string(kEndedLine) + "\n";
  text += "[hooks]\n";
  for (const std::string_view name : kHgNames) {
    text +=
        std::string(name) + ".souschef = souschef=" + shell_quoted(script.program) +
        "; [ -x \"$souschef\" ] || souschef=souschef; command -v \"$souschef\" >/dev/null 2>&1 || exit 0;";
    for (const std::string& place : script.places)
      text += " " + call("hg", name, place) +
              (name == "precommit" ? " || exit 1;" : " --detach </dev/null >/dev/null 2>&1;");
    text += " exit 0\n";
  }
  return text + std::string(kHgEnd);
}

Result<HgrcParts> split_hgrc(const std::string& text) {
  HgrcParts parts;
  const std::size_t start = text.find(std::string(kMark) + "\n");
  const std::size_t end = start == std::string::npos ? start : text.find(kHgEnd, start);
  if (start == std::string::npos) {
    parts.before = text;
    return parts;
  }
  if (end == std::string::npos)
    return Error(ErrorCode::bad_input, "the end of Sous Chef's lines in the hgrc is gone")
        .next_step("take the lines from \"" + std::string(kMark) + "\" on out by hand");
  parts.before = text.substr(0, start);
  parts.after = text.substr(end + kHgEnd.size());
  parts.script = read_notes(std::string_view(text).substr(start, end - start));
  if (parts.script->ended_line && parts.before.ends_with('\n')) parts.before.pop_back();
  return parts;
}

}  // namespace souschef::core
