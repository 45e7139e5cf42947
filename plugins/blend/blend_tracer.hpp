// SPDX-License-Identifier: MIT
#pragma once

#include <souschef/tracer.hpp>

namespace souschef::blend {

// Changes when the same bytes would be reported differently.
inline constexpr std::uint32_t kTracerVersion = 4;

class BlendTracer final : public Tracer {
 public:
  [[nodiscard]] std::uint32_t version() const override { return kTracerVersion; }
  Status trace(Analysis& analysis, TraceSink& sink) override;
  Status rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) override;
};

}  // namespace souschef::blend
