// SPDX-License-Identifier: MIT
// The renderer for Blender. It starts nothing and opens nothing: the program does, as these pure functions
// tell it.
#include <souschef/plugin.hpp>

#include "plugins/blender/json.hpp"
#include "plugins/blender/launch.hpp"
#include "plugins/blender/manifest.hpp"
#include "plugins/blender/messages.hpp"
#include "plugins/blender/outputs.hpp"
#include "plugins/blender/patterns.hpp"

namespace souschef::blender {
namespace {

// Where Blender is usually found, best first: a distribution's, then unpacked archives, the newest name
// first.
const Json kPlaces = {"blender",
                      "/usr/local/bin/blender",
                      "/opt/blender*/blender",
                      "/opt/*/blender*/blender",
                      "~/blender*/blender",
                      "~/Applications/blender*/blender",
                      "~/apps/blender*/blender",
                      "~/bin/blender*/blender",
                      "~/opt/blender*/blender",
                      "~/.local/share/blender*/blender",
                      "~/.local/share/rocketblend/installations/*/blender",
                      "~/Downloads/blender*/blender",
                      "/snap/bin/blender",
                      "/var/lib/flatpak/exports/bin/org.blender.Blender",
                      "~/.steam/steam/steamapps/common/Blender/blender",
                      "/Applications/Blender*.app/Contents/MacOS/Blender",
                      "~/Applications/Blender*.app/Contents/MacOS/Blender"};

Json describe() {
  return {{"name", "Blender"},     {"protocol", 1},
          {"endings", {".blend"}}, {"version_arguments", {"--version"}},
          {"programs", kPlaces},   {"patterns", kPatterns}};
}

class Blender final : public Plugin, public Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("blender", "1.0.0", kManifest);
  using Plugin::Plugin;
  Calls& calls() { return *this; }

  Result<std::string> call(CallContext&, std::string_view method, std::string_view request) override {
    const Json from = Json::parse(request, nullptr, false);
    if (!from.is_object())
      return Error(ErrorCode::bad_input, std::string(method) + ": the request is not a JSON object");
    Json reply;
    if (method == "renderer.describe") {
      reply = describe();
    } else if (method == "renderer.launch") {
      SOUSCHEF_TRY(reply, launch(from));
    } else if (method == "renderer.mixdown") {
      SOUSCHEF_TRY(reply, mixdown(from));
    } else if (method == "renderer.command") {
      SOUSCHEF_TRY(reply, command(from));
    } else if (method == "renderer.decode") {
      reply = decode(from);
    } else if (method == "renderer.outputs") {
      SOUSCHEF_TRY(reply, outputs(from));
    } else {
      return Error(ErrorCode::unsupported, "a renderer has no method " + std::string(method));
    }
    return reply.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
};

}  // namespace

SOUSCHEF_PLUGIN(Blender)

}  // namespace souschef::blender
