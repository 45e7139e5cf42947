// SPDX-License-Identifier: MIT
// Sounds, fonts, movie clips.
#include <string>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/file_notes.hpp"

namespace souschef::blend {

void trace_sound(Visit& visit) {
  if (is_packed(visit, "packedfile")) return;
  Found found = visit.in_array(visit.id(), "name", "Sound.filepath");
  found.reference.kind = ReferenceKind::sound;
  // A sound that is missing changes no picture; it is banked where it is there.
  found.reference.need = visit.notes().sound_is_heard ? need_of(visit) : Need::cache;
  visit.add(std::move(found));
}

void trace_font(Visit& visit) {
  if (is_packed(visit, "packedfile")) return;
  Found found = visit.in_array(visit.id(), "name", "VectorFont.filepath");
  if (found.reference.path == "<builtin>") return;
  found.reference.kind = ReferenceKind::font;
  found.reference.need = need_of(visit);
  visit.add(std::move(found));
}

void trace_clip(Visit& visit) {
  constexpr std::int64_t kSequence = 1;
  constexpr int kUseProxy = 0;
  constexpr int kProxyInOwnFolder = 1;
  const Record& clip = visit.id();
  Found found = visit.in_array(clip, "name", "MovieClip.filepath");
  const bool sequence = clip.integer("source") == kSequence;
  found.reference.kind = sequence ? ReferenceKind::image : ReferenceKind::movie;
  found.reference.expansion = sequence ? Expansion::last_digits : Expansion::file;
  found.reference.need = need_of(visit);
  const std::string path = found.reference.path;
  visit.add(std::move(found));

  if (!clip.bit("flag", kUseProxy)) return;
  const std::size_t slash = path.find_last_of("/\\");
  Found proxy = clip.bit("flag", kProxyInOwnFolder) || slash == std::string::npos
                    ? visit.in_array(clip.record("proxy"), "dir", "MovieClip.proxy.directory")
                    : visit.made_up(path.substr(0, slash + 1) + "BL_proxy/" + path.substr(slash + 1),
                                    "MovieClip.proxy");
  proxy.reference.kind = ReferenceKind::proxy;
  proxy.reference.expansion = Expansion::folder;
  proxy.reference.need = Need::optional;
  visit.add(std::move(proxy));
}

}  // namespace souschef::blend
