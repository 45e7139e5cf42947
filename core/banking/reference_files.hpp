// SPDX-License-Identifier: MIT
// Which files one reference stands for: sequences, tiles, views, folders, point caches. The rules are
// Blender's (blend-format: sequences by the last run of digits, UDIM by four digits, ...); files that match
// are listed, never globbed, so that names with * or [ are names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

#include "core/banking/folder_listing.hpp"

namespace souschef::core {

struct ReferenceFiles {
  std::vector<std::string> files;  // absolute paths of regular files, sorted
  bool wrong_case = false;         // found only by ignoring upper and lower case
  std::string refusal;             // why a folder was not taken: it is the root, a home, ...; empty: taken
};

// `path`: the reference's path, resolved. `protected_folders`: never taken as a whole (the production's root,
// homes).
ReferenceFiles files_of(const TracedReference& reference, const std::string& path, FolderListings& listings,
                        const std::vector<std::string>& protected_folders);

// "a_0001.png" -> {"a_", 4, ".png"}; nothing where the name has no digits before the extension.
struct DigitRun {
  std::string head;
  std::size_t width = 0;
  std::string tail;
};
std::optional<DigitRun> last_digits(std::string_view name);
std::optional<DigitRun> trailing_digits(std::string_view name);
// The frame number that `name` has in the run's place, or nothing. As wide as the run, or wider without
// leading zeros.
std::optional<std::int64_t> frame_in(const DigitRun& run, std::string_view name);

// "tex.<UDIM>.png" -> {"tex.", ".png"}; nothing where the name has no such token.
struct TileName {
  std::string head, tail;
  bool udim = true;  // else <UVTILE>
};
std::optional<TileName> tile_name(std::string_view name, bool udim);
// Whether `name` is one of its tiles': four digits, or u1_v1.
bool is_tile(const TileName& tiles, std::string_view name);

// Whether a reference to a folder means this entry of it: `pattern` (prefixes, one a line) is empty or has
// a beginning of its name.
bool is_meant(std::string_view name, std::string_view pattern);

inline constexpr std::size_t kMaxFolderFiles =
    1'000'000;  // a cache of a long simulation has some ten thousand

}  // namespace souschef::core
