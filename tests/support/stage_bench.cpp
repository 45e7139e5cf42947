// SPDX-License-Identifier: MIT
#include "tests/support/stage_bench.hpp"

#include <zlib.h>

#include <gtest/gtest.h>

#include <souschef/file_name.hpp>
#include <souschef/plugin.hpp>

#include "core/base/json_text.hpp"
#include "core/base/run_program.hpp"
#include "store/hasher.hpp"

// Linked into test programs only: their built-in plugins are found as the program's are.
SOUSCHEF_ENTRY();

namespace fs = std::filesystem;

namespace souschef::test {
namespace {

void put_number(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift);
}

void put_chunk(std::string& to, const std::string& type, const std::string& data) {
  put_number(to, static_cast<std::uint32_t>(data.size()));
  const std::string body = type + data;
  to += body;
  put_number(to, static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(body.data()),
                                                    static_cast<uInt>(body.size()))));
}

void put_little(std::string& to, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i));
}

}  // namespace

std::string png_picture(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  std::string rows;
  for (int y = 0; y < height; ++y) {
    rows += '\0';
    for (int x = 0; x < width; ++x) {
      rows += static_cast<char>(red);
      rows += static_cast<char>(green);
      rows += static_cast<char>(blue);
    }
  }
  std::string packed(::compressBound(static_cast<uLong>(rows.size())), '\0');
  uLongf size = packed.size();
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
             static_cast<uLong>(rows.size()));
  packed.resize(size);
  std::string header;
  put_number(header, static_cast<std::uint32_t>(width));
  put_number(header, static_cast<std::uint32_t>(height));
  header += std::string("\x08\x02\x00\x00\x00", 5);
  std::string png = "\x89PNG\r\n\x1a\n";
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", packed);
  put_chunk(png, "IEND", "");
  return png;
}

std::string wav_sound(double seconds) {
  constexpr std::uint32_t kRate = 48'000;
  const auto samples = static_cast<std::uint32_t>(seconds * kRate);
  std::string wav = "RIFF";
  put_little(wav, 36 + samples * 2, 4);
  wav += "WAVEfmt ";
  put_little(wav, 16, 4);
  put_little(wav, 1, 2);
  put_little(wav, 1, 2);
  put_little(wav, kRate, 4);
  put_little(wav, kRate * 2, 4);
  put_little(wav, 2, 2);
  put_little(wav, 16, 2);
  wav += "data";
  put_little(wav, samples * 2, 4);
  for (std::uint32_t i = 0; i < samples; ++i) put_little(wav, i < 480 ? 20'000 : 0, 2);
  return wav;
}

std::string output_of(const std::vector<std::string>& command) {
  core::ProcessOptions options;
  options.command = command;
  core::RunOptions limits;
  limits.limits.time = std::chrono::minutes(2);
  const auto ran = core::run_program(std::move(options), limits);
  return ran && ran->end.success() ? ran->output : std::string();
}

bool have_program(const std::string& name) {
  core::ProcessOptions options;
  options.command = {name, "-version"};
  return core::run_program(std::move(options)).has_value();
}

StageBench::StageBench(std::string id) : id_(std::move(id)) {
  auto opened = core::PluginCatalog::open({});
  EXPECT_TRUE(opened.has_value()) << opened.error().line();
  if (opened) catalog_ = std::move(*opened);
  fs::create_directories(folder / "out");
  fs::create_directories(folder / "work");
  fs::create_directories(folder / "render");
  request = {{"stage", {{"name", id_}, {"per", "order"}, {"attempt", 1}}},
             {"order", {{"id", "01JC0000000000000000000000"}, {"name", "fisk"}}},
             {"job", {{"id", std::string(64, 'a')}, {"entry", "shots/sh010.blend"}}},
             {"production", {{"folder", folder.path().string()}, {"name", "prod"}}},
             {"scene",
              {{"name", "Scene"},
               {"fps", 24},
               {"fps_base", 1.0},
               {"resolution", {64, 36}},
               {"frame_start", 1},
               {"frame_end", 10},
               {"frame_step", 1},
               {"color", {{"display", "sRGB"}, {"view", "Filmic"}, {"look", "None"}}},
               {"movie", nullptr}}},
             {"frames_wanted", ""},
             {"sequences",
              {{{"role", "render"},
                {"node", ""},
                {"layer", ""},
                {"format", "PNG"},
                {"folder", (folder / "render").string()}}}},
             {"audio", nullptr},
             {"output_folder", (folder / "out").string()},
             {"work_folder", (folder / "work").string()},
             {"settings", core::Json::object()}};
}

void StageBench::add_frame(int frame, int width, int height) {
  char name[32];
  std::snprintf(name, sizeof name, "%04d.png", frame);
  add_file(frame, name,
           png_picture(width, height, static_cast<std::uint8_t>(frame * 20),
                       static_cast<std::uint8_t>(frame * 5), 128));
}

void StageBench::add_missing(int frame, const char* state) {
  frames_.push_back({{"frame", frame}, {"state", state}, {"files", core::Json::array()}});
}

void StageBench::add_file(int frame, const std::string& name, std::string_view content,
                          std::size_t sequence) {
  const fs::path folder_of_sequence = request["sequences"][sequence]["folder"].get<std::string>();
  fs::create_directories(folder_of_sequence);
  folder.write(fs::relative(folder_of_sequence / name, folder.path()), content);
  const core::Json file = {{"sequence", sequence},
                           {"name", escape_name(name)},
                           {"size", content.size()},
                           {"hash", store::hash_of(content).hex()}};
  if (!frames_.empty() && frames_.back()["frame"] == frame) {
    frames_.back()["files"].push_back(file);
    return;
  }
  frames_.push_back({{"frame", frame}, {"state", "done"}, {"seconds", 1.5}, {"files", {file}}});
}

Result<core::Json> StageBench::ask(std::string_view method) {
  core::Json params = request;
  params["frames"] = method == "stage.run" ? frames_ : core::Json::array();
  SOUSCHEF_TRY(params["settings"], catalog_->settings_for(id_, request["settings"], id_));
  SOUSCHEF_TRY(params["settings"], catalog_->reveal_secrets(id_, params["settings"]));
  return call(method, params);
}

Result<core::Json> StageBench::run() {
  return ask("stage.run");
}

Result<core::Json> StageBench::describe() {
  return ask("stage.describe");
}

Result<core::Json> StageBench::call(std::string_view method, const core::Json& params) {
  SOUSCHEF_TRY(const core::PluginFaces* faces, catalog_->faces(id_));
  SOUSCHEF_TRY(const std::string answer, faces->calls->call(*this, method, core::json_text(params)));
  return core::parse_json(answer);
}

void StageBench::progress(double fraction, std::string_view) {
  fractions.push_back(fraction);
}

void StageBench::log(LogLevel, std::string_view message) {
  said += std::string(message) + "\n";
}

}  // namespace souschef::test
