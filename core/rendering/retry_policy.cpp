// SPDX-License-Identifier: MIT
#include "core/rendering/retry_policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/json.hpp"
#include "core/base/json_text.hpp"
#include "core/base/toml_file.hpp"

namespace souschef::core {
namespace {

constexpr std::array<std::pair<FailureClass, std::string_view>, 4> kClasses = {
    {{FailureClass::warn, "warn"},
     {FailureClass::retry, "retry"},
     {FailureClass::retry_alone, "retry_alone"},
     {FailureClass::fatal, "fatal"}}};

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('*', at), text.size());
    if (end > at) parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

std::string_view name_of(FailureClass failure) {
  for (const auto& [value, name] : kClasses)
    if (value == failure) return name;
  return "?";
}

std::optional<FailureClass> failure_class_named(std::string_view wanted) {
  for (const auto& [value, name] : kClasses)
    if (name == wanted) return value;
  return std::nullopt;
}

bool LogPattern::matches(std::string_view line) const {
  for (const std::string& part : parts) {
    const std::size_t found = line.find(part);
    if (found == std::string_view::npos) return false;
    line.remove_prefix(found + part.size());
  }
  return true;
}

Result<RetryPolicy> RetryPolicy::parse(std::string_view toml) {
  RetryPolicy policy;
  if (toml.empty()) return policy;
  SOUSCHEF_TRY(const TomlDocument document, parse_toml(toml, "the renderer's patterns"));
  const auto list = document.values.find("pattern");
  if (list == document.values.end() || !list->is_array()) return policy;
  for (const Json& each : *list) {
    const auto failure = each.is_object() ? failure_class_named(text_at(each, "class")) : std::nullopt;
    LogPattern pattern;
    if (failure) pattern.parts = parts_of(text_at(each, "text"));
    if (!failure || pattern.parts.empty())
      return Error(ErrorCode::bad_input, "a pattern of the renderer has no text or no known class",
                   "its number is " + std::to_string(policy.patterns_.size() + 1));
    pattern.failure = *failure;
    pattern.what = text_at(each, "what");
    pattern.next = text_at(each, "next");
    pattern.memory = each.value("memory", Json(false)) == true;
    policy.patterns_.push_back(std::move(pattern));
  }
  return policy;
}

const LogPattern* RetryPolicy::find(std::string_view line) const {
  for (const LogPattern& pattern : patterns_)
    if (pattern.matches(line)) return &pattern;
  return nullptr;
}

void LogJudge::look_at(std::string_view line) {
  const LogPattern* found = policy_.find(line);
  if (found == nullptr || (worst_ != nullptr && worst_->failure >= found->failure)) return;
  worst_ = found;
  worst_line_ = line;
}

}  // namespace souschef::core
