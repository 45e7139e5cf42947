// SPDX-License-Identifier: MIT
// The order that `souschef plugin check` lets a stage work on: three frames of 16x16 pixels in a folder of
// its own.
#pragma once

#include <filesystem>
#include <string>

#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

enum class SampleFrames {
  complete,  // 1, 2 and 3
  gap,       // 2 has failed
  odd_names  // files whose names are spaces, quotes, other alphabets and bytes that are not UTF-8
};

struct StageSample {
  Json request;  // of stage.run
  std::filesystem::path output_folder, work_folder, frames_folder;
};

// Lays the order out below `folder`, which is emptied first. Errors: io, denied, no_space.
Result<StageSample> make_stage_sample(const std::filesystem::path& folder, SampleFrames frames,
                                      const Json& settings);

// What stage.describe gets of a request to stage.run.
Json describe_request(Json run_request);

}  // namespace souschef::core
