// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_transcript.hpp"

#include <algorithm>

#include "core/base/json_text.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kMaxTranscript = 8U << 20;

// True where every member of `part` is in `whole` with the same value, at any depth.
bool holds(const Json& whole, const Json& part) {
  if (!part.is_object() || !whole.is_object()) return whole == part;
  for (const auto& [name, value] : part.items())
    if (!whole.contains(name) || !holds(whole[name], value)) return false;
  return true;
}

TranscriptStep read_step(std::string_view text) {
  TranscriptStep step;
  const auto json = parse_json(text);
  const auto member = [&](const char* name) { return json->value(name, Json()); };
  if (!json || !json->is_object() || !member("method").is_string()) {
    step.wrong = "it has to be an object with \"method\"";
    return step;
  }
  step.method = member("method");
  step.gap = member("frames") == "gap";
  if (member("params").is_object()) step.params = member("params");
  step.result = member("result");
  if (member("error").is_string()) step.error = member("error");
  if (member("files").is_object()) step.files = member("files");
  return step;
}

}  // namespace

Result<std::vector<TranscriptStep>> read_transcript(const fs::path& file) {
  std::vector<TranscriptStep> steps;
  store::FileSystem& disk = store::FileSystem::real();
  if (!store::exists(disk, file)) return steps;
  SOUSCHEF_TRY(const std::string text, store::read_file(disk, file, kMaxTranscript));
  int number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    steps.push_back(read_step(line));
    steps.back().line = number;
  }
  return steps;
}

std::string difference(const TranscriptStep& step, const Result<Json>& answer,
                       const fs::path& output_folder) {
  if (!step.error.empty()) {
    if (answer) return "an error was expected, the answer is " + json_text(*answer);
    const std::string code(name_of(answer.error().code));
    return step.error == code ? "" : "the error is " + code + ": " + answer.error().line();
  }
  if (!answer) return answer.error().line();
  if (!step.result.is_null() && !holds(*answer, step.result)) return "the answer is " + json_text(*answer);
  for (const auto& [name, wanted] : step.files.items()) {
    const auto text = store::read_file(store::FileSystem::real(), output_folder / name, kMaxTranscript);
    if (!text) return text.error().line();
    if (Json(*text) != wanted) return name + " holds " + json_text(*text);
  }
  return {};
}

}  // namespace souschef::core
