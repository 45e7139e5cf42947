// SPDX-License-Identifier: MIT
#include "plugins/blend/filter.hpp"

#include <string>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/body_encoder.hpp"
#include "plugins/blend/decoder.hpp"
#include "plugins/blend/prelude_encoder.hpp"
#include "plugins/blend/slice_writer.hpp"

namespace souschef::blend {

Result<Encoded> BlendFilter::encode(Analysis& analysis, SliceSink& sink) {
  BlendAnalysis& blend = blend_analysis(analysis);
  const Result<const BlendFile*> file = blend.file(Reading::whole);
  if (!file) {
    const ErrorCode code = file.error().code;
    if (code == ErrorCode::bad_input || code == ErrorCode::unsupported) return Encoded::declined;
    return file.error();
  }
  SliceWriter out(sink);
  SOUSCHEF_TRY(const Prelude prelude, encode_prelude(blend, **file, out));
  SOUSCHEF_CHECK(encode_body(blend, **file, {prelude.fields, prelude.keys, prelude.pointer_arrays}, out));
  SOUSCHEF_CHECK((*file)->content().status());
  SOUSCHEF_CHECK(out.finish());
  return Encoded::done;
}

Result<std::unique_ptr<PushTransform>> BlendFilter::decode(std::uint32_t version, std::uint64_t content_size,
                                                           ByteSink& out) {
  if (version < kOldestFilterVersion || version > kFilterVersion)
    return Error(ErrorCode::unsupported, "the filtered .blend has version " + std::to_string(version) +
                                             ", known are " + std::to_string(kOldestFilterVersion) + " to " +
                                             std::to_string(kFilterVersion))
        .next_step("update Sous Chef");
  return std::unique_ptr<PushTransform>(std::make_unique<Decoder>(content_size, out));
}

}  // namespace souschef::blend
