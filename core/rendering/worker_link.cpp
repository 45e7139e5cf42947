// SPDX-License-Identifier: MIT
#include "core/rendering/worker_link.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "core/base/log.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kLongestAnswer = std::size_t{16} << 20;  // `opened` of a scene with many outputs
constexpr std::size_t kLongestLine = std::size_t{16} << 10;    // of what it prints

Status write_files(const RendererLaunch& launch, const fs::path& run_folder) {
  store::FileSystem& disk = store::FileSystem::real();
  for (const RendererLaunch::File& file : launch.files) {
    SOUSCHEF_TRY(const auto out, disk.create(run_folder / file.name, 0600));
    SOUSCHEF_CHECK(out->write_at(0, std::as_bytes(std::span(file.content))));
  }
  return {};
}

}  // namespace

WorkerLink::WorkerLink(EventLoop& loop, const Renderer& renderer, WorkerCallbacks callbacks)
    : loop_(loop),
      renderer_(renderer),
      callbacks_(std::move(callbacks)),
      answers_(kLongestAnswer),
      output_(kLongestLine),
      last_sign_(Steady::now()) {}

Result<std::unique_ptr<WorkerLink>> WorkerLink::start(EventLoop& loop, const Renderer& renderer,
                                                      const RendererLaunch& launch,
                                                      const fs::path& run_folder, const Slot& slot,
                                                      WorkerCallbacks callbacks) {
  SOUSCHEF_CHECK(write_files(launch, run_folder));
  ProcessOptions options;
  options.command = launch.command;
  options.folder = run_folder;
  options.environment = launch.environment;
  options.unset = launch.unset;
  options.output = Stream::pipe;
  options.errors = Stream::output;
  options.pipes = {{launch.command_fd, Channel::to_child}, {launch.answer_fd, Channel::from_child}};
  options.nice = slot.nice;
  std::unique_ptr<WorkerLink> link(new WorkerLink(loop, renderer, std::move(callbacks)));
  if (slot.memory_limit > 0) link->cap_ = MemoryCap::make(slot.memory_limit, find_control_groups());
  options.control_group = link->cap_.group();
  options.data_limit = link->cap_.data_limit();
  SOUSCHEF_TRY(link->process_, Process::start(options));
  link->watch();
  return link;
}

WorkerLink::~WorkerLink() {
  if (process_ == nullptr) return;
  loop_.cancel(grace_);
  loop_.unwatch(process_->end_fd());
  for (const FileDescriptor& pipe : process_->pipes)
    if (pipe) loop_.unwatch(pipe.get());
  if (process_->output) loop_.unwatch(process_->output.get());
}

void WorkerLink::watch() {
  using Ready = EventLoop::Ready;
  loop_.watch(process_->pipes[1].get(), Ready::readable, [this] { read_answers(); });
  loop_.watch(process_->output.get(), Ready::readable, [this] { read_output(); });
  loop_.watch(process_->end_fd(), Ready::readable, [this] { process_ended(); });
}

void WorkerLink::drain(FileDescriptor& pipe, LineBuffer& lines) {
  std::array<char, 64 << 10> piece;
  // A bounded number of pieces at a time: one that prints without end must not stop the loop. More than fits
  // into a pipe, so that one call empties that of a process that has ended.
  for (int round = 0; pipe && round < 16; ++round) {
    const ssize_t got = ::read(pipe.get(), piece.data(), piece.size());
    if (got > 0) {
      lines.add(std::string_view(piece.data(), static_cast<std::size_t>(got)));
      last_sign_ = Steady::now();
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    loop_.unwatch(pipe.get());
    pipe.reset();
  }
}

// What it printed before it answered is read first: an error in the log is about the frame that the answer
// claims.
void WorkerLink::read_answers() {
  drain(process_->pipes[1], answers_);
  if (process_->output) read_output();
  deliver_answers();
}

void WorkerLink::deliver_answers() {
  std::vector<std::string> lines;
  while (auto line = answers_.take()) {
    log::debug("renderer", "answers", {{"line", *line}});
    lines.push_back(std::move(*line));
  }
  for (const Json& event : renderer_.decode("answers", lines)) callbacks_.on_event(event);
}

void WorkerLink::read_output() {
  drain(process_->output, output_);
  deliver_output();
}

void WorkerLink::deliver_output() {
  std::vector<std::string> lines;
  while (auto line = output_.take()) {
    callbacks_.on_line(*line);
    log::debug("renderer", *line);
    lines.push_back(std::move(*line));
  }
  if (lines.empty()) return;
  // Of many lines at once only the last ones can be news.
  constexpr std::size_t kMany = 8;
  const std::size_t skip = lines.size() > kMany ? lines.size() - kMany : 0;
  for (const Json& event : renderer_.decode("output", std::span(lines).subspan(skip)))
    callbacks_.on_event(event);
}

void WorkerLink::process_ended() {
  if (ended_ || !process_->poll()) return;
  ended_ = true;
  loop_.unwatch(process_->end_fd());
  loop_.cancel(grace_);
  // What it said last may still be in the pipes; nobody is left who could say more.
  drain(process_->output, output_);
  deliver_output();
  drain(process_->pipes[1], answers_);
  deliver_answers();
  if (auto rest = output_.take_rest()) callbacks_.on_line(*rest);
  callbacks_.on_end(*process_->poll());
}

void WorkerLink::send(std::string line) {
  log::debug("renderer", "is told", {{"line", line}});
  to_send_ += std::move(line) + "\n";
  write_commands();
}

// A worker reads its next command only when it has done the last: what does not fit into the pipe waits.
void WorkerLink::write_commands() {
  FileDescriptor& pipe = process_->pipes[0];
  while (pipe && !to_send_.empty()) {
    const ssize_t sent = ::write(pipe.get(), to_send_.data(), to_send_.size());
    if (sent > 0) {
      to_send_.erase(0, static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) {
      loop_.watch(pipe.get(), EventLoop::Ready::writable, [this] { write_commands(); });
      return;
    } else if (sent >= 0 || errno != EINTR) {
      to_send_.clear();  // it has closed its end: its own end is about to be seen
    }
  }
  if (pipe) loop_.unwatch(pipe.get(), EventLoop::Ready::writable);
}

void WorkerLink::quit(std::chrono::milliseconds grace) {
  if (ended_) return;
  if (const auto line = renderer_.quit_line()) send(*line);
  loop_.cancel(grace_);
  grace_ = loop_.after(grace, [this] { kill(); });
}

void WorkerLink::kill() {
  if (!ended_) process_->kill();
}

void WorkerLink::suspend() {
  process_->suspend();
}

void WorkerLink::resume() {
  process_->resume();
  last_sign_ = Steady::now();
}

std::chrono::milliseconds WorkerLink::silence() const {
  if (process_->suspended()) return std::chrono::milliseconds(0);
  return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - last_sign_);
}

}  // namespace souschef::core
