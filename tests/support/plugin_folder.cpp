// SPDX-License-Identifier: MIT
#include "tests/support/plugin_folder.hpp"

#include <cstdlib>
#include <sstream>

namespace souschef::test {
namespace {

// Small and without the SDK's helper on purpose: it has to be able to break every rule.
constexpr char kScript[] = R"(import json, os, signal, sys, time
ID = %ID%
VERSION = "1.0.0"
def raw(text):
    sys.stdout.write(text)
    sys.stdout.flush()
def say(message):
    raw(json.dumps(message) + "\n")
def read():
    line = sys.stdin.readline()
    return json.loads(line) if line else None
def answer(result):
    say({"id": request["id"], "result": result})
def fail(code, what, **more):
    say({"id": request["id"], "error": dict(code=code, what=what, **more)})
request = read()
%START%
hello = request
answer({"id": ID, "version": VERSION, "protocol": "1.0"})
while True:
    request = read()
    if request is None:
        break
    if request["method"] == "cancel":
        continue
%REQUEST%
)";

std::string indented(const std::string& code) {
  std::string text;
  std::istringstream in(code);
  for (std::string line; std::getline(in, line);) text += "    " + line + "\n";
  return text;
}

void replace(std::string& text, const std::string& mark, const std::string& with) {
  text.replace(text.find(mark), mark.size(), with);
}

}  // namespace

std::filesystem::path make_plugin(const TempFolder& parent, const PluginFolder& plugin) {
  const std::filesystem::path folder = plugin.id;
  parent.write(folder / "plugin.json",
               R"({"id": ")" + plugin.id +
                   R"(", "version": "1.0.0", "summary": "A plugin of the tests.", "kinds": )" + plugin.kinds +
                   R"(, "abi": ")" + plugin.abi + R"(", "run": {"any": ["python3", "plugin.py"]})" +
                   plugin.more + "}");
  std::string script = kScript;
  replace(script, "%ID%", "\"" + plugin.id + "\"");
  replace(script, "%START%", plugin.at_start);
  replace(script, "%REQUEST%", indented(plugin.on_request));
  parent.write(folder / "plugin.py", script);
  return parent / folder;
}

bool have_python() {
  static const bool kFound = std::system("python3 -c 'pass' >/dev/null 2>&1") == 0;
  return kFound;
}

}  // namespace souschef::test
