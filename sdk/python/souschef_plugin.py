# SPDX-License-Identifier: MIT
"""The plugin protocol of Sous Chef, for plugins in Python. Standard library only, Python 3.7 or newer.

Copy this file into the plugin's folder, beside plugin.json:

    from souschef_plugin import Plugin

    plugin = Plugin()

    @plugin.method("stage.describe")
    def describe(request):
        return {"per": "order", "outputs": ["frames.txt"]}

    @plugin.method("stage.run")
    def run(request, call):
        with call.output("frames.txt") as out:
            for frame, path in call.files():
                out.write(f"{frame} {path}\\n")
        return {"outputs": ["frames.txt"]}

    plugin.serve()

What stands in a request and in an answer: docs/format/plugin-protocol.md. print() goes to the program's log, never onto the
wire. An exception ends the request, not the plugin.
"""

import inspect
import json
import os
import queue
import sys
import threading
import traceback

PROTOCOL = "1.0"

__all__ = ["Plugin", "Call", "PluginError", "Cancelled", "escape_name", "unescape_name"]


class PluginError(Exception):
    """Ends a request with words for people.

    what: one sentence without a full stop. why: its causes, outermost first. next: what to do about it.
    code: failed, not_found, bad_input, unsupported, denied, io, no_space, cancelled, child_failed, timed_out, missing.
    """

    def __init__(self, what, code="failed", why=(), next=""):
        super().__init__(what)
        self.error = {"code": code, "what": what, "why": [why] if isinstance(why, str) else list(why), "next": next}


class Cancelled(PluginError):
    """The answer to a request that was asked to end."""

    def __init__(self):
        super().__init__("stopped as asked", code="cancelled")


def escape_name(path):
    """A file name (str or bytes) as JSON spells it: \\xNN for bytes that are not UTF-8, control characters and the
    backslash."""
    text = os.fsencode(path).decode("utf-8", "surrogateescape")
    escaped = []
    for character in text:
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            escaped.append("\\x%02x" % (code - 0xDC00))
        elif code < 0x20 or code == 0x7F or character == "\\":
            escaped.append("\\x%02x" % code)
        else:
            escaped.append(character)
    return "".join(escaped)


def unescape_name(text):
    """The file name behind such a spelling, as os.open takes it."""
    raw = bytearray()
    at = 0
    while at < len(text):
        if text[at] != "\\":
            end = text.find("\\", at)
            end = len(text) if end < 0 else end
            raw += text[at:end].encode("utf-8")
            at = end
            continue
        digits = text[at + 2 : at + 4]
        if text[at + 1 : at + 2] != "x" or len(digits) != 2 or digits.strip("0123456789abcdef"):
            raise ValueError("not a file name as the protocol spells it: " + text)
        raw.append(int(digits, 16))
        at += 4
    return os.fsdecode(bytes(raw))


class _Output:
    """A declared output: written under another name, renamed when it is whole."""

    def __init__(self, request, name, mode, **options):
        self.path = os.path.join(unescape_name(request["output_folder"]), name)
        self._temporary = os.path.join(unescape_name(request["work_folder"]), name.replace("/", "_") + ".part")
        self._file = open(self._temporary, mode, **options)

    def __enter__(self):
        return self._file

    def __exit__(self, kind, error, trace):
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is not None:
            os.unlink(self._temporary)
            return False
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        os.replace(self._temporary, self.path)
        return False


