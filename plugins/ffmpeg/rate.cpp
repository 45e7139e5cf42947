// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/rate.hpp"

#include <charconv>
#include <cmath>
#include <numeric>

namespace souschef::ffmpeg {

Rate rate_of(double fps, double fps_base) {
  const double value = fps / fps_base;
  if (!std::isfinite(value) || value <= 0 || value > 100'000) return {};
  // A whole number, or one of the television rates, which people write rounded in several ways.
  const double whole = std::round(value);
  if (whole >= 1 && std::abs(value - whole) < 1e-6) return {static_cast<std::int64_t>(whole), 1};
  const double thousands = std::round(value * 1.001);
  if (thousands >= 1 && std::abs(value - thousands / 1.001) < 0.002)
    return {static_cast<std::int64_t>(thousands) * 1000, 1001};
  const std::int64_t micro = std::llround(value * 1e6);
  const std::int64_t common = std::gcd<std::int64_t, std::int64_t>(micro, 1'000'000);
  return {micro / common, 1'000'000 / common};
}

Rate parse_rate(std::string_view text) {
  Rate rate{0, 1};
  const char* end = text.data() + text.size();
  const auto top = std::from_chars(text.data(), end, rate.numerator);
  if (top.ec != std::errc() || (top.ptr != end && *top.ptr != '/')) return {0, 1};
  if (top.ptr == end) return rate;
  const auto bottom = std::from_chars(top.ptr + 1, end, rate.denominator);
  if (bottom.ec != std::errc() || bottom.ptr != end || rate.denominator <= 0) return {0, 1};
  return rate;
}

}  // namespace souschef::ffmpeg
