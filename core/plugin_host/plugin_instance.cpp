// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_instance.hpp"

#include <optional>

#include <souschef/abi.hpp>

namespace souschef::core {
namespace {

class NativeInstance final : public PluginInstance {
 public:
  NativeInstance(std::unique_ptr<PluginHost> host, const souschef_plugin* plugin)
      : host_(std::move(host)), plugin_(plugin) {}
  ~NativeInstance() override {
    if (started_) plugin_->stop(plugin_);
    plugin_->destroy(plugin_);
  }
  NativeInstance(const NativeInstance&) = delete;
  NativeInstance& operator=(const NativeInstance&) = delete;

  Status start(const std::string& settings) {
    souschef_error error = abi::empty_error();
    const souschef_status status = plugin_->start(plugin_, abi::text(settings), &error);
    if (status != SOUSCHEF_OK) return abi::to_error(status, error);
    started_ = true;
    faces_.id = plugin_->descriptor->id;
    fetch<souschef_analyser>(SOUSCHEF_ANALYSER, analyser_, faces_.analyser);
    if (faces_.analyser != nullptr) {  // the others work on its analyses
      fetch<souschef_tracer>(SOUSCHEF_TRACER, tracer_, faces_.tracer);
      fetch<souschef_filter>(SOUSCHEF_FILTER, filter_, faces_.filter);
      fetch<souschef_wrapper>(SOUSCHEF_WRAPPER, wrapper_, faces_.wrapper);
      fetch<souschef_inspector>(SOUSCHEF_INSPECTOR, inspector_, faces_.inspector);
    }
    fetch<souschef_calls>(SOUSCHEF_CALLS, calls_, faces_.calls);
    return {};
  }

  [[nodiscard]] const PluginFaces& faces() const override { return faces_; }

 private:
  // An extension whose struct is shorter than the first version of it is as good as none.
  template <class Table, class Imported, class Face>
  void fetch(const char* id, std::optional<Imported>& imported, Face*& face) {
    const auto* table = static_cast<const Table*>(plugin_->extension(plugin_, id));
    if (table == nullptr || table->struct_size < sizeof(Table)) return;
    imported.emplace(plugin_, table);
    face = &*imported;
  }

  std::unique_ptr<PluginHost> host_;
  const souschef_plugin* plugin_;
  bool started_ = false;
  std::optional<abi::ImportedAnalyser> analyser_;
  std::optional<abi::ImportedTracer> tracer_;
  std::optional<abi::ImportedFilter> filter_;
  std::optional<abi::ImportedWrapper> wrapper_;
  std::optional<abi::ImportedInspector> inspector_;
  std::optional<abi::ImportedCalls> calls_;
  PluginFaces faces_;
};

}  // namespace

Result<std::unique_ptr<PluginInstance>> start_native(const PluginLibrary& library,
                                                     std::unique_ptr<PluginHost> host,
                                                     const std::string& settings) {
  const souschef_factory& factory = library.factory();
  const std::string id = host->plugin();
  const souschef_plugin* plugin = factory.create(&factory, host->c(), id.c_str());
  if (plugin == nullptr || !SOUSCHEF_HAS(plugin, destroy))
    return Error(ErrorCode::plugin, "the plugin \"" + id + "\" could not be made",
                 "its library knows no plugin of this id, or refused to make it");
  auto instance = std::make_unique<NativeInstance>(std::move(host), plugin);
  if (auto started = instance->start(settings); !started)
    return std::move(started.error()).in_context("the plugin \"" + id + "\" did not start");
  return std::unique_ptr<PluginInstance>(std::move(instance));
}

}  // namespace souschef::core
