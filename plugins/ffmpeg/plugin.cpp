// SPDX-License-Identifier: MIT
// The encode stage. What the runner has verified goes in, picture by picture; what comes out is looked at
// again before it gets its name: FFmpeg stops at a bad picture and calls that success.
#include <algorithm>
#include <system_error>

#include <souschef/plugin.hpp>
#include <souschef/stage.hpp>

#include "plugins/ffmpeg/command.hpp"
#include "plugins/ffmpeg/frame_plan.hpp"
#include "plugins/ffmpeg/manifest.hpp"
#include "plugins/ffmpeg/preset.hpp"
#include "plugins/ffmpeg/probe.hpp"
#include "plugins/ffmpeg/progress.hpp"
#include "plugins/ffmpeg/rate.hpp"

namespace fs = std::filesystem;

namespace souschef::ffmpeg {
namespace {

constexpr std::size_t kKeptErrors = 8U << 10;
constexpr std::size_t kKeptOutput = 4U << 20;
// A picture of 16K with a slow codec takes seconds; this long without a word is a hang.
constexpr std::uint64_t kSilenceMs = 30ULL * 60 * 1000;
constexpr std::size_t kMaxMarks = 400;          // FFmpeg's expressions have a limit
constexpr std::int64_t kSceneStart = -1048575;  // audio_start as it stands: one before Blender's first frame

// A name below the output folder, whatever the template says.
Result<std::string> output_name(const StageRequest& request, const Preset& preset) {
  Fields fields = request.fields();
  fields["preset"] = preset.name;
  SOUSCHEF_TRY(const std::string name, request.output_name("name", "{order}", fields));
  return preset.per_frame ? name + "/{frame}" + preset.extension : name + preset.extension;
}

enum class Sound { none, scene, file };
Sound sound_of(const StageRequest& request) {
  const std::string audio = request.setting("audio", "scene");
  return audio == "none" || audio.empty() ? Sound::none : audio == "scene" ? Sound::scene : Sound::file;
}

class Ffmpeg final : public Plugin, public Stage {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("ffmpeg", "1.0.0", kManifest);
  explicit Ffmpeg(Host host) : Plugin(host), Stage(host) {}
  Calls& calls() { return *this; }

 protected:
  Result<StageDescription> describe(const StageRequest& request) override {
    SOUSCHEF_TRY(const Preset preset, find_preset(request.setting("preset", "h264"), request.json()));
    SOUSCHEF_TRY(const std::string name, output_name(request, preset));
    const std::int64_t crf = request.setting_integer("crf", -1);
    if (crf >= 0 && preset.default_crf < 0)
      return Error(ErrorCode::bad_input, "crf means nothing to the preset " + preset.name)
          .next_step("leave it out, or choose another preset");
    if (sound_of(request) == Sound::file && !preset.has_audio())
      return Error(ErrorCode::bad_input, "the preset " + preset.name + " has no sound")
          .next_step("set audio to none");
    SOUSCHEF_CHECK(movie_size(request.setting("size"), {2, 2}, preset));
    return StageDescription{
        preset.per_frame, {name}, preset.has_audio() && sound_of(request) == Sound::scene};
  }

  Result<StageAnswer> run(CallContext& call, const StageRequest& request) override {
    SOUSCHEF_TRY(const Preset preset, find_preset(request.setting("preset", "h264"), request.json()));
    return preset.per_frame ? convert(call, request, preset) : encode(call, request, preset);
  }

 private:
  Result<StageAnswer> encode(CallContext& call, const StageRequest& request, const Preset& preset) {
    StageAnswer answer;
    SOUSCHEF_TRY(const std::size_t sequence, find_sequence(request, request.setting("sequence", "render")));
    SOUSCHEF_TRY(const FramePlan plan, plan_frames(request, sequence, request.setting("gaps", "fail")));
    SOUSCHEF_TRY(Encode encode, prepare(call, request, preset, plan.frames.front().path, answer));
    SOUSCHEF_TRY(const std::string name, output_name(request, preset));
    encode.extension = plan.extension;
    encode.count = static_cast<std::int64_t>(plan.frames.size());
    encode.output = "movie" + preset.extension;
    SOUSCHEF_CHECK(add_sound(request, plan, encode, answer));
    add_gaps(request, plan, encode, answer);

    const fs::path folder = request.work_folder / "pictures";
    SOUSCHEF_CHECK(link_pictures(plan, folder));
    const auto commands = encode_commands(encode);
    for (std::size_t pass = 0; pass < commands.size(); ++pass)
      SOUSCHEF_CHECK(run_ffmpeg(call, commands[pass], folder, encode.count, pass, commands.size()));

    const fs::path movie = folder / encode.output;
    const Expected expected{encode.size, encode.rate, encode.count, !encode.audio.empty(),
                            !preset.is_palette};
    SOUSCHEF_CHECK(check_output(call, encode.program, movie, expected, answer));
    SOUSCHEF_CHECK(publish_output(movie, request.output_folder / name));
    answer.outputs = {name};
    answer.summary = std::to_string(encode.count) + " frames, " + encode.rate.text() + " fps, " + preset.name;
    return answer;
  }

