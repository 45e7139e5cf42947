// Writes <order>.txt: one line for every frame of the order.
#include <fstream>
#include <string>

#include <souschef/plugin.hpp>
#include <souschef/stage.hpp>

namespace {

using namespace souschef;

class @CLASS@ final : public Plugin, public Stage {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("@NAME@", "0.1.0");
  explicit @CLASS@(Host host) : Plugin(host), Stage(host) {}
  Calls& calls() { return *this; }

 protected:
  // Asked when somebody orders: which files will there be?
  Result<StageDescription> describe(const StageRequest& request) override {
    return StageDescription{.per_frame = false, .outputs = {output_name(request)}, .needs_audio = false};
  }

  Result<StageAnswer> run(CallContext& call, const StageRequest& request) override {
    const std::filesystem::path unfinished = request.work_folder / "list.txt";
    std::ofstream list(unfinished);
    if (const std::string heading = request.setting("heading"); !heading.empty()) list << heading << "\n";
    for (std::size_t i = 0; i < request.frames.size(); ++i) {
      if (call.cancelled()) return Error(ErrorCode::cancelled, "stopped as asked");
      list << request.frames[i].frame << " " << request.frames[i].state << "\n";
      call.progress(static_cast<double>(i + 1) / static_cast<double>(request.frames.size()), "");
    }
    list.close();
    if (!list) return Error(ErrorCode::io, "cannot write " + unfinished.string());
    // From one moment to the next: nobody sees half a file under the name that was declared.
    SOUSCHEF_CHECK(publish_output(unfinished, request.output_folder / output_name(request)));
    return StageAnswer{{output_name(request)}, std::to_string(request.frames.size()) + " frames", {}};
  }

 private:
  static std::string output_name(const StageRequest& request) {
    return (request.order_name.empty() ? "order" : request.order_name) + ".txt";
  }
};

SOUSCHEF_PLUGIN(@CLASS@)

}  // namespace
