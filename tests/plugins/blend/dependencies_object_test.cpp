// SPDX-License-Identifier: MIT
// Modifiers, point caches, Geometry Nodes: what objects and scenes keep on disk.
#include "plugins/blend/geometry_nodes.hpp"
#include "plugins/blend/point_caches.hpp"
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

constexpr int kRenders = 2;
constexpr int kBaked = 1, kOnDisk = 0x40, kExternal = 0x200, kBesideShot = 0x800;

// An object with one modifier, which renders and is called "Mod".
class ObjectFile {
 public:
  explicit ObjectFile(BlendStyle style = {})
      : writer(std::move(style)), object(writer.datablock("OB", "Object", "OBCube")) {}
  BlendNode modifier(const char* type) {
    BlendNode made = object.data(type).set("modifier.name", "Mod").set("modifier.mode", kRenders);
    object.list("modifiers", {made});
    return made;
  }
  BlendNode cache(int flag, const char* name = "", const char* path = "") {
    return object.data("PointCache")
        .set("flag", flag)
        .set("name", name)
        .set("path", path)
        .set("startframe", 1)
        .set("endframe", 250);
  }
  BlendWriter writer;
  BlendNode object;
};

TEST(TraceModifier, MeshCache) {
  ObjectFile file;
  file.modifier("MeshCacheModifierData").set("filepath", "//flag.pc2");
  const TracedReference found = Traced(file.writer).at("//flag.pc2");
  EXPECT_EQ(found.kind, ReferenceKind::mesh_cache);
  EXPECT_EQ(found.property, "Modifier \"Mod\".filepath");
}

TEST(TraceModifier, OceanIsNeededWhereItIsCached) {
  ObjectFile file;
  BlendNode ocean = file.modifier("OceanModifierData").set("cachepath", "//cache_ocean");
  EXPECT_EQ(Traced(file.writer).at("//cache_ocean").need, Need::optional);
  ocean.set("cached", 1);
  const TracedReference found = Traced(file.writer).at("//cache_ocean");
  EXPECT_EQ(found.kind, ReferenceKind::ocean);
  EXPECT_EQ(found.expansion, Expansion::folder);
  EXPECT_EQ(found.need, Need::cache);
}

TEST(TraceModifier, FluidDomainAndItsSimulation) {
  ObjectFile file;
  BlendNode fluid = file.modifier("FluidModifierData").set("type", 1);
  BlendNode domain = file.object.data("FluidDomainSettings").set("cache_directory", "//cache_fluid");
  domain.set("cache_frame_start", 1).set("cache_frame_end", 48);
  fluid.point("domain", domain);
  const Traced replay(file.writer);
  EXPECT_EQ(replay.at("//cache_fluid").kind, ReferenceKind::fluid);
  ASSERT_EQ(replay.simulations.size(), 1U);
  EXPECT_EQ(replay.simulations[0].kind, "fluid");
  EXPECT_FALSE(replay.simulations[0].baked);
  EXPECT_EQ(replay.simulations[0].last_frame, 48);

  domain.set("cache_type", 2).set("cache_flag", 2);
  const Traced baked(file.writer);
  EXPECT_TRUE(baked.simulations[0].baked);
  EXPECT_EQ(baked.simulations[0].cache, baked.number_of("//cache_fluid"));
}

TEST(TraceModifier, FluidFlowHasNoCache) {
  ObjectFile file;
  BlendNode fluid = file.modifier("FluidModifierData").set("type", 2);
  fluid.point("domain", file.object.data("FluidDomainSettings").set("cache_directory", "//cache_fluid"));
  EXPECT_TRUE(Traced(file.writer).references.empty());
}

TEST(TraceModifier, SmokeOfBlender27) {
  ObjectFile file({.version = 279});
  BlendNode smoke = file.modifier("SmokeModifierData").set("type", 1);
  BlendNode domain = file.object.data("SmokeDomainSettings");
  smoke.point("domain", domain);
  domain.list("ptcaches[0]", {file.cache(kOnDisk | kBaked, "fine")});
  domain.point("point_cache[1]", file.cache(kOnDisk, "coarse"));
  const Traced trace(file.writer);
  ASSERT_EQ(trace.references.size(), 2U);
  EXPECT_EQ(trace.references[0].pattern, "fine");
  EXPECT_EQ(trace.references[1].pattern, "coarse");
  ASSERT_EQ(trace.simulations.size(), 2U);
  EXPECT_TRUE(trace.simulations[0].baked);
  EXPECT_FALSE(trace.simulations[1].baked);
}

