// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_sample.hpp"

#include <fstream>
#include <string_view>
#include <system_error>

#include <souschef/file_name.hpp>

#include "store/file_system.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// A PNG, 16x16, one colour.
constexpr unsigned char kPicture[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x10, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x91, 0x68,
    0x36, 0x00, 0x00, 0x00, 0x16, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x38, 0x51, 0xa1, 0x41,
    0x12, 0x62, 0x18, 0xd5, 0x30, 0xaa, 0x61, 0xf8, 0x6a, 0x00, 0x00, 0x03, 0x68, 0x68, 0x10, 0xe1,
    0xad, 0xd9, 0x41, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

std::string_view picture() {
  return {reinterpret_cast<const char*>(kPicture), sizeof kPicture};
}

std::string name_of_frame(int frame, SampleFrames frames) {
  const std::string number = "000" + std::to_string(frame) + ".png";
  if (frames != SampleFrames::odd_names) return number;
  return frame == 1   ? "a 'b' \"c\" $d " + number
         : frame == 2 ? "\xc3\xa4\xe6\xbc\xa2 " + number
                      : "\xff\\" + number;
}

Result<Json> frames_json(const fs::path& folder, SampleFrames frames) {
  const std::string hash = store::hash_of(picture()).hex();
  Json list = Json::array();
  for (int frame = 1; frame <= 3; ++frame) {
    if (frames == SampleFrames::gap && frame == 2) {
      list.push_back({{"frame", frame}, {"state", "failed"}, {"files", Json::array()}});
      continue;
    }
    const std::string name = name_of_frame(frame, frames);
    std::ofstream(folder / name, std::ios::binary) << picture();
    std::error_code failed;
    if (fs::file_size(folder / name, failed) != picture().size() || failed)
      return Error(ErrorCode::io, "cannot write a sample frame", (folder / name).string());
    const Json file = {
        {"sequence", 0}, {"name", escape_name(name)}, {"size", picture().size()}, {"hash", hash}};
    list.push_back({{"frame", frame}, {"state", "done"}, {"seconds", 1.5}, {"files", {file}}});
  }
  return list;
}

}  // namespace

Result<StageSample> make_stage_sample(const fs::path& folder, SampleFrames frames, const Json& settings) {
  store::FileSystem& disk = store::FileSystem::real();
  SOUSCHEF_CHECK(store::remove_tree(disk, folder));
  StageSample sample{{}, folder / "out", folder / "work", folder / "frames"};
  for (const fs::path& each : {sample.output_folder, sample.work_folder, sample.frames_folder})
    SOUSCHEF_CHECK(store::make_folders(disk, each));
  SOUSCHEF_TRY(Json list, frames_json(sample.frames_folder, frames));
  sample.request = {{"stage", {{"name", "check"}, {"per", "order"}, {"attempt", 1}}},
                    {"order", {{"id", "01JC0000000000000000000000"}, {"name", "fisk"}}},
                    {"job", {{"id", std::string(64, 'a')}, {"entry", "shots/sh010.blend"}}},
                    {"production", {{"folder", escape_name(folder.string())}, {"name", "sample"}}},
                    {"scene",
                     {{"name", "Scene"},
                      {"fps", 24},
                      {"fps_base", 1.0},
                      {"resolution", {16, 16}},
                      {"frame_start", 1},
                      {"frame_end", 3},
                      {"frame_step", 1},
                      {"color", {{"display", "sRGB"}, {"view", "Standard"}, {"look", "None"}}},
                      {"movie", nullptr}}},
                    {"frames_wanted", "1-3"},
                    {"sequences",
                     {{{"role", "render"},
                       {"node", ""},
                       {"layer", ""},
                       {"format", "PNG"},
                       {"folder", escape_name(sample.frames_folder.string())}}}},
                    {"frames", std::move(list)},
                    {"earlier", Json::array()},
                    {"audio", nullptr},
                    {"output_folder", escape_name(sample.output_folder.string())},
                    {"work_folder", escape_name(sample.work_folder.string())},
                    {"settings", settings}};
  return sample;
}

Json describe_request(Json run_request) {
  run_request["frames"] = Json::array();
  run_request.erase("work_folder");
  return run_request;
}

}  // namespace souschef::core
