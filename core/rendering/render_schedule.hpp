// SPDX-License-Identifier: MIT
// When a runner renders: time windows, and a machine that others need.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <souschef/result.hpp>

#include "core/production/config.hpp"
#include "core/slots/machine_load.hpp"
#include "core/slots/time_window.hpp"
#include "store/clock.hpp"

namespace souschef::core {

struct RenderOptions;

// On the runner's thread.
class RenderSchedule {
 public:
  // What the options say, else the config. Errors: usage, naming what cannot be understood.
  static Result<RenderSchedule> of(const Config& config, const RenderOptions& options);

  // Looks at the clock and, now and then, at the machine.
  void look();

  // Why nothing may begin now: "until mo 19:00", "other programs use 3.2 cores"; empty: go on.
  [[nodiscard]] const std::string& holds() const { return why_; }
  // Frames that are being rendered stand still, instead of being finished.
  [[nodiscard]] bool suspends() const { return suspends_; }

 private:
  explicit RenderSchedule(const store::Clock& clock) : clock_(&clock) {}
  void look_at_machine();

  const store::Clock* clock_;
  TimeWindows windows_;
  bool finish_at_end_ = false;
  std::optional<BusyWatch> busy_watch_;
  std::function<std::optional<double>()> others_load_;
  std::optional<std::chrono::nanoseconds> looked_;
  double others_ = 0;
  bool busy_ = false;

  std::string why_;
  bool suspends_ = false;
};

}  // namespace souschef::core
