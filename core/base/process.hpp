// SPDX-License-Identifier: MIT
// Child processes that never outlive us.
//
// Every child leads a session of its own, so that a Ctrl-C at the terminal reaches us and not it; dies with
// the thread that started it (PR_SET_PDEATHSIG); carries a mark in its environment, by which a later process
// finds what a kill -9 has left (process_identity.hpp); inherits no descriptor but the ones named here, and
// default signal handling. Linux 5.11 or newer.
//
// Threads: start a child on a thread that lives longer than the child, since the kernel ends it with that
// thread. A Process is used by one thread at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/file_descriptor.hpp"
#include "core/base/process_identity.hpp"

namespace souschef::core {

// Where one of the child's descriptors leads.
enum class Stream {
  null,       // /dev/null
  pipe,       // a pipe to us: Process::input, output, errors
  inherited,  // ours
  output      // errors only: wherever the output goes, in one order
};

// A further pipe, for talk that must not be mixed with what the program prints.
enum class Channel { to_child, from_child };
struct ExtraPipe {
  int child_fd = 3;  // its number in the child; 3 to 9
  Channel direction = Channel::to_child;
};

struct ProcessOptions {
  std::vector<std::string> command;  // [0]: a path, or a name that is looked up in PATH
  std::filesystem::path folder;      // working folder; empty: ours
  std::vector<std::pair<std::string, std::string>> environment;  // set on top of ours
  std::vector<std::string> unset;                                // removed from ours
  Stream input = Stream::null;
  Stream output = Stream::null;
  Stream errors = Stream::null;
  std::vector<ExtraPipe> pipes;
  int nice = 0;                         // added to ours; 0 to 19
  std::uint64_t data_limit = 0;         // bytes of private memory (RLIMIT_DATA); 0: none
  std::filesystem::path control_group;  // the child begins in it (MemoryCap::group()); empty: in ours
  std::string mark;                     // empty: process_mark()
};

// The mark of this process's children: random, the same for its whole life.
const std::string& process_mark();

struct ProcessEnd {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;
  std::chrono::milliseconds cpu_time{0};  // user and system, waited-for descendants included
  std::uint64_t peak_memory = 0;          // bytes, of the largest process

  [[nodiscard]] bool success() const { return exit_code == 0; }
  // "exit code 3", "killed by signal 9 (Killed)"
  [[nodiscard]] std::string text() const;
};

class Process {
 public:
  // Errors: not_found (no such program), denied, io. The pipes' ends on our side do not block; writing into
  // one that nobody reads is EPIPE, since the first start makes this process ignore SIGPIPE.
  static Result<std::unique_ptr<Process>> start(const ProcessOptions& options);
  // Ends the child and everything it started, at once, and waits for it.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return identity_.pid; }
  [[nodiscard]] const ProcessIdentity& identity() const { return identity_; }

  FileDescriptor input, output, errors;  // for Stream::pipe
  std::vector<FileDescriptor> pipes;     // in the order of ProcessOptions::pipes

  // For poll(): readable once the child has ended.
  [[nodiscard]] int end_fd() const { return pidfd_.get(); }
  // How it ended; nothing while it runs. Asking again gives the same answer. When the child has ended, what
  // it has left running in its session is ended too.
  const std::optional<ProcessEnd>& poll();
  // Waits at most so long.
  const std::optional<ProcessEnd>& wait_for(std::chrono::milliseconds time);

  // To the child's process group. Nothing happens once it has been waited for.
  void send_signal(int signal);
  // Stops and continues everything the child has started, in the middle of whatever it does.
  void suspend();
  void resume();
  [[nodiscard]] bool suspended() const { return suspended_; }
  // SIGKILL to everything in its session and below, then waits: they are gone when this returns. Nothing if
  // one of them hangs in the kernel (a dead network share) for longer than `patience`.
  const std::optional<ProcessEnd>& kill(std::chrono::milliseconds patience = std::chrono::seconds(30));

  // Bytes of memory that are in use now, and the most since reset_peak (or the start). 0: not known.
  [[nodiscard]] std::uint64_t memory() const;
  [[nodiscard]] std::uint64_t peak_memory() const;
  void reset_peak_memory() const;
  // User and system time of the child itself so far, without those that it started.
  [[nodiscard]] std::chrono::milliseconds cpu_time() const;

 private:
  Process() = default;
  // Everything in its session and below, standing still unless one of them takes longer than others do.
  std::vector<pid_t> stop_all() const;
  void end_session() const;

  ProcessIdentity identity_;
  FileDescriptor pidfd_;
  std::optional<ProcessEnd> end_;
  bool suspended_ = false;
};

}  // namespace souschef::core
