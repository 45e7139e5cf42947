"""Appends one line for every event to a file."""

from souschef_plugin import Plugin

plugin = Plugin()


@plugin.method("event.handle")
def handle(request, call):
    # The same event comes again where this raises, or where the machine stops at the wrong moment: event["id"] is
    # the same then.
    event, settings = request["event"], request["settings"]
    if not settings.get("file"):
        return {"ignored": True}
    with open(settings["file"], "a", encoding="utf-8") as out:
        out.write("%s %s: %s\n" % (event["time"], event["name"], event["message"]))
    return {}


plugin.serve()
