// SPDX-License-Identifier: MIT
// One call is one loop over poll(): the request goes out as fast as the plugin takes it, lines come in, and
// several times a second the clocks, the memory and the caller's wish to stop are looked at. Whatever the
// plugin does, the loop ends:
//
//   it answers              the answer, or its own error
//   it dies                 plugin, with how it ended and what it last printed
//   it writes nonsense      plugin; also a flood of notes, an endless line, an answer to nothing
//   it takes too long       timed_out: the whole call, or too long without a sign of life
//   it takes too much       plugin: memory
//   the caller gives up     cancelled: asked first, ended if it does not listen
//
// In every case but the first the process and all that it started are gone before the call returns, so
// nothing of it can touch the next one. Time is the steady clock's, which stands still while the machine
// sleeps.
#include "core/plugin_host/plugin_process.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <sstream>

#include "core/base/json_text.hpp"
#include "core/base/process_identity.hpp"
#include "core/base/version.hpp"
#include "core/plugin_host/plugin_library.hpp"
#include "store/kernel_file.hpp"

namespace souschef::core {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{50};         // how often the caller's wish to stop is looked at
constexpr milliseconds kMemoryTick{500};  // how often memory is measured: it costs a walk through /proc
constexpr std::size_t kPiece = 1U << 16;
constexpr std::size_t kKeptErrors = 4096;  // bytes of standard error that stand in messages
constexpr int kMaxWhyLines = 8;

bool takes_long(std::string_view method) {
  return method == "stage.run" || method == "tracer.trace" || method == "tracer.rewrite" ||
         method.rfind("inspect.", 0) == 0;
}

std::string seconds_text(milliseconds time) {
  if (time.count() % 1000 != 0) return std::to_string(time.count()) + " ms";
  const auto seconds = time.count() / 1000;
  return std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

std::string mib_text(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

// The second number of /proc/<pid>/statm, in pages. 0 for a process that has gone meanwhile.
std::uint64_t resident_memory(pid_t pid) {
  std::istringstream in(store::read_kernel_file("/proc/" + std::to_string(pid) + "/statm"));
  std::uint64_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t memory_of_session(pid_t session) {
  std::uint64_t bytes = 0;
  for (const pid_t member : processes_of_session(session)) bytes += resident_memory(member);
  return bytes;
}

}  // namespace

// The state of one call.
class PluginProcess::Call {
 public:
  Call(PluginProcess& owner, CallContext& context, std::int64_t id, std::string request, milliseconds time,
       milliseconds silence)
      : owner_(owner),
        context_(context),
        id_(id),
        request_(std::move(request)),
        began_(Clock::now()),
        heard_(began_),
        measured_(began_),
        time_(time),
        silence_(silence) {}

  Result<Json> run() {
    for (;;) {
      SOUSCHEF_CHECK(wait());
      SOUSCHEF_CHECK(send());
      const bool open = receive();
      receive_errors();
      SOUSCHEF_CHECK(handle_lines());
      if (answer_) return std::move(*answer_);
      if (!open || owner_.process_->poll()) return died();
      SOUSCHEF_CHECK(check_limits());
    }
  }

 private:
  Status wait() {
    std::array<pollfd, 4> watched = {
        {{owner_.process_->output.get(), POLLIN, 0},
         {owner_.process_->errors.get(), POLLIN, 0},
         {owner_.process_->end_fd(), POLLIN, 0},
         {sent_ < request_.size() ? owner_.process_->input.get() : -1, POLLOUT, 0}}};
    if (::poll(watched.data(), watched.size(), static_cast<int>(kTick.count())) < 0 && errno != EINTR)
      return owner_.fault(ErrorCode::io, std::strerror(errno));
    return {};
  }

  // A plugin that has closed its input is not told off here: its end, or its silence, will be.
  Status send() {
    while (sent_ < request_.size()) {
      const ssize_t count =
          ::write(owner_.process_->input.get(), request_.data() + sent_, request_.size() - sent_);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) break;
      sent_ += static_cast<std::size_t>(count);
      heard_ = Clock::now();  // taking bytes is a sign of life
    }
    return {};
  }

  // False at the end of its output.
  bool receive() {
    std::array<char, kPiece> piece;
    // A bounded number of pieces: a plugin that writes without end must not keep us from looking at the
    // limits.
    for (int round = 0; round < 64; ++round) {
      const ssize_t count = ::read(owner_.process_->output.get(), piece.data(), piece.size());
      if (count == 0) return false;
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno == EAGAIN;
      owner_.lines_.add({piece.data(), static_cast<std::size_t>(count)});
      unfinished_ += static_cast<std::size_t>(count);
    }
    return true;
  }

  void receive_errors() {
    std::array<char, kPiece> piece;
    for (int round = 0; round < 64; ++round) {
      const ssize_t count = ::read(owner_.process_->errors.get(), piece.data(), piece.size());
      if (count <= 0) return;
      noise_ += static_cast<std::uint64_t>(count);
      owner_.errors_.append(piece.data(), static_cast<std::size_t>(count));
      if (owner_.errors_.size() > 2 * kKeptErrors)
        owner_.errors_.erase(0, owner_.errors_.size() - kKeptErrors);
    }
  }

  Status handle_lines() {
    while (auto line = owner_.lines_.take()) {
      unfinished_ = 0;
      heard_ = Clock::now();
      if (owner_.lines_.was_cut())
        return owner_.fault(ErrorCode::plugin,
                            "it wrote a line of more than " + mib_text(kMaxLineFromPlugin));
      auto message = read_from_plugin(*line);
      if (!message) return nonsense(*line, message.error());
      SOUSCHEF_CHECK(handle(std::move(*message), line->size()));
      if (answer_) return {};
    }
    if (unfinished_ > kMaxLineFromPlugin)
      return owner_.fault(ErrorCode::plugin, "it wrote a line of more than " + mib_text(kMaxLineFromPlugin));
    return {};
  }

  Status handle(FromPlugin message, std::size_t size) {
    if (auto* answer = std::get_if<WireAnswer>(&message)) {
      if (answer->id != id_) return stray(answer->id);
      answer_.emplace(std::move(answer->result));
    } else if (auto* failure = std::get_if<WireFailure>(&message)) {
      if (failure->id != id_) return stray(failure->id);
      answer_.emplace(std::move(failure->error));
    } else {
      noise_ += size + 1;
      if (const auto* progress = std::get_if<WireProgress>(&message))
        context_.progress(progress->fraction, progress->message);
      if (const auto* note = std::get_if<WireLog>(&message)) context_.log(note->level, note->message);
    }
    return {};
  }

  Status stray(std::int64_t id) {
    return owner_.fault(ErrorCode::plugin,
                        "it answered request " + std::to_string(id) + ", which was not asked");
  }

  Status nonsense(const std::string& line, const Error& error) {
    const std::string shown = line.size() > 120 ? line.substr(0, 120) + "..." : line;
    Error failed = owner_.fault(ErrorCode::plugin, "it wrote what is not a message: " + json_text(shown));
    for (const std::string& cause : error.why) failed.why.push_back(cause);
    return failed;
  }

  Result<Json> died() {
    // How it ended is known a moment later, and its last lines may still be in the pipes.
    owner_.process_->wait_for(milliseconds(1000));
    (void)receive();
    receive_errors();
    SOUSCHEF_CHECK(handle_lines());
    if (answer_) return std::move(*answer_);
    const auto& end = owner_.process_->poll();
    return owner_.fault(ErrorCode::plugin, end ? "it ended before it answered: " + end->text()
                                               : "it closed its output before it answered");
  }

  Status check_limits() {
    const auto now = Clock::now();
    const PluginProcessLimits& limits = owner_.command_.limits;
    if (context_.cancelled() && !asked_to_stop_) {
      asked_to_stop_ = now;
      request_ += cancel_line(id_);
    }
    if (asked_to_stop_ && now - *asked_to_stop_ > limits.cancel) {
      return owner_.fault(ErrorCode::cancelled,
                          "it did not stop when asked and was ended after " + seconds_text(limits.cancel));
    }
    if (now - began_ > time_)
      return owner_.fault(ErrorCode::timed_out, "it did not answer within " + seconds_text(time_));
    if (now - heard_ > silence_)
      return owner_.fault(ErrorCode::timed_out, "there was no sign of life for " + seconds_text(silence_));
    if (noise_ > limits.output)
      return owner_.fault(ErrorCode::plugin, "it wrote more than " + mib_text(limits.output) +
                                                 " of progress, log lines and errors in one call");
    if (now - measured_ > kMemoryTick) {
      measured_ = now;
      const std::uint64_t memory = memory_of_session(owner_.process_->pid());
      if (memory > limits.memory)
        return owner_.fault(ErrorCode::plugin, "it used " + mib_text(memory) + " of memory, its limit is " +
                                                   mib_text(limits.memory));
    }
    return {};
  }

  PluginProcess& owner_;
  CallContext& context_;
  std::int64_t id_;
  std::string request_;  // and what follows it
  std::size_t sent_ = 0;
  std::size_t unfinished_ = 0;  // bytes since the last line end
  std::uint64_t noise_ = 0;
  Clock::time_point began_, heard_, measured_;
  milliseconds time_, silence_;
  std::optional<Clock::time_point> asked_to_stop_;
  std::optional<Result<Json>> answer_;
};

PluginProcess::PluginProcess(PluginCommand command, PluginLog log, std::unique_ptr<Process> process)
    : command_(std::move(command)), log_(std::move(log)), process_(std::move(process)) {}

PluginProcess::~PluginProcess() {
  process_->input.reset();
  if (usable_) process_->wait_for(command_.limits.exit);
}

Result<std::unique_ptr<PluginProcess>> PluginProcess::start(ProcessStarter& starter,
                                                            const PluginCommand& command,
                                                            const PluginLog& log) {
  ProcessOptions options;
  options.command = command.command;
  options.folder = command.folder;
  options.input = options.output = options.errors = Stream::pipe;
  // Python would write __pycache__ into the folder, and with it change the folder's hash.
  options.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}};
  // A wall against bursts between two measurements; it counts what is reserved, not what is used.
  options.data_limit = 2 * command.limits.memory;
  auto started = starter.start(std::move(options));
  if (!started)
    return std::move(started.error()).in_context("the plugin \"" + command.id + "\" cannot be started");
  std::unique_ptr<PluginProcess> process(new PluginProcess(command, log, std::move(*started)));
  SOUSCHEF_CHECK(process->shake_hands());
  return process;
}