class Call:
    """One running request, from the side of the plugin."""

    def __init__(self, plugin, request):
        self._plugin = plugin
        self.request = request
        self._cancelled = threading.Event()

    @property
    def cancelled(self):
        """True once the request should end: raise Cancelled() soon."""
        return self._cancelled.is_set()

    def check(self):
        """Raises Cancelled where the request should end."""
        if self.cancelled:
            raise Cancelled()

    def progress(self, fraction=None, message=""):
        """fraction: 0 to 1, or None where it is not known. Looks at check() as well."""
        self._plugin._say({"method": "progress", "params": {"fraction": fraction, "message": message}})
        self.check()

    def log(self, message, level="info"):
        """A line for the log of the stage. level: debug, info, warning, error."""
        self._plugin._say({"method": "log", "params": {"level": level, "message": str(message)}})

    @property
    def settings(self):
        return self.request.get("settings", {})

    def files(self, sequence=0):
        """(frame, path) of every finished frame's file in one of the request's sequences, ascending."""
        folder = unescape_name(self.request["sequences"][sequence]["folder"])
        for frame in self.request["frames"]:
            if frame["state"] == "done":
                for file in frame["files"]:
                    if file["sequence"] == sequence:
                        yield frame["frame"], os.path.join(folder, unescape_name(file["name"]))

    def missing(self):
        """The wanted frames that are not done."""
        return [frame["frame"] for frame in self.request["frames"] if frame["state"] != "done"]

    def output(self, name, mode="w", **options):
        """A file of output_folder, as a context manager: it appears when it is whole."""
        if mode == "w":
            options.setdefault("encoding", "utf-8")
        return _Output(self.request, name, mode, **options)


class Plugin:
    def __init__(self, folder=None):
        """folder: where plugin.json is; the folder of the script that runs, if not said."""
        self.folder = folder or os.path.dirname(os.path.abspath(sys.argv[0]))
        with open(os.path.join(self.folder, "plugin.json"), encoding="utf-8") as file:
            self.manifest = json.load(file)
        self.settings = {}  # of [[plugin]] in the config, once serve() has begun
        self._methods = {}
        self._lock = threading.Lock()
        self._wire = None
        self._current = None
        self._requests = queue.Queue()

    def method(self, name):
        """Registers a function for a method: function(request) or function(request, call), answering with a dict."""

        def register(function):
            self._methods[name] = (function, len(inspect.signature(function).parameters))
            return function

        return register

    def serve(self):
        """Answers requests until the program closes the wire."""
        # The wire gets descriptors that no library knows; what anything prints goes to the log.
        self._wire = os.fdopen(os.dup(1), "wb", buffering=0)
        lines = os.fdopen(os.dup(0), "rb")
        os.dup2(2, 1)
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        while True:
            message = self._requests.get()
            if message is None:
                return
            self._answer(message)

    # ---- inside

    def _read(self, lines):
        for line in lines:
            message = json.loads(line)
            if message.get("method") != "cancel":
                self._requests.put(message)
                continue
            with self._lock:
                current = self._current
            if current is not None and current[0] == message["params"]["id"]:
                current[1]._cancelled.set()
        with self._lock:
            busy = self._current is not None
        if busy:
            os._exit(0)  # the program has gone, or has given up on this request
        self._requests.put(None)

    def _say(self, message):
        # "replace": half a surrogate pair is no character, and no reader of JSON has to take it.
        text = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
        line = text.encode("utf-8", "replace") + b"\n"
        with self._lock:
            view = memoryview(line)
            try:
                while view:
                    view = view[self._wire.write(view) :]
            except BrokenPipeError:
                os._exit(0)

    def _answer(self, message):
        call = Call(self, message["params"])
        with self._lock:
            self._current = (message["id"], call)
        try:
            reply = {"id": message["id"], "result": self._call(message, call)}
        except PluginError as error:
            reply = {"id": message["id"], "error": error.error}
        except Exception as error:
            traceback.print_exc()
            place = traceback.extract_tb(error.__traceback__)[-1]
            why = "%s: %s (%s, line %d)" % (type(error).__name__, error, os.path.basename(place.filename), place.lineno)
            reply = {"id": message["id"], "error": {"code": "failed", "what": "the plugin has a bug", "why": [why]}}
        with self._lock:
            self._current = None
        sys.stdout.flush()
        sys.stderr.flush()
        self._say(reply)

    def _call(self, message, call):
        name, request = message["method"], message["params"]
        if name == "hello":
            self.settings = request.get("settings", {})
            return {"id": self.manifest["id"], "version": self.manifest["version"], "protocol": PROTOCOL}
        if name not in self._methods:
            raise PluginError("unknown method: " + name, code="unsupported")
        function, count = self._methods[name]
        result = function(request, call) if count > 1 else function(request)
        result = {} if result is None else result
        if not isinstance(result, dict):
            raise TypeError("%s answered with %s; a dict is expected" % (name, type(result).__name__))
        json.dumps(result)  # what cannot be JSON is found here, where the bug can be named
        return result
