// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_wire.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxText = 4096;  // of one text in a message for people
constexpr std::size_t kMaxCauses = 16;
constexpr std::int32_t kLastCode = static_cast<std::int32_t>(ErrorCode::no_production);
constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};

Error bad(std::string why) {
  return Error(ErrorCode::bad_input, "not a message of the plugin protocol", std::move(why));
}

std::string shortened(const std::string& text) {
  return text.size() <= kMaxText ? text : text.substr(0, kMaxText) + "...";
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_string() ? shortened(value->get_ref<const std::string&>())
                                                : std::string();
}

std::optional<std::int64_t> id_of(const Json& object) {
  const Json* value = member(object, "id");
  if (value == nullptr || !value->is_number_integer() || *value < 1 || *value > INT64_MAX)
    return std::nullopt;
  return value->get<std::int64_t>();
}

Result<Json> read_object(std::string_view line, std::size_t limit) {
  auto read = parse_json(line, {limit, kMaxDepth});
  if (!read) return std::move(read.error()).in_context("not a message of the plugin protocol");
  if (!read->is_object()) return bad("a JSON object is expected");
  return read;
}

Error read_error(const Json& object) {
  ErrorCode code = ErrorCode::plugin;
  const std::string word = text_of(object, "code");
  for (std::int32_t number = 1; number <= kLastCode; ++number)
    if (name_of(static_cast<ErrorCode>(number)) == word) code = static_cast<ErrorCode>(number);
  const std::string what = text_of(object, "what");
  Error error(code, what.empty() ? "the plugin gave no reason" : what);
  if (const Json* causes = member(object, "why"); causes != nullptr && causes->is_array())
    for (const Json& cause : *causes)
      if (cause.is_string() && error.why.size() < kMaxCauses) error.why.push_back(shortened(cause));
  error.next = text_of(object, "next");
  return error;
}

Result<FromPlugin> read_note(const Json& object) {
  const std::string method = text_of(object, "method");
  const Json* params = member(object, "params");
  if (params == nullptr || !params->is_object()) return bad("\"params\" is not an object");
  if (method == "progress") {
    const Json* fraction = member(*params, "fraction");
    const bool known = fraction != nullptr && fraction->is_number() && std::isfinite(fraction->get<double>());
    return FromPlugin(WireProgress{known ? std::clamp(fraction->get<double>(), 0.0, 1.0) : -1.0,
                                   text_of(*params, "message")});
  }
  if (method == "log") {
    const std::string word = text_of(*params, "level");
    const auto level = std::find(std::begin(kLevels), std::end(kLevels), word);
    if (level == std::end(kLevels)) return bad("unknown log level \"" + word + "\"");
    return FromPlugin(
        WireLog{static_cast<LogLevel>(level - std::begin(kLevels)), text_of(*params, "message")});
  }
  return bad("unknown method \"" + method + "\"");
}

void append_on_one_line(std::string& line, std::string_view json) {
  const std::size_t start = line.size();
  line.append(json);
  // Inside a JSON string a line end is always escaped: one that stands in the text is a space between tokens.
  std::replace_if(
      line.begin() + static_cast<std::ptrdiff_t>(start), line.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

std::string note_line(const char* method, Json params) {
  return json_text({{"method", method}, {"params", std::move(params)}}) + "\n";
}

}  // namespace

Result<FromPlugin> read_from_plugin(std::string_view line) {
  SOUSCHEF_TRY(Json object, read_object(line, kMaxLineFromPlugin));
  if (object.contains("method")) return read_note(object);
  const auto id = id_of(object);
  if (!id) return bad("it has neither a method nor an id");
  const Json* error = member(object, "error");
  const auto result = object.find("result");
  if ((error != nullptr) == (result != object.end())) return bad("an answer has either a result or an error");
  if (error != nullptr) {
    if (!error->is_object()) return bad("\"error\" is not an object");
    return FromPlugin(WireFailure{*id, read_error(*error)});
  }
  if (!result->is_object()) return bad("\"result\" is not an object");
  return FromPlugin(WireAnswer{*id, std::move(*result)});
}

Result<ToPlugin> read_to_plugin(std::string_view line) {
  SOUSCHEF_TRY(Json object, read_object(line, kMaxLineToPlugin));
  const std::string method = text_of(object, "method");
  const auto params = object.find("params");
  if (method.empty() || params == object.end() || !params->is_object())
    return bad("a request has a method and params");
  if (method == "cancel") {
    const auto id = id_of(*params);
    if (!id) return bad("\"cancel\" without an id");
    return ToPlugin(WireCancel{*id});
  }
  const auto id = id_of(object);
  if (!id) return bad("a request has an id from 1");
  return ToPlugin(WireRequest{*id, method, std::move(*params)});
}

std::string request_line(std::int64_t id, std::string_view method, std::string_view params) {
  std::string line = "{\"id\":" + std::to_string(id) + ",\"method\":" + json_text(method) + ",\"params\":";
  append_on_one_line(line, params);
  return line + "}\n";
}

std::string cancel_line(std::int64_t id) {
  return note_line("cancel", {{"id", id}});
}

std::string answer_line(std::int64_t id, std::string_view result) {
  std::string line = "{\"id\":" + std::to_string(id) + ",\"result\":";
  append_on_one_line(line, result);
  return line + "}\n";
}

std::string failure_line(std::int64_t id, const Error& error) {
  const Json said = {
      {"code", name_of(error.code)}, {"what", error.what}, {"why", error.why}, {"next", error.next}};
  return json_text({{"id", id}, {"error", said}}) + "\n";
}

std::string progress_line(double fraction, std::string_view message) {
  return note_line("progress", {{"fraction", fraction < 0 ? Json() : Json(fraction)}, {"message", message}});
}

std::string log_line(LogLevel level, std::string_view message) {
  const auto index = std::clamp<std::size_t>(static_cast<std::size_t>(level), 0, std::size(kLevels) - 1);
  return note_line("log", {{"level", kLevels[index]}, {"message", message}});
}

}  // namespace souschef::core
