// SPDX-License-Identifier: MIT
// Strips of the sequencer. On disk a strip is a struct "Sequence", and what it shows a struct "Strip"; the
// C++ source of Blender 5 calls them Strip and StripData, the files do not. A file is Strip.dir and the name
// of an element: image strips have one element per picture, not necessarily in order; movies and sounds have
// one.
#include <string>
#include <vector>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/file_notes.hpp"
#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

enum StripType : std::int64_t { kImage = 0, kMeta = 1, kMovie = 3, kSound = 4, kOldSound = 5 };
constexpr int kUseProxy = 15;  // Sequence.flag
constexpr int kUseViews = 29;
constexpr int kProxyFile = 1;  // StripProxy.storage
constexpr int kProxyFolder = 2;
constexpr int kSequencerOn = 0;  // RenderData.scemode

std::string joined(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && path.back() != '/' && path.back() != '\\') path += '/';
  return path += name;
}

class Sequencer {
 public:
  explicit Sequencer(Visit& visit) : visit_(visit) {
    // With the sequencer off no strip is rendered.
    need_ = visit.id().record("r").bit("scemode", kSequencerOn) ? Need::required : Need::cache;
  }

  void trace(const Record& editing) {
    // Metas hold lists of their own, which may hold metas.
    std::vector<std::pair<Record, int>> lists = {{editing.record("seqbase"), 0}};
    while (!lists.empty()) {
      const auto [list, depth] = lists.back();
      lists.pop_back();
      visit_.scope().each_of(
          list,
          [&, level = depth](const Record& strip) {
            trace_strip(strip);
            if (strip.integer("type") == kMeta && level < kMaxMetaDepth)
              lists.emplace_back(strip.record("seqbase"), level + 1);
          },
          "Sequence");
    }
  }

 private:
  void trace_strip(const Record& strip) {
    const std::int64_t type = strip.integer("type");
    if (type != kImage && type != kMovie && type != kSound && type != kOldSound) return;
    const Record data = visit_.scope().follow(strip, "strip");
    const Record first = visit_.scope().follow(data, "stripdata");
    if (!first) return;
    const std::size_t count = type == kImage ? visit_.scope().count_at(data.pointer("stripdata"), first) : 1;
    for (std::size_t i = 0; i < count && visit_.scope().spend(); ++i)
      trace_element(strip, data, visit_.scope().element(first, i), type);
    trace_proxy(strip, data);
  }

  void trace_element(const Record& strip, const Record& data, const Record& element, std::int64_t type) {
    const std::string_view name = element.text("name");
    if (name.empty()) return;
    Found found = visit_.made_up(joined(data.text("dir"), name), property_of(strip));
    if (const auto* dir = data.find("dir"), *own = element.find("name"); dir != nullptr && own != nullptr)
      found.spot = {.kind = Spot::Kind::folder,
                    .unit = visit_.unit_number(),
                    .offset = data.offset() + dir->offset,
                    .capacity = dir->size,
                    .name_offset = element.offset() + own->offset,
                    .name_capacity = own->size};
    TracedReference& reference = found.reference;
    reference.kind = type == kImage   ? ReferenceKind::image
                     : type == kMovie ? ReferenceKind::movie
                                      : ReferenceKind::sound;
    // What a sound strip plays is its sound datablock; its own path is a memory.
    reference.need = type == kSound ? Need::optional : need_;
    if (strip.bit("flag", kUseViews) && strip.integer("views_format") == 0) {
      reference.expansion = Expansion::views;
      reference.pattern = visit_.notes().view_suffixes;
    }
    visit_.add(std::move(found));
  }

  // Only previews look at proxies.
  void trace_proxy(const Record& strip, const Record& data) {
    if (!strip.bit("flag", kUseProxy)) return;
    const Record proxy = visit_.scope().follow(data, "proxy");
    if (!proxy) return;
    const bool own_folder = proxy.bit("storage", kProxyFolder);
    const bool own_file = proxy.bit("storage", kProxyFile);
    if (!own_folder && !own_file) return;
    Found found = own_file ? visit_.made_up(joined(proxy.text("dir"), proxy.text("file")),
                                            property_of(strip) + ".proxy")
                           : visit_.in_array(proxy, "dir", property_of(strip) + ".proxy.directory");
    found.reference.kind = ReferenceKind::proxy;
    found.reference.expansion = own_file ? Expansion::file : Expansion::folder;
    found.reference.need = Need::optional;
    visit_.add(std::move(found));
  }

  static std::string property_of(const Record& strip) {
    std::string_view name = strip.text("name");
    if (name.size() > 2) name.remove_prefix(2);  // "SQ"
    return "Strip \"" + std::string(name) + "\"";
  }

  Visit& visit_;
  Need need_ = Need::required;
};

}  // namespace

void trace_sequencer(Visit& visit) {
  const Record editing = visit.scope().follow(visit.id(), "ed");
  if (editing) Sequencer(visit).trace(editing);
}

}  // namespace souschef::blend
