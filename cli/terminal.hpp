// SPDX-License-Identifier: MIT
// What people and scripts see. Results go to stdout, talk goes to stderr, records (--json) go to stdout one a
// line.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include <souschef/error.hpp>

#include "core/base/json.hpp"

namespace souschef::cli {

enum class ColorChoice { automatic, always, never };

enum class Style { plain, bold, dim, red, yellow, green, cyan };

// Thread-safe.
class Terminal {
 public:
  Terminal();

  void set_color(ColorChoice choice);
  void set_json(bool on) { json_ = on; }
  void set_quiet(bool on) { quiet_ = on; }
  void set_verbose(bool on) { verbose_ = on; }
  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] bool quiet() const { return quiet_; }
  [[nodiscard]] bool verbose() const { return verbose_; }
  [[nodiscard]] bool out_is_terminal() const { return out_is_terminal_; }
  [[nodiscard]] bool err_is_terminal() const { return err_is_terminal_; }
  [[nodiscard]] bool can_ask() const { return in_is_terminal_ && err_is_terminal_ && !json_; }
  [[nodiscard]] int width() const;  // columns of the terminal, 80 where there is none

  // A line of the result, to stdout. Not printed with --json: there the records are the result.
  void print(std::string_view line);
  // Raw bytes to stdout (cat).
  void write(std::string_view bytes);
  // A record, to stdout, with --json only; `later`: one of thousands that are printed at once.
  enum class Flush { now, later };
  void record(const core::Json& record, Flush flush = Flush::now);
  // Talk, to stderr; not with --quiet.
  void say(std::string_view line);
  void warn(std::string_view line);    // also with --quiet
  void detail(std::string_view line);  // with --verbose only
  // An error in its three parts, to stderr; with --json also as a record.
  void error(const Error& error);

  // The one line that is overwritten in place; only where stderr is a terminal.
  void status(std::string_view line);
  void clear_status();

  // Asks on stderr, reads a line from stdin; false where nobody can be asked.
  bool confirm(std::string_view question);

  // `text` in a style where that stream shows colour.
  [[nodiscard]] std::string out_style(Style style, std::string_view text) const;
  [[nodiscard]] std::string err_style(Style style, std::string_view text) const;

 private:
  void err_line(std::string_view line);

  std::mutex mutex_;  // guards the streams and status_shown_
  bool status_shown_ = false;
  bool json_ = false, quiet_ = false, verbose_ = false;
  bool in_is_terminal_, out_is_terminal_, err_is_terminal_;
  bool out_color_, err_color_;
};

// "1.2 GB", "312 kB", "17 B": powers of ten, as disks and downloads are sold.
std::string human_bytes(std::uint64_t bytes);
// "4 s", "2 min 05 s", "3 h 12 min".
std::string human_seconds(double seconds);
// "1 file", "3 files".
std::string counted(std::uint64_t count, std::string_view one, std::string_view many = {});
// Columns that a text takes on a terminal: code points, combining marks and wide characters counted as
// terminals do.
std::size_t display_width(std::string_view text);

}  // namespace souschef::cli
