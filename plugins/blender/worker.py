# SPDX-License-Identifier: MIT
"""The script inside Blender: one .blend is loaded, frames are asked for over a pipe, one at a time.

    blender -b [-y|-Y] [...] --python-exit-code 41 FILE.blend --python worker.py -- COMMAND_FD ANSWER_FD

Works in Blender 2.80 to 5.x with the standard library only. Commands and answers are JSON, one object a line, on
descriptors of their own: what Blender and its add-ons print cannot break them. docs/format/plugin-protocol.md,
"Blender's worker", lists the members.

What this script promises:
  * Nothing is written before a frame is asked for, and then only below the folder that the command names: the scene's
    output and every File Output node are re-rooted for every frame. A setting that cannot be made stops everything.
  * A frame counts as rendered only in the eyes of the program, which looks at the files. The answer is a claim.
  * Without its program this process ends: a thread reads the commands, and the end of the pipe ends the process, in
    the middle of a frame too (Blender's operators let go of the interpreter while they render).
"""
import json
import os
import queue
import sys
import threading
import time
import traceback

import bpy

PROTOCOL = 1
EXIT_BUG = 41        # the same number as after --python-exit-code
EXIT_ORPHANED = 42   # the program is gone


class Refusal(Exception):
    """What keeps the whole order from being rendered. `code` is for programs, the text for people."""

    def __init__(self, code, message, **more):
        super().__init__(message)
        self.code = code
        self.more = more


# ------------------------------------------------------------------------------------------------ names in JSON

def escaped(name):
    """File names are bytes; in JSON every byte that is not UTF-8, control characters and the backslash are \\xNN."""
    out = []
    for char in name:
        code = ord(char)
        if 0xDC80 <= code <= 0xDCFF:  # a byte that Python could not decode
            out.append("\\x%02x" % (code - 0xDC00))
        elif code < 0x20 or code == 0x7F or char == "\\":
            out.append("\\x%02x" % code)
        else:
            out.append(char)
    return "".join(out)


def unescaped(text):
    if "\\" not in text:
        return text
    out = bytearray()
    at = 0
    while at < len(text):
        if text[at] == "\\":
            out.append(int(text[at + 2:at + 4], 16))
            at += 4
        else:
            out += text[at].encode("utf-8")
            at += 1
    return os.fsdecode(bytes(out))


# ------------------------------------------------------------------------------------------------ the pipes

class Link:
    """Commands in, answers out."""

    def __init__(self, command_fd, answer_fd):
        self.answer_fd = answer_fd
        self.commands = queue.Queue()
        for fd in (command_fd, answer_fd):
            os.set_inheritable(fd, False)  # what an add-on starts must not hold the pipes open
        threading.Thread(target=self._listen, args=(command_fd,), daemon=True).start()

    def _listen(self, fd):
        with os.fdopen(fd, "rb") as pipe:
            for line in pipe:
                self.commands.put(line)
        os._exit(EXIT_ORPHANED)

    def next_command(self):
        return json.loads(self.commands.get().decode("utf-8"))

    def answer(self, kind, **members):
        members["is"] = kind
        data = (json.dumps(members, sort_keys=True) + "\n").encode("ascii")
        while data:
            data = data[os.write(self.answer_fd, data):]


# ------------------------------------------------------------------------------------------------ the opened file

def check_file(entry):
    """A .blend that cannot be read leaves Blender with its startup cube and exit code 0."""
    loaded = bpy.data.filepath
    if not loaded or os.path.realpath(loaded) != os.path.realpath(entry):
        raise Refusal("not_loaded", "Blender has not loaded the file", loaded=escaped(loaded))


def check_scripts(accepted):
    if getattr(bpy.app, "autoexec_fail", False) and not accepted:
        raise Refusal("scripts_blocked", getattr(bpy.app, "autoexec_fail_message", "") or "a script in the file")


def check_addons(wanted):
    import addon_utils
    missing = [name for name in wanted if not addon_utils.check(name)[1]]
    if missing:
        raise Refusal("addon_missing", ", ".join(missing))


