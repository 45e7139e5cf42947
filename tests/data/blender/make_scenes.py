# SPDX-License-Identifier: MIT
"""Small scenes for the tests that use the real Blender. Each takes a fraction of a second a frame.

    blender -b --factory-startup --python make_scenes.py -- FOLDER
"""
import math
import os
import struct
import sys
import wave

import bpy

ROOT = os.path.abspath(sys.argv[sys.argv.index("--") + 1])


def fresh():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.preferences.filepaths.save_version = 0
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 64, 36, 50
    scene.render.filepath = "//render/p_"
    scene.frame_start, scene.frame_end = 1, 4
    world = bpy.data.worlds.new("world")
    world.color = (0.2, 0.4, 0.6)
    scene.world = world
    mesh = bpy.data.meshes.new("tent")
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (0, 1, 1)], [], [(0, 1, 2)])
    tent = bpy.data.objects.new("tent", mesh)
    scene.collection.objects.link(tent)
    tent.keyframe_insert("location", frame=1)
    tent.location.x = 1
    tent.keyframe_insert("location", frame=10)
    add_camera("camera", 0)
    scene.camera = bpy.data.objects["camera"]
    return scene


def add_camera(name, x):
    camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
    camera.location = (x, 0, 6)
    bpy.context.scene.collection.objects.link(camera)
    return camera


def save(name):
    path = os.path.join(ROOT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=path, relative_remap=False)


def plain():
    fresh()
    save("plain.blend")


def nodes():
    scene = fresh()
    scene.use_nodes = True
    tree = scene.node_tree
    layers = tree.nodes["Render Layers"]

    def file_output(nodes_of, name, base, slots, label=""):
        node = nodes_of.nodes.new("CompositorNodeOutputFile")
        node.name, node.label, node.base_path = name, label, base
        node.format.file_format = "PNG"
        node.file_slots.clear()
        for slot in slots:
            node.file_slots.new(slot)
        return node

    top = file_output(tree, "Top", "//render/comp/", ["beauty_", "sub/depth_##", "unlinked_"])
    tree.links.new(layers.outputs["Image"], top.inputs[0])
    tree.links.new(layers.outputs["Image"], top.inputs[1])
    muted = file_output(tree, "Muted", "//render/muted/", ["m_"])
    tree.links.new(layers.outputs["Image"], muted.inputs[0])
    muted.mute = True
    left = file_output(tree, "Left", "//kept/", ["k_"], label="ignore this one")
    tree.links.new(layers.outputs["Image"], left.inputs[0])

    group = bpy.data.node_groups.new("inner", "CompositorNodeTree")
    group.inputs.new("NodeSocketColor", "Image")
    source = group.nodes.new("NodeGroupInput")
    inner = group.nodes.new("CompositorNodeOutputFile")
    inner.name, inner.base_path = "Inner", "//render/multi_"
    inner.format.file_format = "OPEN_EXR_MULTILAYER"
    group.links.new(source.outputs[0], inner.inputs[0])
    user = tree.nodes.new("CompositorNodeGroup")
    user.name, user.node_tree = "Group", group
    tree.links.new(layers.outputs["Image"], user.inputs[0])
    save("nodes.blend")


def choices():
    scene = fresh()
    add_camera("second", 3)
    marker = scene.timeline_markers.new("cut", frame=1)
    marker.camera = bpy.data.objects["camera"]
    scene.view_layers.new("other")
    other = bpy.data.scenes.new("other scene")
    other.render.filepath = "//other/o_"
    save("choices.blend")


def movie():
    scene = fresh()
    scene.render.image_settings.file_format = "FFMPEG"
    scene.render.filepath = "//render/cut"
    save("movie.blend")


def sound():
    path = os.path.join(ROOT, "tone.wav")
    with wave.open(path, "wb") as tone:
        tone.setparams((1, 2, 8000, 0, "NONE", ""))
        tone.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i * 0.35))) for i in range(16000)))
    scene = fresh()
    scene.render.fps = 24
    scene.frame_end = 24
    save("sound.blend")  # so that the strip's path can be relative to it
    scene.sequence_editor_create().sequences.new_sound("tone", "//tone.wav", 1, 1)
    scene.render.use_sequencer = False
    save("sound.blend")


