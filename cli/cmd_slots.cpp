// SPDX-License-Identifier: MIT
#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "core/base/memory_cap.hpp"
#include "core/production/production.hpp"
#include "core/queue/queue_holder.hpp"
#include "core/queue/submit.hpp"
#include "core/rendering/place_order.hpp"
#include "core/slots/device_lock.hpp"
#include "core/slots/slots.hpp"

namespace souschef::cli {
namespace {

std::string device_text(const core::Device& device) {
  if (device.kind == core::Device::Kind::cpu) return device.lock_name();
  return device.uuid + (device.model.empty() ? "" : "  " + device.model);
}

Result<ExitCode> list_slots(Invocation& invocation) {
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  SOUSCHEF_TRY(const auto slots, core::slots_of(production->config(), {}));
  Terminal& terminal = invocation.terminal();
  const core::ControlGroups groups = core::find_control_groups();
  Table table({Align::left, Align::left, Align::left});
  for (const core::Slot& slot : slots) {
    const bool free = core::DeviceLock::take(slot.device.lock_name()).has_value();
    terminal.record({{"type", "slot"},
                     {"slot", slot.name},
                     {"device", device_text(slot.device)},
                     {"threads", slot.threads},
                     {"nice", slot.nice},
                     {"memory", slot.memory_limit},
                     {"memory_by", slot.memory_limit == 0  ? core::Json()
                                   : groups.folder.empty() ? core::Json("rlimit")
                                                           : core::Json("control group")},
                     {"in_use", !free}});
    std::string notes = free ? "free" : "in use by a runner";
    if (slot.threads > 0) notes += ", " + std::to_string(slot.threads) + " threads";
    if (slot.nice > 0) notes += ", nice " + std::to_string(slot.nice);
    if (slot.memory_limit > 0) notes += ", at most " + core::cap_text(slot.memory_limit, groups);
    table.row({terminal.out_style(Style::bold, slot.name), device_text(slot.device), notes});
  }
  for (const std::string& line : table.lines()) terminal.print(line);
  return ExitCode::done;
}

Result<ExitCode> switch_slot(Invocation& invocation, const std::string& name, bool enabled) {
  if (name.empty()) return Error(ErrorCode::usage, "which slot?").next_step("souschef slots");
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  const core::QueueFolder queue = core::queue_of(*production);
  SOUSCHEF_TRY(const auto holder, core::queue_holder(queue));
  const std::string word = enabled ? "enabled" : "disabled";
  if (!holder)
    return Error(ErrorCode::not_found, "nobody renders here: there is no slot at work")
        .next_step("souschef config set slot[" + name + "].enabled " + (enabled ? "true" : "false"));
  SOUSCHEF_TRY(const core::Submission submission,
               core::submit(queue, core::make_request(core::RequestKind::slot, {},
                                                      {{"slot", name}, {"enabled", enabled}})));
  invocation.terminal().record(
      {{"type", "request"}, {"slot", name}, {"enabled", enabled}, {"applied", submission.applied}});
  invocation.terminal().print(name + " is " + word + " until the runner ends" +
                              (enabled ? "" : "; its frame is finished first"));
  return ExitCode::done;
}

}  // namespace

Result<ExitCode> cmd_slots(Invocation& invocation) {
  std::string action, name;
  Arguments arguments(invocation);
  arguments.optional_positional("ACTION", action, "enable NAME or disable NAME; without one they are listed");
  arguments.optional_positional("NAME", name, "of a slot");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;
  if (action.empty()) return list_slots(invocation);
  if (action == "enable" || action == "disable") return switch_slot(invocation, name, action == "enable");
  return Error(ErrorCode::usage, "slots knows enable and disable, not " + action)
      .next_step("souschef slots --help");
}

}  // namespace souschef::cli