def is_inside(path, roots):
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def unused_paths():
    """Absolute paths of datablocks that nobody uses: Blender does not read them."""
    kinds = ("images", "sounds", "fonts", "movieclips", "volumes", "cache_files", "texts")
    used, unused = set(), set()
    for kind in kinds:
        for item in getattr(bpy.data, kind, ()):
            path = getattr(item, "filepath", "")
            if path and path != "<builtin>":
                users = item.users - (1 if item.use_fake_user else 0)
                where = os.path.normpath(bpy.path.abspath(path, library=item.library))
                (used if users > 0 and kind != "texts" else unused).add(where)
    return unused - used


def check_paths(allowed):
    """Every file that this render would read lies in the checkout or in an allowed folder. A path that leads nowhere
    does no harm: the snapshot has already said what is missing."""
    own = [bpy.utils.resource_path(kind) for kind in ("LOCAL", "SYSTEM")] + [os.path.dirname(bpy.app.binary_path)]
    roots = [os.path.realpath(root) for root in list(allowed) + own if root]
    ignored = unused_paths()
    strangers = []
    for path in [bpy.path.abspath(lib.filepath) for lib in bpy.data.libraries] + \
            list(bpy.utils.blend_paths(absolute=True, packed=False, local=False)):
        path = os.path.normpath(path)
        if path in ignored or path in strangers or not os.path.isabs(path) or not os.path.exists(path):
            continue
        if not is_inside(os.path.realpath(path), roots):
            strangers.append(path)
    if strangers:
        raise Refusal("outside", "%d files lie outside the checkout" % len(strangers),
                      paths=[escaped(path) for path in strangers[:100]])


def choose_scene(name):
    if not name:
        return bpy.context.scene
    scene = bpy.data.scenes.get(name)
    if scene is None:
        raise Refusal("no_scene", name, known=sorted(s.name for s in bpy.data.scenes))
    if bpy.context.window is not None:
        bpy.context.window.scene = scene
    return scene


def choose_camera(scene, name):
    if not name:
        return
    camera = scene.objects.get(name)
    if camera is None or camera.type != "CAMERA":
        raise Refusal("no_camera", name, known=sorted(o.name for o in scene.objects if o.type == "CAMERA"))
    scene.camera = camera
    for marker in scene.timeline_markers:  # else a marker switches back to its own
        marker.camera = None


def choose_view_layers(scene, names):
    if not names:
        return
    missing = [name for name in names if name not in scene.view_layers]
    if missing:
        raise Refusal("no_view_layer", ", ".join(missing), known=sorted(layer.name for layer in scene.view_layers))
    # By their flags: a layer given to the render operator does not keep it from rendering all of them.
    for layer in scene.view_layers:
        layer.use = layer.name in names


def choose_size(scene, resolution):
    if not resolution:
        return
    if "percentage" in resolution:
        scene.render.resolution_percentage = resolution["percentage"]
    if "width" in resolution:
        scene.render.resolution_x = resolution["width"]
        scene.render.resolution_y = resolution["height"]
        scene.render.resolution_percentage = resolution.get("percentage", 100)


def choose_engine(scene, engine):
    if engine:
        try:
            scene.render.engine = engine
        except TypeError:
            raise Refusal("no_engine", engine)
    if not scene.render.engine:
        raise Refusal("no_engine", "the engine of the file is not part of this Blender")


def has_sound(scene, seen=()):
    """Whether anything in the scene can be heard: sound strips, also inside of metas and scene strips, or speakers."""
    if scene is None or scene in seen:
        return False
    editor = scene.sequence_editor
    strips = () if editor is None else getattr(editor, "strips_all", None) or editor.sequences_all
    for strip in strips:
        if not strip.mute and (strip.type == "SOUND" or
                               strip.type == "SCENE" and has_sound(strip.scene, tuple(seen) + (scene,))):
            return True
    return any(item.type == "SPEAKER" for item in scene.objects)


