# SPDX-License-Identifier: MIT
"""Writes <order>.html: every wanted frame of the order, the missing ones marked."""

import html
import os
import urllib.parse

from souschef_plugin import Plugin, unescape_name

plugin = Plugin()


def page_name(request):
    return request.get("order", {}).get("name", "order") + ".html"


@plugin.method("stage.describe")
def describe(request):
    return {"per": "order", "outputs": [page_name(request)]}


@plugin.method("stage.run")
def run(request, call):
    folder = unescape_name(request["output_folder"])
    paths = dict(call.files())
    frames = request["frames"]
    title = call.settings.get("title") or request["order"]["name"]
    with call.output(page_name(request)) as page:
        page.write("<!doctype html><meta charset=utf-8><title>%s</title><h1>%s</h1>\n" % ((html.escape(title),) * 2))
        page.write("<div style='display:grid;grid-template-columns:repeat(%d,1fr);gap:4px'>\n" % call.settings["columns"])
        for count, frame in enumerate(frames, 1):
            number = frame["frame"]
            if number in paths:
                link = urllib.parse.quote(os.path.relpath(paths[number], folder))
                page.write("<figure><img src='%s' width='100%%'><figcaption>%d</figcaption></figure>\n" % (link, number))
            else:
                page.write("<figure><b>%d: %s</b></figure>\n" % (number, html.escape(frame["state"])))
            call.progress(count / len(frames))
        page.write("</div>\n")
    missing = call.missing()
    return {
        "outputs": [page_name(request)],
        "summary": "%d of %d frames" % (len(frames) - len(missing), len(frames)),
        "warnings": ["frame %d is missing" % number for number in missing[:20]],
    }


plugin.serve()
