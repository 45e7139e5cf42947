// SPDX-License-Identifier: MIT
#include "core/banking/reference_files.hpp"

#include <algorithm>
#include <optional>

#include "core/production/blend_path.hpp"

namespace souschef::core {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<DigitRun> run_ending_at(std::string_view stem, std::size_t end, std::string_view extension) {
  std::size_t start = end;
  while (start > 0 && is_digit(stem[start - 1])) --start;
  if (start == end) return std::nullopt;
  return DigitRun{std::string(stem.substr(0, start)), end - start,
                  std::string(stem.substr(end)) + std::string(extension)};
}

std::pair<std::string_view, std::string_view> split_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::pair{name, std::string_view()}
                                       : std::pair{name.substr(0, dot), name.substr(dot)};
}

// The files of `path`'s folder whose names satisfy `wanted`.
template <class Wanted>
void matching(ReferenceFiles& out, const std::string& path, FolderListings& listings, Wanted&& wanted) {
  std::string folder(parent_of(path));
  if (listings.kind_of(folder) != FolderListings::Kind::folder) {
    folder = listings.find_ignoring_case(folder);
    if (folder.empty()) return;
    out.wrong_case = true;
  }
  for (const FolderEntry& entry : listings.of(folder))
    if (!entry.is_folder && wanted(entry.name)) out.files.push_back(joined(folder, entry.name));
}

void single(ReferenceFiles& out, const std::string& path, FolderListings& listings) {
  if (listings.kind_of(path) == FolderListings::Kind::file) {
    out.files.push_back(path);
    return;
  }
  const std::string other = listings.find_ignoring_case(path);
  if (other.empty() || listings.kind_of(other) != FolderListings::Kind::file) return;
  out.files.push_back(other);
  out.wrong_case = true;
}

void sequence(ReferenceFiles& out, const TracedReference& reference, const std::string& path,
              FolderListings& listings, const std::optional<DigitRun>& run) {
  if (!run) {
    single(out, path, listings);
    return;
  }
  const bool limited = reference.first_frame <= reference.last_frame;
  ReferenceFiles all;
  matching(all, path, listings, [&](const std::string& name) { return frame_in(*run, name).has_value(); });
  for (const std::string& file : all.files) {
    const std::int64_t frame = *frame_in(*run, name_part(file));
    if (!limited || (frame >= reference.first_frame && frame <= reference.last_frame))
      out.files.push_back(file);
  }
  out.wrong_case = all.wrong_case;
}

void tiles(ReferenceFiles& out, const std::string& path, FolderListings& listings, bool udim) {
  const auto wanted = tile_name(name_part(path), udim);
  if (!wanted) return single(out, path, listings);
  matching(out, path, listings, [&](const std::string& name) { return is_tile(*wanted, name); });
}

// One file per suffix: a_L.png with suffixes _L and _R stands for a_L.png and a_R.png.
void views(ReferenceFiles& out, const TracedReference& reference, const std::string& path,
           FolderListings& listings) {
  std::vector<std::string_view> suffixes;
  for (std::string_view rest = reference.pattern; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    suffixes.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto [stem, extension] = split_extension(name_part(path));
  for (const std::string_view suffix : suffixes) {
    if (suffix.empty() || !stem.ends_with(suffix)) continue;
    const std::string prefix(stem.substr(0, stem.size() - suffix.size()));
    for (const std::string_view each : suffixes)
      single(out, joined(parent_of(path), prefix + std::string(each) + std::string(extension)), listings);
    return;
  }
  single(out, path, listings);
}

// Every file below. With a pattern only of the entries that it names: such a reference may point to any
// folder.
void whole_folder(ReferenceFiles& out, const std::string& path, std::string_view pattern,
                  FolderListings& listings, const std::vector<std::string>& protected_folders) {
  for (const std::string& folder : pattern.empty() ? protected_folders : std::vector<std::string>())
    if (path == folder || is_below(folder, path)) {
      out.refusal = "a cache folder cannot be " + path;
      return;
    }
  std::vector<std::string> open = {path};
  while (!open.empty()) {
    const std::string folder = std::move(open.back());
    open.pop_back();
    for (const FolderEntry& entry : listings.of(folder)) {
      if (folder == path && !is_meant(entry.name, pattern)) continue;
      const std::string inner = joined(folder, entry.name);
      if (entry.is_folder) {
        open.push_back(inner);
      } else if (listings.kind_of(inner) == FolderListings::Kind::file) {
        out.files.push_back(inner);
      }
      if (out.files.size() > kMaxFolderFiles || open.size() > kMaxFolderFiles) {
        out.refusal = "more than a million files below " + path;
        out.files.clear();
        return;
      }
    }
  }
}

// <base>_NNNNNN[_NN].bphys or .vdb; the number may be negative.
bool is_point_cache(std::string_view name, std::string_view base) {
  if (!name.starts_with(base) || !(name.ends_with(".bphys") || name.ends_with(".vdb"))) return false;
  name.remove_prefix(base.size());
  name = name.substr(0, name.rfind('.'));
  const auto number = [&](std::size_t least, bool sign) {
    if (!name.starts_with('_')) return false;
    std::size_t at = 1;
    if (sign && at < name.size() && name[at] == '-') ++at;
    const std::size_t start = at;
    while (at < name.size() && is_digit(name[at])) ++at;
    if (at - start < least) return false;
    name.remove_prefix(at);
    return true;
  };
  if (!number(6, true)) return false;
  return name.empty() || (number(2, false) && name.empty());
}

}  // namespace

