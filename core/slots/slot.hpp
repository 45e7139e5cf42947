// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace souschef::core {

// What a renderer computes on.
struct Device {
  enum class Kind : std::uint8_t { cpu, gpu };
  Kind kind = Kind::cpu;
  std::string vendor;  // "nvidia", "amd", "intel", "apple"; empty: not known
  std::string
      uuid;  // of a CPU: which share of it. Names the card whatever the order in which cards are counted
  std::string model;                  // for people
  std::vector<std::string> backends;  // of the renderer, in order of preference: "OPTIX", "CUDA"
  bool operator==(const Device&) const = default;

  // The same device has the same name in every program on this machine.
  [[nodiscard]] std::string lock_name() const {
    if (kind == Kind::gpu) return vendor + "-" + uuid;
    return uuid.empty() ? "cpu" : "cpu-" + uuid;
  }
};

// One device that renders one frame at a time.
struct Slot {
  std::string name;
  Device device;
  int threads = 0;                 // 0: as many as the renderer likes
  int nice = 0;                    // added to ours, 0 to 19
  std::uint64_t memory_limit = 0;  // bytes of private memory; 0: none
  bool operator==(const Slot&) const = default;
};

}  // namespace souschef::core
