// SPDX-License-Identifier: MIT
#include "plugins/blend/wrapper.hpp"

#include <optional>
#include <utility>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/gzip_stream.hpp"
#include "plugins/blend/gzip_wrapper.hpp"
#include "plugins/blend/zstd_stream.hpp"
#include "plugins/blend/zstd_wrapper.hpp"

namespace souschef::blend {
namespace {

template <class Wrapping>
std::string parameters_of(const std::optional<Wrapping>& wrapping) {
  return wrapping ? write_parameters(*wrapping) : std::string();
}

Error damaged() {
  return Error(ErrorCode::corrupt, "the parameters of a compressed wrapper are damaged");
}

}  // namespace

std::string BlendWrapper::encoder(WrapperKind kind) const {
  switch (kind) {
    case WrapperKind::gzip:
      return std::string("zlib ") + zlib_release();
    case WrapperKind::zstd:
      return std::string("zstd ") + zstd_release();
    case WrapperKind::none:
      break;
  }
  return {};
}

WrapperKind BlendWrapper::kind(Analysis& analysis) const {
  return blend_analysis(analysis).container().wrapper();
}

Result<std::string> BlendWrapper::describe(Analysis& analysis) {
  const Container& container = blend_analysis(analysis).container();
  if (container.wrapper() == WrapperKind::zstd) {
    SOUSCHEF_TRY(const auto wrapping, describe_zstd(container));
    return parameters_of(wrapping);
  }
  if (container.wrapper() == WrapperKind::gzip) {
    SOUSCHEF_TRY(const auto wrapping, describe_gzip(container));
    return parameters_of(wrapping);
  }
  return std::string();
}

Result<std::unique_ptr<PushTransform>> BlendWrapper::wrap(WrapperKind kind, std::string_view parameters,
                                                          ByteSink& out) {
  const auto bytes = std::as_bytes(std::span(parameters));
  if (kind == WrapperKind::zstd) {
    if (parameters.empty()) return wrap_zstd({}, host_, out);
    auto wrapping = read_zstd_parameters(bytes);
    if (!wrapping) return damaged();
    return wrap_zstd(std::move(*wrapping), host_, out);
  }
  if (kind == WrapperKind::gzip) {
    if (parameters.empty()) return wrap_gzip({}, out);
    auto wrapping = read_gzip_parameters(bytes);
    if (!wrapping) return damaged();
    return wrap_gzip(std::move(*wrapping), out);
  }
  return Error(ErrorCode::unsupported, "no wrapper of this kind is known");
}

}  // namespace souschef::blend
