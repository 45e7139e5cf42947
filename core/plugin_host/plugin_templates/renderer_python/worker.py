"""The program that renders: worker.py SCENE. Commands come on descriptor 3, answers go to descriptor 4, JSON, a line each.

Without its commands it ends: nothing is rendered for a program that has gone.
"""

import json
import os
import struct
import sys
import time
import zlib

from souschef_plugin import unescape_name

answers = os.fdopen(4, "w", encoding="ascii", buffering=1)
size = [64, 36]


def answer(event, **members):
    answers.write(json.dumps(dict(members, event=event)) + "\n")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(frame):
    width, height = size
    row = b"\0" + bytes((frame * 7 % 256, frame * 3 % 256, 128)) * width
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b""))


def render(command):
    path = os.path.join(unescape_name(command["staging"]),
                        unescape_name(command["outputs"][0]["path"]) + "%04d.png" % command["frame"])
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(picture(command["frame"]))


answer("hello", protocol=1, version=sys.version.split()[0], build="", numbers=list(sys.version_info[:3]))
for line in os.fdopen(3, "r", encoding="ascii"):
    command = json.loads(line)
    if command["do"] == "quit":
        break
    if command["do"] == "open":
        # Here the scene sys.argv[1] would be read; what cannot be rendered: answer("refused", code=..., what=..., ...).
        wanted = command["settings"].get("resolution", {})
        if "width" in wanted:
            size = [wanted["width"], wanted["height"]]
        answer("opened", facts={
            "outputs": [{"id": 0, "kind": "render", "path": "//render/@NAME@_", "format": "PNG"}],
            "size": size, "views": [], "movie": None, "scene": "Scene", "engine": "@NAME@", "fps": 24, "fps_base": 1.0})
    elif command["do"] == "frame":
        began = time.monotonic()
        tag = {"frame": command["frame"], "attempt": command["attempt"]}
        try:
            render(command)
        except OSError as error:
            answer("failed", message=str(error), **tag)
        else:
            answer("rendered", seconds=round(time.monotonic() - began, 3), **tag)
