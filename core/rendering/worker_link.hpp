// SPDX-License-Identifier: MIT
// The process of a renderer and the talk with it: commands out on one pipe, answers in on another, what it
// prints in on a third. docs/format/plugin-protocol.md, "Renderers".
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "core/base/event_loop.hpp"
#include "core/base/line_buffer.hpp"
#include "core/base/memory_cap.hpp"
#include "core/base/process.hpp"
#include "core/rendering/renderer.hpp"

namespace souschef::core {

// Called on the loop's thread. None of them may destroy the link.
struct WorkerCallbacks {
  std::function<void(const Json& event)> on_event;     // an answer, or progress
  std::function<void(std::string_view line)> on_line;  // what it printed, line by line
  std::function<void(const ProcessEnd& end)> on_end;   // once, the last call; everything was read before
};

// On the loop's thread only. The loop and the renderer outlive it.
class WorkerLink {
 public:
  // Writes the launch's files into `run_folder`, which exists and is empty, and starts the process there.
  // Errors: those of Process::start; io, no_space.
  static Result<std::unique_ptr<WorkerLink>> start(EventLoop& loop, const Renderer& renderer,
                                                   const RendererLaunch& launch,
                                                   const std::filesystem::path& run_folder, const Slot& slot,
                                                   WorkerCallbacks callbacks);
  // Ends the process, at once.
  ~WorkerLink();
  WorkerLink(const WorkerLink&) = delete;
  WorkerLink& operator=(const WorkerLink&) = delete;

  // Success says only that the line is on its way.
  void send(std::string line);
  // Asks it to end; after the grace it is ended.
  void quit(std::chrono::milliseconds grace);
  // Everything in its session is gone when this returns; on_end still comes.
  void kill();
  void suspend();
  void resume();

  [[nodiscard]] const MemoryCap& memory_cap() const { return cap_; }
  [[nodiscard]] const Process& process() const { return *process_; }
  // How long ago it last said or printed anything, suspended time not counted.
  [[nodiscard]] std::chrono::milliseconds silence() const;

 private:
  WorkerLink(EventLoop& loop, const Renderer& renderer, WorkerCallbacks callbacks);
  void watch();
  void read_answers();
  void read_output();
  void write_commands();
  void process_ended();
  void drain(FileDescriptor& pipe, LineBuffer& lines);
  void deliver_answers();
  void deliver_output();

  EventLoop& loop_;
  const Renderer& renderer_;
  WorkerCallbacks callbacks_;
  MemoryCap cap_;  // before the process: it ends first
  std::unique_ptr<Process> process_;
  LineBuffer answers_, output_;
  std::string to_send_;
  std::chrono::steady_clock::time_point last_sign_;
  EventLoop::Timer grace_ = 0;
  bool ended_ = false;
};

}  // namespace souschef::core
