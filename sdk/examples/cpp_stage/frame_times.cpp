// SPDX-License-Identifier: MIT
// Writes <order>_times.csv: one line a frame with its state and seconds. Shows the whole life of a stage in
// C++: the request, settings, progress, cancelling, an output that appears only when it is whole.
#include <fstream>
#include <string>

#include <souschef/plugin.hpp>
#include <souschef/stage.hpp>

namespace {

using namespace souschef;

class FrameTimes final : public Plugin, public Stage {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("frame_times", "1.0.0");
  explicit FrameTimes(Host host) : Plugin(host), Stage(host) {}
  Calls& calls() { return *this; }

 protected:
  Result<StageDescription> describe(const StageRequest& request) override {
    return StageDescription{.per_frame = false, .outputs = {output_name(request)}, .needs_audio = false};
  }

  Result<StageAnswer> run(CallContext& call, const StageRequest& request) override {
    const std::string separator = request.setting("separator", ",");
    const std::filesystem::path unfinished = request.work_folder / "times.csv";
    std::ofstream table(unfinished);
    table << "frame" << separator << "state" << separator << "seconds\n";
    for (std::size_t i = 0; i < request.frames.size(); ++i) {
      if (call.cancelled()) return Error(ErrorCode::cancelled, "stopped as asked");
      const StageFrame& frame = request.frames[i];
      table << frame.frame << separator << frame.state << separator << frame.seconds << "\n";
      call.progress(static_cast<double>(i + 1) / static_cast<double>(request.frames.size()), "");
    }
    table.close();
    if (!table) return Error(ErrorCode::io, "cannot write " + unfinished.string());
    SOUSCHEF_CHECK(publish_output(unfinished, request.output_folder / output_name(request)));
    return StageAnswer{{output_name(request)}, std::to_string(request.frames.size()) + " frames", {}};
  }

 private:
  static std::string output_name(const StageRequest& request) { return request.order_name + "_times.csv"; }
};

SOUSCHEF_PLUGIN(FrameTimes)

}  // namespace
