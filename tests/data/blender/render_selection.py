# SPDX-License-Identifier: MIT
"""What Blender itself makes of the choices in selection.blend, one folder each, with plain stills.

    blender -b selection.blend --python render_selection.py -- FOLDER
"""
import os
import sys

import bpy

FOLDER = sys.argv[sys.argv.index("--") + 1]


def render(folder, frames, scene=None):
    scene = scene or bpy.context.scene
    for frame in frames:
        scene.frame_set(frame)
        scene.render.filepath = os.path.join(FOLDER, folder, "p_")
        scene.render.filepath = scene.render.frame_path(frame=frame)
        bpy.ops.render.render(write_still=True, scene=scene.name)


def layers(*names):
    for layer in bpy.context.scene.view_layers:
        layer.use = layer.name in names


scene = bpy.context.scene
render("plain", [-3, 0, 3, 6, 10001])
layers("other")
render("layer", [3])
layers("ViewLayer", "other")
render("other_scene", [3], bpy.data.scenes["other scene"])
for marker in scene.timeline_markers:
    marker.camera = None
scene.camera = bpy.data.objects["second"]
render("camera", [3])
