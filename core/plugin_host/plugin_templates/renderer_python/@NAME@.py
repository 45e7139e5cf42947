"""A renderer: how to start it, how to talk to it, what a frame leaves behind. It starts nothing itself.

The program that renders is worker.py; a target names the Python that runs it:

    [[target]]
    name = "@NAME@"
    path = "/usr/bin/python3"
    renderer = "@NAME@"
"""

import json
import os
import posixpath

from souschef_plugin import Plugin, PluginError

plugin = Plugin()


def text_of(name):
    with open(os.path.join(plugin.folder, name), encoding="utf-8") as file:
        return file.read()


@plugin.method("renderer.describe")
def describe(request):
    return {"name": "@CLASS@", "protocol": 1, "endings": [".@NAME@"], "version_arguments": ["--version"],
            "programs": ["python3"]}


@plugin.method("renderer.launch")
def launch(request):
    target = request.get("target", {})
    if not target.get("path"):
        raise PluginError("the target has no path", code="bad_input")
    return {
        "command": [target["path"], posixpath.join(request["run_folder"], "worker.py"), request["entry"]],
        "environment": target.get("environment", {}),
        "files": [{"name": name, "content": text_of(name)} for name in ("worker.py", "souschef_plugin.py")],
        "pipes": {"commands": 3, "answers": 4},
    }


@plugin.method("renderer.command")
def command(request):
    return {"line": json.dumps(request)}  # ASCII, without line ends; worker.py reads the same words


def event_of(channel, line):
    if channel == "version":
        return {"event": "version", "version": line[7:].strip()} if line.startswith("Python ") else None
    if channel != "answers":
        return None
    try:
        answer = json.loads(line)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("event"), str):
        return {"event": "nonsense", "message": line[:200]}
    return answer


@plugin.method("renderer.decode")
def decode(request):
    events = [event_of(request["channel"], line) for line in request["lines"]]
    return {"events": [event for event in events if event is not None]}


@plugin.method("renderer.outputs")
def outputs(request):
    # Names stay as the protocol spells them: they are put together, never opened here.
    written = request["outputs"][0]["path"]
    natural = posixpath.join(posixpath.dirname(request["entry"]), written[2:]) if written.startswith("//") else written
    wanted = request.get("override", "")
    if not wanted:
        destination = natural
    elif wanted.endswith("/") or request.get("override_is_folder"):
        destination = posixpath.join(wanted, posixpath.basename(natural))
    else:
        destination = wanted
    prefix = posixpath.basename(destination)
    return {
        "root": posixpath.dirname(destination),
        "outputs": [{"id": 0, "kind": "render", "node": "", "path": prefix, "written": written, "natural": natural,
                     "destination": destination, "movie": None}],
        "frames": [{"frame": frame, "files": [
            {"output": 0, "slot": "", "path": "%s%04d.png" % (prefix, frame), "pattern": False, "required": True,
             "format": "PNG", "size": request.get("size")}]} for frame in request["frames"]],
    }


plugin.serve()
