// SPDX-License-Identifier: MIT
// Writes <order>_times.csv: one line a frame with its state and seconds. Shows the whole life of a stage in
// C++: reading the request, settings, progress, cancelling, an output that appears only when it is whole.
#include <filesystem>
#include <fstream>
#include <string>

#include <souschef/file_name.hpp>
#include <souschef/plugin.hpp>

namespace {

using souschef::CallContext;
using souschef::Error;
using souschef::ErrorCode;
using souschef::HostJson;
using souschef::Result;

class FrameTimes final : public souschef::Plugin, public souschef::Calls {
 public:
  static constexpr souschef_descriptor kDescriptor = souschef::descriptor("frame_times", "1.0.0");
  using Plugin::Plugin;
  souschef::Calls& calls() { return *this; }

  Result<std::string> call(CallContext& context, std::string_view method, std::string_view text) override {
    const HostJson request = host().json(text);
    if (!request) return Error(ErrorCode::bad_input, "the request is not JSON");
    if (method == "stage.describe") return describe(request);
    if (method == "stage.run") return run(context, request);
    return Error(ErrorCode::unsupported, "unknown method: " + std::string(method));
  }

 private:
  static std::string output_name(const HostJson& request) {
    return request.text("/order/name", "order") + "_times.csv";
  }

  Result<std::string> describe(const HostJson& request) {
    return R"({"per": "order", "outputs": [)" + host().quoted(output_name(request)) + "]}";
  }

  Result<std::string> run(CallContext& context, const HostJson& request) {
    SOUSCHEF_TRY(const std::filesystem::path work, path_at(request, "/work_folder"));
    SOUSCHEF_TRY(const std::filesystem::path folder, path_at(request, "/output_folder"));
    const std::string separator = request.text("/settings/separator", ",");
    const std::size_t count = request.count("/frames");

    std::ofstream table(work / "times.csv");
    table << "frame" << separator << "state" << separator << "seconds\n";
    for (std::size_t i = 0; i < count; ++i) {
      if (context.cancelled()) return Error(ErrorCode::cancelled, "stopped as asked");
      const std::string frame = "/frames/" + std::to_string(i);
      table << request.integer((frame + "/frame").c_str()) << separator
            << request.text((frame + "/state").c_str()) << separator
            << request.number((frame + "/seconds").c_str()) << "\n";
      context.progress(static_cast<double>(i + 1) / static_cast<double>(count), "");
    }
    table.close();
    if (!table) return Error(ErrorCode::io, "cannot write " + (work / "times.csv").string());
    std::error_code failed;
    std::filesystem::rename(work / "times.csv", folder / output_name(request), failed);
    if (failed) return Error(ErrorCode::io, "cannot write " + output_name(request), failed.message());
    return R"({"outputs": [)" + host().quoted(output_name(request)) + R"(], "summary": ")" +
           std::to_string(count) + R"( frames"})";
  }

  static Result<std::filesystem::path> path_at(const HostJson& request, const char* pointer) {
    const auto path = souschef::unescape_name(request.text(pointer));
    if (!path || path->empty())
      return Error(ErrorCode::bad_input, std::string("the request has no ") + pointer);
    return std::filesystem::path(*path);
  }
};

SOUSCHEF_PLUGIN(FrameTimes)

}  // namespace
