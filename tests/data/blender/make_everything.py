# SPDX-License-Identifier: MIT
"""Two shots that open every kind of file while they are rendered: everything.blend (objects, simulations, nodes,
libraries) and cut.blend (the sequencer).

    blender -b --factory-startup --python make_everything.py -- FOLDER

No file is here that Blender does not open while it renders, so that a trace can be held against what it opens.
"""
import os
import shutil
import struct
import sys
import wave

import bpy

ROOT = os.path.abspath(sys.argv[-1])
FRAMES = 3


def place(*parts):
    path = os.path.join(ROOT, *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def fresh(path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=path)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, FRAMES
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 32, 18, 100
    scene.render.filepath = "//render/p_"
    return scene


def picture(*parts, red=1.0, kind="PNG"):
    path = place(*parts)
    image = bpy.data.images.new("made", 4, 4, float_buffer=kind == "OPEN_EXR")
    image.pixels = [red, 0.5, 0.25, 1.0] * 16
    image.filepath_raw, image.file_format = path, kind
    image.save()
    bpy.data.images.remove(image)
    return path


def add(name, data):
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    return thing


def add_grid(name, size=2):
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=4, y_subdivisions=4, size=size)
    thing = bpy.context.object
    thing.name = name
    return thing


def textured(thing, path, written):
    material = bpy.data.materials.new(thing.name)
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.load(path)
    node.image.filepath = written
    shader = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(node.outputs["Color"], shader.inputs["Emission"])
    thing.data.materials.append(material)
    return node


def images():
    textured(add_grid("single"), picture("tex", "single.png"), "//tex/single.png")
    for frame in range(1, FRAMES + 1):
        first = picture("tex", "seq_%04d.png" % frame, red=frame / FRAMES)
    node = textured(add_grid("sequence"), first, "//tex/seq_0001.png")
    node.image.source = "SEQUENCE"
    node.image_user.frame_duration, node.image_user.use_auto_refresh = FRAMES, True
    for tile in (1001, 1002):
        tiled = picture("tex", "udim.%d.png" % tile)
    thing = add_grid("tiled")
    for corner in thing.data.uv_layers[0].data:
        corner.uv.x *= 2
    node = textured(thing, tiled, "//tex/udim.<UDIM>.png")
    node.image.source = "TILED"
    node.image.tiles.new(1002)


def world(scene):
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True
    tree = scene.world.node_tree
    node = tree.nodes.new("ShaderNodeTexEnvironment")
    node.image = bpy.data.images.load(picture("tex", "sky.exr", kind="OPEN_EXR"))
    node.image.filepath = "//tex/sky.exr"
    tree.links.new(node.outputs["Color"], tree.nodes["Background"].inputs["Color"])


def light():
    with open(place("ies", "lamp.ies"), "w") as out:
        out.write("IESNA:LM-63-2002\nTILT=NONE\n1 1000 1 3 1 1 2 0 0 0\n1 1 0\n0 45 90\n0\n100 80 10\n")
    lamp = bpy.data.lights.new("lamp", "POINT")
    lamp.use_nodes = True
    node = lamp.node_tree.nodes.new("ShaderNodeTexIES")
    node.mode, node.filepath = "EXTERNAL", "//ies/lamp.ies"
    lamp.node_tree.links.new(node.outputs[0], lamp.node_tree.nodes["Emission"].inputs["Strength"])
    add("lamp", lamp).location.z = 3


def text():
    source = os.path.join(bpy.utils.resource_path("LOCAL"), "datafiles", "fonts")
    system = os.path.join(bpy.utils.resource_path("SYSTEM") or source, "datafiles", "fonts")
    fonts = [os.path.join(folder, name)
             for folder in (source, system, "/usr/share/fonts/truetype/dejavu", "/usr/share/blender/datafiles/fonts")
             if os.path.isdir(folder) for name in sorted(os.listdir(folder)) if name.endswith((".ttf", ".otf"))]
    if not fonts:
        return
    shutil.copy(fonts[0], place("fonts", "title.ttf"))
    curve = bpy.data.curves.new("title", "FONT")
    curve.body = "S"
    curve.font = bpy.data.fonts.load(place("fonts", "title.ttf"))
    curve.font.filepath = "//fonts/title.ttf"
    add("title", curve)


def mesh_cache():
    thing = add_grid("cached")
    points = [tuple(vertex.co) for vertex in thing.data.vertices]
    with open(place("mc", "grid.pc2"), "wb") as out:
        out.write(struct.pack("<12siiffi", b"POINTCACHE2\0", 1, len(points), 1, 1, FRAMES))
        for frame in range(FRAMES):
            for x, y, z in points:
                out.write(struct.pack("<fff", x, y, z + frame))
    modifier = thing.modifiers.new("cache", "MESH_CACHE")
    modifier.cache_format, modifier.filepath = "PC2", "//mc/grid.pc2"


