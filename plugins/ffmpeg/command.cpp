// SPDX-License-Identifier: MIT
// The pictures are taken one by one from numbered links (image2), never by a pattern over the render folder,
// with the exact rate as a fraction: so the n-th picture is at n / rate, without the rounding of durations in
// a list.
//
// Colour: what Blender saves for display is full-range R'G'B' of the display. It becomes limited-range Y'CbCr
// with the matrix of the tags that are written; a player that reads the tags shows what the picture showed.
#include "plugins/ffmpeg/command.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace souschef::ffmpeg {
namespace {

using Words = std::vector<std::string>;

constexpr std::int64_t kMaxSide = 65'535;
constexpr std::string_view kPattern = "%08d";

void append(Words& to, const Words& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::string decimal(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}

bool is_even_format(const Preset& preset) {
  return preset.pixel_format.find("420") != std::string::npos ||
         preset.pixel_format.find("422") != std::string::npos;
}

struct Tags {
  std::string_view primaries, transfer, matrix;
};
Tags tags_of(ColorTags color) {
  switch (color) {
    case ColorTags::bt2020:
      return {"bt2020", "bt2020-10", "bt2020nc"};
    case ColorTags::p3:
      return {"smpte432", "iec61966-2-1", "bt709"};
    default:
      return {"bt709", "bt709", "bt709"};
  }
}

std::string joined(const Words& filters) {
  std::string chain;
  for (const std::string& filter : filters) chain += (chain.empty() ? "" : ",") + filter;
  return chain;
}

// What is done with every picture.
std::string filter_chain(const Encode& encode) {
  Words filters;
  // Straight alpha over nothing: without this, whatever colour stands under transparent pixels would show.
  if (encode.picture.has_alpha && !encode.preset.keeps_alpha) {
    filters.emplace_back("premultiply=inplace=1");
    filters.emplace_back("format=gbrp16le");
  }
  if (!encode.marks.empty()) {
    std::string when;
    for (const auto& [first, last] : encode.marks)
      when += (when.empty() ? "" : "+") + ("between(n," + std::to_string(first)) + "," +
              std::to_string(last) + ")";
    filters.push_back("drawbox=x=0:y=0:w=iw:h=ih:color=red:t=max(4\\,ih/40):enable='" + when + "'");
  }
  const Size& from = encode.picture.size;
  const Size& to = encode.size;
  if (from != to) {
    // One row or column more: padded, since scaling would soften every pixel.
    const bool only_evened = to.width - from.width <= 1 && to.height - from.height <= 1 &&
                             to.width >= from.width && to.height >= from.height;
    const std::string size = std::to_string(to.width) + ":" + std::to_string(to.height);
    filters.push_back(only_evened ? "pad=" + size : "scale=" + size + ":flags=lanczos");
  }
  if (!encode.preset.is_rgb && !encode.preset.per_frame)
    filters.push_back("scale=in_range=full:out_range=tv:out_color_matrix=" +
                      std::string(encode.color == ColorTags::bt2020 ? "bt2020" : "bt709") +
                      ":flags=lanczos+accurate_rnd");
  if (!encode.preset.pixel_format.empty()) filters.push_back("format=" + encode.preset.pixel_format);
  // On the pictures and not as arguments of the encoder: ProRes takes its tags from the former only.
  if (!encode.preset.is_rgb && !encode.preset.per_frame && encode.color != ColorTags::none) {
    const Tags tags = tags_of(encode.color);
    filters.push_back("setparams=range=tv:color_primaries=" + std::string(tags.primaries) +
                      ":color_trc=" + std::string(tags.transfer) + ":colorspace=" + std::string(tags.matrix));
  }
  return joined(filters);
}

Words beginning(const Encode& encode) {
  // -xerror with explode: a picture that does not decode ends it, instead of ending the movie there with
  // success.
  return {encode.program, "-hide_banner", "-nostdin", "-y",      "-loglevel",   "warning",
          "-nostats",     "-progress",    "pipe:1",   "-xerror", "-err_detect", "explode"};
}

Words picture_input(const Encode& encode) {
  Words words = {"-f", "image2", "-framerate", encode.rate.text(), "-start_number", "0"};
  if (encode.picture.is_linear) append(words, {"-apply_trc", "iec61966_2_1"});
  append(words, {"-i", std::string(kPattern) + encode.extension});
  return words;
}

Words video_words(const Encode& encode) {
  Words words = {"-c:v", encode.encoder};
  append(words, encode.preset.video);
  const int crf = encode.crf >= 0 ? encode.crf : encode.preset.default_crf;
  if (encode.preset.default_crf >= 0) append(words, crf_arguments(encode.encoder, crf));
  return words;
}

Words movie_command(const Encode& encode) {
  Words words = beginning(encode);
  append(words, picture_input(encode));
  if (!encode.audio.empty()) {
    if (encode.audio_offset > 0) append(words, {"-ss", decimal(encode.audio_offset)});
    if (encode.audio_offset < 0) append(words, {"-itsoffset", decimal(-encode.audio_offset)});
    append(words, {"-i", "file:" + encode.audio.string()});
  }
  append(words, {"-map", "0:v:0"});
  if (!encode.audio.empty()) append(words, {"-map", "1:a:0"});
  if (const std::string filters = filter_chain(encode); !filters.empty()) append(words, {"-vf", filters});
  append(words, video_words(encode));
  // The folder holds exactly these pictures. Beside sound no -frames:v: FFmpeg before 6 ends all streams of a
  // file where one has its frames, and sound that is encoded later is lost.
  if (encode.audio.empty()) append(words, {"-frames:v", std::to_string(encode.count)});
  if (!encode.audio.empty()) {
    append(words, encode.preset.audio);
    // The pictures decide how long it is: not -shortest, which would cut them where the sound ends.
    append(words, {"-t", decimal(static_cast<double>(encode.count) / encode.rate.value())});
  }
  if (!encode.comment.empty()) append(words, {"-metadata", "comment=" + encode.comment});
  append(words, encode.preset.container);
  append(words, encode.more);
  words.push_back(encode.output);
  return words;
}

// Two passes: with one, palettegen holds every picture in memory until the last has come.
std::vector<Words> gif_commands(const Encode& encode) {
  const std::string filters = filter_chain(encode);
  const std::string front = filters.empty() ? "" : filters + ",";
  Words palette = beginning(encode);
  append(palette, picture_input(encode));
  append(palette,
         {"-vf", front + "palettegen=stats_mode=diff", "-frames:v", "1", "-update", "1", "palette.png"});

  Words movie = beginning(encode);
  append(movie, picture_input(encode));
  append(movie,
         {"-i", "palette.png", "-lavfi",
          "[0:v]" + (filters.empty() ? "null" : filters) +
              "[x];[x][1:v]paletteuse=dither=sierra2_4a:diff_mode=rectangle",
          "-frames:v", std::to_string(encode.count), "-c:v", "gif", "-loop", encode.loop ? "0" : "-1"});
  append(movie, encode.more);
  movie.push_back(encode.output);
  return {std::move(palette), std::move(movie)};
}

Result<Size> parse_size(std::string_view setting, Size rendered) {
  const Error bad =
      Error(ErrorCode::bad_input, "size = " + std::string(setting) + " cannot be", "write 1280x720 or 50%");
  const char* end = setting.data() + setting.size();
  std::int64_t first = 0, second = 0;
  const auto one = std::from_chars(setting.data(), end, first);
  if (one.ec != std::errc() || one.ptr == end || first < 1 || first > kMaxSide) return bad;
  if (std::string_view(one.ptr, static_cast<std::size_t>(end - one.ptr)) == "%")
    return Size{std::max<std::int64_t>(1, rendered.width * first / 100),
                std::max<std::int64_t>(1, rendered.height * first / 100)};
  if (*one.ptr != 'x') return bad;
  const auto two = std::from_chars(one.ptr + 1, end, second);
  if (two.ec != std::errc() || two.ptr != end || second < 1 || second > kMaxSide) return bad;
  return Size{first, second};
}

}  // namespace

Result<Size> movie_size(std::string_view setting, Size rendered, const Preset& preset) {
  Size size = rendered;
  if (!setting.empty()) {
    SOUSCHEF_TRY(size, parse_size(setting, rendered));
  } else if (preset.max_width > 0 && rendered.width > preset.max_width) {
    size = {preset.max_width,
            std::max<std::int64_t>(
                1, (rendered.height * preset.max_width + rendered.width / 2) / rendered.width)};
  }
  if (is_even_format(preset)) size = {size.width + size.width % 2, size.height + size.height % 2};
  return size;
}

ColorTags color_tags(std::string_view setting, std::string_view display) {
  if (setting == "none") return ColorTags::none;
  if (setting == "bt709") return ColorTags::bt709;
  if (setting == "bt2020") return ColorTags::bt2020;
  if (setting == "p3") return ColorTags::p3;
  if (display.find("2020") != std::string_view::npos) return ColorTags::bt2020;
  if (display.find("P3") != std::string_view::npos) return ColorTags::p3;
  return ColorTags::bt709;
}

std::vector<Words> encode_commands(const Encode& encode) {
  return encode.preset.is_palette ? gif_commands(encode) : std::vector<Words>{movie_command(encode)};
}

Words convert_command(const Encode& encode, const std::filesystem::path& picture) {
  Words words = beginning(encode);
  if (encode.picture.is_linear) append(words, {"-apply_trc", "iec61966_2_1"});
  append(words, {"-f", "image2", "-pattern_type", "none", "-i", "file:" + picture.string()});
  if (const std::string filters = filter_chain(encode); !filters.empty()) append(words, {"-vf", filters});
  append(words, {"-frames:v", "1", "-update", "1"});
  append(words, video_words(encode));
  append(words, encode.more);
  words.push_back(encode.output);
  return words;
}

}  // namespace souschef::ffmpeg
