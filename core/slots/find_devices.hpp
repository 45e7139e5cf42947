// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "core/slots/slot.hpp"

namespace souschef::core {

// The graphics cards of this machine, sorted by their names. NVIDIA's by UUID, as nvidia-smi (on PATH) tells
// them; others, as far as the system lists them, by their place on the bus ("pci-0000:03:00.0"). Takes at
// most some seconds. Whether a renderer can use one only the renderer knows.
// `system`: where sysfs is.
std::vector<Device> find_gpus(const std::filesystem::path& system = "/sys");

// The part of find_gpus() that reads sysfs: display devices of AMD and Intel that a graphics driver has
// taken.
std::vector<Device> bus_gpus(const std::filesystem::path& system);

// Of `nvidia-smi --query-gpu=uuid,name --format=csv,noheader`. Lines that make no sense are left out.
std::vector<Device> nvidia_gpus(std::string_view printed);

// Whether a card is in this machine now; a CPU always is. Takes as long as find_gpus().
bool is_there(const Device& device);

// What a config calls a device: "cpu", "cpu-2", "GPU-3f9a…", "pci-0000:03:00.0".
Device device_named(std::string_view name);

}  // namespace souschef::core
