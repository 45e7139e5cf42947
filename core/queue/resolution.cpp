// SPDX-License-Identifier: MIT
#include "core/queue/resolution.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "core/base/suggestion.hpp"

namespace souschef::core {
namespace {

constexpr int kLargest = 65536;            // pixels a side: Blender's own limit for scene.render.resolution_x
constexpr int kLargestPercentage = 32767;  // Blender's own

struct NamedSize {
  std::string_view name;
  int width, height;
};
// The cinema sizes are those of the original: scope, 2.39:1.
constexpr NamedSize kSizes[] = {
    {"HD", 1920, 1080}, {"UHD", 3840, 2160}, {"DCP2K", 2048, 858}, {"DCP4K", 4096, 1716}};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::optional<int> number(std::string_view text, int largest) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > largest) return {};
  return value;
}

std::optional<RenderSettings::Resolution> size_of(std::string_view text) {
  const std::size_t x = text.find_first_of("xX");
  if (x == std::string_view::npos) return {};
  const auto width = number(text.substr(0, x), kLargest);
  const auto height = number(text.substr(x + 1), kLargest);
  if (!width || !height) return {};
  return RenderSettings::Resolution{.width = *width, .height = *height, .percentage = 0};
}

Error unknown(const Config& config, std::string_view text) {
  std::vector<std::string> words = config.names("resolution");
  for (const NamedSize& size : kSizes) words.emplace_back(size.name);
  std::string guess = closest_word(text, words);
  if (guess.empty()) guess = closest_word(upper(text), words);
  Error error(ErrorCode::usage, "not a resolution: " + std::string(text));
  error.next =
      guess.empty() ? "write it like 1920x1080, 50%, HD, UHD, DCP2K or DCP4K" : "did you mean " + guess + "?";
  return error;
}

}  // namespace

Result<RenderSettings::Resolution> parse_resolution(const Config& config, std::string_view text) {
  const std::string_view whole = text;
  std::optional<int> percentage;
  if (text.ends_with('%')) {
    const std::size_t at = text.rfind('@');
    const std::size_t start = at == std::string_view::npos ? 0 : at + 1;
    percentage = number(text.substr(start, text.size() - start - 1), kLargestPercentage);
    if (!percentage) return unknown(config, whole);
    text = text.substr(0, at == std::string_view::npos ? 0 : at);
    if (text.empty()) return RenderSettings::Resolution{.width = 0, .height = 0, .percentage = *percentage};
  }
  std::optional<RenderSettings::Resolution> size = size_of(text);
  for (const std::string& name : config.names("resolution"))
    if (!size && upper(name) == upper(text)) size = size_of(config.text("resolution[" + name + "].size"));
  for (const NamedSize& each : kSizes)
    if (!size && upper(text) == each.name)
      size = RenderSettings::Resolution{.width = each.width, .height = each.height, .percentage = 0};
  if (!size) return unknown(config, whole);
  size->percentage = percentage.value_or(0);
  return *size;
}

}  // namespace souschef::core
