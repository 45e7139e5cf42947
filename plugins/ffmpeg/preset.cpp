// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/preset.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace souschef::ffmpeg {
namespace {

using Words = std::vector<std::string>;

const Words kAac = {"-c:a", "aac", "-b:a", "192k"};
const Words kPcm = {"-c:a", "pcm_s16le"};
const Words kOpus = {"-c:a", "libopus", "-b:a", "160k"};
const Words kFastStart = {"-movflags", "+faststart"};  // plays while it is still being loaded

const std::vector<Preset>& presets() {
  static const std::vector<Preset> kPresets = {
      {.name = "h264",
       .extension = ".mp4",
       .video_encoders = {"libx264"},
       .video = {"-preset", "medium"},
       .audio = kAac,
       .container = kFastStart,
       .pixel_format = "yuv420p",
       .default_crf = 18},
      {.name = "preview",
       .extension = ".mp4",
       .video_encoders = {"libx264"},
       .video = {"-preset", "veryfast"},
       .audio = kAac,
       .container = kFastStart,
       .pixel_format = "yuv420p",
       .default_crf = 23,
       .max_width = 1280},
      {.name = "h265",
       .extension = ".mp4",
       .video_encoders = {"libx265"},
       .video = {"-preset", "medium", "-tag:v", "hvc1", "-x265-params", "log-level=error"},
       .audio = kAac,
       .container = kFastStart,
       .pixel_format = "yuv420p10le",
       .default_crf = 20},
      {.name = "prores",
       .extension = ".mov",
       .video_encoders = {"prores_ks"},
       .video = {"-profile:v", "3", "-vendor", "apl0", "-bits_per_mb", "8000"},
       .audio = kPcm,
       .pixel_format = "yuv422p10le"},
      {.name = "prores4444",
       .extension = ".mov",
       .video_encoders = {"prores_ks"},
       .video = {"-profile:v", "4", "-vendor", "apl0", "-alpha_bits", "16"},
       .audio = kPcm,
       .pixel_format = "yuva444p10le",
       .keeps_alpha = true},
      {.name = "av1",
       .extension = ".mp4",
       .video_encoders = {"libsvtav1", "libaom-av1"},
       .audio = kAac,
       .container = kFastStart,
       .pixel_format = "yuv420p10le",
       .default_crf = 28},
      {.name = "vp9",
       .extension = ".webm",
       .video_encoders = {"libvpx-vp9"},
       .video = {"-row-mt", "1", "-deadline", "good", "-cpu-used", "3"},
       .audio = kOpus,
       .pixel_format = "yuv420p",
       .default_crf = 28},
      {.name = "gif", .extension = ".gif", .video_encoders = {"gif"}, .is_rgb = true, .is_palette = true},
      {.name = "jpeg",
       .extension = ".jpg",
       .per_frame = true,
       .video_encoders = {"mjpeg"},
       .video = {"-q:v", "2"},
       .pixel_format = "yuvj444p"},
      {.name = "png",
       .extension = ".png",
       .per_frame = true,
       .video_encoders = {"png"},
       .keeps_alpha = true,
       .is_rgb = true},
      {.name = "webp",
       .extension = ".webp",
       .per_frame = true,
       .video_encoders = {"libwebp"},
       .default_crf = 10,
       .keeps_alpha = true,
       .is_rgb = true},
      {.name = "tiff",
       .extension = ".tif",
       .per_frame = true,
       .video_encoders = {"tiff"},
       .video = {"-compression_algo", "deflate"},
       .keeps_alpha = true,
       .is_rgb = true},
  };
  return kPresets;
}

// Blender's words for its movie settings (RenderSettings.ffmpeg), and what they are here.
struct Container {
  std::string_view name, extension;
};
constexpr Container kContainers[] = {
    {"MPEG4", ".mp4"}, {"MKV", ".mkv"},   {"QUICKTIME", ".mov"}, {"WEBM", ".webm"}, {"AVI", ".avi"},
    {"OGG", ".ogv"},   {"FLASH", ".flv"}, {"MPEG1", ".mpg"},     {"MPEG2", ".mpg"}, {"DV", ".dv"}};
struct Codec {
  std::string_view name, encoder, pixel_format;
  bool has_crf = false, is_rgb = false, keeps_alpha = false;
};
constexpr Codec kCodecs[] = {
    {"H264", "libx264", "yuv420p", true},
    {"H265", "libx265", "yuv420p", true},
    {"AV1", "libsvtav1", "yuv420p10le", true},
    {"WEBM", "libvpx-vp9", "yuv420p", true},
    {"MPEG4", "mpeg4", "yuv420p"},
    {"MPEG1", "mpeg1video", "yuv420p"},
    {"MPEG2", "mpeg2video", "yuv420p"},
    {"THEORA", "libtheora", "yuv420p"},
    {"FLASH", "flv", "yuv420p"},
    {"DNXHD", "dnxhd", "yuv422p"},
    {"PRORES", "prores_ks", "yuv422p10le"},
    {"FFV1", "ffv1", "", false, true, true},
    {"HUFFYUV", "huffyuv", "", false, true},
    {"PNG", "png", "", false, true, true},
    {"QTRLE", "qtrle", "", false, true, true},
};
struct Word {
  std::string_view name, value;
};
constexpr Word kQualities[] = {{"LOSSLESS", "0"}, {"PERC_LOSSLESS", "17"}, {"HIGH", "20"},  {"MEDIUM", "23"},
                               {"LOW", "26"},     {"VERYLOW", "29"},       {"LOWEST", "32"}};
constexpr Word kAudio[] = {{"AAC", "aac"},          {"MP3", "libmp3lame"}, {"OPUS", "libopus"},
                           {"VORBIS", "libvorbis"}, {"FLAC", "flac"},      {"PCM", "pcm_s16le"},
                           {"AC3", "ac3"},          {"MP2", "mp2"}};

template <class Row, std::size_t N>
const Row* find(const Row (&rows)[N], std::string_view name) {
  const auto found =
      std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == name; });
  return found == std::end(rows) ? nullptr : found;
}

