// SPDX-License-Identifier: MIT
// A night of rendering as a person sees it: one line in place on a terminal, a line for each frame in a pipe,
// records with --json.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cli/terminal.hpp"
#include "core/base/throttle.hpp"
#include "core/rendering/render_observer.hpp"

namespace souschef::cli {

class RenderDisplay final : public core::RenderObserver {
 public:
  explicit RenderDisplay(Terminal& terminal) : terminal_(terminal) {}

  void started(std::size_t slots) override;
  void overtaken(std::string_view why) override;
  std::function<void()> on_started, on_overtaken;  // the queue is ours, and is not any more; may be empty
  void waiting(std::string_view why) override;
  void request_applied(const core::Request& request, const Error* refusal) override;
  void order_started(const core::OrderNow& order) override;
  void order_preparing(const core::OrderNow& order, std::uint64_t done, std::uint64_t total) override;
  void order_opened(const core::OrderNow& order, std::string_view slot) override;
  void order_ended(const core::OrderNow& order) override;
  void frame_started(const core::AttemptNow& attempt) override;
  void frame_suspended(const core::AttemptNow& attempt, std::string_view why) override;
  void frame_resumed(const core::AttemptNow& attempt) override;
  void frame_progress(const core::AttemptNow& attempt, double fraction, std::string_view text) override;
  void frame_done(const core::AttemptNow& attempt) override;
  void frame_failed(const core::AttemptNow& attempt, std::string_view why, bool final,
                    std::string_view log) override;
  void stage_started(const core::OrderNow& order, std::string_view stage) override;
  void stage_progress(const core::OrderNow& order, std::string_view stage, double fraction,
                      std::string_view text) override;
  void stage_ended(const core::OrderNow& order, const core::StageRecord& stage) override;
  void slot_lost(std::string_view slot, std::string_view why) override;
  void warning(const Error& warning) override;

 private:
  void show(const core::OrderNow& order);

  Terminal& terminal_;
  core::Throttle throttle_;  // of the line in place: an estimate looks at every frame
  std::map<std::string, std::string, std::less<>>
      doing_;            // by slot: "frame 17 45%", the last one that was begun
  std::string waiting_;  // what was said last
};

}  // namespace souschef::cli
