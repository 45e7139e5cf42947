// SPDX-License-Identifier: MIT
#include "cli/progress.hpp"

#include <algorithm>

namespace souschef::cli {

Progress::Progress(Terminal& terminal, std::string verb, Unit unit, std::string item)
    : terminal_(terminal),
      verb_(std::move(verb)),
      unit_(unit),
      item_(std::move(item)),
      start_(Clock::now()),
      last_(terminal.err_is_terminal() ? Clock::time_point() : start_) {}

Progress::~Progress() {
  terminal_.clear_status();
}

void Progress::update(std::uint64_t done, std::uint64_t total, const std::string& note) {
  using namespace std::chrono_literals;
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  const auto interval = terminal_.json() ? 1000ms : terminal_.err_is_terminal() ? 100ms : 10000ms;
  if (now - last_ < interval) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
  if (terminal_.json()) {
    const bool known = rate > 0 && total >= done;
    terminal_.record(
        {{"type", "progress"},
         {"what", verb_},
         {"done", done},
         {"total", total},
         {"unit", unit_ == Unit::bytes ? "bytes" : item_},
         {"rate", rate},
         {"eta_seconds", known ? core::Json(static_cast<double>(total - done) / rate) : core::Json()}});
    return;
  }
  std::string text = line(done, total, elapsed);
  if (!note.empty()) text += "  " + note;
  if (!terminal_.err_is_terminal()) {
    terminal_.say(text);
    return;
  }
  const auto room = static_cast<std::size_t>(std::max(20, terminal_.width() - 1));
  while (display_width(text) > room && !text.empty()) {
    while (text.size() > 1 && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
    text.pop_back();
  }
  terminal_.status(text);
}

std::string Progress::line(std::uint64_t done, std::uint64_t total, double elapsed) const {
  const double rate = elapsed > 0.2 ? static_cast<double>(done) / elapsed : 0;
  const auto amount = [&](std::uint64_t value) {
    return unit_ == Unit::bytes ? human_bytes(value) : counted(value, item_);
  };
  std::string text = verb_ + "  ";
  if (total > 0) {
    const auto percent =
        static_cast<unsigned>(100.0 * static_cast<double>(done) / static_cast<double>(total));
    text += std::to_string(std::min(percent, 100U)) + "%  ";
    text += (unit_ == Unit::bytes ? human_bytes(done) : std::to_string(done)) + " of " + amount(total);
  } else {
    text += amount(done);
  }
  if (rate <= 0) return text;
  if (unit_ == Unit::bytes) {
    text += "  " + human_bytes(static_cast<std::uint64_t>(rate)) + "/s";
  } else if (done > 0) {
    text += "  " + human_seconds(1 / rate) + " per " + item_;
  }
  if (total > done && elapsed > 1 && done > 0)
    text += "  " + human_seconds(static_cast<double>(total - done) / rate) + " left";
  return text;
}

}  // namespace souschef::cli