TEST(TraceModifier, CacheForOldReadersOfSmokeIsNone) {
  constexpr int kForOldReaders = 1 << 12;
  ObjectFile file({.version = 279});
  BlendNode smoke = file.modifier("SmokeModifierData").set("type", 1);
  BlendNode domain = file.object.data("SmokeDomainSettings");
  smoke.point("domain", domain);
  domain.list("ptcaches[0]", {file.cache(kOnDisk | kBaked, "smoke")});
  domain.list("ptcaches[1]", {file.cache(kOnDisk | kForOldReaders, "")});
  const Traced trace(file.writer);
  ASSERT_EQ(trace.references.size(), 1U);
  EXPECT_EQ(trace.references[0].pattern, "smoke");
  ASSERT_EQ(trace.simulations.size(), 1U);
  EXPECT_TRUE(trace.simulations[0].baked);
}

TEST(TraceModifier, FluidsimOfBlender27) {
  ObjectFile file({.version = 279});
  BlendNode fluid = file.modifier("FluidsimModifierData");
  BlendNode settings = file.object.data("FluidsimSettings").set("type", 2).set("surfdataPath", "/tmp/");
  fluid.point("fss", settings);
  const TracedReference found = Traced(file.writer).at("/tmp/");
  EXPECT_EQ(found.expansion, Expansion::folder);
  EXPECT_EQ(found.pattern, "fluid");
  settings.set("type", 4);
  EXPECT_TRUE(Traced(file.writer).references.empty());
}

// ------------------------------------------------------------------------------------ point caches

TEST(TracePointCache, NamedAfterTheObjectInHexadecimal) {
  EXPECT_EQ(hexadecimal_name("Cube"), "43756265");
  EXPECT_EQ(hexadecimal_name("K\xc3\xbc"
                             "be"),
            "4BC3BC6265");
}

TEST(TracePointCache, DiskCacheIsInTheBlendsOwnFolder) {
  ObjectFile file;
  BlendNode cloth = file.modifier("ClothModifierData");
  cloth.list("ptcaches", {file.cache(kOnDisk | kBaked)});
  const Traced trace(file.writer);
  ASSERT_EQ(trace.references.size(), 1U);
  const TracedReference& found = trace.references[0];
  EXPECT_EQ(found.path, "");
  EXPECT_EQ(found.expansion, Expansion::point_cache);
  EXPECT_EQ(found.pattern, "43756265");
  EXPECT_EQ(found.need, Need::cache);
  EXPECT_EQ(found.base, "");
  ASSERT_EQ(trace.simulations.size(), 1U);
  EXPECT_EQ(trace.simulations[0].kind, "cloth");
  EXPECT_TRUE(trace.simulations[0].baked);
  EXPECT_EQ(trace.simulations[0].cache, 0U);
}

TEST(TracePointCache, EveryCacheOfTheListIsTaken) {
  ObjectFile file;
  BlendNode cloth = file.modifier("ClothModifierData");
  cloth.list("ptcaches", {file.cache(kOnDisk, "one"), file.cache(0, "memory"), file.cache(kOnDisk, "two")});
  const Traced trace(file.writer);
  ASSERT_EQ(trace.references.size(), 2U);
  EXPECT_EQ(trace.references[1].pattern, "two");
  EXPECT_EQ(trace.simulations.size(), 3U);
}

TEST(TracePointCache, MemoryCacheNeedsNothing) {
  ObjectFile file;
  BlendNode cloth = file.modifier("ClothModifierData");
  cloth.list("ptcaches", {file.cache(kBaked)});
  const Traced trace(file.writer);
  EXPECT_TRUE(trace.references.empty());
  EXPECT_TRUE(trace.simulations[0].baked);
  EXPECT_EQ(trace.simulations[0].cache, kNone);
}

TEST(TracePointCache, ExternalCacheHasAFolder) {
  ObjectFile file;
  BlendNode cloth = file.modifier("ClothModifierData");
  cloth.list("ptcaches", {file.cache(kExternal, "mycloth", "//caches/cloth")});
  const Traced trace(file.writer);
  EXPECT_EQ(trace.at("//caches/cloth").pattern, "mycloth");
  EXPECT_TRUE(trace.references[0].rewritable);
  EXPECT_TRUE(trace.simulations[0].baked);
}

// Of a linked character each shot may have its own simulation.
TEST(TracePointCache, CacheBesideTheShot) {
  ObjectFile file;
  BlendNode cloth = file.modifier("ClothModifierData");
  cloth.list("ptcaches", {file.cache(kOnDisk | kBesideShot)});
  EXPECT_EQ(Traced(file.writer).references.at(0).base, kBaseEntry);
}

