// SPDX-License-Identifier: MIT
#include "store/find_users.hpp"

#include <set>

#include "store/object_map.hpp"
#include "store/root_walk.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

namespace {

// The slots that an id stands for.
struct Target {
  std::string what;
  std::set<ObjectMap::Slot> slots;
};

Result<Target> target_of(StoreParts& parts, const ObjectMap& map, const Hash& id) {
  Target target;
  for (const ObjectMap::Pack& pack : map.packs()) {
    if (pack.id.hash != id) continue;
    target.what = "pack " + id.brief();
    for (const ObjectMap::Frame& frame : pack.frames)
      for (std::uint32_t i = 0; i < frame.count; ++i) target.slots.insert(frame.first + i);
    return target;
  }
  static constexpr std::pair<ObjectKind, const char*> kKinds[] = {
      {ObjectKind::recipe, "recipe "}, {ObjectKind::node, "node "}, {ObjectKind::chunk, "chunk "}};
  for (const auto& [kind, name] : kKinds) {
    SOUSCHEF_TRY(const auto locations, parts.reader->locate(kind, std::span(&id, 1)));
    const auto found = locations[0] ? map.find(*locations[0]) : ObjectMap::Found{};
    if (found.where != ObjectMap::Where::here) continue;
    if (target.what.empty()) target.what = name + id.brief();
    target.slots.insert(found.slot);
  }
  return target;
}

}  // namespace

Result<Users> find_users(Store& store, const Hash& id, std::span<const ContentRoot> roots,
                         const CancelFunction& cancelled) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_TRY(const ObjectMap map, ObjectMap::load(parts));
  SOUSCHEF_TRY(const Target target, target_of(parts, map, id));
  Users users{target.what, {}};
  for (std::size_t i = 0; i < roots.size(); ++i) {
    if (cancelled && cancelled()) return Error(ErrorCode::cancelled, "stopped");
    const bool is_it = roots[i].content.hash == id || (!roots[i].blob.is_zero() && roots[i].blob.hash == id);
    if (is_it && users.what.empty()) users.what = "content " + id.brief();
    bool needs = is_it;
    if (!needs && !target.slots.empty()) {
      std::set<ObjectMap::Slot> seen;
      RootWalk walk(
          parts, map,
          [&](ObjectMap::Slot slot) {
            if (!seen.insert(slot).second) return RootWalk::Step::known;
            needs = needs || target.slots.contains(slot);
            return RootWalk::Step::go_on;
          },
          [](ObjectKind, const Hash&, const Error&) { return Status(); });
      SOUSCHEF_CHECK(walk.walk(roots[i]));
    }
    if (needs) users.roots.push_back(i);
  }
  return users;
}

}  // namespace souschef::store
