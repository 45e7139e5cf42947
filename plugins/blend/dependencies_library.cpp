// SPDX-License-Identifier: MIT
// Libraries, and what may be missing of a datablock that comes from one.
#include <string>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/file_notes.hpp"

namespace souschef::blend {
namespace {

constexpr int kIsArchive = 0;  // Library.flag, from Blender 5 on

bool is_path_property(std::string_view rna_path) {
  return rna_path.find("filepath") != std::string_view::npos ||
         rna_path.find("directory") != std::string_view::npos;
}

}  // namespace

void trace_library(Visit& visit) {
  const Record& library = visit.id();
  if (visit.units().packed_in(visit.unit_number(), visit.local()) != 0 || is_packed(visit, "packedfile"))
    return;
  if (library.has("archive_parent_library") && library.bit("flag", kIsArchive)) return;
  Found found = visit.in_array(library, "name", "Library.filepath");
  found.reference.kind = ReferenceKind::library;
  // Brushes come from Blender's own asset libraries; no render misses them.
  if (visit.notes().brush_libraries.contains(visit.local())) found.reference.need = Need::optional;
  visit.add(std::move(found));
}

void trace_weak_reference(Visit& visit) {
  const Record id = visit.id().is("ID") ? visit.id() : visit.id().record("id");
  if (id.pointer("library_weak_reference") == 0) return;
  const Record weak = visit.scope().follow(id, "library_weak_reference");
  Found found = visit.in_array(weak, "library_filepath", "ID.library_weak_reference");
  found.reference.need = Need::optional;
  visit.add(std::move(found));
}

bool has_own_path(Visit& visit) {
  const Record override_library = visit.scope().follow(visit.id().record("id"), "override_library");
  if (!override_library || override_library.pointer("reference") == 0) return true;
  bool own = false;
  visit.scope().each(override_library, "properties", [&](const Record& property) {
    const auto path = visit.scope().string_at(property.pointer("rna_path"));
    own = own || (path && is_path_property(*path));
  });
  return own;
}

Need need_of(Visit& visit) {
  if (visit.notes().viewport_only[visit.local()]) return Need::cache;
  // Blender drops packed data from the local copy: the linked datablock may have it.
  return has_own_path(visit) ? Need::required : Need::cache;
}

bool is_packed(Visit& visit, MemberName member) {
  return static_cast<bool>(visit.scope().follow(visit.id(), member));
}

}  // namespace souschef::blend
