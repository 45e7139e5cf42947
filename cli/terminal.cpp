// SPDX-License-Identifier: MIT
#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <souschef/file_name.hpp>

namespace souschef::cli {
namespace {

std::string styled(Style style, std::string_view text, bool color) {
  static constexpr std::array<std::string_view, 7> kCodes = {"", "1", "2", "31", "33", "32", "36"};
  const std::string_view code = kCodes[static_cast<std::size_t>(style)];
  if (!color || code.empty() || text.empty()) return std::string(text);
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

bool wants_color(bool is_terminal) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  return is_terminal && !dumb && (no_color == nullptr || *no_color == '\0');
}

}  // namespace

Terminal::Terminal()
    : in_is_terminal_(::isatty(STDIN_FILENO) == 1),
      out_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      err_is_terminal_(::isatty(STDERR_FILENO) == 1),
      out_color_(wants_color(out_is_terminal_)),
      err_color_(wants_color(err_is_terminal_)) {}

void Terminal::set_color(ColorChoice choice) {
  if (choice == ColorChoice::automatic) return;
  out_color_ = err_color_ = choice == ColorChoice::always;
}

int Terminal::width() const {
  winsize size{};
  const int stream = err_is_terminal_ ? STDERR_FILENO : STDOUT_FILENO;
  if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void Terminal::print(std::string_view line) {
  if (json_) return;
  clear_status();
  const std::lock_guard lock(mutex_);
  std::cout << line << '\n';
  if (out_is_terminal_) std::cout.flush();
}

void Terminal::write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void Terminal::record(const core::Json& record, Flush flush) {
  if (!json_) return;
  const std::lock_guard lock(mutex_);
  std::cout << record.dump(-1, ' ', false, core::Json::error_handler_t::replace) << '\n';
  if (flush == Flush::now) std::cout.flush();
}

void Terminal::err_line(std::string_view line) {
  clear_status();
  const std::lock_guard lock(mutex_);
  std::cout.flush();
  std::cerr << line << '\n';
}

void Terminal::say(std::string_view line) {
  if (!quiet_) err_line(line);
}
void Terminal::warn(std::string_view line) {
  err_line(err_style(Style::yellow, "warning: ") + std::string(line));
}
void Terminal::detail(std::string_view line) {
  if (verbose_) err_line(err_style(Style::dim, line));
}

void Terminal::error(const Error& error) {
  record({{"type", "error"},
          {"code", name_of(error.code)},
          {"what", error.what},
          {"why", error.why},
          {"next", error.next}});
  std::string text = err_style(Style::red, "error: ") + error.what;
  for (const std::string& cause : error.why)
    if (!cause.empty()) text += "\n  why: " + cause;
  if (!error.next.empty()) text += "\n " + err_style(Style::bold, "next: ") + error.next;
  err_line(text);
}

void Terminal::status(std::string_view line) {
  if (!err_is_terminal_ || quiet_ || json_) return;
  const std::lock_guard lock(mutex_);
  std::cerr << "\r\033[K" << line << std::flush;
  status_shown_ = true;
}

void Terminal::clear_status() {
  const std::lock_guard lock(mutex_);
  if (!status_shown_) return;
  std::cerr << "\r\033[K" << std::flush;
  status_shown_ = false;
}

bool Terminal::confirm(std::string_view question) {
  if (!can_ask()) return false;
  clear_status();
  {
    const std::lock_guard lock(mutex_);
    std::cerr << question << " [y/N] " << std::flush;
  }
  std::string answer;
  return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

std::string Terminal::out_style(Style style, std::string_view text) const {
  return styled(style, text, out_color_);
}
std::string Terminal::err_style(Style style, std::string_view text) const {
  return styled(style, text, err_color_);
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  const char* format = unit == 0 || value >= 99.5 ? "%.0f %s" : "%.1f %s";
  std::snprintf(text.data(), text.size(), format, value, kUnits[unit].data());
  return text.data();
}

std::string human_seconds(double seconds) {
  std::array<char, 48> text{};
  if (seconds < 0) seconds = 0;
  if (seconds < 9.95) {
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  } else if (seconds < 59.5) {
    std::snprintf(text.data(), text.size(), "%.0f s", seconds);
  } else if (seconds < 3600) {
    const auto whole = static_cast<long>(seconds + 0.5);
    std::snprintf(text.data(), text.size(), "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    const auto minutes = static_cast<long>(seconds / 60 + 0.5);
    std::snprintf(text.data(), text.size(), "%ld h %02ld min", minutes / 60, minutes % 60);
  }
  return text.data();
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  const std::string plural = many.empty() ? std::string(one) + "s" : std::string(many);
  return std::to_string(count) + " " + (count == 1 ? std::string(one) : plural);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\033') {  // a colour: takes no room
      while (at < text.size() && text[at] != 'm') ++at;
      ++at;
      continue;
    }
    const std::size_t length = std::max<std::size_t>(1, utf8_length_at(text, at));
    char32_t point = static_cast<unsigned char>(text[at]);
    if (length > 1) {
      point &= 0x7FU >> length;
      for (std::size_t i = 1; i < length; ++i)
        point = (point << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    }
    const bool combining =
        (point >= 0x300 && point <= 0x36F) || (point >= 0x200B && point <= 0x200F) || point == 0xFE0F;
    const bool wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) ||
                      (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
                      (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF00 && point <= 0xFF60) ||
                      (point >= 0x1F300 && point <= 0x1FAFF) || (point >= 0x20000 && point <= 0x3FFFD);
    width += combining ? 0 : (wide ? 2 : 1);
    at += length;
  }
  return width;
}

}  // namespace souschef::cli
