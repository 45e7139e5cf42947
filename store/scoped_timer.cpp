// SPDX-License-Identifier: MIT
#include "store/scoped_timer.hpp"

#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <mutex>
#include <vector>

#include <souschef/file_name.hpp>

namespace souschef::store {

namespace {

constexpr std::size_t kMostBars = 1'000'000;

struct Bar {
  const char* name;
  std::string subject;
  std::int64_t from_us, length_us;
  int row;
};

struct Recording {
  std::mutex mutex;
  TimeRecord::Clock::time_point origin;
  std::vector<Bar> bars;
  std::uint64_t dropped = 0;
  int rows = 0;
  std::map<std::string, int, std::less<>> named_rows;
};

Recording& recording() {
  static Recording one;
  return one;
}

// Under the mutex.
int row_of_thread(Recording& record) {
  thread_local int row = -1;
  if (row < 0) row = record.rows++;
  return row;
}

int row_named(Recording& record, std::string_view name) {
  const auto found = record.named_rows.find(name);
  if (found != record.named_rows.end()) return found->second;
  return record.named_rows[std::string(name)] = record.rows++;
}

std::int64_t microseconds(TimeRecord::Clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

// A JSON text: file names escaped as everywhere, then what JSON wants.
std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : escape_name(std::string(text))) {
    if (c == '"' || c == '\\') json += '\\';
    json += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return json + "\"";
}

}  // namespace

std::atomic<bool> TimeRecord::on_ = false;

void TimeRecord::start() {
  recording().origin = Clock::now();
  on_ = true;
}

void TimeRecord::add(const char* name, std::string_view subject, Clock::time_point from, Clock::time_point to,
                     std::string_view row) {
  if (!is_on()) return;
  Recording& record = recording();
  const std::lock_guard lock(record.mutex);
  if (record.bars.size() >= kMostBars) {
    ++record.dropped;
    return;
  }
  record.bars.push_back({name, std::string(subject), microseconds(from - record.origin),
                         microseconds(to - from),
                         row.empty() ? row_of_thread(record) : row_named(record, row)});
}

Status TimeRecord::write(const std::filesystem::path& file) {
  Recording& record = recording();
  const std::lock_guard lock(record.mutex);
  std::ofstream out(file, std::ios::binary);
  const std::string process = ",\"pid\":" + std::to_string(::getpid()) + ",\"tid\":";
  out << "[";
  const char* separator = "\n";
  for (const auto& [name, row] : record.named_rows) {
    out << separator << R"({"ph":"M","name":"thread_name")" << process << row << R"(,"args":{"name":)"
        << quoted(name) << "}}";
    separator = ",\n";
  }
  for (const Bar& bar : record.bars) {
    out << separator << R"({"ph":"X","name":)" << quoted(bar.name) << process << bar.row
        << ",\"ts\":" << bar.from_us << ",\"dur\":" << bar.length_us << R"(,"args":{"subject":)"
        << quoted(bar.subject) << "}}";
    separator = ",\n";
  }
  if (record.dropped > 0)
    out << separator << R"({"ph":"M","name":"dropped")" << process << R"(0,"args":{"bars":)" << record.dropped
        << "}}";
  out << "\n]\n";
  out.close();
  if (out) return {};
  return Error(ErrorCode::io, "cannot write " + file.string());
}

}  // namespace souschef::store
