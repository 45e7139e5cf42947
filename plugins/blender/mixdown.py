# SPDX-License-Identifier: MIT
"""The sound of a scene as one file: what an encode stage lays under the pictures.

    blender -b [-y|-Y] [...] --python-exit-code 41 FILE.blend -S SCENE --python mixdown.py -- ENTRY OUTPUT FIRST LAST

The file is FLAC, 24 bit, and holds exactly the frames FIRST to LAST.
"""
import os
import sys

import bpy

entry, output, first, last = sys.argv[sys.argv.index("--") + 1:]
loaded = bpy.data.filepath
if not loaded or os.path.realpath(loaded) != os.path.realpath(entry):
    raise RuntimeError("Blender has not loaded the file")  # and would mix its startup scene
scene = bpy.context.scene
scene.frame_start = int(first)
scene.frame_end = int(last)
if bpy.ops.sound.mixdown(filepath=output, check_existing=False, relative_path=False, container="FLAC", codec="FLAC",
                         format="S24") != {"FINISHED"}:
    raise RuntimeError("the sound was not mixed")
