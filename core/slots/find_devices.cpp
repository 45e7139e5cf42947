// SPDX-License-Identifier: MIT
// By UUID and never by position: the order in which cards are counted differs between programs, between
// starts, and when one card is taken out.
#include "core/slots/find_devices.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/base/run_program.hpp"
#include "core/base/split_text.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::chrono::seconds kPatience{10};  // a driver that hangs must not hang us

struct Vendor {
  std::string_view pci, name;
  std::array<const char*, 2> backends;
};
constexpr std::array<Vendor, 2> kVendors = {
    {{"0x1002", "amd", {"HIP", nullptr}}, {"0x8086", "intel", {"ONEAPI", nullptr}}}};

Device nvidia(std::string_view uuid) {
  return {.kind = Device::Kind::gpu,
          .vendor = "nvidia",
          .uuid = std::string(uuid),
          .model = {},
          .backends = {"OPTIX", "CUDA"}};
}

std::string first_line(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// The system's list: /sys/class/drm/card0/device -> ../../../0000:03:00.0
void add_others(std::vector<Device>& devices) {
  std::error_code none;
  for (const auto& card : fs::directory_iterator("/sys/class/drm", none)) {
    const std::string name = card.path().filename().string();
    if (!name.starts_with("card") || name.find('-') != std::string::npos) continue;
    const std::string vendor = first_line(card.path() / "device/vendor");
    for (const Vendor& known : kVendors) {
      if (vendor != known.pci) continue;
      const fs::path place = fs::canonical(card.path() / "device", none);
      if (none) continue;
      devices.push_back({.kind = Device::Kind::gpu,
                         .vendor = std::string(known.name),
                         .uuid = "pci-" + place.filename().string(),
                         .model = std::string(known.name) + " graphics",
                         .backends = {known.backends[0]}});
    }
  }
}

}  // namespace

std::vector<Device> nvidia_gpus(std::string_view printed) {
  std::vector<Device> devices;
  for (const std::string_view line : split_text(printed, '\n')) {
    const std::size_t comma = line.find(',');
    const std::string_view uuid = trimmed(line.substr(0, comma));
    const bool plain = std::all_of(uuid.begin(), uuid.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
    if (!uuid.starts_with("GPU-") || !plain) continue;
    Device device = nvidia(uuid);
    if (comma != std::string_view::npos) device.model = trimmed(line.substr(comma + 1));
    devices.push_back(std::move(device));
  }
  return devices;
}

std::vector<Device> find_gpus() {
  ProcessOptions smi;
  smi.command = {"nvidia-smi", "--query-gpu=uuid,name", "--format=csv,noheader"};
  RunOptions options;
  options.limits.time = kPatience;
  std::vector<Device> devices;
  if (const auto ran = run_program(smi, options); ran && ran->end.success())
    devices = nvidia_gpus(ran->output);
  add_others(devices);
  std::sort(devices.begin(), devices.end(),
            [](const Device& a, const Device& b) { return a.lock_name() < b.lock_name(); });
  return devices;
}

Device device_named(std::string_view name) {
  if (name == "cpu") return {};
  if (name.starts_with("cpu-")) return {.uuid = std::string(name.substr(4))};
  if (name.starts_with("GPU-")) return nvidia(name);
  for (Device& known : find_gpus())
    if (known.uuid == name) return std::move(known);
  return {.kind = Device::Kind::gpu, .vendor = {}, .uuid = std::string(name), .model = {}, .backends = {}};
}

}  // namespace souschef::core