def choose_samples(scene, samples):
    if not samples:
        return
    if scene.render.engine == "CYCLES":
        scene.cycles.samples = samples
    elif hasattr(scene, "eevee") and scene.render.engine.startswith("BLENDER_EEVEE"):
        scene.eevee.taa_render_samples = samples
    else:
        raise Refusal("no_samples", "the engine %s has no samples to set" % scene.render.engine)


def is_card(found, uuid):
    """Whether a device of Cycles is the card of this name.

    Cards named by their place on the bus ("pci-0000:03:00.0") are found in the device's id, which ends with domain, bus
    and device: "HIP_AMD Radeon RX 6800_0000:03:00". Of all others only the right one is visible to this process.
    """
    if not uuid.startswith("pci-"):
        return True
    place = uuid[len("pci-"):].lower()
    ids = getattr(found, "id", "").lower()
    return ids.endswith("_" + place) or ids.endswith("_" + place.split(".")[0])


def choose_device(scene, device):
    """Cycles on exactly the device of the slot; never quietly on another one."""
    if scene.render.engine != "CYCLES" or "cycles" not in bpy.context.preferences.addons:
        return []
    if device.get("kind") != "gpu":
        scene.cycles.device = "CPU"
        return ["CPU"]
    preferences = bpy.context.preferences.addons["cycles"].preferences
    for backend in device["backends"]:
        try:
            preferences.compute_device_type = backend
        except TypeError:
            continue  # this Blender was built without it
        (getattr(preferences, "refresh_devices", None) or preferences.get_devices)()
        chosen = [d for d in preferences.devices if d.type == backend and is_card(d, device.get("uuid", ""))]
        for d in preferences.devices:
            d.use = d in chosen
        if chosen:
            scene.cycles.device = "GPU"
            return [d.name for d in chosen]
    wanted = " or ".join(device["backends"]) or "any kind that this program knows"
    uuid = device.get("uuid", "")
    place = ", and none at " + uuid[len("pci-"):] if uuid.startswith("pci-") else ""
    raise Refusal("gpu_absent", "this Blender offers no GPU of %s here%s" % (wanted, place))


# ------------------------------------------------------------------------------------------------ outputs

MOVIES = ("FFMPEG", "AVI_JPEG", "AVI_RAW")


def movie_settings(scene):
    ffmpeg = scene.render.ffmpeg
    def value(name):
        return getattr(ffmpeg, name, None)
    return {"container": value("format"), "codec": value("codec"), "audio_codec": value("audio_codec"),
            "audio_bitrate": value("audio_bitrate"), "gop": value("gopsize"), "crf": value("constant_rate_factor"),
            "bitrate": value("video_bitrate")}


def use_images(settings):
    """Movies are rendered as lossless images: a movie file cannot be resumed, checked or redone frame by frame."""
    if hasattr(settings, "media_type"):  # 5.0
        settings.media_type = "IMAGE"
    with_alpha = settings.color_mode == "RGBA"
    settings.file_format = "PNG"
    settings.color_mode = "RGBA" if with_alpha else "RGB"
    settings.color_depth = "8"


