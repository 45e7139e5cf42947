// SPDX-License-Identifier: MIT
// One picture of a whole shot, for a message or a wall. FFmpeg decodes, scales and tiles: it reads whatever
// Blender writes.
#include <algorithm>
#include <system_error>
#include <vector>

#include <souschef/plugin.hpp>
#include <souschef/stage.hpp>

#include "plugins/contact_sheet/layout.hpp"
#include "plugins/contact_sheet/manifest.hpp"

namespace fs = std::filesystem;

namespace souschef::contact_sheet {
namespace {

constexpr std::size_t kKeptErrors = 4U << 10;
constexpr std::uint64_t kSilenceMs = 10ULL * 60 * 1000;

Result<std::string> output_name(const StageRequest& request) {
  SOUSCHEF_TRY(const std::string name, request.output_name("name", "{order}_sheet", request.fields()));
  return name + "." + request.setting("format", "jpg");
}

Result<std::size_t> find_sequence(const StageRequest& request) {
  const std::string wanted = request.setting("sequence", "render");
  for (std::size_t i = 0; i < request.sequences.size(); ++i) {
    const StageSequence& sequence = request.sequences[i];
    const bool fits = sequence.role == "render"
                          ? wanted == "render"
                          : wanted == sequence.node || wanted == sequence.node + "/" + sequence.layer;
    if (fits) return i;
  }
  return Error(ErrorCode::not_found, "this order has no pictures called \"" + wanted + "\"");
}

class ContactSheet final : public Plugin, public Stage {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("contact_sheet", "1.0.0", kManifest);
  explicit ContactSheet(Host host) : Plugin(host), Stage(host) {}
  Calls& calls() { return *this; }

 protected:
  Result<StageDescription> describe(const StageRequest& request) override {
    SOUSCHEF_TRY(const std::string name, output_name(request));
    return StageDescription{.per_frame = false, .outputs = {name}, .needs_audio = false};
  }

  Result<StageAnswer> run(CallContext& call, const StageRequest& request) override {
    SOUSCHEF_TRY(const std::string name, output_name(request));
    SOUSCHEF_TRY(const std::vector<fs::path> all, pictures_of(request));
    std::vector<fs::path> pictures;
    for (const std::size_t i :
         spread(all.size(), static_cast<std::size_t>(request.setting_integer("count", 24))))
      pictures.push_back(all[i]);
    const std::string extension = pictures.front().extension().string();
    for (const fs::path& picture : pictures)
      if (picture.extension() != extension)
        return Error(ErrorCode::unsupported, "the pictures are of several formats",
                     extension + " and " + picture.extension().string());

    const fs::path folder = request.work_folder / "pictures";
    SOUSCHEF_CHECK(link_pictures(pictures, folder));
    const double aspect = request.scene.height > 0 ? static_cast<double>(request.scene.width) /
                                                         static_cast<double>(request.scene.height)
                                                   : 16.0 / 9;
    const Grid grid =
        grid_for(pictures.size(), static_cast<std::size_t>(request.setting_integer("columns")), aspect);
    const std::string sheet = "sheet." + request.setting("format", "jpg");
    SOUSCHEF_CHECK(run_ffmpeg(call, command(request, grid, extension, sheet), folder));
    SOUSCHEF_CHECK(publish_output(folder / sheet, request.output_folder / name));
    StageAnswer answer{
        {name},
        std::to_string(pictures.size()) + " of " + std::to_string(request.frames.size()) + " frames",
        {}};
    if (const std::size_t missing = request.frames.size() - all.size(); missing > 0)
      answer.warnings.push_back(std::to_string(missing) + (missing == 1 ? " frame is" : " frames are") +
                                " missing");
    return answer;
  }

 private:
  // Of the frames that are done. Errors: missing, changed.
  static Result<std::vector<fs::path>> pictures_of(const StageRequest& request) {
    SOUSCHEF_TRY(const std::size_t sequence, find_sequence(request));
    std::vector<fs::path> pictures;
    for (const StageFrame& frame : request.frames) {
      const StageFile* file = frame.done() ? frame.file_of(sequence) : nullptr;
      if (file == nullptr) continue;
      std::error_code failed;
      if (fs::file_size(file->path, failed) != file->size || failed)
        return Error(ErrorCode::changed, file->path.string() + " is not the picture that was verified")
            .next_step("render it again: souschef redo");
      pictures.push_back(file->path);
    }
    if (pictures.empty()) return Error(ErrorCode::missing, "there is no picture for the sheet");
    return pictures;
  }

  static Status link_pictures(const std::vector<fs::path>& pictures, const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    for (std::size_t i = 0; i < pictures.size() && !failed; ++i) {
      std::string number = std::to_string(i);
      number.insert(0, 8 - std::min<std::size_t>(8, number.size()), '0');
      fs::create_symlink(pictures[i], folder / (number + pictures[i].extension().string()), failed);
      if (failed) fs::copy_file(pictures[i], folder / (number + pictures[i].extension().string()), failed);
    }
    if (!failed) return {};
    return Error(ErrorCode::io, "cannot lay the pictures out in " + folder.string(), failed.message());
  }

  static std::vector<std::string> command(const StageRequest& request, const Grid& grid,
                                          const std::string& extension, const std::string& sheet) {
    std::vector<std::string> words = {
        request.setting("program", "ffmpeg"), "-hide_banner", "-nostdin", "-v", "error", "-y"};
    // EXR holds linear light; without a curve the sheet would be nearly black.
    if (extension == ".exr") words.insert(words.end(), {"-apply_trc", "iec61966_2_1"});
    const std::string width = std::to_string(request.setting_integer("width", 320));
    words.insert(words.end(), {"-framerate", "1", "-start_number", "0", "-i", "%08d" + extension, "-vf",
                               "scale=" + width + ":-1:flags=area,tile=" + std::to_string(grid.columns) +
                                   "x" + std::to_string(grid.rows) + ":padding=4:margin=4",
                               "-frames:v", "1", "-q:v", "3", sheet});
    return words;
  }

  Status run_ffmpeg(CallContext& call, const std::vector<std::string>& words, const fs::path& folder) {
    Program program;
    program.words = words;
    program.folder = folder.string();
    program.silence_limit_ms = kSilenceMs;
    std::string errors;
    program.errors = [&](std::string_view piece) {
      errors += piece;
      if (errors.size() > kKeptErrors) errors.erase(0, errors.size() - kKeptErrors);
    };
    auto end = host().run(call, program);
    if (!end && end.error().code == ErrorCode::not_found)
      return std::move(end.error())
          .in_context("there is no " + words.front() + " on this machine")
          .next_step("install FFmpeg, or name it in the config: program = \"/path/to/ffmpeg\"");
    if (!end) return std::move(end).error();
    // With -v error it says nothing but what is wrong: a picture that does not decode is no reason for it to
    // fail.
    if (end->success() && errors.empty()) return {};
    Error error(ErrorCode::child_failed, words.front() + " failed", end->text());
    if (!errors.empty()) error.why.push_back(errors);
    return error;
  }
};

SOUSCHEF_PLUGIN(ContactSheet)

}  // namespace
}  // namespace souschef::contact_sheet
