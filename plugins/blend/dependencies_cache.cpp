// SPDX-License-Identifier: MIT
// Volumes (OpenVDB), and the archives of geometry: Alembic and USD.
#include <algorithm>
#include <cctype>
#include <limits>
#include <string>

#include "plugins/blend/extractors.hpp"

namespace souschef::blend {
namespace {

bool is_usd(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return false;
  std::string extension(path.substr(dot + 1));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == "usd" || extension == "usda" || extension == "usdc";
}

}  // namespace

void trace_volume(Visit& visit) {
  const Record& volume = visit.id();
  if (is_packed(visit, "packedfile")) return;
  Found found = visit.in_array(volume, "filepath", "Volume.filepath");
  found.reference.kind = ReferenceKind::volume;
  found.reference.need = need_of(visit);
  if (volume.integer("is_sequence") != 0) {
    found.reference.expansion = Expansion::trailing_digits;
    // Whatever the mode, the file of frame offset + 1 to offset + duration is asked for, unless that is
    // animated.
    const std::int64_t duration = volume.integer("frame_duration");
    const std::int64_t offset = volume.integer("frame_offset");
    if (volume.pointer("adt") == 0 && duration > 0 &&
        offset + duration <= std::numeric_limits<std::int32_t>::max()) {
      found.reference.first_frame = static_cast<std::int32_t>(offset + 1);
      found.reference.last_frame = static_cast<std::int32_t>(offset + duration);
    }
  }
  visit.add(std::move(found));
}

void trace_cache_file(Visit& visit) {
  constexpr int kHidden = 0;
  const Record& cache = visit.id();
  const Expansion expansion =
      cache.integer("is_sequence") != 0 ? Expansion::trailing_digits : Expansion::file;
  Found found = visit.in_array(cache, "filepath", "CacheFile.filepath");
  found.reference.kind = ReferenceKind::cache_file;
  found.reference.expansion = expansion;
  found.reference.need = need_of(visit);
  if (is_usd(found.reference.path))
    visit.warn("opaque_file",
               "a USD file may refer to further files, which are not looked for: " + found.reference.path);
  visit.add(std::move(found));

  visit.scope().each(
      cache, "layers",
      [&](const Record& layer) {
        Found one = visit.in_array(layer, "filepath", "CacheFile.layers");
        one.reference.kind = ReferenceKind::cache_file;
        one.reference.expansion = expansion;
        one.reference.need = layer.bit("flag", kHidden) ? Need::cache : need_of(visit);
        visit.add(std::move(one));
      },
      "CacheFileLayer");
}

}  // namespace souschef::blend
