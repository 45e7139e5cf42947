// SPDX-License-Identifier: MIT
// Scenes: the sequencer, the rigid body world, and what a scene would write.
#include "plugins/blend/extractors.hpp"
#include "plugins/blend/outputs.hpp"
#include "plugins/blend/point_caches.hpp"

namespace souschef::blend {
namespace {

void trace_rigid_bodies(Visit& visit) {
  constexpr int kMuted = 0;
  const Record world = visit.scope().follow(visit.id(), "rigidbody_world");
  if (!world) return;
  const Record shared = visit.scope().follow(world, "shared");
  const Record& holder = shared ? shared : world;
  // A world without a collection has no bodies.
  const bool simulates = !world.bit("flag", kMuted) && world.pointer("group") != 0;
  const PointCacheOwner owner{simulates ? "rigid_body" : "", std::string(visit.plain_name()),
                              "RigidBodyWorld.point_cache"};
  trace_point_caches(visit, holder.record("ptcaches"), visit.scope().follow(holder, "pointcache"), owner);
}

}  // namespace

void trace_scene(Visit& visit) {
  trace_sequencer(visit);
  if (visit.id().pointer("rigidbody_world") != 0) trace_rigid_bodies(visit);
  trace_scene_outputs(visit);
}

}  // namespace souschef::blend
