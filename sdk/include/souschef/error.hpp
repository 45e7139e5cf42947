// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souschef {

// The kinds of failure that callers tell apart. The numbers cross the plugin border: never reuse one.
enum class ErrorCode : std::int32_t {
  failed = 1,         // anything that has no kind of its own
  usage = 2,          // the person's words were wrong: an unknown option, a bad frame range
  not_found = 3,      // a named thing does not exist
  exists = 4,         // a thing that must not exist does
  bad_input = 5,      // bytes from outside are not what they should be: a truncated .blend, a config typo
  corrupt = 6,        // our own bytes are damaged: a pack, a manifest, a journal
  unsupported = 7,    // made by a newer version, or by a part that is not built in
  locked = 8,         // another process holds what is needed
  no_space = 9,       // the disk is full
  denied = 10,        // permissions, or a path that may not be read
  io = 11,            // any other failure of the operating system
  changed = 12,       // a file changed while it was read
  plugin = 13,        // a plugin broke its contract
  child_failed = 14,  // a program that we started failed
  timed_out = 15,
  cancelled = 16,     // a person or a signal asked to stop
  missing = 17,       // files that a .blend needs are not there
  no_production = 18  // no .souschef folder here or above
};

// The word for a code, as it stands in JSON and logs ("not_found").
constexpr std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::failed:
      return "failed";
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::exists:
      return "exists";
    case ErrorCode::bad_input:
      return "bad_input";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::locked:
      return "locked";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::denied:
      return "denied";
    case ErrorCode::io:
      return "io";
    case ErrorCode::changed:
      return "changed";
    case ErrorCode::plugin:
      return "plugin";
    case ErrorCode::child_failed:
      return "child_failed";
    case ErrorCode::timed_out:
      return "timed_out";
    case ErrorCode::cancelled:
      return "cancelled";
    case ErrorCode::missing:
      return "missing";
    case ErrorCode::no_production:
      return "no_production";
  }
  return "failed";
}

// What went wrong, in the three parts that every message of this program has, always in this order:
// what happened, why, what to do next.
//
//   return Error(ErrorCode::not_found, "no such order: fisk").next_step("souschef list");
//   if (!opened) return std::move(opened.error()).because_of("cannot read the shot");   // adds context in
//   front
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::failed;
  std::string what;              // one sentence without a full stop, with the name that the person typed
  std::vector<std::string> why;  // causes, outermost first; may be empty
  std::string next;              // a command to paste or a thing to do; may be empty

  Error() = default;
  Error(ErrorCode code_in, std::string what_in) : code(code_in), what(std::move(what_in)) {}
  Error(ErrorCode code_in, std::string what_in, std::string why_in)
      : code(code_in), what(std::move(what_in)) {
    why.push_back(std::move(why_in));
  }

  [[nodiscard]] Error next_step(std::string step) && {
    next = std::move(step);
    return std::move(*this);
  }
  [[nodiscard]] Error because(std::string cause) && {
    why.push_back(std::move(cause));
    return std::move(*this);
  }
  // Puts `outer` in front: the old sentence becomes the first cause.
  [[nodiscard]] Error in_context(std::string outer) && {
    why.insert(why.begin(), std::move(what));
    what = std::move(outer);
    return std::move(*this);
  }

  // One line for logs: "what: why: why".
  [[nodiscard]] std::string line() const {
    std::string text = what;
    for (const std::string& cause : why) text += ": " + cause;
    return text;
  }
};

}  // namespace souschef
