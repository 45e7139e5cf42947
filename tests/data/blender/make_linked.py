# SPDX-License-Identifier: MIT
"""A production whose references are all absolute: shots -> a set -> its stones, each with a texture, and a shot with a
barrel from outside. The look (0 or 1) decides colours and shapes: making it again in the same place changes everything.

    blender -b --factory-startup --python make_linked.py -- FOLDER LOOK      makes FOLDER/prod and FOLDER/outside
"""
import os
import sys

import bpy

FOLDER, LOOK = os.path.abspath(sys.argv[-2]), int(sys.argv[-1])


def place(*parts):
    path = os.path.join(FOLDER, *parts)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def fresh():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.filepaths.save_version = 0
    bpy.context.preferences.filepaths.use_relative_paths = False
    return bpy.context.scene


def texture(*parts, colour):
    """A picture of one colour; returns its absolute path."""
    path = place(*parts)
    image = bpy.data.images.new("made", 4, 4)
    image.pixels = [channel for _ in range(16) for channel in colour]
    image.filepath_raw, image.file_format = path, "PNG"
    image.save()
    bpy.data.images.remove(image)
    return path


def pane(name, x, picture):
    """A square that shines in the colour of a picture."""
    size = 0.4 + 0.3 * LOOK
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([(-size, -size, 0), (size, -size, 0), (size, size, 0), (-size, size, 0)], [], [(0, 1, 2, 3)])
    mesh.uv_layers.new()
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    image = tree.nodes.new("ShaderNodeTexImage")
    image.image = bpy.data.images.load(picture)
    image.image.filepath = picture
    shine = tree.nodes.new("ShaderNodeEmission")
    out = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(image.outputs["Color"], shine.inputs["Color"])
    tree.links.new(shine.outputs[0], out.inputs["Surface"])
    mesh.materials.append(material)
    thing = bpy.data.objects.new(name, mesh)
    thing.location.x = x
    return thing


def save_collection(path, name, things, children=()):
    collection = bpy.data.collections.new(name)
    for thing in things:
        collection.objects.link(thing)
    for child in children:
        collection.children.link(child)
    bpy.context.scene.collection.children.link(collection)
    bpy.ops.wm.save_as_mainfile(filepath=path, relative_remap=False)


def link(path, name):
    with bpy.data.libraries.load(path, link=True, relative=False) as (_, wanted):
        wanted.collections = [name]
    return wanted.collections[0]


def save_shot(path, sets, picture):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 64, 24, 100
    scene.render.filepath = "//render/p_"
    scene.frame_start = scene.frame_end = 1
    for path_of_set, name in sets:
        scene.collection.children.link(link(path_of_set, name))
    scene.collection.objects.link(pane("own", -2, picture))
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.location.z = 9
    scene.collection.objects.link(camera)
    scene.camera = camera
    bpy.ops.wm.save_as_mainfile(filepath=path, relative_remap=False)


def rgb(red, green, blue):
    return (1 - red, 1 - green, 1 - blue, 1) if LOOK else (red, green, blue, 1)


fresh()
save_collection(place("prod", "lib", "deep", "stone.blend"), "Stones",
                [pane("stone", 0, texture("prod", "lib", "deep", "tex", "stone.png", colour=rgb(1, 0, 0)))])
fresh()
save_collection(place("prod", "lib", "set.blend"), "Set",
                [pane("wall", 1, texture("prod", "lib", "tex", "wall.png", colour=rgb(0, 1, 0)))],
                [link(place("prod", "lib", "deep", "stone.blend"), "Stones")])
fresh()
save_collection(place("outside", "props", "barrel.blend"), "Barrels",
                [pane("barrel", 2, texture("outside", "props", "tex", "wood.png", colour=rgb(1, 1, 0)))])
fresh()
save_shot(place("prod", "shots", "nested.blend"), [(place("prod", "lib", "set.blend"), "Set")],
          texture("prod", "tex", "own.png", colour=rgb(0, 0, 1)))
fresh()
save_shot(place("prod", "shots", "outside.blend"), [(place("prod", "lib", "set.blend"), "Set"),
                                                    (place("outside", "props", "barrel.blend"), "Barrels")],
          texture("prod", "tex", "own.png", colour=rgb(0, 0, 1)))
