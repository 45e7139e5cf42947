// SPDX-License-Identifier: MIT
// A row is an array of numbers: frame, state, attempt, tries, milliseconds, MiB, flags, slot, and for every
// file its pattern, size and hash. Paths repeat from frame to frame but for the number, so a row names a
// pattern; a hash takes 43 characters of base 64 instead of 64 hexadecimal digits. What failed last is text,
// at the end of the row.
//
// In a pattern the number is a run of \x01, one for each digit: no file name that Blender writes holds it,
// and where one did, the path is kept as it is.
#include "core/queue/frame_rows.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <souschef/file_name.hpp>

#include "core/queue/order_ledger.hpp"

namespace souschef::core {
namespace {

constexpr char kDigitMark = '\x01';
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kFixed = 8;  // numbers before the files

std::string base64(const Hash& hash) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::byte byte : hash.bytes) {
    bits = (bits << 8) | std::to_integer<std::uint32_t>(byte);
    for (count += 8; count >= 6; count -= 6) text += kBase64[(bits >> (count - 6)) & 63];
  }
  if (count > 0) text += kBase64[(bits << (6 - count)) & 63];
  return text;
}

bool from_base64(std::string_view text, Hash& hash) {
  if (text.size() != 43) return false;
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (const char c : text) {
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos) return false;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8 && at < hash.bytes.size()) {
      hash.bytes[at++] = static_cast<std::byte>((bits >> (count - 8)) & 255);
      count -= 8;
    }
  }
  return at == hash.bytes.size();
}

std::string digits_of(std::int32_t frame) {
  return std::to_string(frame < 0 ? -static_cast<std::int64_t>(frame) : frame);
}

template <class Value>
std::size_t place_of(std::vector<Value>& list, std::map<Value, std::size_t>& places, const Value& value) {
  const auto [found, is_new] = places.emplace(value, list.size());
  if (is_new) list.push_back(value);
  return found->second;
}

Error corrupt(std::string why) {
  return {ErrorCode::corrupt, "the rows of a journal cannot be read", std::move(why)};
}

bool nothing_happened(const FrameRecord& frame) {
  return frame == FrameRecord{.frame = frame.frame};
}

// Reads one row; false where it is not one.
bool read_row(const Json& row, const std::vector<std::string>& patterns,
              const std::vector<std::string>& slots, FrameRecord& frame) {
  if (!row.is_array() || row.size() < kFixed) return false;
  for (std::size_t i = 0; i < kFixed; ++i)
    if (!row[i].is_number_integer()) return false;
  frame.frame = row[0].get<std::int32_t>();
  const auto state = row[1].get<int>();
  const auto slot = row[7].get<std::size_t>();
  if (state < 0 || state > static_cast<int>(FrameState::running) || slot >= slots.size()) return false;
  frame.state = static_cast<FrameState>(state);
  frame.attempt = row[2].get<std::uint32_t>();
  frame.tries = row[3].get<std::uint32_t>();
  frame.ms = row[4].get<std::uint32_t>();
  frame.mib = row[5].get<std::uint32_t>();
  frame.flags = row[6].get<std::uint32_t>();
  frame.slot = slots[slot];
  std::size_t at = kFixed;
  for (; at + 2 < row.size(); at += 3) {
    if (!row[at].is_number_unsigned() || !row[at + 1].is_number_unsigned() || !row[at + 2].is_string())
      return false;
    const auto pattern = row[at].get<std::size_t>();
    FileRecord file;
    if (pattern >= patterns.size() || !from_base64(row[at + 2].get<std::string>(), file.hash)) return false;
    file.path = path_from_pattern(patterns[pattern], frame.frame);
    file.size = row[at + 1].get<std::uint64_t>();
    frame.files.push_back(std::move(file));
  }
  if (at < row.size()) {
    if (!row[at].is_string()) return false;
    frame.why = row[at].get<std::string>();
  }
  return at + 1 >= row.size();
}

bool read_names(const Json& event, const char* member, std::vector<std::string>& names) {
  const auto found = event.find(member);
  if (found == event.end() || !found->is_array()) return false;
  for (const Json& each : *found) {
    if (!each.is_string()) return false;
    auto name = unescape_name(each.get<std::string>());
    if (!name) return false;
    names.push_back(std::move(*name));
  }
  return true;
}

}  // namespace

std::string frame_pattern(std::string_view path, std::int32_t frame) {
  const std::string digits = digits_of(frame);
  const std::size_t name = path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1;
  const std::size_t found = path.rfind(digits);
  if (found == std::string_view::npos || found < name || path.find(kDigitMark) != std::string_view::npos)
    return std::string(path);
  std::size_t begin = found;
  while (begin > name && path[begin - 1] == '0') --begin;
  std::string pattern(path);
  const std::size_t width = found + digits.size() - begin;
  pattern.replace(begin, width, std::string(width, kDigitMark));
  if (frame < 0 && begin > name && path[begin - 1] == '-') pattern.erase(begin - 1, 1);
  return path_from_pattern(pattern, frame) == path ? pattern : std::string(path);
}

std::string path_from_pattern(std::string_view pattern, std::int32_t frame) {
  const std::size_t begin = pattern.find(kDigitMark);
  if (begin == std::string_view::npos) return std::string(pattern);
  const std::size_t end = pattern.find_first_not_of(kDigitMark, begin);
  const std::size_t width = (end == std::string_view::npos ? pattern.size() : end) - begin;
  std::string digits = digits_of(frame);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  if (frame < 0) digits.insert(0, 1, '-');
  std::string path(pattern);
  path.replace(begin, width, digits);
  return path;
}

Json frame_rows(std::span<const FrameRecord> frames) {
  std::vector<std::string> patterns, slots;
  std::map<std::string, std::size_t> pattern_places, slot_places;
  Json rows = Json::array();
  for (const FrameRecord& frame : frames) {
    if (nothing_happened(frame)) continue;
    Json row = {
        frame.frame, static_cast<int>(frame.state),           frame.attempt, frame.tries, frame.ms, frame.mib,
        frame.flags, place_of(slots, slot_places, frame.slot)};
    for (const FileRecord& file : frame.files) {
      row.push_back(place_of(patterns, pattern_places, frame_pattern(file.path, frame.frame)));
      row.push_back(file.size);
      row.push_back(base64(file.hash));
    }
    if (!frame.why.empty()) row.push_back(frame.why);
    rows.push_back(std::move(row));
  }
  for (std::string& pattern : patterns) pattern = escape_name(pattern);
  return {{"event", "rows"}, {"patterns", patterns}, {"slots", slots}, {"rows", std::move(rows)}};
}

Result<std::vector<FrameRecord>> frames_from_rows(const Json& event) {
  std::vector<std::string> patterns, slots;
  if (!read_names(event, "patterns", patterns) || !read_names(event, "slots", slots))
    return corrupt("patterns or slots are missing");
  const auto rows = event.find("rows");
  if (rows == event.end() || !rows->is_array()) return corrupt("there are no rows");
  std::vector<FrameRecord> frames;
  for (const Json& row : *rows) {
    FrameRecord frame;
    if (!read_row(row, patterns, slots, frame)) return corrupt("a row is damaged");
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace souschef::core
