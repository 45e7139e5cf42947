// SPDX-License-Identifier: MIT
#include "core/rendering/renderer.hpp"

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// File names in JSON: every text that may hold one goes out escaped and comes back escaped, arguments and
// environment included, so that nothing is read twice.
std::string escaped(const fs::path& path) {
  return escape_name(path.string());
}

Result<std::string> unescaped(const Json& text, const char* method) {
  auto name = text.is_string() ? unescape_name(text.get_ref<const std::string&>()) : std::nullopt;
  if (!name)
    return Error(ErrorCode::plugin, std::string("the renderer plugin answers ") + method + " wrongly");
  return std::move(*name);
}

Json escaped_list(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(escape_name(text));
  return list;
}

Json target_json(const Target& target) {
  Json environment = Json::object();
  for (const auto& [name, value] : target.environment) environment[name] = escape_name(value);
  return {{"name", target.name},
          {"path", escaped(target.path)},
          {"autoexec", target.autoexec},
          {"factory_startup", target.factory_startup},
          {"addons", target.addons},
          {"arguments", escaped_list(target.arguments)},
          {"environment", std::move(environment)}};
}

Json device_json(const Device& device) {
  if (device.kind == Device::Kind::cpu) return {{"kind", "cpu"}};
  return {{"kind", "gpu"}, {"vendor", device.vendor}, {"uuid", device.uuid}, {"backends", device.backends}};
}

const Json& member(const Json& json, const char* name) {
  static const Json kNothing;
  const auto found = json.find(name);
  return found == json.end() ? kNothing : *found;
}

Status read_environment(const Json& reply, RendererLaunch& launch) {
  const Json& environment = member(reply, "environment");
  if (environment.is_object()) {
    for (const auto& [name, value] : environment.items()) {
      SOUSCHEF_TRY(std::string text, unescaped(value, "launch"));
      launch.environment.emplace_back(name, std::move(text));
    }
  }
  const Json& unset = member(reply, "unset");
  if (unset.is_array())
    for (const Json& name : unset)
      if (name.is_string()) launch.unset.push_back(name.get<std::string>());
  return {};
}

Status read_files(const Json& reply, RendererLaunch& launch) {
  const Json& files = member(reply, "files");
  if (!files.is_array()) return {};
  for (const Json& file : files) {
    const Json& name = file.is_object() ? member(file, "name") : file;
    const Json& content = file.is_object() ? member(file, "content") : file;
    const bool plain = name.is_string() && content.is_string() &&
                       name.get_ref<const std::string&>().find('/') == std::string::npos;
    if (!plain) return Error(ErrorCode::plugin, "the renderer plugin asks for a file without a plain name");
    launch.files.push_back({name.get<std::string>(), content.get<std::string>()});
  }
  return {};
}

Result<RendererLaunch> read_launch(const Json& reply) {
  RendererLaunch launch;
  const Json& command = member(reply, "command");
  if (!command.is_array() || command.empty())
    return Error(ErrorCode::plugin, "the renderer plugin names no program");
  for (const Json& word : command) {
    SOUSCHEF_TRY(std::string text, unescaped(word, "launch"));
    launch.command.push_back(std::move(text));
  }
  SOUSCHEF_CHECK(read_environment(reply, launch));
  SOUSCHEF_CHECK(read_files(reply, launch));
  return launch;
}

}  // namespace

Result<Json> Renderer::call(const char* method, const Json& request) const {
  QuietCall quiet;
  SOUSCHEF_TRY(const std::string reply, calls_.call(quiet, method, json_text(request)));
  auto json = parse_json(reply);
  if (!json || !json->is_object())
    return Error(ErrorCode::plugin,
                 std::string("the renderer plugin answers ") + method + " with no JSON object");
  return std::move(*json);
}

Result<std::unique_ptr<Renderer>> Renderer::open(Calls& calls, Target target) {
  std::unique_ptr<Renderer> renderer(new Renderer(calls, std::move(target)));
  SOUSCHEF_TRY(const Json reply, renderer->call("renderer.describe", Json::object()));
  const Json& patterns = member(reply, "patterns");
  if (patterns.is_string()) {
    SOUSCHEF_TRY(renderer->policy_, RetryPolicy::parse(patterns.get_ref<const std::string&>()));
  }
  return renderer;
}

Result<RendererLaunch> Renderer::launch(const fs::path& entry, const fs::path& run_folder, const Slot& slot,
                                        bool autoexec) const {
  SOUSCHEF_TRY(const Json reply, call("renderer.launch", {{"target", target_json(target_)},
                                                          {"entry", escaped(entry)},
                                                          {"run_folder", escaped(run_folder)},
                                                          {"device", device_json(slot.device)},
                                                          {"threads", slot.threads},
                                                          {"autoexec", autoexec}}));
  SOUSCHEF_TRY(RendererLaunch launch, read_launch(reply));
  const Json& pipes = member(reply, "pipes");
  if (pipes.is_object()) {
    launch.command_fd = pipes.value("commands", launch.command_fd);
    launch.answer_fd = pipes.value("answers", launch.answer_fd);
  }
  const auto possible = [](int fd) { return fd >= 3 && fd <= 9; };
  if (!possible(launch.command_fd) || !possible(launch.answer_fd) || launch.command_fd == launch.answer_fd)
    return Error(ErrorCode::plugin, "the renderer plugin wants pipes that cannot be");
  return launch;
}

