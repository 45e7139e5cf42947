// SPDX-License-Identifier: MIT
// Many frames in few bytes: how a compacted journal holds them (docs/format/journal.md, "rows").
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

struct FrameRecord;

// {"event": "rows", "patterns": ["sh010_####.png"], "slots": ["gpu0"], "rows": [[17, 1, 1, 1, 12345, 800, 0,
// 0,
//  0, 81234, "<hash>"], ...]}. Frames that nothing has happened to are left out.
Json frame_rows(std::span<const FrameRecord> frames);
// Errors: corrupt.
Result<std::vector<FrameRecord>> frames_from_rows(const Json& event);

// "sh010_0017.png" of frame 17 -> "sh010_####.png". The path itself where the number does not stand in it.
std::string frame_pattern(std::string_view path, std::int32_t frame);
std::string path_from_pattern(std::string_view pattern, std::int32_t frame);

}  // namespace souschef::core
