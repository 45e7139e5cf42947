// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/probe.hpp"

#include <cmath>
#include <cstdlib>

namespace souschef::ffmpeg {
namespace {

std::string size_text(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

Error wrong(std::string why) {
  return Error(ErrorCode::failed, "the movie is not what was asked for", std::move(why))
      .next_step("souschef log shows what FFmpeg said");
}

}  // namespace

std::vector<std::string> probe_arguments(const std::filesystem::path& file, ProbeOf what) {
  std::vector<std::string> words = {"-hide_banner", "-loglevel", "error"};
  if (what == ProbeOf::movie) words.emplace_back("-count_packets");
  // One picture by its own name, whatever % stands in it.
  if (what == ProbeOf::picture)
    for (const char* word : {"-f", "image2", "-pattern_type", "none"}) words.emplace_back(word);
  for (const char* word : {"-show_streams", "-show_format", "-of", "json", "-i"}) words.emplace_back(word);
  words.push_back("file:" + file.string());
  return words;
}

Result<Probed> read_probe(const HostJson& json) {
  Probed probed;
  bool has_video = false;
  for (std::size_t i = 0; json && i < json.count("/streams"); ++i) {
    const std::string at = "/streams/" + std::to_string(i);
    const std::string type = json.text((at + "/codec_type").c_str());
    probed.has_audio = probed.has_audio || type == "audio";
    if (type != "video" || has_video) continue;
    has_video = true;
    probed.size = {json.integer((at + "/width").c_str()), json.integer((at + "/height").c_str())};
    probed.pixel_format = json.text((at + "/pix_fmt").c_str());
    probed.rate = parse_rate(json.text((at + "/avg_frame_rate").c_str()));
    probed.packets = std::strtoll(json.text((at + "/nb_read_packets").c_str()).c_str(), nullptr, 10);
  }
  if (!has_video) return Error(ErrorCode::bad_input, "ffprobe finds no pictures in it");
  probed.seconds = std::strtod(json.text("/format/duration").c_str(), nullptr);
  return probed;
}

bool has_alpha(std::string_view pixel_format) {
  for (const std::string_view family :
       {"rgba", "bgra", "argb", "abgr", "gbrap", "ya8", "ya16", "yuva", "pal8"})
    if (pixel_format.substr(0, family.size()) == family) return true;
  return false;
}

Status check_movie(const Probed& probed, const Expected& expected) {
  if (probed.packets != expected.count)
    return wrong("it holds " + std::to_string(probed.packets) + " pictures instead of " +
                 std::to_string(expected.count));
  if (probed.size != expected.size)
    return wrong("its pictures are " + size_text(probed.size) + " instead of " + size_text(expected.size));
  // One picture alone has no rate.
  const double rate = probed.rate.numerator == 0 ? 0 : probed.rate.value();
  if (expected.exact_rate && expected.count > 1 &&
      std::abs(rate - expected.rate.value()) > expected.rate.value() * 1e-3)
    return wrong("it plays " + probed.rate.text() + " pictures a second instead of " + expected.rate.text());
  if (expected.audio && !probed.has_audio) return wrong("it has no sound");
  return {};
}

}  // namespace souschef::ffmpeg
