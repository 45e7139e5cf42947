// SPDX-License-Identifier: MIT
#include "core/queue/order_row.hpp"

#include <algorithm>
#include <charconv>

#include <souschef/file_name.hpp>

#include "core/production/blend_path.hpp"
#include "store/atomic_file.hpp"

namespace souschef::core {
namespace {

constexpr std::string_view kHead = "souschef rows 1\n";
constexpr std::uint64_t kSlack =
    64 << 10;  // what the file may hold beyond twice its content before it is rewritten
constexpr std::uint64_t kTypicalLine = 256;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;
constexpr std::string_view kRemoved = "removed";
constexpr std::string_view kProduction = ".";

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
  c.added_text(row.writes_below, kProduction);
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
  void added_text(const std::string& value, std::string_view /*otherwise*/) { text(value); }
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
  // A column that older programs do not write.
  void added_text(std::string& value, std::string_view otherwise) {
    if (at_end_)
      value = otherwise;
    else
      text(value);
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

std::string folder_of_all(const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  std::string_view folder = parent_of(paths.front());
  for (const std::string_view path : paths)
    while (!folder.empty() && !is_below(path, folder))
      folder = folder == "/" ? std::string_view() : parent_of(folder);  // "/" is its own parent
  return std::string(folder.empty() ? kProduction : folder);
}

std::optional<std::string> read_file(const QueueFolder& queue) {
  auto text = store::read_file(*queue.disk, queue.rows(), kLargestFile);
  if (!text || !text->starts_with(kHead)) return std::nullopt;
  return std::move(*text);
}

// The first two columns of a line, and whether it says that the order is gone.
struct LineHead {
  std::string_view id;
  std::uint64_t generation = 0;
  bool removed = false;
};
std::optional<LineHead> head_of(std::string_view line) {
  LineHead head;
  head.removed = line.starts_with(kRemoved) && line.size() > kRemoved.size() + 1;
  if (head.removed) line.remove_prefix(kRemoved.size() + 1);
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  head.id = line.substr(0, tab);
  line.remove_prefix(tab + 1);
  const char* const end = line.data() + line.size();
  const auto read = std::from_chars(line.data(), end, head.generation);
  if (read.ec != std::errc() || (read.ptr != end && *read.ptr != '\t')) return std::nullopt;
  return head;
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
  row.writes_below = folder_of_all(order.writes);
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

RowLines::RowLines(std::string text) : text_(std::make_unique<const std::string>(std::move(text))) {
  const std::string_view all = *text_;
  lines_.reserve(all.size() / kTypicalLine + 1);
  for (std::size_t at = std::min(kHead.size(), all.size()); at < all.size();) {
    const std::size_t end = all.find('\n', at);
    if (end == std::string_view::npos) break;  // torn
    const std::string_view line = all.substr(at, end - at);
    at = end + 1;
    const auto head = head_of(line);
    if (!head) continue;
    // A line of an earlier holder that stands after a later one's is from somebody who did not know yet that
    // he had been succeeded.
    Line& newest = lines_[head->id];
    if (head->generation >= newest.generation)
      newest = {head->removed ? std::string_view() : line, head->generation};
  }
}

std::optional<RowLines> RowLines::read(const QueueFolder& queue) {
  auto text = read_file(queue);
  if (!text) return std::nullopt;
  return RowLines(std::move(*text));
}

std::optional<OrderRow> RowLines::row(std::string_view id) const {
  const auto found = lines_.find(id);
  if (found == lines_.end() || found->second.text.empty()) return std::nullopt;
  auto parsed = parse_row(found->second.text);
  if (!parsed || parsed->row.id != id) return std::nullopt;
  return std::move(parsed->row);
}

std::map<std::string, OrderRow> RowLines::rows() const {
  std::map<std::string, OrderRow> rows;
  for (const auto& [id, line] : lines_)
    if (auto row = this->row(id)) rows.emplace(id, std::move(*row));
  return rows;
}

Result<std::unique_ptr<RowFile>> RowFile::open(const QueueFolder& queue, std::uint64_t generation) {
  std::unique_ptr<RowFile> file(new RowFile(queue, generation));
  auto text = read_file(queue);
  const bool torn = text && !text->ends_with('\n');
  const bool missing = !text;
  if (text) {
    file->size_ = text->size();
    file->rows_ = RowLines(std::move(*text)).rows();
  }
  if (missing || torn) SOUSCHEF_CHECK(file->rewrite());
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
