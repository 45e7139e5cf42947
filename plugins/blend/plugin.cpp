// SPDX-License-Identifier: MIT
// The plugin "blend": one object whose parts share what BlendAnalyser has opened. Each part is a class of its
// own; this file only puts them together.
#include <souschef/plugin.hpp>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/blend_tracer.hpp"
#include "plugins/blend/filter.hpp"
#include "plugins/blend/inspector.hpp"
#include "plugins/blend/manifest.hpp"
#include "plugins/blend/wrapper.hpp"

namespace souschef::blend {

class BlendPlugin final : public Plugin {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("blend", "1.0.0", kManifest);

  explicit BlendPlugin(Host host) : Plugin(host), analyser_(host), wrapper_(host) {}

  static constexpr std::uint32_t kTracerVersion = blend::kTracerVersion;
  static constexpr std::uint32_t kFilterVersion = blend::kFilterVersion;
  static constexpr std::uint32_t kOldestFilterVersion = blend::kOldestFilterVersion;

  Analyser& analyser() { return analyser_; }
  Tracer& tracer() { return tracer_; }
  Inspector& inspector() { return inspector_; }
  Filter& filter() { return filter_; }
  Wrapper& wrapper() { return wrapper_; }

 private:
  BlendAnalyser analyser_;
  BlendTracer tracer_;
  BlendInspector inspector_;
  BlendFilter filter_;
  BlendWrapper wrapper_;
};

SOUSCHEF_PLUGIN(BlendPlugin)

}  // namespace souschef::blend
