// SPDX-License-Identifier: MIT
// Frame lists as people write them: the union of what Deadline and Flamenco accept.
//
//   1-100        1:100, 1..100, "1 to 100"      a range, both ends included
//   1-100x5      "1-100 step 5", by, every      every fifth frame from the first
//   100-1        backwards                      -5-5, -10--3: negative numbers
//   1-100x10,1-100                              coarse first: a frame that was named before is not repeated
//
// Items are separated by commas, semicolons or spaces.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

namespace souschef {

// Blender's own limits (MINAFRAME, MAXFRAME in DNA_scene_types.h).
inline constexpr std::int32_t kFirstFrame = -1048574;
inline constexpr std::int32_t kLastFrame = 1048574;

// An ordered list of distinct frames. A value; immutable once made.
class FrameRange {
 public:
  FrameRange() = default;

  // `frames` in the order wanted; repeats are dropped.
  static FrameRange of(const std::vector<std::int32_t>& frames) {
    FrameRange range;
    for (const std::int32_t frame : frames) range.add(frame);
    return range;
  }
  // Both ends included; backwards where last < first. A step of 0 counts as 1.
  static FrameRange span(std::int32_t first, std::int32_t last, std::int32_t step = 1) {
    FrameRange range;
    range.add_span(first, last, step);
    return range;
  }
  static Result<FrameRange> parse(std::string_view text);

  [[nodiscard]] const std::vector<std::int32_t>& frames() const { return frames_; }
  [[nodiscard]] std::size_t size() const { return frames_.size(); }
  [[nodiscard]] bool empty() const { return frames_.empty(); }
  [[nodiscard]] bool contains(std::int32_t frame) const { return seen_.contains(frame); }
  [[nodiscard]] std::int32_t lowest() const { return *std::min_element(frames_.begin(), frames_.end()); }
  [[nodiscard]] std::int32_t highest() const { return *std::max_element(frames_.begin(), frames_.end()); }

  // The shortest spelling that parses to the same list: "1-9x2,20".
  [[nodiscard]] std::string text() const;

  bool operator==(const FrameRange& other) const { return frames_ == other.frames_; }

 private:
  void add(std::int32_t frame) {
    if (seen_.insert(frame).second) frames_.push_back(frame);
  }
  void add_span(std::int32_t first, std::int32_t last, std::int32_t step) {
    const std::int64_t stride = std::max<std::int64_t>(1, std::abs(static_cast<std::int64_t>(step)));
    if (first <= last) {
      for (std::int64_t f = first; f <= last; f += stride) add(static_cast<std::int32_t>(f));
    } else {
      for (std::int64_t f = first; f >= last; f -= stride) add(static_cast<std::int32_t>(f));
    }
  }

  std::vector<std::int32_t> frames_;
  std::unordered_set<std::int32_t> seen_;
};

namespace detail {

// Reads "1-100x5" items from left to right; one use per text.
class FrameParser {
 public:
  explicit FrameParser(std::string_view text) : text_(text) {}

  bool at_end() {
    while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == ',' || text_[at_] == ';')) ++at_;
    return at_ >= text_.size();
  }

  struct Item {
    std::int32_t first = 0, last = 0, step = 1;
  };

  Result<Item> item() {
    Item item;
    SOUSCHEF_TRY(item.first, number("a frame number"));
    item.last = item.first;
    if (!take_word({"..", "-", ":", "to"})) return item;
    SOUSCHEF_TRY(item.last, number("the end of the range"));
    if (!take_word({"x", "step", "by", "every", ":"})) return item;
    SOUSCHEF_TRY(item.step, number("the step"));
    if (item.step < 1) return bad("a step is 1 or more");
    return item;
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  // A word counts only if a number can follow it: "1 -5" is two frames, "1 - 5" and "1-5" are a range.
  bool take_word(std::initializer_list<std::string_view> words) {
    const std::size_t start = at_;
    skip_spaces();
    const bool spaced = at_ > start;
    for (const std::string_view word : words) {
      if (text_.substr(at_, word.size()) != word) continue;
      const std::size_t after = at_ + word.size();
      if (word == "-" && spaced && after < text_.size() && is_digit(text_[after])) break;
      at_ = after;
      return true;
    }
    at_ = start;
    return false;
  }

  Result<std::int32_t> number(std::string_view expected) {
    skip_spaces();
    const std::size_t start = at_;
    const bool negative = at_ < text_.size() && text_[at_] == '-';
    if (negative) ++at_;
    std::int64_t value = 0;
    const std::size_t digits = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      value = std::min<std::int64_t>(value * 10 + (text_[at_] - '0'), 1LL << 40);
      ++at_;
    }
    if (at_ == digits) {
      at_ = start;
      const std::string found = at_ < text_.size() ? "\"" + std::string(text_.substr(at_)) + "\"" : "the end";
      return bad("expected " + std::string(expected) + ", found " + found);
    }
    if (negative) value = -value;
    if (value < kFirstFrame || value > kLastFrame)
      return bad("frames go from " + std::to_string(kFirstFrame) + " to " + std::to_string(kLastFrame));
    return static_cast<std::int32_t>(value);
  }

  Error bad(std::string why) const {
    return Error(ErrorCode::usage, "not a frame list: \"" + std::string(text_) + "\"", std::move(why))
        .next_step("write frames like 1-100x2,150");
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace detail

inline Result<FrameRange> FrameRange::parse(std::string_view text) {
  detail::FrameParser parser(text);
  FrameRange range;
  while (!parser.at_end()) {
    SOUSCHEF_TRY(const auto item, parser.item());
    range.add_span(item.first, item.last, item.step);
  }
  if (range.empty())
    return Error(ErrorCode::usage, "the frame list is empty").next_step("write frames like 1-100x2,150");
  return range;
}

inline std::string FrameRange::text() const {
  std::string out;
  const std::size_t count = frames_.size();
  for (std::size_t i = 0; i < count;) {
    if (!out.empty()) out += ',';
    out += std::to_string(frames_[i]);
    if (i + 1 == count) break;
    const std::int64_t stride = static_cast<std::int64_t>(frames_[i + 1]) - frames_[i];
    std::size_t end = i + 1;
    while (end + 1 < count && static_cast<std::int64_t>(frames_[end + 1]) - frames_[end] == stride) ++end;
    const bool is_run = end - i >= 2 || stride == 1 || stride == -1;
    if (!is_run) {
      ++i;
      continue;
    }
    out += "-" + std::to_string(frames_[end]);
    if (stride != 1 && stride != -1) out += "x" + std::to_string(std::abs(stride));
    i = end + 1;
  }
  return out;
}

}  // namespace souschef