Status PluginProcess::shake_hands() {
  const Json params = {{"protocol", abi_text()},
                       {"program", "souschef"},
                       {"version", product_version()},
                       {"id", command_.id},
                       {"folder", command_.folder.string()},
                       {"settings", command_.settings}};
  QuietCall quiet;
  auto answer = run(quiet, "hello", json_text(params), command_.limits.hello, command_.limits.hello);
  if (!answer)
    return std::move(answer.error()).in_context("the plugin \"" + command_.id + "\" did not start");
  for (const auto& [name, wanted] :
       {std::pair<const char*, const std::string&>{"id", command_.id},
        std::pair<const char*, const std::string&>{"version", command_.version}}) {
    const Json said = answer->value(name, Json());
    if (said != Json(wanted))
      return fault(ErrorCode::plugin, "it says that its " + std::string(name) + " is " + json_text(said) +
                                          ", plugin.json says " + json_text(wanted));
  }
  return {};
}

bool PluginProcess::usable() {
  return usable_ && !process_->poll();
}

Result<Json> PluginProcess::call(CallContext& context, std::string_view method, std::string_view params) {
  const PluginProcessLimits& limits = command_.limits;
  return takes_long(method) ? run(context, method, params, limits.call, limits.silence)
                            : run(context, method, params, limits.quick, limits.quick);
}