TEST(TracePointCache, OlderFilesHaveOnlyTheActiveOne) {
  ObjectFile file({.version = 250});
  file.modifier("ClothModifierData").point("point_cache", file.cache(kOnDisk, "active"));
  EXPECT_EQ(Traced(file.writer).references.at(0).pattern, "active");
}

TEST(TracePointCache, ModifierThatDoesNotRenderSimulatesNothing) {
  ObjectFile file;
  BlendNode cloth = file.modifier("ClothModifierData").set("modifier.mode", 1);
  cloth.list("ptcaches", {file.cache(kOnDisk)});
  const Traced trace(file.writer);
  EXPECT_EQ(trace.references.size(), 1U);
  EXPECT_TRUE(trace.simulations.empty());
}

TEST(TracePointCache, SoftBodyOfBothEras) {
  ObjectFile shared;
  BlendNode soft = shared.object.data("SoftBody");
  BlendNode common = shared.object.data("SoftBody_Shared");
  shared.object.point("soft", soft);
  soft.point("shared", common);
  common.list("ptcaches", {shared.cache(kExternal, "", "//sbext")});
  EXPECT_EQ(Traced(shared.writer).at("//sbext").kind, ReferenceKind::point_cache);
  EXPECT_EQ(Traced(shared.writer).simulations.at(0).kind, "soft_body");

  ObjectFile old({.version = 270});
  BlendNode own = old.object.data("SoftBody");
  old.object.point("soft", own);
  own.list("ptcaches", {old.cache(kOnDisk, "sb")});
  EXPECT_EQ(Traced(old.writer).references.at(0).pattern, "sb");
}

TEST(TracePointCache, ParticlesByTheirPhysics) {
  struct Case {
    int type, physics, flag;
    bool simulates;
  };
  for (const Case& c : {Case{0, 1, 0, true}, Case{0, 0, 0, false}, Case{0, 2, 0, false}, Case{0, 3, 0, true},
                        Case{2, 1, 0, false}, Case{2, 1, 4, true}}) {
    ObjectFile file({.structs =
                         "struct ParticleSystem { ParticleSystem *next, *prev; ParticleSettings *part; char "
                         "name[64]; int flag, _pad; PointCache *pointcache; ListBase ptcaches; };"});
    BlendNode settings = file.writer.datablock("PA", "ParticleSettings", "PAdust");
    settings.set("type", c.type).set("phystype", c.physics);
    BlendNode system =
        file.object.data("ParticleSystem").point("part", settings).set("name", "Dust").set("flag", c.flag);
    file.object.list("particlesystem", {system});
    system.list("ptcaches", {file.cache(kOnDisk)});
    const Traced trace(file.writer);
    EXPECT_EQ(trace.references.size(), 1U);
    EXPECT_EQ(trace.simulations.size(), c.simulates ? 1U : 0U) << c.type << c.physics << c.flag;
  }
}

TEST(TracePointCache, DynamicPaint) {
  ObjectFile file;
  BlendNode paint = file.modifier("DynamicPaintModifierData");
  BlendNode canvas = file.object.data("DynamicPaintCanvasSettings");
  paint.point("canvas", canvas);
  BlendNode vertex =
      file.object.data("DynamicPaintSurface").set("format", 1).set("flags", 1).set("name", "wet");
  vertex.list("ptcaches", {file.cache(kOnDisk, "dp")});
  BlendNode images =
      file.object.data("DynamicPaintSurface").set("format", 2).set("image_output_path", "//paint/");
  canvas.list("surfaces", {vertex, images});
  const Traced trace(file.writer);
  EXPECT_EQ(trace.references.at(0).pattern, "dp");
  EXPECT_EQ(trace.simulations.at(0).kind, "dynamic_paint");
  ASSERT_EQ(trace.outputs.size(), 1U);
  EXPECT_EQ(trace.outputs[0].kind, OutputKind::bake);
  EXPECT_EQ(trace.outputs[0].path, "//paint/");
}

TEST(TracePointCache, RigidBodiesBeforeTheyWereShared) {
  BlendWriter writer({.version = 279});
  BlendNode scene = writer.datablock("SC", "Scene", "SCShot");
  BlendNode world = scene.data("RigidBodyWorld");
  scene.point("rigidbody_world", world);
  world.list("ptcaches", {scene.data("PointCache").set("flag", kOnDisk).set("name", "bricks")});
  EXPECT_EQ(Traced(writer).references.at(0).pattern, "bricks");
}