class Outputs:
    """The scene's output and its File Output nodes: what they say, and where they are sent for one frame."""

    def __init__(self, scene, as_movie):
        self.scene = scene
        self.described = []
        self.targets = []  # by id: a function that takes a path
        self.movie = None
        self._add_scene(as_movie)
        if getattr(scene.render, "use_compositing", True):
            tree = getattr(scene, "compositing_node_group", None) if hasattr(scene, "compositing_node_group") else \
                (scene.node_tree if scene.use_nodes else None)
            if tree is not None:
                self._add_tree(tree, "", set())

    def _size(self):
        render = self.scene.render
        width = render.resolution_x * render.resolution_percentage // 100
        height = render.resolution_y * render.resolution_percentage // 100
        if render.use_border and render.use_crop_to_border:
            return None  # depends on rounding inside Blender
        return [width, height]

    def _views(self):
        render = self.scene.render
        if not render.use_multiview:
            return []
        if render.views_format == "STEREO_3D":
            names = ("left", "right")
            return [v.file_suffix for v in render.views if v.name in names and v.use]
        return [v.file_suffix for v in render.views if v.use]

    def _add_scene(self, as_movie):
        render = self.scene.render
        settings = render.image_settings
        is_movie = settings.file_format in MOVIES
        if is_movie:
            self.movie = movie_settings(self.scene)
        if is_movie and not as_movie:
            use_images(settings)
        self._add({"kind": "render", "path": escaped(render.filepath), "format": settings.file_format,
                   "depth": getattr(settings, "color_depth", ""), "movie": is_movie,
                   "views_format": getattr(settings, "views_format", "INDIVIDUAL")}, self._set_scene)

    def _set_scene(self, path):
        self.scene.render.filepath = path
        if self.scene.render.filepath != path:
            raise Refusal("output", "Blender does not take the output path " + escaped(path))

    def _add(self, description, target):
        description["id"] = len(self.described)
        description["extension"] = self.scene.render.use_file_extension
        self.described.append(description)
        self.targets.append(target)

    def _add_tree(self, tree, path, seen):
        if tree in seen:
            return
        seen.add(tree)
        for node in tree.nodes:
            if node.mute:
                continue
            if node.type == "GROUP" and node.node_tree is not None:
                self._add_tree(node.node_tree, path + node.name + "/", seen)
            elif node.bl_idname == "CompositorNodeOutputFile":
                self._add_node(node, path + node.name)

    def _add_node(self, node, name):
        common = {"kind": "node", "node": name, "label": node.label, "format": node.format.file_format,
                  "views_format": getattr(node.format, "views_format", "INDIVIDUAL")}
        if hasattr(node, "base_path"):
            common["base"] = escaped(node.base_path)
            slots = node.file_slots
            common["slots"] = [{"path": escaped(slot.path), "linked": node.inputs[i].is_linked,
                                "format": None if slot.use_node_format else slot.format.file_format}
                               for i, slot in enumerate(slots)]
        else:  # 5.0
            common["base"] = escaped(node.directory)
            common["file_name"] = escaped(node.file_name)
            common["slots"] = [{"path": escaped(item.name), "linked": node.inputs[i].is_linked,
                                "format": item.format.file_format if item.override_node_format else None}
                               for i, item in enumerate(node.file_output_items)]
        self._add(common, lambda path: self._set_node(node, path))

    @staticmethod
    def _set_node(node, path):
        member = "base_path" if hasattr(node, "base_path") else "directory"
        setattr(node, member, path)
        if getattr(node, member) != path:
            raise Refusal("output", "Blender does not take the path %s of the node %s" % (escaped(path), node.name))

    def send_to(self, places):
        wanted = {place["id"]: unescaped(place["path"]) for place in places}
        if sorted(wanted) != list(range(len(self.targets))):
            raise Refusal("output", "the program does not know all outputs of the file")
        for number, target in enumerate(self.targets):
            target(wanted[number])

    def facts(self):
        return {"outputs": self.described, "movie": self.movie, "size": self._size(), "views": self._views()}


# ------------------------------------------------------------------------------------------------ the worker