  Result<StageAnswer> convert(CallContext& call, const StageRequest& request, const Preset& preset) {
    StageAnswer answer;
    SOUSCHEF_TRY(const std::size_t sequence, find_sequence(request, request.setting("sequence", "render")));
    SOUSCHEF_TRY(const FramePlan plan, plan_frames(request, sequence, "fail"));
    SOUSCHEF_TRY(Encode encode, prepare(call, request, preset, plan.frames.front().path, answer));
    SOUSCHEF_TRY(const std::string pattern, output_name(request, preset));
    encode.output = "picture" + preset.extension;
    SOUSCHEF_CHECK(
        run_ffmpeg(call, convert_command(encode, plan.frames.front().path), request.work_folder, 1, 0, 1));
    std::string number = std::to_string(std::abs(plan.frames.front().frame));
    number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
    if (plan.frames.front().frame < 0) number.insert(0, "-");
    std::string name = pattern;
    name.replace(name.find("{frame}"), std::string_view("{frame}").size(), number);
    SOUSCHEF_CHECK(publish_output(request.work_folder / encode.output, request.output_folder / name));
    answer.outputs = {name};
    return answer;
  }

  // What both have in common: the program, the encoder it has, what the pictures are.
  Result<Encode> prepare(CallContext& call, const StageRequest& request, const Preset& preset,
                         const fs::path& picture, StageAnswer& answer) {
    Encode encode;
    encode.program = request.setting("program", "ffmpeg");
    encode.preset = preset;
    encode.crf = static_cast<int>(request.setting_integer("crf", -1));
    encode.more = request.setting_list("arguments");
    encode.loop = request.setting_boolean("loop", true);
    const double fps = request.setting_number("fps");
    encode.rate = fps > 0 ? rate_of(fps, 1) : rate_of(request.scene.fps, request.scene.fps_base);
    SOUSCHEF_TRY(encode.encoder, find_encoder(call, encode.program, preset));
    SOUSCHEF_TRY(const Probed probed, probe(call, encode.program, picture, ProbeOf::picture));
    encode.picture = {probed.size, has_alpha(probed.pixel_format), picture.extension() == ".exr"};
    SOUSCHEF_TRY(encode.size, movie_size(request.setting("size"), probed.size, preset));
    encode.color = color_tags(request.setting("color", "auto"), request.json().text("/scene/color/display"));
    const std::string view = request.json().text("/scene/color/view", "Standard");
    if (encode.picture.is_linear && view != "Standard" && view != "Raw")
      answer.warnings.push_back(
          "the pictures hold linear light: the movie shows them with a plain sRGB curve, not as " + view +
          " does");
    return encode;
  }

  Status add_sound(const StageRequest& request, const FramePlan& plan, Encode& encode, StageAnswer& answer) {
    if (!encode.preset.has_audio()) return {};
    std::int32_t start = plan.frames.front().frame;
    switch (sound_of(request)) {
      case Sound::none:
        return {};
      case Sound::scene:
        if (!request.audio) return {};
        encode.audio = request.audio->path;
        start = request.audio->start;
        break;
      case Sound::file: {
        encode.audio = request.production / request.setting("audio");
        const std::int64_t chosen = request.setting_integer("audio_start", kSceneStart);
        start = static_cast<std::int32_t>(
            chosen == kSceneStart ? request.json().integer("/scene/frame_start", start) : chosen);
        std::error_code failed;
        if (!fs::is_regular_file(encode.audio, failed))
          return Error(ErrorCode::missing, "there is no sound file " + encode.audio.string());
        break;
      }
    }
    if (!plan.contiguous) {
      answer.warnings.emplace_back("without sound: the frames do not follow one another");
      encode.audio.clear();
      return {};
    }
    // The sound runs at the scene's speed, whatever speed the movie was asked to have.
    const Rate scene = rate_of(request.scene.fps, request.scene.fps_base);
    if (encode.rate != scene)
      answer.warnings.push_back("the sound belongs to " + scene.text() + " frames a second");
    encode.audio_offset = (plan.frames.front().frame - start) / scene.value();
    return {};
  }

  static void add_gaps(const StageRequest& request, const FramePlan& plan, Encode& encode,
                       StageAnswer& answer) {
    if (plan.gaps.empty()) return;
    const std::string gaps = frame_list(plan.gaps);
    encode.comment = "missing frames, shown by the one before: " + gaps;
    answer.warnings.push_back((plan.gaps.size() == 1 ? "missing is frame " : "missing are frames ") + gaps +
                              ": the picture before is held");
    if (request.setting("gaps") != "mark") return;
    for (std::size_t i = 0; i < plan.frames.size(); ++i) {
      if (!plan.frames[i].gap) continue;
      const auto at = static_cast<std::int64_t>(i);
      if (!encode.marks.empty() && encode.marks.back().second == at - 1)
        encode.marks.back().second = at;
      else if (encode.marks.size() < kMaxMarks)
        encode.marks.emplace_back(at, at);
      else
        answer.warnings.push_back("frame " + std::to_string(plan.frames[i].frame) +
                                  " is held without a mark");
    }
  }

