# SPDX-License-Identifier: MIT
# Run inside Blender: makes .blend files with one of each thing that refers to a file, and beside each a JSON with what
# Blender itself says of it.
#
#   blender -b --factory-startup --python make_files.py -- FOLDER
#
# No referenced file needs to exist, except those that Blender opens when a datablock is made.
import json
import os
import struct
import sys
import zlib

import bpy

ROOT = sys.argv[sys.argv.index("--") + 1]


def path(*parts):
    full = os.path.join(ROOT, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def png(*parts):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    data += chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    with open(path(*parts), "wb") as out:
        out.write(data)
    return path(*parts)


def fresh():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    # Disk caches and relative paths need a file that has a place.
    bpy.ops.wm.save_as_mainfile(filepath=path("start.blend"))
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, 5
    return scene


def add_mesh(name="Cube"):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    return thing


def use_image(image):
    material = bpy.data.materials.new("M" + image.name)
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    if not bpy.data.meshes:
        add_mesh()
    bpy.data.meshes[0].materials.append(material)
    return node


def save(name, compress=False):
    """Saves, opens again (so that Blender speaks of the file and not of the session) and asks for all paths."""
    target = path(name)
    for ids in (bpy.data.images, bpy.data.texts, bpy.data.fonts, bpy.data.volumes, bpy.data.cache_files, bpy.data.movieclips,
                bpy.data.sounds, bpy.data.materials, bpy.data.meshes, bpy.data.collections, bpy.data.textures):
        for one in ids:
            if one.library is None:
                one.use_fake_user = True
    bpy.ops.wm.save_as_mainfile(filepath=target, compress=compress, relative_remap=False)
    bpy.ops.wm.open_mainfile(filepath=target)
    said = {"local": bpy.utils.blend_paths(absolute=False, packed=False, local=True),
            "all": bpy.utils.blend_paths(absolute=True, packed=False, local=False)}
    with open(target + ".json", "w", encoding="utf-8", errors="surrogateescape") as out:
        json.dump(said, out, ensure_ascii=True)


def images():
    fresh()
    png("tex", "single.png")
    for frame in range(1, 6):
        png("tex", "seq_%04d.png" % frame)
    for tile in (1001, 1002):
        png("tex", "udim.%d.png" % tile)
    use_image(bpy.data.images.load(path("tex", "single.png"))).image.filepath = "//tex/single.png"
    sequence = bpy.data.images.load(path("tex", "seq_0001.png"))
    sequence.source, sequence.filepath = "SEQUENCE", "//tex/seq_0001.png"
    use_image(sequence)
    tiled = bpy.data.images.new("tiled", 1, 1)
    tiled.source, tiled.filepath = "TILED", "//tex/udim.<UDIM>.png"
    tiled.tiles.new(1002)
    use_image(tiled)
    packed = bpy.data.images.load(png("tex", "packed.png"))
    packed.pack()
    use_image(packed)
    stereo = bpy.data.images.load(png("tex", "stereo_L.png"))
    png("tex", "stereo_R.png")
    stereo.filepath, stereo.use_multiview, stereo.views_format = "//tex/stereo_L.png", True, "INDIVIDUAL"
    use_image(stereo)
    windows = bpy.data.images.new("windows", 1, 1)
    windows.source, windows.filepath = "FILE", "C:\\proj\\tex\\w.png"
    use_image(windows)
    share = bpy.data.images.new("share", 1, 1)
    share.source, share.filepath = "FILE", "\\\\srv\\share\\u.png"
    use_image(share)
    save("images.blend")
    save("images_compressed.blend", compress=True)


def media():
    scene = fresh()
    bpy.data.fonts.load("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") if os.path.exists(
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") else None
    volume = bpy.data.volumes.new("smoke")
    volume.filepath, volume.is_sequence, volume.frame_duration = "//vdb/smoke_0010.vdb", True, 20
    thing = bpy.data.objects.new("smoke", volume)
    scene.collection.objects.link(thing)
    bpy.ops.cachefile.open(filepath=path("nope.abc"))
    bpy.data.cache_files[0].filepath = "//nope.abc"
    for frame in range(1, 4):
        png("clip", "plate_%03d.png" % frame)
    clip = bpy.data.movieclips.load(path("clip", "plate_001.png"))
    clip.filepath = "//clip/plate_001.png"
    with open(path("script.py"), "w") as out:
        out.write("print(1)\n")
    text = bpy.data.texts.load(path("script.py"))
    text.filepath = "//script.py"
    scene.sequence_editor_create()
    strips = scene.sequence_editor.sequences
    strip = strips.new_image("pictures", path("tex", "seq_0001.png"), 1, 1)
    strip.directory = "//tex/"
    strip.elements.append("seq_0003.png")
    inner = strips.new_image("inner", path("tex", "single.png"), 2, 1)
    inner.directory = "//tex/"
    meta = strips.new_meta("meta", 3, 1)
    inner.move_to_meta(meta)
    save("media.blend")


def simulations():
    scene = fresh()
    thing = add_mesh("K\u00fcbe")
    cache = thing.modifiers.new("mesh cache", "MESH_CACHE")
    cache.cache_format, cache.filepath = "MDD", "//mc/x.mdd"
    ocean = thing.modifiers.new("ocean", "OCEAN")
    ocean.filepath = "//ocean_dir"
    cloth = thing.modifiers.new("cloth", "CLOTH")
    cloth.point_cache.use_disk_cache = True
    soft = thing.modifiers.new("soft", "SOFT_BODY")
    soft.point_cache.use_external = True
    soft.point_cache.filepath = "//sbext"
    thing.modifiers.new("particles", "PARTICLE_SYSTEM")
    system = thing.particle_systems[0]
    system.point_cache.use_disk_cache = True
    system.point_cache.name = "my dust"
    fluid = thing.modifiers.new("fluid", "FLUID")
    fluid.fluid_type = "DOMAIN"
    fluid.domain_settings.cache_directory = "//cache_fluid_x"
    paint = thing.modifiers.new("paint", "DYNAMIC_PAINT")
    paint.ui_type = "CANVAS"
    bpy.ops.dpaint.type_toggle(type="CANVAS")
    surface = paint.canvas_settings.canvas_surfaces[0]
    surface.surface_format = "VERTEX"
    surface.point_cache.use_disk_cache = True
    bpy.ops.rigidbody.world_add()
    scene.rigidbody_world.collection = bpy.data.collections.new("bodies")
    save("simulations.blend")


def nodes():
    scene = fresh()
    material = bpy.data.materials.new("osl")
    material.use_nodes = True
    tree = material.node_tree
    profile = tree.nodes.new("ShaderNodeTexIES")
    profile.mode, profile.filepath = "EXTERNAL", "//ies/lamp.ies"
    script = tree.nodes.new("ShaderNodeScript")
    script.mode, script.filepath = "EXTERNAL", "//osl/x.osl"
    thing = add_mesh()
    thing.data.materials.append(material)
    group = bpy.data.node_groups.new("geometry", "GeometryNodeTree")
    group.inputs.new("NodeSocketString", "File")
    modifier = thing.modifiers.new("nodes", "NODES")
    modifier.node_group = group
    modifier[group.inputs[0].identifier] = "//some/path.csv"
    scene.use_nodes = True
    output = scene.node_tree.nodes.new("CompositorNodeOutputFile")
    output.base_path = "//comp/"
    output.file_slots.new("depth_###")
    layers = scene.node_tree.nodes["Render Layers"] if "Render Layers" in scene.node_tree.nodes else \
        scene.node_tree.nodes.new("CompositorNodeRLayers")
    scene.node_tree.links.new(layers.outputs[0], output.inputs[0])
    inner = bpy.data.node_groups.new("comp group", "CompositorNodeTree")
    in_group = inner.nodes.new("CompositorNodeOutputFile")
    in_group.base_path = "//grouped/"
    blur = inner.nodes.new("CompositorNodeBlur")
    inner.links.new(blur.outputs[0], in_group.inputs[0])
    user = scene.node_tree.nodes.new("CompositorNodeGroup")
    user.node_tree = inner
    scene.render.filepath = "//render/img_"
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 77
    scene.cycles.use_adaptive_sampling = False
    scene.render.fps, scene.render.fps_base = 30, 1.001
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 640, 360, 50
    driver = thing.driver_add("location", 0).driver
    driver.type, driver.expression = "SCRIPTED", "bpy.app.version[0]"
    save("nodes.blend")


def libraries():
    """main -> lib/mid.blend -> lib/deep.blend, each with a texture of its own; main also by an absolute path."""
    fresh()
    deep = add_mesh("Deep")
    image = bpy.data.images.load(png("lib", "tex", "deep.png"))
    image.filepath = "//tex/deep.png"
    use_image(image)
    collection = bpy.data.collections.new("DeepSet")
    collection.objects.link(deep)
    bpy.context.scene.collection.children.link(collection)
    unused = bpy.data.images.load(png("lib", "tex", "unused.png"))
    unused.filepath = "//tex/unused.png"
    unused.use_fake_user = True
    save("lib/deep.blend")

    fresh()
    with bpy.data.libraries.load(path("lib", "deep.blend"), link=True, relative=False) as (source, target):
        target.collections = ["DeepSet"]
    middle = bpy.data.collections.new("MidSet")
    middle.children.link(bpy.data.collections["DeepSet"])
    bpy.context.scene.collection.children.link(middle)
    bpy.data.libraries[0].filepath = "//deep.blend"
    save("lib/mid.blend")

    for name, relative in (("main.blend", True), ("main_absolute.blend", False)):
        fresh()
        with bpy.data.libraries.load(path("lib", "mid.blend"), link=True, relative=relative) as (source, target):
            target.collections = ["MidSet"]
        empty = bpy.data.objects.new("instance", None)
        empty.instance_type, empty.instance_collection = "COLLECTION", bpy.data.collections["MidSet"]
        bpy.context.scene.collection.objects.link(empty)
        save(name)

    bpy.ops.wm.open_mainfile(filepath=path("main.blend"))
    bpy.ops.file.pack_libraries()
    save("main_packed.blend")


images()
media()
simulations()
nodes()
libraries()
