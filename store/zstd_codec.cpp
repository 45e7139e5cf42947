// SPDX-License-Identifier: MIT
#include "store/zstd_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <vector>

#include <zstd.h>

namespace souschef::store {

namespace {

ZSTD_CCtx* compression_context() {
  thread_local const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(),
                                                                                     &ZSTD_freeCCtx);
  return context.get();
}

ZSTD_DCtx* decompression_context() {
  thread_local const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                                     &ZSTD_freeDCtx);
  return context.get();
}

Error failure(ErrorCode code, const char* what, std::size_t result) {
  return Error(code, what, ZSTD_getErrorName(result));
}

}  // namespace

std::size_t compress_bound(std::size_t size) {
  return ZSTD_compressBound(size);
}

Result<std::size_t> compress(std::span<const std::byte> source, std::span<std::byte> target, int level,
                             bool one_window) {
  ZSTD_CCtx* context = compression_context();
  if (context == nullptr) return Error(ErrorCode::failed, "cannot compress", "out of memory");
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, std::clamp(level, kFastestLevel, kSlowestLevel));
  if (one_window) {
    const int bits = std::clamp(static_cast<int>(std::bit_width(source.size())), 17, 22);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, bits);
  }
  const std::size_t written =
      ZSTD_compress2(context, target.data(), target.size(), source.data(), source.size());
  if (ZSTD_isError(written) != 0) return failure(ErrorCode::failed, "cannot compress", written);
  return written;
}

Status decompress(std::span<const std::byte> source, std::span<std::byte> target) {
  ZSTD_DCtx* context = decompression_context();
  if (context == nullptr) return Error(ErrorCode::failed, "cannot decompress", "out of memory");
  const std::size_t written =
      ZSTD_decompressDCtx(context, target.data(), target.size(), source.data(), source.size());
  if (ZSTD_isError(written) != 0) return failure(ErrorCode::corrupt, "cannot decompress", written);
  if (written != target.size()) return Error(ErrorCode::corrupt, "compressed data ends too early");
  return {};
}

bool looks_incompressible(std::span<const std::byte> data) {
  constexpr std::size_t kSample = 4096;
  constexpr std::size_t kSamples = 6;
  if (data.size() < 2 * kSample) return false;  // trying is as cheap as guessing
  // Joined, so that the cost of starting a frame is paid once; from the beginning (headers lie there and
  // compress well), so that one sample never decides.
  std::array<std::byte, kSample * kSamples> joined;
  const std::size_t count = std::min(kSamples, data.size() / kSample);
  const std::size_t stride = (data.size() - kSample) / count;
  for (std::size_t i = 0; i < count; ++i) {
    const auto sample = data.subspan((i + 1) * stride, kSample);
    std::copy(sample.begin(), sample.end(), joined.begin() + static_cast<std::ptrdiff_t>(i * kSample));
  }
  const std::size_t size = count * kSample;
  thread_local std::vector<std::byte> out(ZSTD_COMPRESSBOUND(kSample * kSamples));
  const auto written = compress(std::span(joined).first(size), out, 1);
  return written && *written > size - size / 32;
}

}  // namespace souschef::store
