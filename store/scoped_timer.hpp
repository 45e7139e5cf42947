// SPDX-License-Identifier: MIT
// Where time goes, as a picture: each timer is a bar from its making to its end, on the row of its thread.
// The file is Chrome's trace format (an array of complete events, "ph":"X"), which chrome://tracing and
// ui.perfetto.dev show. https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
//
//   ScopedTimer timer("ingest", path);   // costs one load where nobody records
//
// Thread-safe. Memory: about 100 bytes a bar, at most a million bars; what comes after is counted.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

namespace souschef::store {

// Of the whole process. Recording starts once and goes on until the end.
class TimeRecord {
 public:
  static void start();
  [[nodiscard]] static bool is_on() { return on_.load(std::memory_order_relaxed); }
  using Clock = std::chrono::steady_clock;
  // For spans that are no scope: a frame that a renderer works on. `name` must live for ever. `row`: what
  // the span is shown beside, instead of the thread; empty: the thread.
  static void add(const char* name, std::string_view subject, Clock::time_point from, Clock::time_point to,
                  std::string_view row = {});
  // Errors: io.
  static Status write(const std::filesystem::path& file);

 private:
  static std::atomic<bool> on_;
};

class ScopedTimer {
 public:
  // `name` must live for ever: a literal.
  explicit ScopedTimer(const char* name, std::string_view subject = {}) {
    if (!TimeRecord::is_on()) return;
    name_ = name;
    subject_ = subject;
    from_ = TimeRecord::Clock::now();
  }
  ~ScopedTimer() {
    if (name_ != nullptr) TimeRecord::add(name_, subject_, from_, TimeRecord::Clock::now());
  }
  ScopedTimer(const ScopedTimer&) = delete;
  ScopedTimer& operator=(const ScopedTimer&) = delete;

 private:
  const char* name_ = nullptr;
  std::string subject_;
  TimeRecord::Clock::time_point from_;
};

}  // namespace souschef::store
