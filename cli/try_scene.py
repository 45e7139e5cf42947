"""The sample production of cli/try.sh: a lantern in a library, a textured floor, an animated shot.

    blender -b --factory-startup --python cli/try_scene.py -- FOLDER
"""
import math
import os
import struct
import sys
import zlib

import bpy

root = os.path.abspath(sys.argv[sys.argv.index("--") + 1])


def folder(*names):
    path = os.path.join(root, *names)
    os.makedirs(path, exist_ok=True)
    return path


def write_checker(path, size=256):
    """A PNG made by hand, so that it is the same on every machine."""
    rows = b""
    for y in range(size):
        rows += b"\0"
        for x in range(size):
            light = (x // 32 + y // 32) % 2 == 0
            rows += bytes((210, 190, 150) if light else (70, 50, 60))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        out.write(chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)))
        out.write(chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def material(name, color, roughness=0.5, emission=0.0, image=None):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree.nodes
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*color, 1)
    shader.inputs["Roughness"].default_value = roughness
    if emission:
        for name_of_input in ("Emission", "Emission Color"):
            if name_of_input in shader.inputs:
                shader.inputs[name_of_input].default_value = (*color, 1)
        shader.inputs["Emission Strength"].default_value = emission
    if image:
        texture = nodes.new("ShaderNodeTexImage")
        texture.image = image
        made.node_tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    return made


def clear():
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.preferences.filepaths.save_version = 0  # no .blend1


def make_library(path):
    clear()
    collection = bpy.data.collections.new("Lantern")
    bpy.context.scene.collection.children.link(collection)
    parts = []
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.5, location=(0, 0, 0.9), segments=24, ring_count=12)
    bpy.context.object.data.materials.append(material("glow", (1.0, 0.45, 0.12), 0.4, 2.5))
    parts.append(bpy.context.object)
    bpy.ops.mesh.primitive_cylinder_add(radius=0.3, depth=0.5, location=(0, 0, 0.25))
    bpy.context.object.data.materials.append(material("brass", (0.6, 0.4, 0.1), 0.25))
    parts.append(bpy.context.object)
    for part in parts:
        for user in part.users_collection:
            user.objects.unlink(part)
        collection.objects.link(part)
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=True)


def make_shot(path, library, texture):
    clear()
    bpy.ops.wm.save_as_mainfile(filepath=path)
    scene = bpy.context.scene
    with bpy.data.libraries.load(library, link=True, relative=True) as (_, wanted):
        wanted.collections = ["Lantern"]
    for i in range(3):
        lantern = bpy.data.objects.new("Lantern %d" % (i + 1), None)
        lantern.instance_type = "COLLECTION"
        lantern.instance_collection = bpy.data.collections["Lantern"]
        lantern.location = (math.cos(i * 2.1) * 1.6, math.sin(i * 2.1) * 1.6, 0)
        scene.collection.objects.link(lantern)
        for frame in (1, 13, 25):
            lantern.location.z = 0.5 * abs(math.sin(frame / 24 * math.pi + i))
            lantern.keyframe_insert("location", frame=frame)
    bpy.ops.mesh.primitive_plane_add(size=12)
    image = bpy.data.images.load(texture)
    bpy.context.object.data.materials.append(material("floor", (1, 1, 1), 0.3, image=image))
    bpy.ops.object.camera_add(location=(0, -8.0, 3.6), rotation=(math.radians(69), 0, 0))
    scene.camera = bpy.context.object
    bpy.ops.object.light_add(type="AREA", location=(3, -3, 5), rotation=(math.radians(40), math.radians(30), 0))
    bpy.context.object.data.energy = 400
    bpy.context.object.data.size = 3

    scene.world = bpy.data.worlds.new("dusk")
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs[0].default_value = (0.05, 0.07, 0.14, 1)

    render = scene.render
    render.engine = "CYCLES"
    scene.cycles.samples = 16
    scene.cycles.use_denoising = False  # distribution builds come without OpenImageDenoise
    render.resolution_x, render.resolution_y, render.resolution_percentage = 480, 270, 100
    render.filepath = "//../renders/sh010/sh010_"
    render.image_settings.file_format = "PNG"
    render.fps = 12
    scene.frame_start, scene.frame_end = 1, 24
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_as_mainfile(filepath=path)


checker = os.path.join(folder("textures"), "checker.png")
lantern_file = os.path.join(folder("lib"), "lantern.blend")
write_checker(checker)
make_library(lantern_file)
make_shot(os.path.join(folder("shots"), "sh010.blend"), lantern_file, checker)
