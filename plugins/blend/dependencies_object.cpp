// SPDX-License-Identifier: MIT
// Objects: modifiers, particles, soft bodies. A modifier's struct says what it is; the list is declared to
// hold ModifierData. One that is off for rendering may be switched on by an order or an animation, so its
// files are reported all the same, but not its simulation.
#include <string>

#include "plugins/blend/extractors.hpp"
#include "plugins/blend/geometry_nodes.hpp"
#include "plugins/blend/point_caches.hpp"

namespace souschef::blend {
namespace {

constexpr int kRenders = 1;  // ModifierData.mode

struct Modifier {
  Record record;
  std::string name;
  std::string property;  // Modifier "name"
  bool renders = true;

  [[nodiscard]] PointCacheOwner caches_of(std::string kind) const {
    return {renders ? std::move(kind) : std::string(), name, property + ".point_cache"};
  }
};

void trace_mesh_cache(Visit& visit, const Modifier& modifier) {
  Found found = visit.in_array(modifier.record, "filepath", modifier.property + ".filepath");
  found.reference.kind = ReferenceKind::mesh_cache;
  visit.add(std::move(found));
}

void trace_ocean(Visit& visit, const Modifier& modifier) {
  Found found = visit.in_array(modifier.record, "cachepath", modifier.property + ".filepath");
  found.reference.kind = ReferenceKind::ocean;
  found.reference.expansion = Expansion::folder;
  found.reference.pattern = "disp_\nfoam_\nnormal_\nspray_";
  found.reference.need = modifier.record.integer("cached") != 0 ? Need::cache : Need::optional;
  visit.add(std::move(found));
}

// The smoke of Blender 2.5 to 2.81 has point caches: one for the coarse grid and one for the fine one in the
// oldest files, one for both and one that is empty in all others.
void trace_smoke(Visit& visit, const Modifier& modifier) {
  constexpr int kDomain = 0;
  if (!modifier.record.bit("type", kDomain)) return;
  const Record domain = visit.scope().follow(modifier.record, "domain");
  for (std::size_t i = 0; i < 2; ++i)
    trace_point_caches(visit, domain.record("ptcaches", i), visit.scope().follow(domain, "point_cache", i),
                       modifier.caches_of("fluid"));
}

void trace_fluid(Visit& visit, const Modifier& modifier) {
  constexpr int kDomain = 0;
  constexpr std::int64_t kReplay = 0;
  constexpr int kDataBaked = 1;  // FluidDomainSettings.cache_flag
  if (!modifier.record.bit("type", kDomain)) return;
  const Record domain = visit.scope().follow(modifier.record, "domain");
  Found found = visit.in_array(domain, "cache_directory", modifier.property + ".cache_directory");
  found.reference.kind = ReferenceKind::fluid;
  found.reference.expansion = Expansion::folder;
  found.reference.pattern = "config\ndata\nnoise\nmesh\nparticles\nguiding\nscript";
  found.reference.need = Need::cache;
  const std::uint32_t cache = visit.add(std::move(found));

  if (modifier.renders) {
    TracedSimulation simulation;
    simulation.kind = "fluid";
    simulation.name = modifier.name;
    simulation.baked = domain.integer("cache_type") != kReplay && domain.bit("cache_flag", kDataBaked);
    simulation.first_frame = static_cast<std::int32_t>(domain.integer("cache_frame_start", 1));
    simulation.last_frame = static_cast<std::int32_t>(domain.integer("cache_frame_end", 0));
    simulation.cache = cache;
    visit.add(std::move(simulation));
  }
}

void trace_fluidsim(Visit& visit, const Record& settings, const std::string& property) {
  constexpr std::int64_t kDomain = 2;
  if ((settings.integer("type") & kDomain) == 0) return;
  Found found = visit.in_array(settings, "surfdataPath", property + ".filepath");
  found.reference.kind = ReferenceKind::fluid;
  found.reference.expansion = Expansion::folder;
  found.reference.pattern = "fluid";  // the default folder is the system's one for temporary files
  found.reference.need = Need::cache;
  visit.add(std::move(found));
}

void trace_dynamic_paint(Visit& visit, const Modifier& modifier) {
  constexpr std::int64_t kImages = 2;
  constexpr int kActive = 0;
  const Record canvas = visit.scope().follow(modifier.record, "canvas");
  visit.scope().each(
      canvas, "surfaces",
      [&](const Record& surface) {
        if (surface.integer("format") == kImages) {
          TracedOutput output;
          output.kind = OutputKind::bake;
          output.path = surface.text("image_output_path");
          output.slot = surface.text("output_name");
          output.node = modifier.name;
          visit.add(std::move(output));
          return;
        }
        PointCacheOwner owner = modifier.caches_of(surface.bit("flags", kActive) ? "dynamic_paint" : "");
        owner.name += "/" + std::string(surface.text("name"));
        trace_point_caches(visit, surface.record("ptcaches"), visit.scope().follow(surface, "pointcache"),
                           owner);
      },
      "DynamicPaintSurface");
}

void trace_modifier(Visit& visit, const Record& record) {
  const Record common = record.is("ModifierData") ? record : record.record("modifier");
  Modifier modifier{record, std::string(common.text("name")), "", common.bit("mode", kRenders)};
  modifier.property = "Modifier \"" + modifier.name + "\"";
  const std::string_view type = record.type();
  if (type == "MeshCacheModifierData")
    trace_mesh_cache(visit, modifier);
  else if (type == "OceanModifierData")
    trace_ocean(visit, modifier);
  else if (type == "FluidModifierData")
    trace_fluid(visit, modifier);
  else if (type == "SmokeModifierData")
    trace_smoke(visit, modifier);
  else if (type == "FluidsimModifierData")
    trace_fluidsim(visit, visit.scope().follow(record, "fss"), modifier.property);
  else if (type == "ClothModifierData")
    trace_point_caches(visit, record.record("ptcaches"), visit.scope().follow(record, "point_cache"),
                       modifier.caches_of("cloth"));
  else if (type == "DynamicPaintModifierData")
    trace_dynamic_paint(visit, modifier);
  else if (type == "NodesModifierData")
    trace_nodes_modifier(visit, record, modifier.name, modifier.renders);
}

// Whether the particles of a system move by a simulation: those of hair do where it has dynamics, others
// unless their physics are off or keyed.
bool particles_simulate(Visit& visit, const Record& system) {
  constexpr std::int64_t kHair = 2;
  constexpr int kHairDynamics = 2;
  constexpr std::int64_t kNoPhysics = 0;
  constexpr std::int64_t kKeyed = 2;
  const std::uint32_t datablock = visit.scope().datablock_at(system.pointer("part"));
  if (datablock == kNoDatablock) return true;
  const Record settings = visit.file().record_of(datablock);
  if (!settings.has("phystype")) return true;  // linked: its settings are in another file
  if (settings.integer("type") == kHair) return system.bit("flag", kHairDynamics);
  const std::int64_t physics = settings.integer("phystype");
  return physics != kNoPhysics && physics != kKeyed;
}

void trace_particles(Visit& visit) {
  visit.scope().each(
      visit.id(), "particlesystem",
      [&](const Record& system) {
        const std::string name(system.text("name"));
        const PointCacheOwner owner{particles_simulate(visit, system) ? "particles" : "", name,
                                    "ParticleSystem \"" + name + "\".point_cache"};
        trace_point_caches(visit, system.record("ptcaches"), visit.scope().follow(system, "pointcache"),
                           owner);
      },
      "ParticleSystem");
}

void trace_soft_body(Visit& visit) {
  const Record soft = visit.scope().follow(visit.id(), "soft");
  if (!soft) return;
  const PointCacheOwner owner{"soft_body", std::string(visit.plain_name()), "SoftBody.point_cache"};
  const Record shared = visit.scope().follow(soft, "shared");
  const Record& holder = shared ? shared : soft;
  trace_point_caches(visit, holder.record("ptcaches"), visit.scope().follow(holder, "pointcache"), owner);
}

}  // namespace

void trace_object(Visit& visit) {
  const Record& object = visit.id();
  visit.scope().each(object, "modifiers", [&](const Record& modifier) { trace_modifier(visit, modifier); });
  if (object.record("particlesystem").pointer("first") != 0) trace_particles(visit);
  if (object.pointer("soft") != 0) trace_soft_body(visit);
  // Blender 2.4 had the fluid simulation beside the modifiers.
  if (object.pointer("fluidsimSettings") != 0)
    trace_fluidsim(visit, visit.scope().follow(object, "fluidsimSettings"), "FluidSimulation");
}

}  // namespace souschef::blend
