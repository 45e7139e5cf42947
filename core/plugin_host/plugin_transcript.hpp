// SPDX-License-Identifier: MIT
// check.jsonl: the checks that a plugin brings along. docs/format/plugin-check.md
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

struct TranscriptStep {
  int line = 0;
  std::string wrong;  // why the line is no step; then the rest is empty
  std::string method;
  bool gap = false;  // of the sample order's frames
  Json params = Json::object();
  Json result;        // null: any
  std::string error;  // the code of the error that is expected; empty: a result is
  Json files = Json::object();
};

// None where there is no such file. Errors: bad_input (too large), denied, io.
Result<std::vector<TranscriptStep>> read_transcript(const std::filesystem::path& file);

// How an answer, and the files in the output folder, differ from what the step expects; empty: they do not.
std::string difference(const TranscriptStep& step, const Result<Json>& answer,
                       const std::filesystem::path& output_folder);

}  // namespace souschef::core