TEST(TracePointCache, RigidBodiesAreTheScenes) {
  BlendWriter writer;
  BlendNode scene = writer.datablock("SC", "Scene", "SCShot");
  BlendNode world = scene.data("RigidBodyWorld");
  BlendNode shared = scene.data("RigidBodyWorld_Shared");
  scene.point("rigidbody_world", world);
  world.point("shared", shared).point("group", writer.datablock("GR", "Collection", "GRbodies"));
  BlendNode cache = scene.data("PointCache").set("flag", kOnDisk);
  shared.list("ptcaches", {cache});
  const Traced trace(writer);
  EXPECT_EQ(trace.references.at(0).pattern, hexadecimal_name("Shot"));
  ASSERT_EQ(trace.simulations.size(), 1U);
  EXPECT_EQ(trace.simulations[0].kind, "rigid_body");
  world.set("flag", 1);
  EXPECT_TRUE(Traced(writer).simulations.empty());
}

// ---------------------------------------------------------------------------------- Geometry Nodes

TEST(GeometryNodes, FolderNamesAreEscaped) {
  EXPECT_EQ(escaped_folder_name("Cube.001", false), "Cube46484849");
  EXPECT_EQ(escaped_folder_name("Cube.001", true), "Cube46001");
  EXPECT_EQ(escaped_folder_name("\xc3\xbc", false), "-61-68");
}

class NodesFile : public ObjectFile {
 public:
  explicit NodesFile(BlendStyle style = {}) : ObjectFile(std::move(style)) {
    group = writer.datablock("NT", "bNodeTree", "NTgroup").set("type", 3);
    nodes = modifier("NodesModifierData").point("node_group", *group);
  }
  void simulate() {
    BlendNode zone = group->data("bNode").set("idname", "GeometryNodeSimulationOutput");
    group->list("nodes", {zone});
  }
  // An array of one bake.
  BlendNode bake(int target, int flag = 0) {
    BlendNode made =
        object.data("NodesModifierBake").set("id", 1234).set("bake_target", target).set("flag", flag);
    nodes->point("bakes", made).set("bakes_num", 1);
    return made;
  }
  std::optional<BlendNode> group, nodes;
};

TEST(GeometryNodes, BakeOnDiskInTheDefaultFolder) {
  NodesFile file;
  file.simulate();
  file.bake(2);
  const Traced trace(file.writer);
  ASSERT_EQ(trace.paths(), std::vector<std::string>{"//<BLENDCACHE>/Cube_Mod/1234"});
  EXPECT_EQ(trace.references[0].kind, ReferenceKind::geometry_nodes);
  EXPECT_EQ(trace.references[0].expansion, Expansion::folder);
  ASSERT_EQ(trace.simulations.size(), 1U);
  EXPECT_TRUE(trace.simulations[0].baked);
  EXPECT_EQ(trace.simulations[0].cache, 0U);
}

TEST(GeometryNodes, TargetIsInheritedAndPackedNeedsNothing) {
  NodesFile inherited;
  inherited.simulate();
  inherited.bake(0);
  EXPECT_TRUE(Traced(inherited.writer).references.empty());  // the modifier's own default: inside the .blend
  EXPECT_FALSE(Traced(inherited.writer).simulations.at(0).baked);
  inherited.nodes->set("bake_target", 2);
  EXPECT_EQ(Traced(inherited.writer).references.size(), 1U);

  NodesFile packed;
  packed.simulate();
  BlendNode bake = packed.bake(1);
  bake.point("packed", packed.object.data("NodesModifierPackedBake"));
  EXPECT_TRUE(Traced(packed.writer).references.empty());
  EXPECT_TRUE(Traced(packed.writer).simulations.at(0).baked);
}

TEST(GeometryNodes, FoldersOfTheirOwn) {
  NodesFile modifier;
  modifier.bake(2);
  modifier.nodes->point("simulation_bake_directory", modifier.object.text("//bakes"));
  const Traced of_modifier(modifier.writer);
  EXPECT_EQ(of_modifier.paths(), std::vector<std::string>{"//bakes"});
  EXPECT_TRUE(of_modifier.references[0].rewritable);

  NodesFile bake;
  BlendNode made = bake.bake(2, 2);
  made.point("directory", bake.object.text("//one_bake"));
  EXPECT_EQ(Traced(bake.writer).paths(), std::vector<std::string>{"//one_bake"});
}

const char* const kBlender36 =
    "struct NodesModifierData { ModifierData modifier; bNodeTree *node_group; NodesModifierSettings "
    "settings; char "
    "*simulation_bake_directory; };";

