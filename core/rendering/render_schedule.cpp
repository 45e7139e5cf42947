// SPDX-License-Identifier: MIT
#include "core/rendering/render_schedule.hpp"

#include <cstdio>
#include <memory>

#include "core/rendering/render.hpp"

namespace souschef::core {
namespace {

constexpr std::chrono::seconds kLookAtMachine{5};

std::string cores_text(double cores) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", cores);
  return text;
}

}  // namespace

Result<RenderSchedule> RenderSchedule::of(const Config& config, const RenderOptions& options) {
  RenderSchedule schedule(options.clock != nullptr ? *options.clock : store::Clock::real());
  SOUSCHEF_TRY(schedule.windows_, TimeWindows::parse(options.windows.empty() ? config.list("schedule.windows")
                                                                             : options.windows));
  const std::string at_end = config.text("schedule.at_end");
  if (at_end != "suspend" && at_end != "finish")
    return Error(ErrorCode::usage, "schedule.at_end is suspend or finish, not " + at_end,
                 config.origin("schedule.at_end"));
  schedule.finish_at_end_ = at_end == "finish";
  const double busy = options.busy.value_or(config.number("schedule.busy"));
  if (busy > 0) schedule.busy_watch_.emplace(busy);
  schedule.others_load_ = options.others_load;
  if (!schedule.others_load_)
    schedule.others_load_ = [load = std::make_shared<MachineLoad>()] { return load->others(); };
  return schedule;
}

void RenderSchedule::look() {
  look_at_machine();
  why_.clear();
  const std::time_t now = std::chrono::duration_cast<std::chrono::seconds>(clock_->since_1970()).count();
  if (!windows_.contains(now)) {
    why_ = "until " + windows_.next_begin(now);
    suspends_ = !finish_at_end_;
  } else if (busy_) {
    why_ = "other programs use " + cores_text(others_) + " cores";
    suspends_ = true;
  }
}

void RenderSchedule::look_at_machine() {
  const auto now = clock_->since_boot();
  if (!busy_watch_ || (looked_ && now - *looked_ < kLookAtMachine)) return;
  looked_ = now;
  const auto cores = others_load_();
  if (!cores) return;
  busy_ = busy_watch_->feed(*cores, now);
  if (!busy_ || others_ == 0) others_ = *cores;  // what is told does not change with every look
}

}  // namespace souschef::core
