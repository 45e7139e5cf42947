// SPDX-License-Identifier: MIT
// Short texts that people type, programs print and other machines write. The first byte picks the parser, so
// that one target keeps them all; the seeds are named after it.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <souschef/frame_range.hpp>

#include "core/base/json_text.hpp"
#include "core/base/line_buffer.hpp"
#include "core/base/toml_file.hpp"
#include "core/production/ignore_rules.hpp"
#include "core/queue/frame_rows.hpp"
#include "core/queue/journal.hpp"
#include "core/queue/order_row.hpp"
#include "core/slots/find_devices.hpp"
#include "core/slots/machine_load.hpp"
#include "core/slots/time_window.hpp"
#include "core/verification/frame_check.hpp"
#include "plugins/blender/messages.hpp"
#include "store/process_stat.hpp"

using namespace souschef;
using namespace souschef::core;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Both sides of the first zero byte.
std::array<std::string_view, 2> halves(std::string_view text) {
  const std::size_t zero = text.find('\0');
  if (zero == std::string_view::npos) return {text, {}};
  return {text.substr(0, zero), text.substr(zero + 1)};
}

void frames(std::string_view text) {
  const auto range = FrameRange::parse(text);
  if (!range) return;
  const auto again = FrameRange::parse(range->text());
  require(again.has_value() && again->text() == range->text());
}

void windows(std::string_view text) {
  const auto list = TimeWindows::parse({std::string(text)});
  if (!list) return;
  constexpr std::time_t kSomeDay = 1'795'046'400, kHour = 3600;
  for (std::time_t now = kSomeDay; now < kSomeDay + 200 * kHour; now += kHour)
    require(!list->contains(now) || list->next_begin(now).empty());
}

void devices(std::string_view text) {
  for (const Device& device : nvidia_gpus(text)) require(device.uuid.starts_with("GPU-"));
}

void machine_load(std::string_view text) {
  static_cast<void>(busy_ticks(text));
  static_cast<void>(store::parse_process_stat(text));
}

void toml(std::string_view text) {
  if (const auto document = parse_toml(text, "fuzz")) static_cast<void>(json_text(document->values));
}

void ignore_rules(std::string_view text) {
  const auto [rules_text, path] = halves(text);
  IgnoreRules rules;
  rules.add(rules_text);
  static_cast<void>(rules.leaves_out(path, true));
  static_cast<void>(rules.leaves_out(path, false));
  static_cast<void>(matches_glob(rules_text, path));
}

// However the bytes are cut into pieces, the lines are the same.
void lines(std::string_view text) {
  constexpr std::size_t kLimit = 16;
  LineBuffer whole(kLimit), pieces(kLimit);
  whole.add(text);
  std::string from_whole, from_pieces;
  while (const auto line = whole.take()) {
    require(line->size() <= kLimit);
    from_whole += *line + "\n";
  }
  from_whole += whole.take_rest().value_or("");
  for (const char each : text) {
    pieces.add(std::string_view(&each, 1));
    while (const auto line = pieces.take()) from_pieces += *line + "\n";
  }
  from_pieces += pieces.take_rest().value_or("");
  require(from_whole == from_pieces);
}

// What Blender prints, and what the script in it answers.
void worker_answers(std::string_view text) {
  static_cast<void>(blender::progress_of(text));
  for (const char* channel : {"answers", "output", "version"})
    static_cast<void>(blender::decode({{"channel", channel}, {"lines", {std::string(text)}}}));
}

void rows(std::string_view text) {
  if (const auto parsed = parse_row(text)) {
    const auto again = parse_row(row_line(parsed->row, parsed->generation));
    require(again && row_line(again->row, again->generation) == row_line(parsed->row, parsed->generation));
  }
  const RowLines file{std::string(text)};
  for (const auto& [id, row] : file.rows()) require(row.id == id);
}

void journal_line(std::string_view text) {
  const auto event = parse_journal_line(text);
  if (event) static_cast<void>(frames_from_rows(*event).has_value());
}

void replies(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return;
  static_cast<void>(expected_files(*json).has_value());
  static_cast<void>(frames_from_rows(*json).has_value());
}

constexpr std::array kParsers = {frames, windows,        devices, machine_load, toml,   ignore_rules,
                                 lines,  worker_answers, rows,    journal_line, replies};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t parser = static_cast<std::size_t>(bytes[0] - 'a');
  if (parser >= kParsers.size()) return 0;
  kParsers[parser](std::string_view(reinterpret_cast<const char*>(bytes) + 1, size - 1));
  return 0;
}
