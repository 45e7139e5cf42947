// SPDX-License-Identifier: MIT
#include "core/base/run_program.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace souschef::core {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTick{100};  // how often `cancelled` is asked
constexpr int kTurns = 64;  // a program that never stops printing must not keep us from looking up

// One run: moves bytes until both outputs are closed and the program has ended.
class Run {
 public:
  Run(Process& process, const RunOptions& options) : process_(process), options_(options) {
    if (options.input.empty()) process.input.reset();
  }

  Result<RunResult> to_the_end() {
    while (process_.output || process_.errors || !process_.poll()) {
      SOUSCHEF_CHECK(check_limits());
      wait();
      feed();
      take(process_.output, result_.output, options_.on_output);
      take(process_.errors, result_.errors, options_.on_errors);
      // Something that the program left behind may hold the pipes open: what has been printed by now is all.
      if (process_.poll() && Clock::now() - ended_at() > std::chrono::seconds(2)) break;
    }
    result_.end = *process_.poll();
    return std::move(result_);
  }

 private:
  Clock::time_point ended_at() {
    if (!ended_at_) ended_at_ = Clock::now();
    return *ended_at_;
  }

  Status check_limits() {
    const auto now = Clock::now();
    if (options_.cancelled && options_.cancelled()) return stop(ErrorCode::cancelled, "it was cancelled");
    if (now - started_ > options_.limits.time) return stop(ErrorCode::timed_out, "it took too long");
    const auto silence = options_.limits.silence;
    if (silence.count() > 0 && now - heard_ > silence)
      return stop(ErrorCode::timed_out, "it printed nothing for too long");
    return {};
  }

  Error stop(ErrorCode code, std::string why) {
    process_.kill();
    return {code, "a program was stopped", std::move(why)};
  }

  void wait() {
    std::array<pollfd, 4> fds = {pollfd{process_.output.get(), POLLIN, 0},
                                 pollfd{process_.errors.get(), POLLIN, 0},
                                 pollfd{process_.input.get(), POLLOUT, 0},
                                 pollfd{process_.poll() ? -1 : process_.end_fd(), POLLIN, 0}};
    ::poll(fds.data(), fds.size(), static_cast<int>(kTick.count()));
  }

  void feed() {
    if (!process_.input) return;
    const std::string& input = options_.input;
    while (fed_ < input.size()) {
      const ssize_t put = ::write(process_.input.get(), input.data() + fed_, input.size() - fed_);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0 && errno == EAGAIN) return;
      if (put < 0) break;  // it does not want to read any more
      fed_ += static_cast<std::size_t>(put);
    }
    process_.input.reset();
  }

  void take(FileDescriptor& from, std::string& kept, const PieceFunction& tell) {
    std::array<char, 16384> buffer{};
    for (int turn = 0; from && turn < kTurns; ++turn) {
      const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) {
        from.reset();
        return;
      }
      heard_ = Clock::now();
      const std::string_view piece(buffer.data(), static_cast<std::size_t>(got));
      if (tell) tell(piece);
      const std::size_t room = options_.limits.output - std::min(options_.limits.output, kept.size());
      kept.append(piece.substr(0, room));
    }
  }

  Process& process_;
  const RunOptions& options_;
  RunResult result_;
  Clock::time_point started_ = Clock::now(), heard_ = started_;
  std::optional<Clock::time_point> ended_at_;
  std::size_t fed_ = 0;
};

}  // namespace

Result<RunResult> run_program(ProcessOptions process, const RunOptions& options) {
  process.input = options.input.empty() ? Stream::null : Stream::pipe;
  process.output = Stream::pipe;
  if (process.errors != Stream::output) process.errors = Stream::pipe;
  SOUSCHEF_TRY(const auto child, Process::start(process));
  auto result = Run(*child, options).to_the_end();
  if (!result) result.error().what = process.command.front() + " was stopped";
  return result;
}

}  // namespace souschef::core
