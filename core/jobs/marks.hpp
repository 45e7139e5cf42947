// SPDX-License-Identifier: MIT
// Pins and tags: what people say about a job after it was banked. Each is a small file of its own:
// store/pins/<job>.json and store/tags/<tag>.json. Both keep their job from garbage collection.
// docs/format/mark.md is the law.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/production/production.hpp"

namespace souschef::core {

enum class MarkKind : std::uint8_t { pin, tag };

struct Mark {
  MarkKind kind = MarkKind::pin;
  std::string name;  // of a tag; of a pin the job's id
  JobId job;
  std::string user, host, message;
  std::int64_t time_ms = 0;  // since 1970, for people
};

Json to_json(const Mark& mark);
Result<Mark> mark_from_json(const Json& json);

// Fills in who and when.
Mark make_mark(MarkKind kind, std::string name, JobId job, std::string message = {});

// On disk when this returns. A pin of a job that is pinned, and a tag that is in use, take the place of the
// old one. Errors: usage (a tag that is no word: empty, longer than 100 bytes, or one that reads as an id).
Status put_mark(Production& production, const Mark& mark);
// Errors: not_found.
Status remove_mark(Production& production, MarkKind kind, std::string_view name);
// Nothing where there is none of that name. Errors: corrupt, unsupported, io.
Result<std::optional<Mark>> find_mark(Production& production, MarkKind kind, std::string_view name);
// All of both kinds. Those that cannot be read are named in `damaged`.
Result<std::vector<Mark>> list_marks(Production& production, std::vector<std::string>* damaged = nullptr);

}  // namespace souschef::core