std::optional<TileName> tile_name(std::string_view name, bool udim) {
  const std::string_view token = udim ? "<UDIM>" : "<UVTILE>";
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const std::size_t at = upper.find(token);
  if (at == std::string::npos) return std::nullopt;
  return TileName{std::string(name.substr(0, at)), std::string(name.substr(at + token.size())), udim};
}

bool is_tile(const TileName& tiles, std::string_view name) {
  const std::size_t around = tiles.head.size() + tiles.tail.size();
  if (name.size() < around || !name.starts_with(tiles.head) || !name.ends_with(tiles.tail)) return false;
  std::string_view middle = name.substr(tiles.head.size(), name.size() - around);
  if (tiles.udim) return middle.size() == 4 && std::all_of(middle.begin(), middle.end(), is_digit);
  const auto number = [&] {
    std::size_t digits = 0;
    while (digits < middle.size() && is_digit(middle[digits])) ++digits;
    middle.remove_prefix(digits);
    return digits > 0;
  };
  const auto literal = [&](std::string_view text) {
    if (!middle.starts_with(text)) return false;
    middle.remove_prefix(text.size());
    return true;
  };
  return literal("u") && number() && literal("_v") && number() && middle.empty();
}

bool is_meant(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return true;
  while (!pattern.empty()) {
    const std::size_t end = std::min(pattern.find('\n'), pattern.size());
    const std::string_view prefix = pattern.substr(0, end);
    if (!prefix.empty() && name.starts_with(prefix)) return true;
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return false;
}

std::optional<DigitRun> last_digits(std::string_view name) {
  const auto [stem, extension] = split_extension(name);
  std::size_t end = stem.size();
  while (end > 0 && !is_digit(stem[end - 1])) --end;
  return run_ending_at(stem, end, extension);
}

std::optional<DigitRun> trailing_digits(std::string_view name) {
  const auto [stem, extension] = split_extension(name);
  return run_ending_at(stem, stem.size(), extension);
}

std::optional<std::int64_t> frame_in(const DigitRun& run, std::string_view name) {
  if (name.size() < run.head.size() + run.tail.size() + run.width) return std::nullopt;
  if (!name.starts_with(run.head) || !name.ends_with(run.tail)) return std::nullopt;
  const std::string_view digits =
      name.substr(run.head.size(), name.size() - run.head.size() - run.tail.size());
  if (!std::all_of(digits.begin(), digits.end(), is_digit) || digits.size() > 10) return std::nullopt;
  if (digits.size() > run.width && digits.front() == '0') return std::nullopt;
  std::int64_t frame = 0;
  for (const char c : digits) frame = frame * 10 + (c - '0');
  return frame;
}

ReferenceFiles files_of(const TracedReference& reference, const std::string& path, FolderListings& listings,
                        const std::vector<std::string>& protected_folders) {
  ReferenceFiles out;
  switch (reference.expansion) {
    case Expansion::file:
      single(out, path, listings);
      break;
    case Expansion::last_digits:
      sequence(out, reference, path, listings, last_digits(name_part(path)));
      break;
    case Expansion::trailing_digits:
      sequence(out, reference, path, listings, trailing_digits(name_part(path)));
      break;
    case Expansion::udim:
      tiles(out, path, listings, true);
      break;
    case Expansion::uvtile:
      tiles(out, path, listings, false);
      break;
    case Expansion::views:
      views(out, reference, path, listings);
      break;
    case Expansion::folder:
      whole_folder(out, path, reference.pattern, listings, protected_folders);
      break;
    case Expansion::point_cache:
      matching(out, joined(path, "x"), listings,
               [&](const std::string& name) { return is_point_cache(name, reference.pattern); });
      break;
  }
  std::sort(out.files.begin(), out.files.end());
  out.files.erase(std::unique(out.files.begin(), out.files.end()), out.files.end());
  return out;
}

}  // namespace souschef::core