Result<Json> PluginProcess::run(CallContext& context, std::string_view method, std::string_view params,
                                milliseconds time, milliseconds silence) {
  if (!usable_) return Error(ErrorCode::plugin, "the process of the plugin \"" + command_.id + "\" is gone");
  const std::int64_t id = ++last_id_;
  std::string line = request_line(id, method, params);
  if (line.size() > kMaxLineToPlugin)
    return Error(ErrorCode::unsupported, "the request for the plugin \"" + command_.id + "\" is too large",
                 mib_text(line.size()) + ", the limit is " + mib_text(kMaxLineToPlugin));
  return Call(*this, context, id, std::move(line), time, silence).run();
}

Error PluginProcess::fault(ErrorCode code, std::string why) {
  usable_ = false;
  process_->kill();
  Error error(code, "the plugin \"" + command_.id + "\" failed", std::move(why));
  if (const std::string words = last_words(); !words.empty()) error.why.push_back("its last words: " + words);
  if (log_) log_(command_.id, LogLevel::error, error.line());
  return error;
}

std::string PluginProcess::last_words() {
  std::string_view rest = errors_;
  while (!rest.empty() && rest.back() == '\n') rest.remove_suffix(1);
  std::size_t start = rest.size();
  for (int line = 0; line < kMaxWhyLines && start != std::string_view::npos && start > 0; ++line)
    start = rest.rfind('\n', start - 1);
  if (start != std::string_view::npos && start < rest.size()) rest.remove_prefix(start == 0 ? 0 : start + 1);
  return std::string(rest);
}

}  // namespace souschef::core