TEST(GeometryNodes, Blender36HasOneFolderForTheModifier) {
  NodesFile file({.version = 306, .structs = kBlender36});
  EXPECT_TRUE(Traced(file.writer).references.empty());
  file.simulate();
  EXPECT_EQ(Traced(file.writer).paths(), std::vector<std::string>{"//<BLENDCACHE>/sim_Cube_Mod"});
  file.nodes->point("simulation_bake_directory", file.object.text("//mine"));
  EXPECT_EQ(Traced(file.writer).paths(), std::vector<std::string>{"//mine"});
}

TEST(GeometryNodes, SimulationInAGroupOfAGroup) {
  NodesFile file;
  BlendNode inner = file.writer.datablock("NT", "bNodeTree", "NTinner").set("type", 3);
  inner.list("nodes", {inner.data("bNode").set("idname", "GeometryNodeSimulationOutput")});
  file.group->list("nodes",
                   {file.group->data("bNode").set("idname", "GeometryNodeGroup").point("id", inner)});
  EXPECT_EQ(Traced(file.writer).simulations.size(), 1U);
}

TEST(GeometryNodes, GroupsInCirclesEnd) {
  NodesFile file;
  file.group->list("nodes",
                   {file.group->data("bNode").set("idname", "GeometryNodeGroup").point("id", *file.group)});
  EXPECT_EQ(Traced(file.writer).failure, "");
}

// A string property of the modifier.
void input(NodesFile& file, const char* identifier, const char* value) {
  BlendNode root = file.object.data("IDProperty").set("type", 6);
  BlendNode property = file.object.data("IDProperty").set("type", 0).set("name", identifier);
  property.set("len", static_cast<int>(std::strlen(value)) + 1);
  property.point("data.pointer", file.object.text(value));
  root.list("data.group", {property});
  file.nodes->point("settings.properties", root);
}

TEST(GeometryNodes, InputThatLooksLikeAPath) {
  NodesFile file;
  input(file, "Input_2", "//some/path.csv");
  const Traced trace(file.writer);
  const TracedReference found = trace.at("//some/path.csv");
  EXPECT_EQ(found.kind, ReferenceKind::unexplained);
  EXPECT_EQ(found.need, Need::cache);
  EXPECT_TRUE(found.rewritable);
  EXPECT_FALSE(trace.warns("unexplained_path"));

  NodesFile word;
  input(word, "Input_2", "just a word");
  EXPECT_TRUE(Traced(word.writer).references.empty());
}

TEST(GeometryNodes, InputThatTheGroupSaysIsAPath) {
  NodesFile file;
  BlendNode value = file.group->data("bNodeSocketValueString").set("subtype", 1);
  BlendNode socket = file.group->data("bNodeSocket").set("identifier", "Input_2").set("type", 7);
  socket.point("default_value", value);
  file.group->list("inputs", {socket});
  input(file, "Input_2", "relative.csv");
  const TracedReference found = Traced(file.writer).at("relative.csv");
  EXPECT_EQ(found.kind, ReferenceKind::geometry_nodes);
  EXPECT_EQ(found.need, Need::required);
}

TEST(GeometryNodes, InterfaceOfBlender4) {
  NodesFile file(
      {.version = 405,
       .structs =
           "struct bNodeTreeInterfaceItem { char item_type, _pad[7]; }; struct bNodeTreeInterfacePanel { "
           "bNodeTreeInterfaceItem item; char *name; void **items_array; int items_num, next_uid; }; struct "
           "bNodeTreeInterface { bNodeTreeInterfacePanel root_panel; int active_index, next_uid; }; struct "
           "bNodeTreeInterfaceSocket { bNodeTreeInterfaceItem item; char *name, *identifier; void "
           "*socket_data; }; "
           "struct bNodeTree { ID id; AnimData *adt; ListBase nodes, links; int type, flag; ListBase inputs, "
           "outputs; bNodeTreeInterface tree_interface; };"});
  BlendNode value =
      file.group->data("bNodeSocketValueString").set("subtype", 1).set("value", "//default.obj");
  BlendNode socket = file.group->data("bNodeTreeInterfaceSocket");
  socket.point("identifier", file.group->text("Socket_3")).point("socket_data", value);
  BlendNode panel = file.group->data("bNodeTreeInterfacePanel").set("item.item_type", 1).set("items_num", 1);
  panel.point("items_array", file.group->pointers({socket}));
  file.group->set("tree_interface.root_panel.items_num", 1);
  file.group->point("tree_interface.root_panel.items_array", file.group->pointers({panel}));
  input(file, "Socket_3", "relative.obj");
  const Traced trace(file.writer);
  EXPECT_EQ(trace.at("relative.obj").need, Need::required);
  EXPECT_EQ(trace.at("//default.obj").need, Need::cache);
}

}  // namespace
}  // namespace souschef::blend