class Worker:
    def __init__(self, link):
        self.link = link
        self.scene = None
        self.outputs = None
        self.play_from = None   # a simulation that is not baked: every frame since then is stepped through
        self.played_to = None
        self.as_movie = False

    def open(self, command):
        check_file(unescaped(command["entry"]))
        check_scripts(command.get("accept_blocked_scripts", False))
        check_addons(command.get("addons", []))
        settings = command.get("settings", {})
        self.scene = scene = choose_scene(settings.get("scene"))
        choose_engine(scene, settings.get("engine"))
        choose_camera(scene, settings.get("camera"))
        choose_view_layers(scene, settings.get("view_layers"))
        choose_size(scene, settings.get("resolution"))
        choose_samples(scene, settings.get("samples"))
        devices = choose_device(scene, command.get("device", {}))
        check_paths([unescaped(root) for root in command["allowed"]])
        self.as_movie = settings.get("as_movie", False)
        kept = {"overwrite": scene.render.use_overwrite, "placeholders": scene.render.use_placeholder}
        scene.render.use_overwrite = True
        scene.render.use_placeholder = False
        scene.render.use_persistent_data = True  # the same pixels; what did not change is not loaded again
        self.outputs = Outputs(scene, self.as_movie)
        self.play_from = command.get("play_from")
        facts = self.outputs.facts()
        facts.update({
            "scene": scene.name, "engine": scene.render.engine, "devices": devices,
            "frame_start": scene.frame_start, "frame_end": scene.frame_end, "frame_step": scene.frame_step,
            "fps": scene.render.fps, "fps_base": scene.render.fps_base,
            "camera": scene.camera.name if scene.camera else None, "sound": has_sound(scene),
            "file": kept,
            "scripts_blocked": getattr(bpy.app, "autoexec_fail_message", "") if getattr(bpy.app, "autoexec_fail", False)
            else None,
        })
        return facts

    def _play_to(self, frame):
        if self.play_from is None:
            return
        first = self.play_from if self.played_to is None else self.played_to + 1
        if self.played_to is not None and frame <= self.played_to:
            raise Refusal("order", "a simulation that is not baked only runs forward")
        for earlier in range(first, frame):
            self.scene.frame_set(earlier)
        self.played_to = frame

    def _render(self, frame, last):
        render = self.scene.render
        if frame < 0:
            # Blender's animation render knows no frame below 0; a still of the current frame does.
            render.filepath = render.frame_path(frame=frame)
            self.scene.frame_set(frame)
            return bpy.ops.render.render(write_still=True, scene=self.scene.name)
        self.scene.frame_start = frame
        self.scene.frame_end = last
        self.scene.frame_step = 1
        self.scene.frame_set(frame)
        return bpy.ops.render.render(animation=True, scene=self.scene.name)

    def frame(self, command):
        frame = command["frame"]
        self.outputs.send_to(command["outputs"])
        started = time.monotonic()
        self._play_to(frame)
        result = self._render(frame, command.get("last", frame))
        if result != {"FINISHED"}:
            raise RuntimeError("the render was cancelled inside Blender")
        return time.monotonic() - started

    def run(self):
        while True:
            command = self.link.next_command()
            if command["do"] == "quit":
                return
            if command["do"] == "open":
                self.link.answer("opened", **self.open(command))
            elif command["do"] == "frame":
                tag = {"frame": command["frame"], "attempt": command["attempt"]}
                try:
                    seconds = self.frame(command)
                except RuntimeError as error:  # what a render operator raises
                    self.link.answer("failed", message=str(error).strip(), **tag)
                else:
                    flush_log()
                    self.link.answer("rendered", seconds=round(seconds, 3), **tag)
            else:
                raise ValueError("unknown command %r" % command["do"])


def flush_log():
    """What Blender has printed reaches the log before the answer: errors in it are about this frame."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        import ctypes
        ctypes.CDLL(None).fflush(None)
    except (ImportError, AttributeError, OSError, TypeError):
        pass  # then a line may be late


def text_of(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def main():
    arguments = sys.argv[sys.argv.index("--") + 1:]
    link = Link(int(arguments[0]), int(arguments[1]))
    link.answer("hello", protocol=PROTOCOL, blender=list(bpy.app.version), version=bpy.app.version_string,
                build=text_of(bpy.app.build_hash), pid=os.getpid())
    try:
        Worker(link).run()
    except Refusal as refusal:
        link.answer("refused", code=refusal.code, message=str(refusal), **refusal.more)
    except BaseException:
        link.answer("bug", message=traceback.format_exc())
        raise


if __name__ == "__main__":
    main()
    # Add-ons have been seen to keep Blender alive after its last command.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
