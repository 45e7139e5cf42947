// SPDX-License-Identifier: MIT
#include "plugins/blend/volatile_fields.hpp"

#include <algorithm>

namespace souschef::blend {
namespace {

// Pointers need no entry: one that leads to no block is set aside wherever it stands, and null reads the same
// in the stream (docs/format/blend-filter.md, "pointers").
constexpr VolatileField kFields[] = {
    {"ID", "session_uuid", "counted up by every session for everything it loads or makes"},
    {"ID", "session_uid", "its name since 4.1"},
    {"ID", "recalc", "what the session has yet to evaluate"},
    {"ID", "recalc_up_to_undo_push", "belongs to the undo history"},
    {"ID", "recalc_after_undo_push", "belongs to the undo history"},
    {"ID", "tag", "marks of the running program"},
    {"ID", "us", "users are counted anew on loading; 0 or 1 in embedded node trees"},
    {"SessionUUID", "uuid_", "as ID.session_uuid, for modifiers, strips and constraints"},
    {"SessionUID", "uid_", "its name since 4.1"},
    {"CurveMapping", "changed_timestamp", "raised by every load"},
    {"CurveProfile", "changed_timestamp", "raised by every load"},
    {"PointCache", "last_exact", "the frame that the session has simulated last"},
};

}  // namespace

std::span<const VolatileField> volatile_fields() {
  return kFields;
}

bool is_volatile(std::string_view owner, std::string_view member) {
  return std::any_of(std::begin(kFields), std::end(kFields), [&](const VolatileField& field) {
    return field.owner == owner && field.member == member;
  });
}

}  // namespace souschef::blend
