// SPDX-License-Identifier: MIT
#include "core/slots/time_window.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace souschef::core {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"mo", "tu", "we", "th", "fr", "sa", "su"};
constexpr int kMinutes = 24 * 60;  // of a day
constexpr int kWeek = 7 * kMinutes;

Error wrong(std::string_view text, std::string why) {
  return Error(ErrorCode::usage, "not a time window: \"" + std::string(text) + "\"", std::move(why))
      .next_step("write it like \"mo-fr 19:00-08:00\" or \"22:00-06:30\"");
}

std::optional<int> day_named(std::string_view word) {
  const auto found = std::find(kDays.begin(), kDays.end(), word);
  return found == kDays.end() ? std::nullopt : std::optional(static_cast<int>(found - kDays.begin()));
}

std::optional<int> number_in(std::string_view text, int largest) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && text.size() <= 2;
  return whole && value >= 0 && value <= largest ? std::optional(value) : std::nullopt;
}

// "19:00"
std::optional<int> minute_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.size() - colon != 3) return std::nullopt;
  const auto hour = number_in(text.substr(0, colon), 24), minute = number_in(text.substr(colon + 1), 59);
  if (!hour || !minute || *hour * 60 + *minute > kMinutes) return std::nullopt;
  return *hour * 60 + *minute;
}

// "mo-fr" or "we"; "fr-mo" goes past Sunday.
std::optional<std::uint8_t> days_in(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = day_named(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : day_named(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  unsigned days = 0;
  for (int day = *first;; day = (day + 1) % 7) {
    days |= 1U << static_cast<unsigned>(day);
    if (day == *last) return static_cast<std::uint8_t>(days);
  }
}

std::string lower_without_ends(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  std::string plain(text.substr(first, text.find_last_not_of(" \t") - first + 1));
  for (char& c : plain)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return plain;
}

struct Moment {
  int day, minute;
};
Moment local(std::time_t now) {
  std::tm parts{};
  ::localtime_r(&now, &parts);
  return {(parts.tm_wday + 6) % 7, parts.tm_hour * 60 + parts.tm_min};
}

}  // namespace

Result<TimeWindow> TimeWindow::parse(std::string_view text) {
  const std::string plain = lower_without_ends(text);
  std::string_view rest = plain;
  TimeWindow window;
  if (const std::size_t space = rest.find(' '); space != std::string_view::npos) {
    window.days = 0;
    for (std::string_view list = rest.substr(0, space); !list.empty();) {
      const std::string_view word = list.substr(0, list.find(','));
      list.remove_prefix(std::min(word.size() + 1, list.size()));
      const auto days = days_in(word);
      if (!days) return wrong(text, "there is no day \"" + std::string(word) + "\"");
      window.days |= *days;
    }
    rest.remove_prefix(rest.find_first_not_of(' ', space));
  }
  const std::size_t dash = rest.find('-');
  const auto begin = dash == std::string_view::npos ? std::nullopt : minute_of(rest.substr(0, dash));
  const auto end = dash == std::string_view::npos ? std::nullopt : minute_of(rest.substr(dash + 1));
  if (!begin || !end || *begin == kMinutes) return wrong(text, "two times of day are expected, HH:MM-HH:MM");
  if (*begin == *end) return wrong(text, "it has no length (all day is 00:00-24:00)");
  window.begin = *begin;
  window.end = *end;
  return window;
}

bool TimeWindow::contains(int day, int minute) const {
  const auto has = [this](int wanted) { return (days >> static_cast<unsigned>(wanted) & 1U) != 0; };
  if (begin < end) return has(day) && minute >= begin && minute < end;
  return (has(day) && minute >= begin) || (has((day + 6) % 7) && minute < end);
}

Result<TimeWindows> TimeWindows::parse(const std::vector<std::string>& texts) {
  TimeWindows windows;
  for (const std::string& text : texts) {
    SOUSCHEF_TRY(const TimeWindow window, TimeWindow::parse(text));
    windows.windows_.push_back(window);
  }
  return windows;
}

bool TimeWindows::contains(int day, int minute) const {
  return windows_.empty() || std::any_of(windows_.begin(), windows_.end(), [&](const TimeWindow& window) {
           return window.contains(day, minute);
         });
}

bool TimeWindows::contains(std::time_t now) const {
  const Moment moment = local(now);
  return contains(moment.day, moment.minute);
}

std::string TimeWindows::next_begin(std::time_t now) const {
  const Moment moment = local(now);
  if (contains(moment.day, moment.minute)) return {};
  for (int ahead = 1; ahead < kWeek; ++ahead) {
    const int then = (moment.day * kMinutes + moment.minute + ahead) % kWeek;
    const int day = then / kMinutes, minute = then % kMinutes;
    if (!contains(day, minute)) continue;
    char text[16];
    std::snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
    const bool soon = ahead < 12 * 60 || day == moment.day;
    return soon ? text : std::string(kDays[static_cast<std::size_t>(day)]) + " " + text;
  }
  return {};
}

}  // namespace souschef::core
