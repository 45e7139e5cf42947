// SPDX-License-Identifier: MIT
// The developer's log: what the program did and why, a line a fact, for whoever looks for a bug. What people
// read goes through events and errors instead, never through here.
//
//   log::debug("snapshot", "sealed", {{"packs", "3"}, {"bytes", std::to_string(bytes)}});
//   2026-11-21T21:04:05.123 debug snapshot: sealed packs=3 bytes=1234
//
// Below `level` a line costs one comparison, but its fields are made: ask wants() where they cost something.
// Thread-safe once started; start() is called by one thread, before others exist.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <souschef/calls.hpp>
#include <souschef/result.hpp>

namespace souschef::core::log {

struct Options {
  std::string level;            // "debug", "info", "warning", "error" or "off"; empty: warning
  std::filesystem::path file;   // appended to; empty: standard error
  std::filesystem::path times;  // where the record of times goes (store/scoped_timer.hpp); empty: none
};

// Without it nothing is logged. Errors: usage (no such level), io.
Status start(const Options& options);

// At the end of the run: writes the record of times, if one was asked for. Errors: io.
Status finish();

[[nodiscard]] bool wants(LogLevel level);

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

// `part`: who says it, one word. Values with spaces are quoted; lines are never broken.
void write(LogLevel level, std::string_view part, std::string_view what, Fields fields = {});

inline void debug(std::string_view part, std::string_view what, Fields fields = {}) {
  if (wants(LogLevel::debug)) write(LogLevel::debug, part, what, fields);
}
inline void info(std::string_view part, std::string_view what, Fields fields = {}) {
  if (wants(LogLevel::info)) write(LogLevel::info, part, what, fields);
}
inline void warning(std::string_view part, std::string_view what, Fields fields = {}) {
  if (wants(LogLevel::warning)) write(LogLevel::warning, part, what, fields);
}

}  // namespace souschef::core::log
