"""Shows what stands in a list of textures, to `souschef diff` and `souschef debug`. Made to be replaced by a real format."""

import hashlib

from souschef_plugin import Plugin, PluginError, escape_name, unescape_name

plugin = Plugin()


def textures_of(path):
    with open(unescape_name(path), "rb") as file:
        if file.readline() != b"#textures\n":
            raise PluginError("this is no list of textures", code="bad_input")
        return [line.strip() for line in file if line.strip() and not line.startswith(b"#")]


@plugin.method("inspect.outline")
def outline(request, call):
    # Items of one kind and name are compared by their digest: another digest, another content.
    return {"items": [{
        "kind": "texture",
        "name": escape_name(line),
        "digest": hashlib.md5(line).hexdigest(),
        "detail": "",
    } for line in textures_of(request["path"])]}


@plugin.method("inspect.commands")
def commands(request):
    return {"commands": [{"name": "@NAME@-count", "arguments": "", "summary": "How many textures a list has."}]}


@plugin.method("inspect.run")
def run(request, call):
    if request["command"] != "@NAME@-count":
        raise PluginError("there is no command " + request["command"], code="unsupported")
    return {"text": "%d\n" % len(textures_of(request["path"]))}


plugin.serve()
