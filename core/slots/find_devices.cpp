// SPDX-License-Identifier: MIT
// By UUID and never by position: the order in which cards are counted differs between programs, between
// starts, and when one card is taken out.
#include "core/slots/find_devices.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "core/base/run_program.hpp"
#include "core/base/split_text.hpp"
#include "store/kernel_file.hpp"

namespace fs = std::filesystem;

namespace souschef::core {

using store::first_kernel_line;

namespace {

constexpr std::chrono::seconds kPatience{10};  // a driver that hangs must not hang us

constexpr std::string_view kDisplay = "0x03";  // the class of devices that are made for pictures

struct Vendor {
  std::string_view pci, name, shown, backend;
};
constexpr std::array<Vendor, 2> kVendors = {
    {{"0x1002", "amd", "AMD", "HIP"}, {"0x8086", "intel", "Intel", "ONEAPI"}}};

Device nvidia(std::string_view uuid) {
  return {.kind = Device::Kind::gpu,
          .vendor = "nvidia",
          .uuid = std::string(uuid),
          .model = {},
          .backends = {"OPTIX", "CUDA"}};
}

// "0000:03:00.0": domain, bus, device, function.
bool is_place(std::string_view name) {
  constexpr std::string_view kShape = "xxxx:xx:xx.x";
  return name.size() == kShape.size() &&
         std::equal(name.begin(), name.end(), kShape.begin(), [](char c, char shape) {
           return shape == 'x' ? (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') : c == shape;
         });
}

// What the card is called: some drivers know, else vendor and the number of its kind.
std::string model_of(const fs::path& device, const Vendor& vendor) {
  std::string name = first_kernel_line(device / "product_name");
  if (!name.empty()) return name;
  name = std::string(vendor.shown) + " graphics";
  const std::string kind = first_kernel_line(device / "device");
  return kind.starts_with("0x") ? name + " " + kind.substr(2) : name;
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

// /sys/bus/pci/devices/0000:03:00.0 -> ../../../devices/pci0000:00/...
std::vector<Device> bus_gpus(const fs::path& system) {
  std::vector<Device> devices;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(system / "bus/pci/devices", none)) {
    const fs::path& device = entry.path();
    const std::string place = device.filename().string();
    const bool draws = fs::exists(device / "drm", none);  // not one that was given to a virtual machine
    if (!is_place(place) || !draws || !first_kernel_line(device / "class").starts_with(kDisplay)) continue;
    const std::string vendor = first_kernel_line(device / "vendor");
    for (const Vendor& known : kVendors)
      if (vendor == known.pci)
        devices.push_back({.kind = Device::Kind::gpu,
                           .vendor = std::string(known.name),
                           .uuid = "pci-" + place,
                           .model = model_of(device, known),
                           .backends = {std::string(known.backend)}});
  }
  return devices;
}

std::vector<Device> find_gpus(const fs::path& system) {
  ProcessOptions smi;
  smi.command = {"nvidia-smi", "--query-gpu=uuid,name", "--format=csv,noheader"};
  RunOptions options;
  options.limits.time = kPatience;
  std::vector<Device> devices;
  if (const auto ran = run_program(smi, options); ran && ran->end.success())
    devices = nvidia_gpus(ran->output);
  for (Device& other : bus_gpus(system)) devices.push_back(std::move(other));
  std::sort(devices.begin(), devices.end(),
            [](const Device& a, const Device& b) { return a.lock_name() < b.lock_name(); });
  return devices;
}

bool is_there(const Device& device) {
  if (device.kind == Device::Kind::cpu) return true;
  const auto cards = find_gpus();
  return std::any_of(cards.begin(), cards.end(),
                     [&](const Device& card) { return card.uuid == device.uuid; });
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
