// SPDX-License-Identifier: MIT
// A record stays if anything says so; the first reason found is the one that is told:
//
//   held             an order, a pin, a tag or a reader needs its job; or its job is known to be damaged
//   tagged           when it was banked, whatever the rules say of tags
//   young            an hour, of automatic ones: the order that will need it may not be written yet
//   among the last   N of its entry, if there is such a rule; of automatic ones always, by default 5
//   recent           younger than D days, if there is such a rule
//   asked for        by a person, where no such rule is given (last, days, tags): for ever
#include "core/jobs/keep_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace souschef::core {
namespace {

constexpr std::int64_t kHourMs = 60LL * 60 * 1000, kDayMs = 24 * kHourMs;

std::optional<std::int64_t> positive(std::int64_t value) {
  return value > 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  const Error wrong =
      Error(ErrorCode::usage, "not a size: " + std::string(text)).next_step("say 500 GB or 2 TB");
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || !std::isfinite(number) || number < 0) return wrong;
  std::string unit;
  for (const char c :
       std::string_view(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr)))
    if (c != ' ') unit += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (unit.ends_with('B')) unit.pop_back();
  static constexpr std::string_view kUnits = "KMGTP";
  double factor = 1;
  if (!unit.empty()) {
    const std::size_t at = unit.size() == 1 ? kUnits.find(unit[0]) : std::string_view::npos;
    if (at == std::string_view::npos) return wrong;
    factor = std::pow(1000.0, static_cast<double>(at + 1));
  }
  if (number * factor >= 9e18) return wrong;
  return static_cast<std::uint64_t>(number * factor);
}

KeepRules keep_rules(const Config& config) {
  KeepRules rules;
  rules.keep_last = positive(config.integer("gc.keep_last"));
  rules.keep_days = positive(config.integer("gc.keep_days"));
  rules.keep_tags = config.list("gc.keep_tags");
  rules.keep_automatic = std::max<std::int64_t>(0, config.integer("gc.keep_automatic"));
  rules.trash_days = std::max<std::int64_t>(0, config.integer("gc.trash_days"));
  if (const std::string size = config.text("gc.max_size"); !size.empty())
    if (const auto bytes = parse_size(size)) rules.max_size = *bytes;
  return rules;
}

std::vector<SnapshotFate> judge_snapshots(std::span<const SnapshotRecord> records, const KeepRules& rules,
                                          const std::map<JobId, std::string>& held, std::int64_t now_ms) {
  std::vector<SnapshotFate> fates(records.size());
  std::map<std::string, std::int64_t> newer, newer_automatic;  // of the same entry
  for (std::size_t i = records.size(); i-- > 0;) {
    const SnapshotRecord& record = records[i];
    SnapshotFate& fate = fates[i];
    const bool automatic = record.origin != Origin::person;
    const std::int64_t rank = newer[record.entry]++;
    const std::int64_t automatic_rank = automatic ? newer_automatic[record.entry]++ : 0;
    const std::int64_t age_ms = now_ms - record.time_ms;
    const auto keep = [&](std::string why, bool droppable) { fate = {true, droppable, std::move(why)}; };
    if (const auto holder = held.find(record.job); holder != held.end())
      keep(holder->second, false);
    else if (!record.tags.empty())
      keep("tagged " + record.tags.front(), false);
    else if (automatic && age_ms < kHourMs)
      keep("banked within the hour", false);
    else if (rules.keep_last && rank < *rules.keep_last)
      keep("among the last " + std::to_string(*rules.keep_last) + " of its entry", true);
    else if (rules.keep_days && age_ms < *rules.keep_days * kDayMs)
      keep("younger than " + std::to_string(*rules.keep_days) + " days", true);
    else if (automatic && automatic_rank < rules.keep_automatic)
      keep("among the last " + std::to_string(rules.keep_automatic) + " that were banked by themselves",
           true);
    else if (!automatic && !rules.keep_last && !rules.keep_days && rules.keep_tags.empty())
      keep("banked by " + (record.user.empty() ? std::string("a person") : record.user), true);
    else
      fate = {false, false,
              automatic ? "older than the last that were banked by themselves"
                        : "older than the keep rules ask for"};
  }
  return fates;
}

}  // namespace souschef::core
