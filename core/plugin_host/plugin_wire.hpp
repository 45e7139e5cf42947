// SPDX-License-Identifier: MIT
// The lines of the plugin protocol, both sides. The law: docs/format/plugin-protocol.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <souschef/calls.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

inline constexpr std::size_t kMaxLineToPlugin = std::size_t{256} << 20;
inline constexpr std::size_t kMaxLineFromPlugin = std::size_t{64} << 20;

// What a plugin says.
struct WireAnswer {
  std::int64_t id = 0;
  Json result;
};
struct WireFailure {
  std::int64_t id = 0;
  Error error;
};
struct WireProgress {
  double fraction = -1;  // below 0: not known
  std::string message;
};
struct WireLog {
  LogLevel level = LogLevel::info;
  std::string message;
};
using FromPlugin = std::variant<WireAnswer, WireFailure, WireProgress, WireLog>;

// What the program says.
struct WireRequest {
  std::int64_t id = 0;
  std::string method;
  Json params;
};
struct WireCancel {
  std::int64_t id = 0;
};
using ToPlugin = std::variant<WireRequest, WireCancel>;

// A line without its end. Errors: bad_input with what is wrong about it. Texts are shortened to what messages
// hold.
Result<FromPlugin> read_from_plugin(std::string_view line);
Result<ToPlugin> read_to_plugin(std::string_view line);

// Each with its line end. `params` and `result` are JSON texts; line ends in them become spaces.
std::string request_line(std::int64_t id, std::string_view method, std::string_view params);
std::string cancel_line(std::int64_t id);
std::string answer_line(std::int64_t id, std::string_view result);
std::string failure_line(std::int64_t id, const Error& error);
std::string progress_line(double fraction, std::string_view message);
std::string log_line(LogLevel level, std::string_view message);

}  // namespace souschef::core
