// SPDX-License-Identifier: MIT
#include "core/slots/find_devices.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>

#include "core/slots/slots.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

using testing::ElementsAre;

constexpr const char* kTwoCards =
    "GPU-b2222222-0000-0000-0000-000000000002, NVIDIA GeForce RTX 3060\n"
    "GPU-a1111111-0000-0000-0000-000000000001, NVIDIA RTX A4000, 16 GB\n";

// A machine whose nvidia-smi is a script.
class Machine : public testing::Test {
 protected:
  void install(const std::string& script) {
    const auto path = folder_.write("bin/nvidia-smi", "#!/bin/sh\n" + script);
    ::chmod(path.c_str(), 0755);
    const char* old = std::getenv("PATH");
    path_ = old != nullptr ? old : "";
    ::setenv("PATH", ((folder_ / "bin").string() + ":" + path_).c_str(), 1);
  }
  void TearDown() override {
    if (!path_.empty()) ::setenv("PATH", path_.c_str(), 1);
  }
  Config config(const std::string& toml) {
    auto read = Config::load({.project_folder = folder_.write("config.toml", toml).parent_path()});
    EXPECT_TRUE(read) << (read ? "" : read.error().line());
    return std::move(*read);
  }
  static std::vector<std::string> names(const std::vector<Slot>& slots) {
    std::vector<std::string> list;
    for (const Slot& slot : slots) list.push_back(slot.name + " " + slot.device.lock_name());
    return list;
  }
  test::TempFolder folder_;
  std::string path_;
};

TEST(FindDevices, CardsAreNamedByUuidWhateverTheirOrder) {
  const auto cards = nvidia_gpus(kTwoCards);
  ASSERT_EQ(cards.size(), 2U);
  EXPECT_EQ(cards[1].uuid, "GPU-a1111111-0000-0000-0000-000000000001");
  EXPECT_EQ(cards[1].model, "NVIDIA RTX A4000, 16 GB");
  EXPECT_THAT(cards[1].backends, ElementsAre("OPTIX", "CUDA"));
}

TEST(FindDevices, NonsenseIsNoCard) {
  EXPECT_TRUE(nvidia_gpus("").empty());
  EXPECT_TRUE(
      nvidia_gpus("NVIDIA-SMI has failed because it couldn't communicate with the driver.\n").empty());
  EXPECT_TRUE(nvidia_gpus("GPU-../../etc, x\n0, card\n").empty());
}

TEST(FindDevices, NamesOfConfigs) {
  EXPECT_EQ(device_named("cpu").lock_name(), "cpu");
  EXPECT_EQ(device_named("cpu-2").lock_name(), "cpu-2");
  EXPECT_EQ(device_named("cpu-2").kind, Device::Kind::cpu);
  EXPECT_EQ(device_named("GPU-7").lock_name(), "nvidia-GPU-7");
}

// A machine whose sysfs is a folder.
class Bus : public testing::Test {
 protected:
  void plug(const std::string& place, const std::string& vendor, const std::string& kind,
            const std::string& device_class = "0x030000", bool driven = true) const {
    const std::string card = "sys/bus/pci/devices/" + place + "/";
    (void)folder_.write(card + "vendor", vendor + "\n");
    (void)folder_.write(card + "device", kind + "\n");
    (void)folder_.write(card + "class", device_class + "\n");
    if (driven) (void)folder_.write(card + "drm/card0/dev", "226:0\n");
  }
  std::vector<std::string> found() const {
    std::vector<std::string> list;
    for (const Device& device : bus_gpus(folder_ / "sys"))
      list.push_back(device.vendor + " " + device.uuid + " " + device.backends.at(0) + " " + device.model);
    std::sort(list.begin(), list.end());
    return list;
  }
  test::TempFolder folder_;
};

TEST_F(Bus, CardsOfAmdAndIntelAreNamedByTheirPlace) {
  plug("0000:0a:00.0", "0x1002", "0x73bf");
  plug("0000:03:00.0", "0x8086", "0x56a0", "0x038000");
  EXPECT_THAT(found(), ElementsAre("amd pci-0000:0a:00.0 HIP AMD graphics 73bf",
                                   "intel pci-0000:03:00.0 ONEAPI Intel graphics 56a0"));
}

TEST_F(Bus, DriverThatKnowsTheCardsNameIsBelieved) {
  plug("0000:0a:00.0", "0x1002", "0x73bf");
  (void)folder_.write("sys/bus/pci/devices/0000:0a:00.0/product_name", "Radeon Pro W6800\n");
  EXPECT_THAT(found(), ElementsAre("amd pci-0000:0a:00.0 HIP Radeon Pro W6800"));
}

TEST_F(Bus, WhatIsNoGraphicsCardIsLeftOut) {
  plug("0000:00:1f.3", "0x8086", "0x7a50", "0x040300");         // sound
  plug("0000:0b:00.0", "0x1002", "0x73bf", "0x030000", false);  // no driver, or a virtual machine's
  plug("0000:0c:00.0", "0x10de", "0x2204");                     // nvidia-smi names those
  plug("not-a-place", "0x1002", "0x73bf");
  EXPECT_THAT(found(), ElementsAre());
}

TEST_F(Machine, EachCardIsASlotNamedByItsUuid) {
  install("cat <<'END'\n" + std::string(kTwoCards) + "END\n");
  const auto slots = slots_of(config(""), {});
  ASSERT_TRUE(slots);
  EXPECT_THAT(names(*slots), ElementsAre("gpu-a1111111 nvidia-GPU-a1111111-0000-0000-0000-000000000001",
                                         "gpu-b2222222 nvidia-GPU-b2222222-0000-0000-0000-000000000002"));
}

TEST_F(Machine, OneCardCanBeChosenByItsName) {
  install("cat <<'END'\n" + std::string(kTwoCards) + "END\n");
  const auto slots = slots_of(config(""), {"gpu-b2222222"});
  ASSERT_TRUE(slots) << slots.error().line();
  EXPECT_EQ(slots->size(), 1U);
}

TEST_F(Machine, DriverThatFailsLeavesTheCpu) {
  install("echo 'No devices were found'; exit 6\n");
  const auto slots = slots_of(config(""), {});
  ASSERT_TRUE(slots);
  EXPECT_THAT(names(*slots), ElementsAre("cpu cpu"));
}

TEST_F(Machine, ConfigWithSlotsIsNotAddedTo) {
  install("cat <<'END'\n" + std::string(kTwoCards) + "END\n");
  const auto slots = slots_of(
      config("[[slot]]\nname = \"mine\"\ndevice = \"GPU-b2222222-0000-0000-0000-000000000002\"\n"), {});
  ASSERT_TRUE(slots);
  EXPECT_THAT(names(*slots), ElementsAre("mine nvidia-GPU-b2222222-0000-0000-0000-000000000002"));
}

}  // namespace
}  // namespace souschef::core
