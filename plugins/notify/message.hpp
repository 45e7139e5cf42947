// SPDX-License-Identifier: MIT
// What people are told: texts made of an event. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <souschef/host.hpp>

namespace souschef::notify {

struct Event {
  std::string id, name, time, host, message;
  std::string order;                                      // the word that people know it by; may be empty
  std::string thumbnail;                                  // path of a small picture; may be empty
  std::string json;                                       // the whole event
  std::vector<std::pair<std::string, std::string>> data;  // by name; what is not text stands as JSON
};

// `request`: of event.handle. Errors: bad_input where there is no event in it.
Result<Event> read_event(const HostJson& request);

// Turns a value into what may stand in the text around it.
using Escape = std::string (*)(const Host& host, std::string_view value);
std::string as_it_is(const Host& host, std::string_view value);
std::string in_json(const Host& host, std::string_view value);  // without the quotes

// {message}, {name}, {order}, {host}, {time}, {id}, {data.NAME}. What a value holds is not looked at again;
// a field that nobody knows stays as it is, one that this event does not have is empty.
std::string filled(std::string_view text, const Event& event, const Host& host, Escape escape);

// "order_done" -> "Order done"
std::string title_of(const Event& event);

std::string slack_body(const Event& event, const Host& host);
std::string discord_body(const Event& event, const Host& host);
std::string text_body(const Event& event);

}  // namespace souschef::notify
