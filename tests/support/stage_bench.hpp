// SPDX-License-Identifier: MIT
// A place to run a built-in stage in: an order with pictures, the plugin with the program's own host, what it
// said.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin_host/plugin_catalog.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::test {

class StageBench : public CallContext {
 public:
  // `id`: a stage plugin that is linked into the test; its program must be built with SOUSCHEF_ENTRY
  // (stage_bench.cpp).
  explicit StageBench(std::string id);

  // The order so far, to be changed at will; the members of stage.run but frames.
  core::Json request;
  // Adds a frame with a picture of `width` x `height`; another colour for every number.
  void add_frame(int frame, int width = 64, int height = 36);
  void add_missing(int frame, const char* state = "failed");
  // Adds a frame with a file of this content, named `name`.
  void add_file(int frame, const std::string& name, std::string_view content, std::size_t sequence = 0);

  // The settings in `request` are completed by the schema first, as the program does.
  Result<core::Json> run();
  Result<core::Json> describe();
  Result<core::Json> call(std::string_view method, const core::Json& params);

  [[nodiscard]] std::filesystem::path output(std::string_view name) const { return folder / "out" / name; }
  [[nodiscard]] std::filesystem::path pictures() const { return folder / "render"; }

  [[nodiscard]] bool cancelled() const override { return cancel && cancel(); }
  void progress(double fraction, std::string_view message) override;
  void log(LogLevel level, std::string_view message) override;

  TempFolder folder;
  std::function<bool()> cancel;
  std::vector<double> fractions;
  std::string said;

 private:
  Result<core::Json> ask(std::string_view method);

  std::string id_;
  std::unique_ptr<core::PluginCatalog> catalog_;
  core::Json frames_ = core::Json::array();
};

// A PNG of one colour, 8 bits RGB.
std::string png_picture(int width, int height, std::uint8_t red, std::uint8_t green, std::uint8_t blue);
// A WAV of silence with a click at its beginning.
std::string wav_sound(double seconds);

// What a program prints; empty where it cannot be run or fails.
std::string output_of(const std::vector<std::string>& command);
bool have_program(const std::string& name);

}  // namespace souschef::test
