// SPDX-License-Identifier: MIT
#include "plugins/blender/launch.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::blender {
namespace {

Json request() {
  return Json::parse(
      R"({"target": {"name": "lts", "path": "/opt/blender"}, "entry": "/c/a.blend", "run_folder": "/run"})");
}

std::vector<std::string> arguments(const Json& from) {
  const auto reply = launch(from);
  EXPECT_TRUE(reply);
  return reply ? reply->at("command").get<std::vector<std::string>>() : std::vector<std::string>();
}

std::ptrdiff_t place(const std::vector<std::string>& list, const std::string& word) {
  const auto found = std::find(list.begin(), list.end(), word);
  return found == list.end() ? -1 : found - list.begin();
}

TEST(Launch, Plain) {
  EXPECT_EQ(arguments(request()),
            (std::vector<std::string>{"/opt/blender", "-b", "-Y", "--python-exit-code", "41", "/c/a.blend",
                                      "--python", "/run/worker.py", "--", "3", "4"}));
}

TEST(Launch, ScriptsAreOffUnlessTheTargetOrTheOrderAllowsThem) {
  EXPECT_GE(place(arguments(request()), "-Y"), 0);
  Json by_target = request();
  by_target["target"]["autoexec"] = true;
  EXPECT_GE(place(arguments(by_target), "-y"), 0);
  Json by_order = request();
  by_order["autoexec"] = true;
  EXPECT_GE(place(arguments(by_order), "-y"), 0);
}

TEST(Launch, TheOrderOfArgumentsIsSafe) {
  Json from = request();
  from["target"].update({{"factory_startup", true}, {"addons", {"a", "b"}}, {"arguments", {"--debug"}}});
  from["threads"] = 4;
  const auto list = arguments(from);
  const auto blend = place(list, "/c/a.blend");
  for (const char* before :
       {"-Y", "--factory-startup", "--threads", "a,b", "--debug", "--python-exit-code"}) {
    EXPECT_GE(place(list, before), 0) << before;
    EXPECT_LT(place(list, before), blend) << before;
  }
  EXPECT_LT(blend, place(list, "--python"));
}

TEST(Launch, GpuIsNamedByItsUuid) {
  Json from = request();
  from["device"] = {
      {"kind", "gpu"}, {"vendor", "nvidia"}, {"uuid", "GPU-1234"}, {"backends", {"OPTIX", "CUDA"}}};
  const auto reply = launch(from);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->at("environment").at("CUDA_VISIBLE_DEVICES"), "GPU-1234");
}

// No variable of HIP or oneAPI knows a place on the bus: one that holds it would hide every card.
TEST(Launch, CardThatIsNamedByItsPlaceIsLeftToTheWorker) {
  for (const char* vendor : {"amd", "intel"}) {
    Json from = request();
    from["device"] = {
        {"kind", "gpu"}, {"vendor", vendor}, {"uuid", "pci-0000:03:00.0"}, {"backends", {"HIP"}}};
    const auto reply = launch(from);
    ASSERT_TRUE(reply);
    EXPECT_FALSE(reply->at("environment").contains("HIP_VISIBLE_DEVICES"));
    EXPECT_FALSE(reply->at("environment").contains("ONEAPI_DEVICE_SELECTOR"));
  }
}

TEST(Launch, TargetWithoutAProgramIsBadInput) {
  Json from = request();
  from["target"].erase("path");
  EXPECT_FALSE(launch(from));
}

}  // namespace
}  // namespace souschef::blender
