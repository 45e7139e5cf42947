// SPDX-License-Identifier: MIT
#include "core/queue/order_row.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include <souschef/file_name.hpp>

#include "store/atomic_file.hpp"

namespace souschef::core {
namespace {

constexpr std::string_view kHead = "souschef rows 1\n";
constexpr std::uint64_t kSlack =
    64 << 10;  // what the file may hold beyond twice its content before it is rewritten
constexpr std::uint64_t kTypicalLine = 256;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;
constexpr std::string_view kRemoved = "removed";

// Writes and reads the columns in one place, so that they cannot drift apart.
template <class Columns>
void each_column(Columns& c, OrderRow& row, std::uint64_t& generation, std::string& state) {
  c.text(row.id);
  c.number(generation);
  c.text(row.name);
  c.text(state);
  c.number(row.priority);
  c.number(row.position);
  c.flag(row.urgent);
  c.flag(row.live);
  c.text(row.entry);
  c.text(row.target);
  c.text(row.output);
  c.text(row.user);
  c.text(row.host);
  c.text(row.why);
  c.number(row.counts.todo);
  c.number(row.counts.running);
  c.number(row.counts.done);
  c.number(row.counts.failed);
  c.number(row.counts.skipped);
  c.number(row.submitted_ms);
  c.number(row.started_ms);
  c.number(row.changed_ms);
  c.number(row.spent_ms);
  c.list(row.after);
}

class Writer {
 public:
  void text(const std::string& value) { cell(escape_name(value)); }
  template <class Number>
  void number(Number value) {
    cell(std::to_string(value));
  }
  void flag(bool value) { cell(value ? "1" : "0"); }
  void list(const std::vector<std::string>& values) {
    std::string joined;
    for (const std::string& value : values) joined += (joined.empty() ? "" : " ") + value;
    cell(joined);
  }
  std::string line() && { return std::move(line_) + "\n"; }

 private:
  void cell(const std::string& text) {
    if (!line_.empty()) line_ += '\t';
    line_ += text;
  }
  std::string line_;
};

class Reader {
 public:
  explicit Reader(std::string_view line) : rest_(line) {}
  void text(std::string& value) {
    const std::string_view cell = next();
    if (cell.find('\\') == std::string_view::npos) {
      value = cell;
      return;
    }
    auto name = unescape_name(cell);
    good_ = good_ && name.has_value();
    if (name) value = std::move(*name);
  }
  template <class Number>
  void number(Number& value) {
    const std::string_view cell = next();
    const auto result = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    good_ = good_ && result.ec == std::errc() && result.ptr == cell.data() + cell.size();
  }
  void flag(bool& value) {
    const std::string_view cell = next();
    good_ = good_ && (cell == "0" || cell == "1");
    value = cell == "1";
  }
  void list(std::vector<std::string>& values) {
    const std::string_view cell = next();
    for (std::size_t at = 0; at < cell.size();) {
      const std::size_t end = std::min(cell.find(' ', at), cell.size());
      values.emplace_back(cell.substr(at, end - at));
      at = end + 1;
    }
  }
  [[nodiscard]] bool good() const { return good_ && at_end_; }

