// SPDX-License-Identifier: MIT
#include "tests/plugins/blend/traced.hpp"

namespace souschef::blend {
namespace {

// A tree inside a datablock of another kind.
struct Embedded {
  explicit Embedded(const char* code = "MA", const char* type = "Material", int tree_type = 0)
      : owner(writer.datablock(code, type, std::string(code) + "owner")),
        tree(owner.data("bNodeTree").set("type", tree_type)) {
    owner.point("nodetree", tree);
  }
  BlendNode node(const char* idname, const char* storage) {
    BlendNode made = owner.data("bNode").set("idname", idname).set("name", "Node");
    BlendNode stored = owner.data(storage);
    made.point("storage", stored);
    tree.list("nodes", {made});
    return stored;
  }
  BlendWriter writer;
  BlendNode owner, tree;
};

TEST(TraceNodes, LightProfileInTreesOfEveryOwner) {
  for (const auto& [code, type] : {std::pair{"MA", "Material"},
                                   {"WO", "World"},
                                   {"LA", "Lamp"},
                                   {"TE", "Tex"},
                                   {"LS", "FreestyleLineStyle"}}) {
    Embedded file(code, type);
    BlendNode ies =
        file.node("ShaderNodeTexIES", "NodeShaderTexIES").set("mode", 1).set("filepath", "//lamp.ies");
    const TracedReference found = Traced(file.writer).at("//lamp.ies");
    EXPECT_EQ(found.kind, ReferenceKind::light_profile) << code;
    EXPECT_EQ(found.property, "Node \"Node\".filepath");
    ies.set("mode", 0);
    EXPECT_TRUE(Traced(file.writer).references.empty()) << code;
  }
}

TEST(TraceNodes, ScriptOnlyWhereItIsAFile) {
  Embedded file;
  BlendNode script =
      file.node("ShaderNodeScript", "NodeShaderScript").set("mode", 1).set("filepath", "//x.osl");
  EXPECT_EQ(Traced(file.writer).at("//x.osl").kind, ReferenceKind::script);
  script.set("mode", 0);
  EXPECT_TRUE(Traced(file.writer).references.empty());
}

TEST(TraceNodes, GroupDatablocksAreTrees) {
  BlendWriter writer;
  BlendNode tree = writer.datablock("NT", "bNodeTree", "NTgroup");
  BlendNode node = tree.data("bNode").set("idname", "ShaderNodeTexIES");
  node.point("storage", tree.data("NodeShaderTexIES").set("mode", 1).set("filepath", "//in_group.ies"));
  tree.list("nodes", {node});
  EXPECT_EQ(Traced(writer).paths(), std::vector<std::string>{"//in_group.ies"});
}

// A geometry tree with one node that has one text input.
struct ImportNode {
  explicit ImportNode(const char* idname, const char* identifier, int subtype, const char* value)
      : tree(writer.datablock("NT", "bNodeTree", "NTgeo").set("type", 3)),
        node(tree.data("bNode").set("idname", idname).set("name", "Import")),
        socket(tree.data("bNodeSocket").set("type", 7).set("identifier", identifier)),
        text(tree.data("bNodeSocketValueString").set("subtype", subtype).set("value", value)) {
    tree.list("nodes", {node});
    node.list("inputs", {socket});
    socket.point("default_value", text);
  }
  BlendWriter writer;
  BlendNode tree, node, socket, text;
};

TEST(TraceNodes, ImportNodesReadTheirPath) {
  const ImportNode file("GeometryNodeImportOBJ", "Path", 1, "//rock.obj");
  const TracedReference found = Traced(file.writer).at("//rock.obj");
  EXPECT_EQ(found.need, Need::required);
  EXPECT_TRUE(found.rewritable);
  EXPECT_EQ(Traced(ImportNode("GeometryNodeImportVDB", "Path", 1, "//a.vdb").writer).at("//a.vdb").kind,
            ReferenceKind::volume);
}

TEST(TraceNodes, AnyTextInputThatIsAPathCounts) {
  EXPECT_EQ(Traced(ImportNode("GeometryNodeGroup", "Socket_1", 1, "a.csv").writer).paths(),
            std::vector<std::string>{"a.csv"});
  EXPECT_TRUE(Traced(ImportNode("GeometryNodeGroup", "Socket_1", 0, "a word").writer).references.empty());
}

TEST(TraceNodes, ComputedPathIsAWarning) {
  ImportNode file("GeometryNodeImportOBJ", "Path", 1, "//old.obj");
  BlendNode link = file.tree.data("bNodeLink").point("tosock", file.socket);
  file.tree.list("links", {link});
  const Traced trace(file.writer);
  EXPECT_TRUE(trace.warns("dynamic_path"));
  EXPECT_EQ(trace.at("//old.obj").need, Need::cache);
}

TEST(TraceNodes, ConstantsThatLookLikePathsAreFoundByLooks) {
  BlendWriter writer;
  BlendNode tree = writer.datablock("NT", "bNodeTree", "NTgeo").set("type", 3);
  BlendNode node = tree.data("bNode").set("idname", "FunctionNodeInputString");
  node.point("storage", tree.data("NodeInputString").point("string", tree.text("//hidden/rock.obj")));
  tree.list("nodes", {node});
  const Traced trace(writer);
  EXPECT_EQ(trace.at("//hidden/rock.obj").kind, ReferenceKind::unexplained);
  EXPECT_TRUE(trace.at("//hidden/rock.obj").rewritable);
  EXPECT_TRUE(trace.warns("unexplained_path"));
}

}  // namespace
}  // namespace souschef::blend