Result<RendererLaunch> Renderer::mixdown(const RendererMixdown& mixdown) const {
  SOUSCHEF_TRY(const Json reply, call("renderer.mixdown", {{"target", target_json(target_)},
                                                           {"entry", escaped(mixdown.entry)},
                                                           {"run_folder", escaped(mixdown.run_folder)},
                                                           {"output", escaped(mixdown.output)},
                                                           {"scene", escape_name(mixdown.scene)},
                                                           {"first", mixdown.first},
                                                           {"last", mixdown.last},
                                                           {"autoexec", mixdown.autoexec}}));
  return read_launch(reply);
}

Result<std::string> Renderer::line_of(const Json& command) const {
  SOUSCHEF_TRY(const Json reply, call("renderer.command", command));
  const Json& line = member(reply, "line");
  if (!line.is_string() || line.get_ref<const std::string&>().find('\n') != std::string::npos)
    return Error(ErrorCode::plugin, "the renderer plugin makes no command");
  return line.get<std::string>();
}

Result<std::string> Renderer::open_line(const RendererOpen& open, const Order& order,
                                        const Slot& slot) const {
  Json allowed = Json::array();
  for (const fs::path& folder : open.allowed) allowed.push_back(escaped(folder));
  Json command = {{"do", "open"},
                  {"entry", escaped(open.entry)},
                  {"settings", order.settings.to_json()},
                  {"device", device_json(slot.device)},
                  {"target", target_json(target_)},
                  {"allowed", std::move(allowed)},
                  {"accept_blocked_scripts", order.settings.accept_blocked_scripts},
                  {"play_from", nullptr}};
  if (order.unbaked) command["play_from"] = order.unbaked->play_from;
  return line_of(command);
}

Result<std::string> Renderer::frame_line(const RendererFrame& frame, const OutputPlan& plan) const {
  return line_of({{"do", "frame"},
                  {"frame", frame.frame},
                  {"last", frame.last},
                  {"attempt", frame.attempt},
                  {"staging", escaped(frame.staging)},
                  {"outputs", plan.outputs}});
}

Result<std::string> Renderer::quit_line() const {
  return line_of({{"do", "quit"}});
}

std::vector<Json> Renderer::decode(std::string_view channel, std::span<const std::string> lines) const {
  if (lines.empty()) return {};
  const auto reply = call("renderer.decode", {{"channel", channel}, {"lines", lines}});
  const Json& events = reply ? member(*reply, "events") : Json();
  std::vector<Json> list;
  if (events.is_array())
    for (const Json& event : events)
      if (event.is_object()) list.push_back(event);
  return list;
}

OutputRequest output_request(const Order& order, const fs::path& production_root) {
  OutputRequest request{.entry = production_root / order.entry, .production = production_root};
  if (order.output.empty()) return request;
  request.override_path = production_root / order.output;  // an absolute one takes the place of the root
  std::error_code ignored;
  request.override_is_folder = fs::is_directory(request.override_path, ignored);
  return request;
}

Result<Json> Renderer::ask_outputs(const OutputRequest& request, const std::vector<std::int32_t>& frames,
                                   const Order& order, const Json& facts) const {
  return call("renderer.outputs", {{"entry", escaped(request.entry)},
                                   {"production", escaped(request.production)},
                                   {"blender", member(facts, "numbers")},
                                   {"override", escaped(request.override_path)},
                                   {"override_is_folder", request.override_is_folder},
                                   {"as_movie", order.settings.as_movie},
                                   {"last", order.frames.frames().back()},
                                   {"size", member(facts, "size")},
                                   {"views", member(facts, "views")},
                                   {"outputs", member(facts, "outputs")},
                                   {"frames", frames}});
}

Result<OutputPlan> Renderer::outputs(const OutputRequest& request, std::int32_t frame, const Order& order,
                                     const Json& facts) const {
  SOUSCHEF_TRY(const Json reply, ask_outputs(request, {frame}, order, facts));
  OutputPlan plan;
  SOUSCHEF_TRY(std::string root, unescaped(member(reply, "root"), "outputs"));
  plan.root = std::move(root);
  if (!plan.root.is_absolute())
    return Error(ErrorCode::plugin, "the renderer plugin does not say where the frames go");
  plan.outputs = member(reply, "outputs");
  plan.is_movie = member(facts, "movie").is_object() && !order.settings.as_movie;
  SOUSCHEF_TRY(auto expected, expected_files(reply));
  plan.expected = std::move(expected.front());
  if (plan.expected.empty())
    return Error(ErrorCode::bad_input, "the scene writes no file")
        .next_step("give it an output in Blender, or order with an OUTPUT");
  return plan;
}

Result<std::vector<std::vector<ExpectedFile>>> Renderer::expected_of(const OutputRequest& request,
                                                                     const std::vector<std::int32_t>& frames,
                                                                     const Order& order,
                                                                     const Json& facts) const {
  SOUSCHEF_TRY(const Json reply, ask_outputs(request, frames, order, facts));
  SOUSCHEF_TRY(auto expected, expected_files(reply));
  if (expected.size() != frames.size())
    return Error(ErrorCode::plugin, "the renderer plugin does not say which files belong to every frame");
  return expected;
}

}  // namespace souschef::core
