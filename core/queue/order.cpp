// SPDX-License-Identifier: MIT
#include "core/queue/order.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <souschef/file_name.hpp>

#include "core/plugin_host/plugin_trace.hpp"

namespace souschef::core {
namespace {

constexpr std::array<std::pair<FrameOrder, std::string_view>, 4> kFrameOrders = {
    {{FrameOrder::forward, "forward"},
     {FrameOrder::reverse, "reverse"},
     {FrameOrder::spread, "spread"},
     {FrameOrder::list, "list"}}};

// Reads members of an object; remembers the first that is not what it should be.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  template <class T>
  void take(const char* name, T& value) {
    const auto found = json_.find(name);
    if (found == json_.end() || found->is_null()) return;
    if (fits<T>(*found))
      value = found->get<T>();
    else
      fail(name);
  }
  template <class T>
  void take(const char* name, std::optional<T>& value) {
    T inner{};
    if (!json_.contains(name) || json_[name].is_null()) return;
    take(name, inner);
    value = inner;
  }
  void take_name(const char* name, std::string& value) {
    std::string text;
    take(name, text);
    if (auto bytes = unescape_name(text))
      value = std::move(*bytes);
    else
      fail(name);
  }
  void take_list(const char* name, std::vector<std::string>& list) {
    const auto found = json_.find(name);
    if (found == json_.end()) return;
    if (!found->is_array()) return fail(name);
    for (const Json& each : *found) {
      if (!each.is_string()) return fail(name);
      list.push_back(each.get<std::string>());
    }
  }
  void take_names(const char* name, std::vector<std::string>& list) {
    std::vector<std::string> escaped;
    take_list(name, escaped);
    for (const std::string& each : escaped) {
      auto bytes = unescape_name(each);
      if (!bytes) return fail(name);
      list.push_back(std::move(*bytes));
    }
  }
  [[nodiscard]] const Json* object(const char* name) const {
    const auto found = json_.find(name);
    return found != json_.end() && found->is_object() ? &*found : nullptr;
  }
  void fail(const char* name) {
    if (wrong_.empty()) wrong_ = name;
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  template <class T>
  static bool fits(const Json& value) {
    if constexpr (std::is_same_v<T, bool>)
      return value.is_boolean();
    else if constexpr (std::is_integral_v<T>)
      return value.is_number_integer();
    else
      return value.is_string();
  }

  const Json& json_;
  std::string wrong_;
};

std::string read_settings(const Json& json, RenderSettings& settings) {
  Reader reader(json);
  reader.take("scene", settings.scene);
  reader.take("camera", settings.camera);
  reader.take("engine", settings.engine);
  reader.take_list("view_layers", settings.view_layers);
  reader.take("samples", settings.samples);
  reader.take("overwrite", settings.overwrite);
  reader.take("placeholders", settings.placeholders);
  reader.take("as_movie", settings.as_movie);
  reader.take("autoexec", settings.autoexec);
  reader.take("accept_blocked_scripts", settings.accept_blocked_scripts);
  if (const Json* from = reader.object("resolution")) {
    Reader inner(*from);
    RenderSettings::Resolution resolution;
    inner.take("width", resolution.width);
    inner.take("height", resolution.height);
    inner.take("percentage", resolution.percentage);
    if (!inner.wrong().empty()) reader.fail("resolution");
    settings.resolution = resolution;
  }
  return reader.wrong();
}

Json late_json(const LateInput& late) {
  return {{"path", escape_name(late.path)},
          {"from", escape_name(late.from)},
          {"kind", late.kind},
          {"written", escape_name(late.written)},
          {"base", escape_name(late.base)},
          {"expansion", kExpansionWords.at(static_cast<std::size_t>(late.expansion))},
          {"pattern", escape_name(late.pattern)},
          {"first", late.first_frame},
          {"last", late.last_frame},
          {"remap", late.remap},
          {"order", late.order}};
}

std::string read_late(const Json& json, std::vector<LateInput>& list) {
  const auto found = json.find("late");
  if (found == json.end()) return {};
  if (!found->is_array()) return "late";
  for (const Json& each : *found) {
    if (!each.is_object()) return "late";
    LateInput late;
    std::string expansion;
    Reader reader(each);
    reader.take_name("path", late.path);
    reader.take_name("from", late.from);
    reader.take("kind", late.kind);
    reader.take_name("written", late.written);
    reader.take_name("base", late.base);
    reader.take_name("pattern", late.pattern);
    reader.take("first", late.first_frame);
    reader.take("last", late.last_frame);
    reader.take("remap", late.remap);
    reader.take("order", late.order);
    reader.take("expansion", expansion);
    const auto known = std::find(kExpansionWords.begin(), kExpansionWords.end(), expansion);
    if (known == kExpansionWords.end()) return "late.expansion";
    late.expansion = static_cast<Expansion>(known - kExpansionWords.begin());
    if (!reader.wrong().empty()) return "late." + reader.wrong();
    list.push_back(std::move(late));
  }
  return {};
}

// The members that refer to something else; the name of the first that is wrong.
std::string read_references(Reader& reader, const Json& json, Order& order) {
  std::string job, frames, frame_order = "forward";
  reader.take("job", job);
  reader.take("frames", frames);
  reader.take("frame_order", frame_order);
  if (!job.empty()) {
    order.job = JobId::from_hex(job);
    if (!order.job) return "job";
  }
  auto range = FrameRange::parse(frames);
  if (!range) return "frames";
  order.frames = std::move(*range);
  const auto hand_out = frame_order_named(frame_order);
  if (!hand_out) return "frame_order";
  order.frame_order = *hand_out;
  if (const Json* settings = reader.object("settings")) {
    const std::string wrong = read_settings(*settings, order.settings);
    if (!wrong.empty()) return "settings." + wrong;
  }
  if (json.contains("play_from") && json["play_from"].is_number_integer())
    order.unbaked = Unbaked{json["play_from"].get<std::int32_t>()};
  if (const Json* facts = reader.object("facts")) order.facts = *facts;
  return read_late(json, order.late);
}

Error corrupt(const std::string& why) {
  return {ErrorCode::corrupt, "an order cannot be read", why};
}

}  // namespace

std::string_view name_of(FrameOrder order) {
  for (const auto& [value, name] : kFrameOrders)
    if (value == order) return name;
  return "forward";
}

std::optional<FrameOrder> frame_order_named(std::string_view wanted) {
  for (const auto& [value, name] : kFrameOrders)
    if (name == wanted) return value;
  return std::nullopt;
}

Json RenderSettings::to_json() const {
  Json json = Json::object();
  const auto put = [&](const char* name, const auto& value, bool is_set) {
    if (is_set) json[name] = value;
  };
  put("scene", scene, !scene.empty());
  put("camera", camera, !camera.empty());
  put("engine", engine, !engine.empty());
  put("view_layers", view_layers, !view_layers.empty());
  put("samples", samples, samples != 0);
  put("overwrite", overwrite.value_or(false), overwrite.has_value());
  put("placeholders", placeholders.value_or(false), placeholders.has_value());
  put("as_movie", as_movie, as_movie);
  put("autoexec", autoexec, autoexec);
  put("accept_blocked_scripts", accept_blocked_scripts, accept_blocked_scripts);
  if (resolution) {
    Json size = Json::object();
    if (resolution->width > 0) size.update({{"width", resolution->width}, {"height", resolution->height}});
    if (resolution->percentage > 0) size["percentage"] = resolution->percentage;
    json["resolution"] = std::move(size);
  }
  return json;
}

std::vector<std::string> paths_of(const std::vector<LateInput>& late) {
  std::set<std::string> paths;
  for (const LateInput& each : late) paths.insert(each.path);
  return {paths.begin(), paths.end()};
}

Json order_json(const Order& order) {
  Json json = {{"format", kOrderVersion},
               {"id", order.id},
               {"name", order.name},
               {"job", order.job ? Json(order.job->hex()) : Json()},
               {"entry", escape_name(order.entry)},
               {"target", order.target},
               {"renderer", order.renderer},
               {"frames", order.frames.text()},
               {"frame_order", name_of(order.frame_order)},
               {"settings", order.settings.to_json()},
               {"output", escape_name(order.output)},
               {"stages", order.stages},
               {"priority", order.priority},
               {"after", order.after},
               {"proof", order.proof},
               {"proof_hours", order.proof_hours},
               {"attempts", order.attempts},
               {"paused", order.paused},
               {"play_from", order.unbaked ? Json(order.unbaked->play_from) : Json()},
               {"late", Json::array()},
               {"writes", Json::array()},
               {"facts", order.facts},
               {"user", order.user},
               {"host", order.host},
               {"submitted", order.submitted_ms}};
  for (const LateInput& late : order.late) json["late"].push_back(late_json(late));
  for (const std::string& path : order.writes) json["writes"].push_back(escape_name(path));
  return json;
}

Result<Order> order_from_json(const Json& json) {
  if (!json.is_object()) return corrupt("it is not a JSON object");
  Reader reader(json);
  int version = 0;
  reader.take("format", version);
  if (version > kOrderVersion)
    return Error(ErrorCode::unsupported, "an order was made by a newer Sous Chef",
                 "its format is " + std::to_string(version) + ", this program knows " +
                     std::to_string(kOrderVersion))
        .next_step("update souschef on this machine");
  Order order;
  reader.take("id", order.id);
  reader.take("name", order.name);
  reader.take_name("entry", order.entry);
  reader.take("target", order.target);
  reader.take("renderer", order.renderer);
  reader.take_name("output", order.output);
  reader.take_list("stages", order.stages);
  reader.take("priority", order.priority);
  reader.take_list("after", order.after);
  reader.take_names("writes", order.writes);
  reader.take("proof", order.proof);
  reader.take("proof_hours", order.proof_hours);
  reader.take("attempts", order.attempts);
  reader.take("paused", order.paused);
  reader.take("user", order.user);
  reader.take("host", order.host);
  reader.take("submitted", order.submitted_ms);
  const std::string wrong = read_references(reader, json, order);
  if (!wrong.empty()) return corrupt(wrong + " is wrong");
  if (!reader.wrong().empty()) return corrupt(reader.wrong() + " is wrong");
  if (version < 1 || order.id.size() != 26 || order.name.empty())
    return corrupt("it has no format, id or name");
  return order;
}

}  // namespace souschef::core
