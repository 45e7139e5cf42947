// SPDX-License-Identifier: MIT
#include "plugins/notify/message.hpp"

#include <algorithm>
#include <optional>

#include <souschef/fields.hpp>
#include <souschef/file_name.hpp>

namespace souschef::notify {
namespace {

// Discord refuses more than 2000 characters; Slack cuts at 40 000 and is hard to read long before.
constexpr std::size_t kLongestMessage = 1'800;

std::string shortened(std::string_view text) {
  if (text.size() <= kLongestMessage) return std::string(text);
  std::size_t end = kLongestMessage;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  return std::string(text.substr(0, end)) + "...";
}

// Slack reads <...> as links and mentions, and wants these three escaped.
std::string slack_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

std::string value_of(const HostJson& json, const std::string& pointer) {
  return json.type(pointer.c_str()) == SOUSCHEF_JSON_TEXT ? json.text(pointer.c_str())
                                                          : json.json(pointer.c_str());
}

// A name as a part of a JSON pointer.
std::string pointer_part(const std::string& name) {
  std::string part;
  for (const char c : name) part += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return part;
}

std::optional<std::string> field_value(const Event& event, std::string_view field) {
  const std::pair<std::string_view, const std::string*> plain[] = {
      {"message", &event.message}, {"name", &event.name}, {"order", &event.order},
      {"host", &event.host},       {"time", &event.time}, {"id", &event.id}};
  for (const auto& [name, text] : plain)
    if (name == field) return *text;
  if (field.rfind("data.", 0) != 0) return std::nullopt;
  for (const auto& [name, text] : event.data)
    if (name == field.substr(5)) return text;
  return "";  // this event does not tell
}

}  // namespace

Result<Event> read_event(const HostJson& request) {
  if (!request || request.type("/event") != SOUSCHEF_JSON_OBJECT)
    return Error(ErrorCode::bad_input, "the request holds no event");
  Event event{request.text("/event/id"),
              request.text("/event/name"),
              request.text("/event/time"),
              request.text("/event/host"),
              request.text("/event/message"),
              request.text("/event/order/name"),
              {},
              request.json("/event"),
              {}};
  if (event.name.empty()) return Error(ErrorCode::bad_input, "the event has no name");
  event.thumbnail = unescape_name(request.text("/event/data/thumbnail")).value_or("");
  for (const std::string& name : request.keys("/event/data"))
    event.data.emplace_back(name, value_of(request, "/event/data/" + pointer_part(name)));
  return event;
}

std::string as_it_is(const Host&, std::string_view value) {
  return std::string(value);
}

std::string in_json(const Host& host, std::string_view value) {
  const std::string quoted = host.quoted(value);
  return quoted.size() < 2 ? std::string() : quoted.substr(1, quoted.size() - 2);
}

std::string filled(std::string_view text, const Event& event, const Host& host, Escape escape) {
  return fill_fields(text, [&](std::string_view field) {
    std::optional<std::string> value = field_value(event, field);
    if (value) value = escape(host, *value);
    return value;
  });
}

std::string title_of(const Event& event) {
  std::string title = event.name;
  std::replace(title.begin(), title.end(), '_', ' ');
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title;
}

std::string slack_body(const Event& event, const Host& host) {
  const std::string text = "*" + slack_text(title_of(event)) + "*  " + slack_text(shortened(event.message)) +
                           (event.host.empty() ? "" : "  _" + slack_text(event.host) + "_");
  return "{\"text\":" + host.quoted(text) + "}";
}

std::string discord_body(const Event& event, const Host& host) {
  const std::string text = "**" + title_of(event) + "**  " + shortened(event.message) +
                           (event.host.empty() ? "" : "  (" + event.host + ")");
  // Nobody is rung by the name of an order.
  return "{\"content\":" + host.quoted(text) + ",\"allowed_mentions\":{\"parse\":[]}}";
}

std::string text_body(const Event& event) {
  return title_of(event) + ": " + event.message + "\n\n" +
         (event.order.empty() ? "" : "order  " + event.order + "\n") + "host   " + event.host + "\ntime   " +
         event.time + "\n";
}

}  // namespace souschef::notify
