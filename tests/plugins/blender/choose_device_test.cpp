// SPDX-License-Identifier: MIT
// Which cards the worker takes, of preferences that only look like those of Cycles: machines with such cards
// are rare, and machines with two of them more so.
#include <gmock/gmock.h>

#include "core/base/json.hpp"
#include "core/base/run_program.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::blender {
namespace {

using core::Json;
using testing::HasSubstr;

// What the worker sees of Blender, with the devices of a machine: [type, id, name].
constexpr const char* kHarness = R"(
import json, sys, types
given = json.loads(sys.argv[1])

class Preferences:
    def __init__(self):
        self.devices = [types.SimpleNamespace(type=t, id=i, name=n, use=True) for t, i, n in given["devices"]]
    def __setattr__(self, name, value):
        if name == "compute_device_type" and value not in given["offers"]:
            raise TypeError(value)
        object.__setattr__(self, name, value)
    def refresh_devices(self):
        pass

preferences = Preferences()
cycles = types.SimpleNamespace(preferences=preferences)
bpy = types.ModuleType("bpy")
bpy.context = types.SimpleNamespace(preferences=types.SimpleNamespace(addons={"cycles": cycles}))
sys.modules["bpy"] = bpy
import worker
scene = types.SimpleNamespace(render=types.SimpleNamespace(engine="CYCLES"), cycles=types.SimpleNamespace(device="CPU"))
try:
    worker.choose_device(scene, given["device"])
except worker.Refusal as refusal:
    print("refused %s: %s, device %s" % (refusal.code, refusal, scene.cycles.device))
else:
    print("%s: %s" % (scene.cycles.device, ", ".join(d.name for d in preferences.devices if d.use)))
)";

class ChooseDevice : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("worker.py", test::read_file(SOUSCHEF_SOURCE_FOLDER "/plugins/blender/worker.py"));
    folder_.write("harness.py", kHarness);
    if (run({"python3", "--version"}).empty()) GTEST_SKIP() << "no python3 here";
  }
  static std::string run(std::vector<std::string> command) {
    core::ProcessOptions options;
    options.command = std::move(command);
    const auto ran = core::run_program(options, {});
    return ran && ran->end.success() ? ran->output : std::string();
  }
  std::string choose(const Json& device) {
    const Json given = {{"device", device}, {"offers", offers_}, {"devices", devices_}};
    return run({"python3", "-B", (folder_ / "harness.py").string(), given.dump()});
  }
  static Json amd(const std::string& uuid) {
    return {{"kind", "gpu"}, {"vendor", "amd"}, {"uuid", uuid}, {"backends", {"HIP"}}};
  }

  test::TempFolder folder_;
  Json offers_ = {"HIP", "ONEAPI"};
  Json devices_ = {{"CPU", "CPU", "Ryzen"},
                   {"HIP", "HIP_AMD Radeon RX 6800_0000:03:00", "first"},
                   {"HIP", "HIP_AMD Radeon RX 6800_0000:0a:00", "second"},
                   {"ONEAPI", "ONEAPI_Intel(R) Arc(TM) A770 Graphics_0000:0c:00.0", "arc"}};
};

TEST_F(ChooseDevice, OfTwoEqualCardsTheOneAtItsPlace) {
  EXPECT_EQ(choose(amd("pci-0000:0a:00.0")), "GPU: second\n");
}

TEST_F(ChooseDevice, IntelsCardIsFoundAtItsPlace) {
  EXPECT_EQ(choose({{"kind", "gpu"}, {"uuid", "pci-0000:0c:00.0"}, {"backends", {"ONEAPI"}}}), "GPU: arc\n");
}

TEST_F(ChooseDevice, CardAtAnotherPlaceIsNotTaken) {
  const std::string said = choose(amd("pci-0000:04:00.0"));
  EXPECT_THAT(said, HasSubstr("refused gpu_absent"));
  EXPECT_THAT(said, HasSubstr("0000:04:00.0"));
  EXPECT_THAT(said, HasSubstr("device CPU"));
}

TEST_F(ChooseDevice, BlenderWithoutTheBackendIsRefused) {
  offers_ = {"CUDA"};
  EXPECT_THAT(choose(amd("pci-0000:0a:00.0")),
              HasSubstr("refused gpu_absent: this Blender offers no GPU of HIP"));
}

// NVIDIA's: the process sees no other card.
TEST_F(ChooseDevice, CardsOfAUuidAreAllThatCanBeSeen) {
  offers_ = {"CUDA"};
  devices_ = {{"CPU", "CPU", "Ryzen"}, {"CUDA", "CUDA_NVIDIA RTX A4000_0000:01:00", "a4000"}};
  EXPECT_EQ(choose({{"kind", "gpu"}, {"uuid", "GPU-1"}, {"backends", {"OPTIX", "CUDA"}}}), "GPU: a4000\n");
}

}  // namespace
}  // namespace souschef::blender
