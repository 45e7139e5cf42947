# SPDX-License-Identifier: MIT
"""The Python helper: what the program sees on the wire. Run by ctest with python3 -m unittest."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

HELPER = os.path.join(os.path.dirname(__file__), "..", "..", "sdk", "python")
sys.path.insert(0, HELPER)
from souschef_plugin import escape_name, unescape_name  # noqa: E402

SCRIPT = """
from souschef_plugin import Plugin, PluginError, Cancelled
import subprocess, sys
plugin = Plugin()

@plugin.method("echo")
def echo(request):
    print("printed")
    subprocess.run(["echo", "printed by a child"])
    return request

@plugin.method("work")
def work(request, call):
    call.log("careful", "warning")
    while True:
        call.progress(0.5, "half")

@plugin.method("refuse")
def refuse(request):
    raise PluginError("no space", code="no_space", why="the disk is full", next="souschef gc")

@plugin.method("bug")
def bug(request):
    return {}["x"]

@plugin.method("list")
def wrong(request):
    return [1]

@plugin.method("bytes")
def not_json(request):
    return {"x": b"y"}

@plugin.method("nothing")
def nothing(request):
    pass

@plugin.method("write")
def write(request, call):
    with call.output("a/out.txt") as out:
        out.write("whole")
    try:
        with call.output("broken.txt") as out:
            out.write("half")
            raise PluginError("stopped in the middle")
    except PluginError:
        pass
    return {"files": list(call.files()), "missing": call.missing()}

plugin.serve()
"""


class Wire(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        with open(os.path.join(self.folder.name, "plugin.json"), "w") as file:
            json.dump({"id": "slate", "version": "1.2.0"}, file)
        with open(os.path.join(self.folder.name, "plugin.py"), "w") as file:
            file.write(SCRIPT)
        self.process = subprocess.Popen(
            [sys.executable, "plugin.py"],
            cwd=self.folder.name,
            env=dict(os.environ, PYTHONPATH=HELPER, PYTHONDONTWRITEBYTECODE="1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.count = 0

    def tearDown(self):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        self.folder.cleanup()

    def send(self, method, params):
        self.count += 1
        line = json.dumps({"id": self.count, "method": method, "params": params})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.count

    def read(self):
        return json.loads(self.process.stdout.readline())

    def call(self, method, params=None):
        number = self.send(method, params or {})
        answer = self.read()
        self.assertEqual(answer["id"], number)
        return answer.get("result", answer.get("error"))

    def test_hello_says_what_plugin_json_says(self):
        self.assertEqual(self.call("hello", {"settings": {}}), {"id": "slate", "version": "1.2.0", "protocol": "1.0"})

    def test_what_is_printed_stays_off_the_wire(self):
        self.assertEqual(self.call("echo", {"x": "\u00e4\U0001f600"}), {"x": "\u00e4\U0001f600"})
        out, errors = self.process.communicate()
        self.assertEqual(out, b"")
        self.assertEqual(sorted(errors.splitlines()), [b"printed", b"printed by a child"])
        self.assertEqual(self.process.returncode, 0)

    def test_cancel_ends_the_request_and_not_the_plugin(self):
        number = self.send("work", {})
        self.assertEqual(self.read(), {"method": "log", "params": {"level": "warning", "message": "careful"}})
        self.assertEqual(self.read()["params"], {"fraction": 0.5, "message": "half"})
        cancel = {"method": "cancel", "params": {"id": number}}
        self.process.stdin.write(json.dumps(cancel).encode() + b"\n")
        self.process.stdin.flush()
        answer = self.read()
        while "method" in answer:
            answer = self.read()
        self.assertEqual(answer["error"]["code"], "cancelled")
        self.assertEqual(self.call("nothing"), {})

    def test_end_of_input_ends_a_running_request(self):
        self.send("work", {})
        self.read()
        self.process.stdin.close()
        while self.process.stdout.read(65536):
            pass
        self.assertEqual(self.process.wait(timeout=60), 0)

    def test_errors_have_words(self):
        self.assertEqual(
            self.call("refuse"),
            {"code": "no_space", "what": "no space", "why": ["the disk is full"], "next": "souschef gc"},
        )

    def test_bugs_are_named_with_their_place(self):
        error = self.call("bug")
        self.assertEqual(error["what"], "the plugin has a bug")
        self.assertRegex(error["why"][0], r"KeyError: 'x' \(plugin.py, line \d+\)")
        self.assertIn("a dict is expected", self.call("list")["why"][0])
        self.assertIn("not JSON serializable", self.call("bytes")["why"][0])
        self.assertEqual(self.call("nothing"), {})

    def test_text_that_is_no_unicode_does_not_break_the_wire(self):
        self.process.stdin.write(b'{"id": 1, "method": "echo", "params": {"x": "a\\ud800b"}}\n')
        self.process.stdin.flush()
        self.assertEqual(self.read()["result"], {"x": "a?b"})

    def test_unknown_method_is_unsupported(self):
        self.assertEqual(self.call("dance")["code"], "unsupported")

    def test_outputs_appear_when_they_are_whole(self):
        out, work = os.path.join(self.folder.name, "out"), os.path.join(self.folder.name, "work")
        os.makedirs(out)
        os.makedirs(work)
        request = {
            "output_folder": out,
            "work_folder": work,
            "sequences": [{"folder": "/r"}],
            "frames": [
                {"frame": 1, "state": "done", "files": [{"sequence": 0, "name": "a\\x5cb.png"}]},
                {"frame": 2, "state": "failed", "files": []},
            ],
        }
        self.assertEqual(self.call("write", request), {"files": [[1, "/r/a\\b.png"]], "missing": [2]})
        with open(os.path.join(out, "a", "out.txt")) as file:
            self.assertEqual(file.read(), "whole")
        self.assertEqual(os.listdir(work), [])
        self.assertEqual(os.listdir(out), ["a"])


class Names(unittest.TestCase):
    def test_every_name_comes_back(self):
        for name in [b"plain", b"caf\xe9.png", "caf\u00e9".encode(), b"a\\b", b"a\nb", b"\x7f", b"\xed\xa0\x80", b"\\x41"]:
            self.assertEqual(os.fsencode(unescape_name(escape_name(name))), name, name)

    def test_spelling_is_the_programs(self):
        self.assertEqual(escape_name(b"caf\xe9\\"), "caf\\xe9\\x5c")

    def test_other_spellings_are_refused(self):
        for text in ["\\", "\\x4", "\\xZZ", "\\n", "\\x4G"]:
            with self.assertRaises(ValueError):
                unescape_name(text)


if __name__ == "__main__":
    unittest.main()
