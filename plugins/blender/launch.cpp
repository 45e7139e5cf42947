// SPDX-License-Identifier: MIT
// Blender works through its arguments from left to right, so their order matters: scripts are allowed or not
// before the .blend is loaded; the exit code for failing scripts is set before the script runs; the .blend is
// loaded before it.
#include "plugins/blender/launch.hpp"

#include <string>

#include "plugins/blender/frame_path.hpp"
#include "plugins/blender/mixdown_script.hpp"
#include "plugins/blender/worker_script.hpp"

namespace souschef::blender {
namespace {

constexpr int kCommandFd = 3, kAnswerFd = 4;

void add_device(const Json& device, Json& environment) {
  const std::string uuid = text_at(device, "uuid");
  if (text_at(device, "kind") != "gpu" || uuid.empty()) return;
  // By UUID: the order in which cards are counted differs between programs, and between identical cards.
  // Those that are named by their place on the bus the worker chooses: nothing that it could be told here
  // knows it.
  if (uuid.starts_with("pci-")) return;
  const std::string vendor = text_at(device, "vendor");
  if (vendor == "nvidia") environment["CUDA_VISIBLE_DEVICES"] = uuid;
  if (vendor == "amd") environment["HIP_VISIBLE_DEVICES"] = uuid;
}

// Blender with everything that stands before the .blend, and the .blend.
Result<Json> arguments_to_load(const Json& request) {
  const Json& target = object_at(request, "target");
  const std::string entry = text_at(request, "entry");
  const std::string program = text_at(target, "path");
  if (program.empty()) return Error(ErrorCode::bad_input, "the target has no path");
  if (entry.empty() || text_at(request, "run_folder").empty())
    return Error(ErrorCode::bad_input, "entry or run_folder is missing");

  const bool autoexec = flag_at(target, "autoexec") || flag_at(request, "autoexec");
  Json arguments = {program, "-b", autoexec ? "-y" : "-Y"};
  if (flag_at(target, "factory_startup")) arguments.push_back("--factory-startup");
  if (const auto threads = integer_at(request, "threads"); threads && *threads > 0) {
    arguments.push_back("--threads");
    arguments.push_back(std::to_string(*threads));
  }
  std::string addons;
  for (const Json& addon : list_at(target, "addons"))
    if (addon.is_string()) addons += (addons.empty() ? "" : ",") + addon.get<std::string>();
  if (!addons.empty()) {
    arguments.push_back("--addons");
    arguments.push_back(addons);
  }
  for (const Json& argument : list_at(target, "arguments")) arguments.push_back(argument);
  for (const Json& argument : Json{"--python-exit-code", "41", entry}) arguments.push_back(argument);
  return arguments;
}

Json environment_of(const Json& request) {
  Json environment = object_at(object_at(request, "target"), "environment");
  environment["TMPDIR"] = text_at(request, "run_folder");  // what Blender leaves behind goes with the folder
  environment["PYTHONDONTWRITEBYTECODE"] = "1";
  return environment;
}

}  // namespace

Result<Json> launch(const Json& request) {
  SOUSCHEF_TRY(Json arguments, arguments_to_load(request));
  for (const Json& argument : Json{"--python", join(text_at(request, "run_folder"), "worker.py"), "--",
                                   std::to_string(kCommandFd), std::to_string(kAnswerFd)})
    arguments.push_back(argument);
  Json environment = environment_of(request);
  add_device(object_at(request, "device"), environment);
  return Json{{"command", std::move(arguments)},
              {"environment", std::move(environment)},
              {"files", Json::array({{{"name", "worker.py"}, {"content", kWorkerScript}}})},
              {"pipes", {{"commands", kCommandFd}, {"answers", kAnswerFd}}}};
}

Result<Json> mixdown(const Json& request) {
  SOUSCHEF_TRY(Json arguments, arguments_to_load(request));
  const auto first = integer_at(request, "first"), last = integer_at(request, "last");
  const std::string output = text_at(request, "output"), scene = text_at(request, "scene");
  if (!first || !last || output.empty())
    return Error(ErrorCode::bad_input, "first, last or output is missing");
  if (!scene.empty())
    for (const std::string& argument : {std::string("-S"), scene}) arguments.push_back(argument);
  for (const Json& argument :
       Json{"--python", join(text_at(request, "run_folder"), "mixdown.py"), "--", text_at(request, "entry"),
            output, std::to_string(*first), std::to_string(*last)})
    arguments.push_back(argument);
  return Json{{"command", std::move(arguments)},
              {"environment", environment_of(request)},
              {"files", Json::array({{{"name", "mixdown.py"}, {"content", kMixdownScript}}})}};
}

}  // namespace souschef::blender