def simulations():
    cloth = add_grid("Schürze").modifiers.new("cloth", "CLOTH").point_cache
    cloth.use_disk_cache, cloth.frame_start, cloth.frame_end = True, 1, FRAMES
    named = add_grid("soft").modifiers.new("soft", "SOFT_BODY").point_cache
    named.name, named.use_disk_cache, named.frame_start, named.frame_end = "jelly", True, 1, FRAMES
    thing = add_grid("dusty")
    thing.modifiers.new("dust", "PARTICLE_SYSTEM")
    system = thing.particle_systems[0]
    system.settings.count, system.settings.frame_start, system.settings.frame_end = 20, 1, 2
    system.point_cache.use_disk_cache = True
    system.point_cache.frame_start, system.point_cache.frame_end = 1, FRAMES
    bpy.ops.wm.save_mainfile()
    bpy.ops.ptcache.bake_all(bake=True)


def library():
    """everything.blend -> lib/set.blend -> lib/deep/stone.blend, each with a texture beside it."""
    fresh(place("lib", "deep", "stone.blend"))
    textured(add_grid("stone"), picture("lib", "deep", "stone.png"), "//stone.png")
    bpy.ops.wm.save_mainfile()
    fresh(place("lib", "set.blend"))
    with bpy.data.libraries.load(place("lib", "deep", "stone.blend"), link=True, relative=True) as (_, wanted):
        wanted.objects = ["stone"]
    collection = bpy.data.collections.new("Set")
    collection.objects.link(wanted.objects[0])
    wall = add_grid("wall")
    textured(wall, picture("lib", "wall.png"), "//wall.png")
    collection.objects.link(wall)
    bpy.context.scene.collection.children.link(collection)
    bpy.ops.wm.save_mainfile()


def compositor(scene):
    scene.use_nodes = True
    tree = scene.node_tree
    node = tree.nodes.new("CompositorNodeImage")
    node.image = bpy.data.images.load(picture("comp", "grain.png"))
    node.image.filepath = "//comp/grain.png"
    for frame in range(1, FRAMES + 1):
        picture("clip", "plate_%03d.png" % frame)
    clip = bpy.data.movieclips.load(place("clip", "plate_001.png"))
    clip.filepath = "//clip/plate_001.png"
    plate = tree.nodes.new("CompositorNodeMovieClip")
    plate.clip = clip
    previous = tree.nodes["Render Layers"].outputs["Image"]
    for source in (node, plate):
        mix = tree.nodes.new("CompositorNodeMixRGB")
        tree.links.new(previous, mix.inputs[1])
        tree.links.new(source.outputs["Image"], mix.inputs[2])
        previous = mix.outputs[0]
    tree.links.new(previous, tree.nodes["Composite"].inputs[0])


def everything():
    library()
    scene = fresh(place("everything.blend"))
    camera = add("camera", bpy.data.cameras.new("camera"))
    camera.location.z = 12
    scene.camera = camera
    images()
    world(scene)
    light()
    text()
    mesh_cache()
    simulations()
    with bpy.data.libraries.load(place("lib", "set.blend"), link=True, relative=True) as (_, wanted):
        wanted.collections = ["Set"]
    scene.collection.children.link(wanted.collections[0])
    compositor(scene)
    bpy.ops.wm.save_mainfile()


def cut():
    scene = fresh(place("cut.blend"))
    strips = scene.sequence_editor_create().sequences
    for frame in range(1, FRAMES + 1):
        picture("edit", "still_%02d.png" % frame)
    still = strips.new_image("still", place("edit", "still_01.png"), 1, 1)
    still.directory = "//edit/"
    for frame in range(2, FRAMES + 1):
        still.elements.append("still_%02d.png" % frame)
    inner = strips.new_image("inner", picture("edit", "inner.png"), 2, 1)
    inner.directory, inner.frame_final_end, inner.blend_type = "//edit/", FRAMES + 1, "ADD"
    inner.move_to_meta(strips.new_meta("meta", 3, 1))
    with wave.open(place("edit", "beep.wav"), "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(8000)
        out.writeframes(b"\0\x10" * 8000)
    strips.new_sound("beep", place("edit", "beep.wav"), 4, 1).sound.filepath = "//edit/beep.wav"
    bpy.ops.wm.save_mainfile()


everything()
cut()
