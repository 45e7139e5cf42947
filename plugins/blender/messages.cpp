// SPDX-License-Identifier: MIT
// The talk with worker.py in both directions, and what can be learned from the lines that Blender prints:
//
//   Fra:12 Mem:35.22M (Peak 40.10M) | Time:00:01.29 | Remaining:00:03.20 | Mem:10.00M | Scene, Layer | Sample
//   3/16 Fra:12 Mem:... | Time:00:01.29 | ... | Rendered 3/16 Tiles, Sample 10/64
//
// Progress is for people only. Nothing depends on it: the texts differ between Blender's versions.
#include "plugins/blender/messages.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "plugins/blender/frame_path.hpp"

namespace souschef::blender {
namespace {

// What a refusal of the worker means: one sentence, and what to do about it. %s is the worker's own text.
struct Refusal {
  std::string_view code;
  std::string_view what;
  std::string_view next;
};

constexpr Refusal kRefusals[] = {
    {"not_loaded", "Blender could not load the .blend", "open it in Blender; restore an earlier snapshot"},
    {"scripts_blocked", "a script in the .blend was not allowed to run",
     "set autoexec = true for the target, or order with --autoexec; --allow-blocked-scripts renders without "
     "it"},
    {"addon_missing", "Blender does not have an add-on that the target names",
     "install it, or change the target's addons"},
    {"outside", "the .blend uses files outside the checkout",
     "make their paths relative, or allow their folders"},
    {"no_scene", "the .blend has no such scene", ""},
    {"no_camera", "the scene has no such camera", ""},
    {"no_view_layer", "the scene has no such view layer", ""},
    {"no_engine", "this Blender does not have the render engine", "choose another target"},
    {"no_samples", "the samples cannot be set", "order without --samples"},
    {"gpu_absent", "the GPU of the slot is absent: Blender does not offer it",
     "souschef doctor; or use a CPU slot"},
    {"output", "the outputs cannot be redirected", "report this with the .blend: nothing was rendered"},
    {"order", "frames of a simulation came out of order", "report this: it is a fault of the program"},
};

Json refused(const Json& message) {
  const std::string code = text_at(message, "code");
  Json event = {{"event", "refused"},
                {"code", code},
                {"what", "Blender refused to render"},
                {"why", Json::array()},
                {"next", ""}};
  const std::string detail = text_at(message, "message");
  if (!detail.empty()) event["why"].push_back(detail);
  for (const Refusal& refusal : kRefusals)
    if (refusal.code == code) {
      event["what"] = refusal.what;
      event["next"] = refusal.next;
    }
  for (const Json& path : list_at(message, "paths"))
    if (path.is_string()) event["why"].push_back(path);
  std::string known;
  for (const Json& name : list_at(message, "known"))
    if (name.is_string()) known += (known.empty() ? "" : ", ") + name.get<std::string>();
  if (!known.empty()) event["next"] = "there are: " + known;
  return event;
}

Json opened(const Json& message) {
  Json facts = message;
  facts.erase("is");
  return {{"event", "opened"}, {"facts", std::move(facts)}};
}

// Nothing for a line that is not the worker's.
Json answer_event(std::string_view line) {
  const Json message = Json::parse(line, nullptr, false);
  const std::string kind = text_at(message, "is");
  const Json frame = message.is_object() && message.contains("frame") ? message["frame"] : Json();
  const Json attempt = message.is_object() && message.contains("attempt") ? message["attempt"] : Json();
  if (kind == "hello")
    return {{"event", "hello"},
            {"protocol", integer_at(message, "protocol").value_or(0)},
            {"version", text_at(message, "version")},
            {"build", text_at(message, "build")},
            {"numbers", list_at(message, "blender")}};
  if (kind == "opened") return opened(message);
  if (kind == "rendered")
    return {{"event", "rendered"},
            {"frame", frame},
            {"attempt", attempt},
            {"seconds", message.value("seconds", Json())}};
  if (kind == "failed")
    return {{"event", "failed"},
            {"frame", frame},
            {"attempt", attempt},
            {"message", text_at(message, "message")}};
  if (kind == "refused") return refused(message);
  if (kind == "bug") return {{"event", "bug"}, {"message", text_at(message, "message")}};
  return {{"event", "nonsense"}, {"message", std::string(line.substr(0, 200))}};
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

// The first "a/b" after `word`.
std::optional<double> ratio_after(std::string_view line, std::string_view word) {
  const std::size_t at = line.rfind(word);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(at + word.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto done = number_in(rest);
  const auto all = number_in(rest.substr(slash + 1));
  if (!done || !all || *all <= 0 || *done < 0 || *done > *all) return std::nullopt;
  return static_cast<double>(*done) / static_cast<double>(*all);
}

// "3.4.1" of "Blender 3.4.1" or "Blender 4.2.0 Alpha"; "build hash: 1234" of the lines below it.
std::optional<Json> version_of(std::string_view line) {
  const auto begins = [&](std::string_view word) { return line.starts_with(word); };
  if (begins("Blender ")) return Json{{"event", "version"}, {"version", std::string(line.substr(8))}};
  const std::size_t hash = line.find("build hash: ");
  if (hash != std::string_view::npos)
    return Json{{"event", "version"}, {"build", std::string(line.substr(hash + 12))}};
  return std::nullopt;
}

}  // namespace

std::optional<Json> progress_of(std::string_view line) {
  if (!line.starts_with("Fra:")) return std::nullopt;
  const auto frame = number_in(line.substr(4));
  if (!frame) return std::nullopt;
  Json event = {{"event", "progress"}, {"frame", *frame}, {"fraction", nullptr}};
  const auto samples = ratio_after(line, "Sample ");
  const auto tiles = ratio_after(line, "Rendered ");
  if (tiles && samples)
    event["fraction"] = std::max(*tiles, line.find("Rendered 0/1 ") != std::string_view::npos ? *samples : 0);
  else if (tiles)
    event["fraction"] = *tiles;
  else if (samples)
    event["fraction"] = *samples;
  const std::size_t last = line.rfind("| ");
  event["text"] = std::string(last == std::string_view::npos ? line : line.substr(last + 2));
  return event;
}

Json decode(const Json& request) {
  const std::string channel = text_at(request, "channel");
  Json events = Json::array();
  for (const Json& each : list_at(request, "lines")) {
    if (!each.is_string()) continue;
    const auto& line = each.get_ref<const std::string&>();
    if (channel == "answers") events.push_back(answer_event(line));
    if (channel == "output")
      if (auto event = progress_of(line)) events.push_back(std::move(*event));
    if (channel == "version")
      if (auto event = version_of(line)) events.push_back(std::move(*event));
  }
  return {{"events", std::move(events)}};
}

namespace {

Json open_command(const Json& request) {
  Json line = {{"do", "open"},
               {"entry", text_at(request, "entry")},
               {"settings", object_at(request, "settings")},
               {"device", object_at(request, "device")},
               {"allowed", list_at(request, "allowed")},
               {"addons", list_at(object_at(request, "target"), "addons")},
               {"accept_blocked_scripts", flag_at(request, "accept_blocked_scripts")},
               {"play_from", nullptr}};
  if (const auto from = integer_at(request, "play_from")) line["play_from"] = *from;
  return line;
}

Result<Json> frame_command(const Json& request) {
  const auto frame = integer_at(request, "frame");
  const auto attempt = integer_at(request, "attempt");
  SOUSCHEF_TRY(const std::string staging, path_at(request, "staging"));
  if (!frame || !attempt || !staging.starts_with('/'))
    return Error(ErrorCode::bad_input, "a frame command needs frame, attempt and an absolute staging folder");
  Json line = {{"do", "frame"},
               {"frame", *frame},
               {"attempt", *attempt},
               {"last", *frame},
               {"outputs", Json::array()}};
  if (const auto last = integer_at(request, "last")) line["last"] = *last;
  for (const Json& output : list_at(request, "outputs")) {
    SOUSCHEF_TRY(const std::string path, path_at(output, "path"));
    const std::string full = join(staging, path.empty() ? "/" : path);
    constexpr std::size_t kLongest = 1000;  // Blender keeps 1024 bytes, and adds the number and the extension
    if (full.size() > kLongest)
      return Error(ErrorCode::bad_input, "an output path is longer than Blender can hold", escape_name(full));
    line["outputs"].push_back({{"id", output.value("id", Json())}, {"path", escape_name(full)}});
  }
  return line;
}

}  // namespace

Result<Json> command(const Json& request) {
  const std::string what = text_at(request, "do");
  Json line;
  if (what == "open") {
    line = open_command(request);
  } else if (what == "frame") {
    SOUSCHEF_TRY(line, frame_command(request));
  } else if (what == "quit") {
    line = {{"do", "quit"}};
  } else {
    return Error(ErrorCode::bad_input, "unknown command: " + what);
  }
  return Json{{"line", line.dump(-1, ' ', true)}};
}

}  // namespace souschef::blender
