// SPDX-License-Identifier: MIT
#include "core/slots/find_devices.hpp"

#include <sys/stat.h>

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
