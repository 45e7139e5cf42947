// SPDX-License-Identifier: MIT
// Images: a file, a sequence, a movie or a set of tiles; packed ones need nothing.
//
// A stereo image with one file per view names one of them; the others differ in a suffix before the
// extension. Where such an image is also a sequence or tiled, its views are reported one by one, since a
// reference stands for one kind of set.
#include <string>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/file_notes.hpp"

namespace souschef::blend {
namespace {

enum Source : std::int64_t { kFile = 1, kSequence = 2, kMovie = 3, kGenerated = 4, kViewer = 5, kTiled = 6 };
constexpr int kUseViews = 14;  // Image.flag
constexpr std::int64_t kOneFilePerView = 0;

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Expansion expansion_of(std::int64_t source, std::string_view path) {
  if (source == kSequence) return Expansion::last_digits;
  if (source != kTiled) return Expansion::file;
  const std::string_view name = file_name(path);
  // Blender replaces <UDIM> where both stand in a name.
  if (name.find("<UDIM>") != std::string_view::npos) return Expansion::udim;
  return name.find("<UVTILE>") != std::string_view::npos ? Expansion::uvtile : Expansion::file;
}

bool is_packed_image(Visit& visit) {
  bool packed = is_packed(visit, "packedfile");
  visit.scope().each(visit.id(), "packedfiles", [&](const Record& item) {
    packed = packed || static_cast<bool>(visit.scope().follow(item, "packedfile"));
  });
  return packed;
}

// The same path with the suffix of another view, for each view but its own; nothing if it has no view's
// suffix.
std::vector<std::string> other_views(std::string_view path, std::string_view suffixes) {
  std::vector<std::string_view> all;
  for (std::string_view rest = suffixes; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    all.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const std::size_t start = path.size() - file_name(path).size();
  const std::size_t dot = std::min(path.rfind('.'), path.size());
  if (dot < start) return {};
  const std::string_view stem = path.substr(0, dot);
  for (const std::string_view suffix : all) {
    if (suffix.empty() || !stem.ends_with(suffix)) continue;
    std::vector<std::string> others;
    for (const std::string_view other : all)
      if (other != suffix)
        others.push_back(std::string(stem.substr(0, stem.size() - suffix.size())) + std::string(other) +
                         std::string(path.substr(dot)));
    return others;
  }
  return {};
}

}  // namespace

void trace_image(Visit& visit) {
  const Record& image = visit.id();
  const std::int64_t source = image.integer("source", kFile);
  if (source == kGenerated || source == kViewer || is_packed_image(visit)) return;

  Found found = visit.in_array(image, "name", "Image.filepath");
  TracedReference& reference = found.reference;
  reference.kind = source == kMovie ? ReferenceKind::movie : ReferenceKind::image;
  reference.need = need_of(visit);
  reference.expansion = expansion_of(source, reference.path);
  if (image.bit("flag", kUseViews) && image.integer("views_format") == kOneFilePerView) {
    if (reference.expansion == Expansion::file) {
      reference.expansion = Expansion::views;
      reference.pattern = visit.notes().view_suffixes;
    } else {
      for (std::string& path : other_views(reference.path, visit.notes().view_suffixes)) {
        Found other = visit.made_up(std::move(path), "Image.filepath (another view)");
        other.reference.kind = reference.kind;
        other.reference.need = reference.need;
        other.reference.expansion = reference.expansion;
        visit.add(std::move(other));
      }
    }
  }
  visit.add(std::move(found));
}

}  // namespace souschef::blend
