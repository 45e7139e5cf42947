// SPDX-License-Identifier: MIT
// The compressed wrapper around a .blend, and how to make it again. docs/format/blend-wrapper.md describes
// the parameters.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <souschef/filter.hpp>
#include <souschef/host.hpp>

namespace souschef::blend {

// Thread-safe: it has no state of its own.
class BlendWrapper final : public Wrapper {
 public:
  explicit BlendWrapper(Host host) : host_(host) {}

  // "zstd 1.5.4", "zlib 1.2.13"; empty for WrapperKind::none.
  [[nodiscard]] std::string encoder(WrapperKind kind) const override;
  [[nodiscard]] WrapperKind kind(Analysis& analysis) const override;

  // Tries levels on a few samples and takes the first that gives their bytes. A wrapper that passes here may
  // still come out differently: who needs to be sure makes all of it and compares.
  Result<std::string> describe(Analysis& analysis) override;

  // Memory: about 16 MiB for frames of Blender's, at most 32 MiB. Errors: corrupt (parameters that no
  // describe() has written, content of another size), cancelled.
  Result<std::unique_ptr<PushTransform>> wrap(WrapperKind kind, std::string_view parameters,
                                              ByteSink& out) override;

 private:
  Host host_;
};

}  // namespace souschef::blend
