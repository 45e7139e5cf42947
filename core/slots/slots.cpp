// SPDX-License-Identifier: MIT
#include "core/slots/slots.hpp"

#include <algorithm>

#include "core/base/suggestion.hpp"
#include "core/slots/find_devices.hpp"

namespace souschef::core {
namespace {

constexpr const char* kCpu = "cpu";

Result<Slot> slot_named(const Config& config, const std::string& name) {
  const auto key = [&](const char* member) { return "slot[" + name + "]." + member; };
  Slot slot{.name = name};
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!plain || name.empty())
    return Error(ErrorCode::bad_input, "a slot cannot be called \"" + name + "\"", config.origin(key("name")))
        .next_step("use letters, digits, - and _");
  slot.device = device_named(config.text(key("device")));
  slot.threads = static_cast<int>(std::max<std::int64_t>(0, config.integer(key("threads"))));
  slot.nice = static_cast<int>(std::clamp<std::int64_t>(config.integer(key("nice")), 0, 19));
  slot.memory_limit = static_cast<std::uint64_t>(std::max(0.0, config.number(key("memory"))) * (1 << 30));
  return slot;
}

// One for each card that can be named for certain. Others are for a person to choose (souschef doctor lists
// them): the graphics that are part of a processor render no film.
std::vector<Slot> detected_slots() {
  constexpr std::size_t kEnough = 12;  // "GPU-" and the beginning of the UUID: a name that stays the card's
  std::vector<Slot> slots;
  for (Device& device : find_gpus()) {
    if (device.vendor != "nvidia") continue;
    std::string name = "gpu-" + device.uuid.substr(4, kEnough - 4);
    const bool taken =
        std::any_of(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.name == name; });
    if (taken) name = "gpu-" + device.uuid.substr(4);
    slots.push_back({.name = std::move(name), .device = std::move(device)});
  }
  if (slots.empty()) slots.push_back({.name = kCpu});
  return slots;
}

}  // namespace

Result<std::vector<Slot>> slots_of(const Config& config, const std::vector<std::string>& wanted) {
  std::vector<std::string> known = config.names("slot");
  std::vector<std::string> names = wanted;
  if (wanted.empty())
    for (const std::string& name : known)
      if (config.boolean("slot[" + name + "].enabled")) names.push_back(name);
  std::vector<Slot> slots;
  for (const std::string& name : names) {
    const bool configured = std::find(known.begin(), known.end(), name) != known.end();
    if (!configured && name.starts_with("gpu-") && config.names("slot").empty()) {
      auto detected = detected_slots();
      const auto found =
          std::find_if(detected.begin(), detected.end(), [&](const Slot& slot) { return slot.name == name; });
      if (found != detected.end()) {
        slots.push_back(std::move(*found));
        continue;
      }
    }
    if (!configured && name != kCpu) {
      known.emplace_back(kCpu);
      const std::string meant = closest_word(name, known);
      return Error(ErrorCode::not_found, "no such slot: " + name)
          .next_step(meant.empty() ? "souschef config show slot" : "did you mean " + meant + "?");
    }
    if (configured) {
      SOUSCHEF_TRY(Slot slot, slot_named(config, name));
      slots.push_back(std::move(slot));
    } else {
      slots.push_back({.name = kCpu});
    }
  }
  if (slots.empty() && known.empty()) slots = detected_slots();
  if (slots.empty())
    return Error(ErrorCode::not_found, "every slot is disabled").next_step("souschef render --slots NAME");
  return slots;
}

}  // namespace souschef::core
