"""Says what a list of textures needs: one path a line, relative to the list. Made to be replaced by a real format."""

import os

from souschef_plugin import Plugin, PluginError, escape_name, unescape_name

plugin = Plugin()


def lines_of(path):
    with open(unescape_name(path), "rb") as file:
        if file.readline() != b"#textures\n":
            raise PluginError("this is no list of textures", code="bad_input")
        return [line.rstrip(b"\r\n") for line in file]


@plugin.method("tracer.trace")
def trace(request, call):
    references = []
    for line in lines_of(request["path"]):
        if not line or line.startswith(b"#"):
            continue
        # "//" begins what is relative to the file that refers, as in Blender.
        written = line if line.startswith(b"/") else b"//" + line
        references.append({
            "path": escape_name(written),
            "kind": "image",
            "expansion": "udim" if b"<UDIM>" in line else "file",
            "need": "required",
            "rewritable": True,
        })
    return {"references": references}


@plugin.method("tracer.rewrite")
def rewrite(request, call):
    changes = {change["reference"]: os.fsencode(unescape_name(change["path"])) for change in request["changes"]}
    number = 0
    with open(unescape_name(request["output"]), "wb") as out:
        out.write(b"#textures\n")
        for line in lines_of(request["path"]):
            if line and not line.startswith(b"#"):
                line = changes.get(number, line)
                number += 1
            out.write(line + b"\n")
    return {}


plugin.serve()
