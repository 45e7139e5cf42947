"""Writes <order>.txt: one line for every frame of the order."""

from souschef_plugin import Plugin

plugin = Plugin()


def output_name(request):
    return request.get("order", {}).get("name", "order") + ".txt"


@plugin.method("stage.describe")
def describe(request):
    # Asked when somebody orders: which files will there be?
    return {"per": "order", "outputs": [output_name(request)]}


@plugin.method("stage.run")
def run(request, call):
    paths = dict(call.files())  # frame -> path of the verified file
    frames = request["frames"]
    # The file appears under its name when the block ends, never half of it.
    with call.output(output_name(request)) as out:
        if call.settings["heading"]:
            out.write(call.settings["heading"] + "\n")
        for count, frame in enumerate(frames, 1):
            number = frame["frame"]
            out.write("%d %s\n" % (number, "done" if number in paths else frame["state"]))
            call.progress(count / len(frames))  # ends here where somebody has cancelled
    return {"outputs": [output_name(request)], "summary": "%d frames" % len(frames)}


plugin.serve()