def driver():
    fresh()
    curve = bpy.data.objects["tent"].driver_add("location", 1)
    curve.driver.expression = "__import__('math').sin(frame)"
    save("driver.blend")


def outside():
    library = os.path.join(os.path.dirname(ROOT), os.path.basename(ROOT) + "-outside", "library.blend")
    fresh()
    bpy.data.objects["tent"].name = "linked tent"
    os.makedirs(os.path.dirname(library), exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=library, relative_remap=False)
    scene = fresh()
    with bpy.data.libraries.load(library, link=True, relative=False) as (_, wanted):
        wanted.objects = ["linked tent"]
    scene.collection.objects.link(wanted.objects[0])
    save("outside.blend")


def no_camera():
    scene = fresh()
    scene.camera = None
    save("no_camera.blend")


def denoised():
    scene = fresh()
    scene.cycles.use_denoising = True
    save("denoised.blend")


def selection():
    """Every choice gives another picture: two cameras and a marker that switches, two layers, two scenes."""
    scene = fresh()
    scene.frame_end = 20000
    second = add_camera("second", 1.5)
    scene.timeline_markers.new("first", frame=-10).camera = bpy.data.objects["camera"]
    scene.timeline_markers.new("cut", frame=5).camera = second
    hidden = bpy.data.collections.new("hidden")
    scene.collection.children.link(hidden)
    mesh = bpy.data.meshes.new("wall")
    mesh.from_pydata([(-3, -3, -1), (3, -3, -1), (3, 3, -1), (-3, 3, -1)], [], [(0, 1, 2, 3)])
    material = bpy.data.materials.new("bright")
    material.diffuse_color = (1, 0, 0, 1)
    material.use_nodes = True
    material.node_tree.nodes.clear()
    emission = material.node_tree.nodes.new("ShaderNodeEmission")
    emission.inputs[0].default_value = (1, 0, 0, 1)
    end = material.node_tree.nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(emission.outputs[0], end.inputs[0])
    mesh.materials.append(material)
    hidden.objects.link(bpy.data.objects.new("wall", mesh))
    scene.view_layers.new("other").layer_collection.children["hidden"].exclude = True
    other = bpy.data.scenes.new("other scene")
    other.render.engine = "CYCLES"
    other.cycles.samples = 1
    other.cycles.use_denoising = False
    other.render.resolution_x, other.render.resolution_y, other.render.resolution_percentage = 48, 48, 50
    other.render.filepath = "//other/o_"
    other.collection.objects.link(bpy.data.objects["tent"])
    other.collection.objects.link(second)
    other.camera = second
    save("selection.blend")


def falling():
    """Rigid bodies without a bake: what a frame shows depends on the frames before it."""
    scene = fresh()
    scene.frame_end = 12
    tent = bpy.data.objects["tent"]
    tent.animation_data_clear()
    tent.location = (0, 0, 3)
    tent.rotation_euler = (0.4, 0.7, 0)
    bpy.ops.rigidbody.world_add()
    bpy.context.view_layer.objects.active = tent
    bpy.ops.rigidbody.object_add()
    save("falling.blend")


def edit():
    """Shows the frames of plain.blend, which are not there yet, as they are."""
    scene = fresh()
    scene.frame_end = 3
    scene.render.filepath = "//cut/e_"
    scene.render.dither_intensity = 0
    scene.view_settings.view_transform = "Standard"
    first = os.path.join(ROOT, "render", "p_0001.png")
    os.makedirs(os.path.dirname(first), exist_ok=True)
    bpy.data.images.new("stand-in", 8, 8).save_render(first)  # a strip is not made of nothing
    strip = scene.sequence_editor_create().sequences.new_image("shot", first, 1, 1)
    for number in (2, 3):
        strip.elements.append("p_%04d.png" % number)
    strip.directory = "//render/"
    os.remove(first)
    save("edit.blend")


def slow():
    """Seconds a frame: there is time to do something in the middle of one."""
    scene = fresh()
    scene.cycles.samples = 4000
    scene.cycles.use_adaptive_sampling = False
    scene.render.resolution_percentage = 100
    save("slow.blend")


for make in (plain, nodes, choices, movie, sound, driver, outside, no_camera, denoised, selection, falling, edit,
             slow):
    make()
with open(os.path.join(ROOT, "complete"), "w") as done:
    done.write("yes")