 private:
  std::string_view next() {
    if (at_end_) good_ = false;
    const std::size_t tab = rest_.find('\t');
    const std::string_view cell = rest_.substr(0, tab);
    at_end_ = tab == std::string_view::npos;
    rest_ = at_end_ ? std::string_view() : rest_.substr(tab + 1);
    return cell;
  }
  std::string_view rest_;
  bool good_ = true, at_end_ = false;
};

struct Seen {
  OrderRow row;
  std::uint64_t generation = 0;
  bool removed = false;
};

// The newest line of every order. A line of an earlier holder that stands after a later one's is from
// somebody who did not know yet that he had been succeeded.
std::map<std::string, Seen> parse_file(std::string_view text) {
  std::map<std::string, Seen> newest;
  for (std::size_t at = kHead.size(); at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;  // torn
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const bool removed = line.starts_with(kRemoved) && line.size() > kRemoved.size() + 1;
    if (removed) line.remove_prefix(kRemoved.size() + 1);
    Seen seen;
    seen.removed = removed;
    if (removed) {
      Reader reader(line);
      reader.text(seen.row.id);
      reader.number(seen.generation);
      if (!reader.good()) continue;
    } else {
      auto parsed = parse_row(line);
      if (!parsed) continue;
      seen.row = std::move(parsed->row);
      seen.generation = parsed->generation;
    }
    auto& place = newest[seen.row.id];
    if (seen.generation >= place.generation) place = std::move(seen);
  }
  return newest;
}

std::optional<std::string> read_file(const QueueFolder& queue) {
  auto text = store::read_file(*queue.disk, queue.rows(), kLargestFile);
  if (!text || !text->starts_with(kHead)) return std::nullopt;
  return std::move(*text);
}

// The newest lines by their first two columns, unread otherwise: an order has several lines, and only the
// last one counts. Nothing where one of the lines that count cannot be read.
std::optional<std::map<std::string, OrderRow>> rows_at_once(std::string_view text) {
  struct Line {
    std::string_view text;
    std::uint64_t generation = 0;
    bool removed = false;
  };
  std::unordered_map<std::string_view, Line> newest;
  newest.reserve(text.size() / kTypicalLine + 1);
  for (std::size_t at = std::min(kHead.size(), text.size()); at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;  // torn
    Line line{text.substr(at, end - at)};
    at = end + 1;
    line.removed = line.text.starts_with(kRemoved) && line.text.size() > kRemoved.size() + 1;
    if (line.removed) line.text.remove_prefix(kRemoved.size() + 1);
    const std::size_t tab = line.text.find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    const char* const number = line.text.data() + tab + 1;
    const char* const line_end = line.text.data() + line.text.size();
    const auto read = std::from_chars(number, line_end, line.generation);
    if (read.ec != std::errc() || (read.ptr != line_end && *read.ptr != '\t')) return std::nullopt;
    Line& place = newest[line.text.substr(0, tab)];
    if (line.generation >= place.generation) place = line;
  }
  std::map<std::string, OrderRow> rows;
  for (const auto& [id, line] : newest) {
    if (line.removed) continue;
    auto parsed = parse_row(line.text);
    if (!parsed) return std::nullopt;
    rows.emplace(parsed->row.id, std::move(parsed->row));
  }
  return rows;
}

std::map<std::string, OrderRow> rows_in(std::string_view text) {
  if (auto rows = rows_at_once(text)) return std::move(*rows);
  std::map<std::string, OrderRow> rows;  // something is damaged: line by line
  for (auto& [id, seen] : parse_file(text))
    if (!seen.removed) rows.emplace_hint(rows.end(), id, std::move(seen.row));
  return rows;
}

}  // namespace

OrderRow row_of(const Order& order, const OrderLedger& ledger) {
  OrderRow row;
  row.id = order.id;
  row.name = order.name;
  row.state = ledger.state();
  row.priority = ledger.priority();
  row.position = ledger.position();
  row.urgent = ledger.urgent();
  row.live = order.live();
  row.entry = order.entry;
  row.target = order.target;
  row.output = order.output;
  row.user = order.user;
  row.host = order.host;
  row.why = ledger.why();
  row.counts = ledger.counts();
  row.submitted_ms = order.submitted_ms;
  row.started_ms = ledger.started_ms();
  row.changed_ms = ledger.changed_ms();
  row.spent_ms = ledger.spent_ms();
  row.after = order.after;
  return row;
}

bool comes_before(const OrderRow& a, const OrderRow& b) {
  if (a.urgent != b.urgent) return a.urgent;
  if (a.priority != b.priority) return a.priority > b.priority;
  if (a.position != b.position) return a.position < b.position;
  return a.id < b.id;
}

std::string row_line(const OrderRow& row, std::uint64_t generation) {
  Writer writer;
  OrderRow copy = row;
  std::string state(name_of(row.state));
  each_column(writer, copy, generation, state);
  return std::move(writer).line();
}

std::optional<ParsedRow> parse_row(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  ParsedRow parsed;
  std::string state;
  Reader reader(line);
  each_column(reader, parsed.row, parsed.generation, state);
  const auto known = order_state_named(state);
  if (!reader.good() || !known || parsed.row.id.empty()) return std::nullopt;
  parsed.row.state = *known;
  return parsed;
}

std::optional<std::map<std::string, OrderRow>> read_rows(const QueueFolder& queue) {
  const auto text = read_file(queue);
  if (!text) return std::nullopt;
  return rows_in(*text);
}

Result<std::unique_ptr<RowFile>> RowFile::open(const QueueFolder& queue, std::uint64_t generation) {
  std::unique_ptr<RowFile> file(new RowFile(queue, generation));
  const auto text = read_file(queue);
  const bool torn = text && !text->ends_with('\n');
  if (text) {
    file->rows_ = rows_in(*text);
    file->size_ = text->size();
  }
  if (!text || torn) SOUSCHEF_CHECK(file->rewrite());
  return file;
}

Status RowFile::write(const OrderRow& row, When when) {
  auto& known = rows_[row.id];
  if (known == row && when == When::soon) return {};
  known = row;
  SOUSCHEF_CHECK(append(row_line(row, generation_)));
  if (when == When::now) SOUSCHEF_CHECK(file_->sync());
  return {};
}

Status RowFile::remove(const std::string& id) {
  rows_.erase(id);
  return append(std::string(kRemoved) + "\t" + id + "\t" + std::to_string(generation_) + "\n");
}

Status RowFile::append(const std::string& line) {
  if (file_ == nullptr) {
    SOUSCHEF_TRY(file_, queue_.disk->open(queue_.rows(), store::Access::append));
  }
  SOUSCHEF_CHECK(file_->append(std::as_bytes(std::span(line))));
  size_ += line.size();
  return size_ > 2 * kTypicalLine * rows_.size() + kSlack ? rewrite() : Status();
}

Status RowFile::rewrite() {
  std::string text(kHead);
  for (const auto& [id, row] : rows_) text += row_line(row, generation_);
  file_.reset();
  SOUSCHEF_CHECK(
      store::replace_file(*queue_.disk, queue_.rows(), text, {.durability = store::Durability::none}));
  size_ = text.size();
  return {};
}

}  // namespace souschef::core
