// SPDX-License-Identifier: MIT
// When a machine may render: "mo-fr 19:00-08:00".
//
//   window   = [days " "] time "-" time        without days: every day
//   days     = day or day-day, several with commas: mo,we-fr       mo tu we th fr sa su
//   time     = HH:MM; 24:00 as an end
//
// A window whose end is not after its beginning goes on past midnight and belongs to the day on which it
// begins: "fr 19:00-08:00" ends on Saturday morning. What counts is what the clocks on the wall show, also in
// the nights in which they are set.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

struct TimeWindow {
  std::uint8_t days = 0x7F;  // a bit each, Monday is the lowest
  int begin = 0, end = 0;    // minutes since midnight; end: not part of it

  // Errors: usage, saying what is wrong.
  static Result<TimeWindow> parse(std::string_view text);
  // `day`: 0 is Monday; `minute` of the day.
  [[nodiscard]] bool contains(int day, int minute) const;
  bool operator==(const TimeWindow&) const = default;
};

// Several windows; none: always.
class TimeWindows {
 public:
  static Result<TimeWindows> parse(const std::vector<std::string>& texts);

  // By the local time of `now`.
  [[nodiscard]] bool contains(std::time_t now) const;
  // When the next window begins, for people: "19:00", "mo 19:00". Empty: never, or they contain `now`.
  [[nodiscard]] std::string next_begin(std::time_t now) const;

 private:
  [[nodiscard]] bool contains(int day, int minute) const;
  std::vector<TimeWindow> windows_;
};

}  // namespace souschef::core
