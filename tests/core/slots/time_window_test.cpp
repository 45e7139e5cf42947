// SPDX-License-Identifier: MIT
#include "core/slots/time_window.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

constexpr int kMonday = 0, kFriday = 4, kSaturday = 5, kSunday = 6;

TimeWindow window(std::string_view text) {
  auto parsed = TimeWindow::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(TimeWindow());
}

// A zone whose clocks are set in March and October.
class InBerlin : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
  }
  void TearDown() override {
    ::unsetenv("TZ");
    ::tzset();
  }
  static std::time_t utc(int year, int month, int day, int hour, int minute) {
    std::tm parts{};
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day;
    parts.tm_hour = hour;
    parts.tm_min = minute;
    return ::timegm(&parts);
  }
  static TimeWindows windows(const std::vector<std::string>& texts) { return *TimeWindows::parse(texts); }
};

TEST(TimeWindow, EndIsNotPartOfIt) {
  const TimeWindow day = window("09:00-17:30");
  EXPECT_FALSE(day.contains(kMonday, 9 * 60 - 1));
  EXPECT_TRUE(day.contains(kMonday, 9 * 60));
  EXPECT_TRUE(day.contains(kMonday, 17 * 60 + 29));
  EXPECT_FALSE(day.contains(kMonday, 17 * 60 + 30));
}

TEST(TimeWindow, PastMidnightBelongsToTheDayOnWhichItBegins) {
  const TimeWindow night = window("mo-fr 19:00-08:00");
  EXPECT_TRUE(night.contains(kFriday, 23 * 60));
  EXPECT_TRUE(night.contains(kSaturday, 7 * 60 + 59)) << "Friday's";
  EXPECT_FALSE(night.contains(kSaturday, 8 * 60));
  EXPECT_FALSE(night.contains(kSaturday, 20 * 60));
  EXPECT_FALSE(night.contains(kMonday, 3 * 60)) << "Sunday has none";
  EXPECT_TRUE(night.contains(1, 3 * 60));
}

TEST(TimeWindow, DaysAreListsAndRangesThatMayGoPastSunday) {
  EXPECT_EQ(window("sa,su 00:00-24:00").days, 0x60);
  EXPECT_EQ(window("fr-mo 10:00-11:00").days, 0x71);
  EXPECT_EQ(window("MO,we-fr 10:00-11:00").days, 0x1D);
  EXPECT_TRUE(window("su 00:00-24:00").contains(kSunday, 24 * 60 - 1));
}

TEST(TimeWindow, NonsenseIsRefusedWithAnExample) {
  for (const char* text :
       {"", "19:00", "19:00-", "25:00-08:00", "19:60-08:00", "xx 19:00-08:00", "mo-xx 19:00-08:00",
        "19:00-19:00", "mo", "mo 7-8", "24:00-08:00", "24:01-08:00", "19:000-08:00", "1900-0800"}) {
    const auto parsed = TimeWindow::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::usage);
    EXPECT_NE(parsed.error().next.find("mo-fr 19:00-08:00"), std::string::npos);
  }
}

TEST_F(InBerlin, NightInWhichClocksGoForward) {
  const TimeWindows night = windows({"sa 22:00-03:00"});  // 2026-03-29: 02:00 becomes 03:00
  EXPECT_TRUE(night.contains(utc(2026, 3, 29, 0, 59))) << "01:59";
  EXPECT_FALSE(night.contains(utc(2026, 3, 29, 1, 0))) << "03:00";
}

TEST_F(InBerlin, NightInWhichClocksGoBack) {
  const TimeWindows night = windows({"sa 22:00-02:30"});  // 2026-10-25: 03:00 becomes 02:00
  EXPECT_TRUE(night.contains(utc(2026, 10, 25, 0, 29))) << "02:29, for the first time";
  EXPECT_FALSE(night.contains(utc(2026, 10, 25, 0, 45))) << "02:45, for the first time";
  EXPECT_TRUE(night.contains(utc(2026, 10, 25, 1, 15))) << "02:15 once more: the wall decides";
  EXPECT_FALSE(night.contains(utc(2026, 10, 25, 1, 45)));
}

TEST_F(InBerlin, NextBeginIsToldWithItsDayWhereItIsFar) {
  const TimeWindows night = windows({"mo-fr 19:00-08:00"});
  EXPECT_EQ(night.next_begin(utc(2026, 11, 19, 9, 0)), "19:00") << "Thursday at ten";
  EXPECT_EQ(night.next_begin(utc(2026, 11, 21, 9, 0)), "mo 19:00") << "Saturday";
  EXPECT_EQ(night.next_begin(utc(2026, 11, 19, 20, 0)), "") << "it is open";
}

TEST_F(InBerlin, NoWindowsAreAlways) {
  EXPECT_TRUE(windows({}).contains(utc(2026, 11, 19, 9, 0)));
}

}  // namespace
}  // namespace souschef::core