Error no_equal(const std::string& what, const std::string& name) {
  return Error(ErrorCode::bad_input,
               "the scene's movie " + what + " \"" + name + "\" is not known to this stage")
      .next_step("choose another preset: --set ffmpeg.preset=h264");
}

Result<Preset> scene_preset(const HostJson& request) {
  if (request.type("/scene/movie") != SOUSCHEF_JSON_OBJECT)
    return Error(ErrorCode::bad_input, "the preset \"scene\" needs a scene whose output is a movie",
                 "this one renders pictures")
        .next_step("choose another preset: --set ffmpeg.preset=h264");
  const std::string container_name = request.text("/scene/movie/container", "MPEG4");
  const std::string codec_name = request.text("/scene/movie/codec", "H264");
  const Container* container = find(kContainers, container_name);
  const Codec* codec = find(kCodecs, codec_name);
  if (container == nullptr) return no_equal("container", container_name);
  if (codec == nullptr) return no_equal("codec", codec_name);

  Preset preset{.name = "scene",
                .extension = std::string(container->extension),
                .video_encoders = {std::string(codec->encoder)},
                .pixel_format = std::string(codec->pixel_format),
                .keeps_alpha = codec->keeps_alpha,
                .is_rgb = codec->is_rgb};
  const Word* quality = find(kQualities, request.text("/scene/movie/crf"));
  const std::int64_t bitrate = request.integer("/scene/movie/bitrate");
  if (codec->has_crf && quality != nullptr) {
    preset.default_crf = std::stoi(std::string(quality->value));
  } else if (bitrate > 0) {
    preset.video = {"-b:v", std::to_string(bitrate) + "k"};
  }
  if (const std::int64_t gop = request.integer("/scene/movie/gop"); gop > 0) {
    preset.video.emplace_back("-g");
    preset.video.push_back(std::to_string(gop));
  }
  if (const Word* audio = find(kAudio, request.text("/scene/movie/audio_codec"))) {
    preset.audio = {"-c:a", std::string(audio->value)};
    const std::int64_t audio_bitrate = request.integer("/scene/movie/audio_bitrate");
    if (audio_bitrate > 0 && audio->name != "PCM" && audio->name != "FLAC") {
      preset.audio.emplace_back("-b:a");
      preset.audio.push_back(std::to_string(audio_bitrate) + "k");
    }
  }
  if (preset.extension == ".mp4" || preset.extension == ".mov") preset.container = kFastStart;
  return preset;
}

}  // namespace

Result<Preset> find_preset(std::string_view name, const HostJson& request) {
  if (name == "scene") return scene_preset(request);
  for (const Preset& preset : presets())
    if (preset.name == name) return preset;
  return Error(ErrorCode::bad_input, "no such preset: " + std::string(name));
}

Words crf_arguments(std::string_view encoder, int crf) {
  const std::string number = std::to_string(crf);
  if (encoder == "libaom-av1" || encoder == "libvpx-vp9") return {"-crf", number, "-b:v", "0"};
  // WebP counts the other way: 100 is best.
  if (encoder == "libwebp") return {"-quality", std::to_string(std::clamp(100 - crf, 0, 100))};
  return {"-crf", number};
}

}  // namespace souschef::ffmpeg
