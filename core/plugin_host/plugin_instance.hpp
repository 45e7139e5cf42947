// SPDX-License-Identifier: MIT
// A started plugin, whatever it is made of.
#pragma once

#include <memory>
#include <string>

#include <souschef/analysis.hpp>
#include <souschef/calls.hpp>
#include <souschef/filter.hpp>
#include <souschef/inspector.hpp>
#include <souschef/tracer.hpp>

#include "core/plugin_host/plugin_host.hpp"
#include "core/plugin_host/plugin_library.hpp"

namespace souschef::core {

struct PluginRecord;

// What a plugin offers; null where it does not. Borrowed from its instance. The tracer, filter, wrapper and
// inspector work on analyses that the analyser of the same plugin has opened, and on no others.
struct PluginFaces {
  std::string id;  // the plugin's
  Analyser* analyser = nullptr;
  Tracer* tracer = nullptr;
  Filter* filter = nullptr;
  Wrapper* wrapper = nullptr;
  Inspector* inspector = nullptr;
  Calls* calls = nullptr;
  const PluginRecord* record = nullptr;  // which plugin this is; set by the catalogue
};

// Thread-safe as far as plugin.h allows: an analysis, a decoder or a call belongs to one thread at a time.
// What was opened through the faces must be gone before the instance.
class PluginInstance {
 public:
  virtual ~PluginInstance() = default;
  [[nodiscard]] virtual const PluginFaces& faces() const = 0;
};

// Makes and starts a plugin of a library that is loaded in this process. `settings`: a JSON object, complete.
// `library` outlives the instance. Errors: what start() said; `plugin` where the factory does not make it.
Result<std::unique_ptr<PluginInstance>> start_native(const PluginLibrary& library,
                                                     std::unique_ptr<PluginHost> host,
                                                     const std::string& settings);

}  // namespace souschef::core