  // 00000000.png, 00000001.png, ...: symbolic links, else hard links, else copies.
  static Status link_pictures(const FramePlan& plan, const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    for (std::size_t i = 0; i < plan.frames.size() && !failed; ++i) {
      std::string name = std::to_string(i);
      name.insert(0, 8 - std::min<std::size_t>(8, name.size()), '0');
      const fs::path link = folder / (name + plan.extension);
      fs::create_symlink(plan.frames[i].path, link, failed);
      if (failed) fs::create_hard_link(plan.frames[i].path, link, failed);
      if (failed) fs::copy_file(plan.frames[i].path, link, failed);
    }
    if (!failed) return {};
    return Error(ErrorCode::io, "cannot lay the pictures out in " + folder.string(), failed.message());
  }

  Result<std::string> find_encoder(CallContext& call, const std::string& program, const Preset& preset) {
    SOUSCHEF_TRY(const std::string list, output_of(call, {program, "-hide_banner", "-nostdin", "-encoders"}));
    for (const std::string& encoder : preset.video_encoders)
      if (list.find(" " + encoder + " ") != std::string::npos) return encoder;
    return Error(ErrorCode::unsupported, program + " cannot make " + preset.name,
                 "it was built without " + preset.video_encoders.front())
        .next_step("install a full FFmpeg, or choose another preset");
  }

  Result<Probed> probe(CallContext& call, const std::string& program, const fs::path& file, ProbeOf what) {
    std::vector<std::string> words = probe_arguments(file, what);
    const fs::path beside = fs::path(program).parent_path() / "ffprobe";
    words.insert(words.begin(), program.find('/') == std::string::npos ? "ffprobe" : beside.string());
    SOUSCHEF_TRY(const std::string json, output_of(call, words));
    auto probed = read_probe(host().json(json));
    if (!probed) return std::move(probed.error()).in_context("cannot look at " + file.string());
    return probed;
  }

  Status check_output(CallContext& call, const std::string& program, const fs::path& movie,
                      const Expected& expected, StageAnswer& answer) {
    auto probed = probe(call, program, movie, ProbeOf::movie);
    if (!probed && probed.error().code == ErrorCode::not_found) {
      answer.warnings.emplace_back("the movie was not checked: there is no ffprobe");
      return {};
    }
    if (!probed) return std::move(probed).error();
    return check_movie(*probed, expected);
  }

  // Everything that a short run prints. Errors: those of run; child_failed with its last words.
  Result<std::string> output_of(CallContext& call, const std::vector<std::string>& words) {
    std::string output, errors;
    Program program;
    program.words = words;
    program.silence_limit_ms = kSilenceMs;
    program.output = [&](std::string_view piece) {
      if (output.size() + piece.size() <= kKeptOutput) output += piece;
    };
    program.errors = [&](std::string_view piece) { keep_end(errors, piece); };
    SOUSCHEF_TRY(const ProgramEnd end, run_program(call, program));
    if (!end.success()) return failure(words.front(), end, errors);
    return output;
  }

  Status run_ffmpeg(CallContext& call, const std::vector<std::string>& words, const fs::path& folder,
                    std::int64_t count, std::size_t pass, std::size_t passes) {
    Progress progress;
    std::string errors;
    Program program;
    program.words = words;
    program.folder = folder.string();
    program.silence_limit_ms = kSilenceMs;
    program.output = [&](std::string_view piece) {
      if (!progress.add(piece)) return;
      const double part = std::min(1.0, static_cast<double>(progress.frames()) / static_cast<double>(count));
      call.progress((static_cast<double>(pass) + part) / static_cast<double>(passes),
                    std::to_string(progress.frames()) + " of " + std::to_string(count) + " frames");
    };
    program.errors = [&](std::string_view piece) { keep_end(errors, piece); };
    std::string line;
    for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
    call.log(LogLevel::info, line);
    SOUSCHEF_TRY(const ProgramEnd end, run_program(call, program));
    if (!errors.empty()) call.log(end.success() ? LogLevel::info : LogLevel::error, errors);
    return end.success() ? Status() : Status(failure(words.front(), end, errors));
  }

  Result<ProgramEnd> run_program(CallContext& call, const Program& program) {
    auto end = host().run(call, program);
    if (!end && end.error().code == ErrorCode::not_found)
      return std::move(end.error())
          .in_context("there is no " + program.words.front() + " on this machine")
          .next_step("install FFmpeg, or name it: --set ffmpeg.program=/path/to/ffmpeg");
    return end;
  }

  static Error failure(const std::string& program, const ProgramEnd& end, const std::string& errors) {
    Error error(ErrorCode::child_failed, program + " failed", end.text());
    if (!errors.empty()) error.why.push_back(errors.substr(errors.size() > 1000 ? errors.size() - 1000 : 0));
    return error;
  }

  static void keep_end(std::string& text, std::string_view piece) {
    text += piece;
    if (text.size() > kKeptErrors) text.erase(0, text.size() - kKeptErrors);
  }
};

SOUSCHEF_PLUGIN(Ffmpeg)

}  // namespace
}  // namespace souschef::ffmpeg
