// SPDX-License-Identifier: MIT
// What a line in the renderer's log means for the frame, by the table that the renderer plugin ships.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

// The words stand in the tables and in journals.
enum class FailureClass : std::uint8_t {
  warn,         // noted with the frame
  retry,        // tried again
  retry_alone,  // tried again while nothing else renders on this machine
  fatal         // the whole order stops
};
std::string_view name_of(FailureClass failure);
std::optional<FailureClass> failure_class_named(std::string_view name);

struct LogPattern {
  std::vector<std::string> parts;  // of the text between its '*': a line holds them in this order
  FailureClass failure = FailureClass::warn;
  std::string what, next;
  bool memory = false;  // the memory of the processor was not enough: a cap may be the reason

  [[nodiscard]] bool matches(std::string_view line) const;
};

// Immutable; thread-safe.
class RetryPolicy {
 public:
  RetryPolicy() = default;
  // From the TOML of renderer.describe. Errors: bad_input.
  static Result<RetryPolicy> parse(std::string_view toml);

  // The first pattern that fits, or null.
  [[nodiscard]] const LogPattern* find(std::string_view line) const;

 private:
  std::vector<LogPattern> patterns_;
};

// What an attempt's log has shown so far. One thread at a time.
class LogJudge {
 public:
  explicit LogJudge(const RetryPolicy& policy) : policy_(policy) {}
  void look_at(std::string_view line);
  void forget() {
    worst_ = nullptr;
    worst_line_.clear();
  }
  // The gravest pattern that has been seen, or null; and the line that showed it.
  [[nodiscard]] const LogPattern* worst() const { return worst_; }
  [[nodiscard]] const std::string& worst_line() const { return worst_line_; }

 private:
  const RetryPolicy& policy_;
  const LogPattern* worst_ = nullptr;
  std::string worst_line_;
};

}  // namespace souschef::core
