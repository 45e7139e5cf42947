// SPDX-License-Identifier: MIT
// A renderer plugin and a target, with types around the JSON of docs/format/plugin-protocol.md, "Renderers".
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <souschef/calls.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/production/config.hpp"
#include "core/queue/order.hpp"
#include "core/rendering/retry_policy.hpp"
#include "core/slots/slot.hpp"
#include "core/verification/frame_check.hpp"

namespace souschef::core {

// How to start a worker.
struct RendererLaunch {
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> unset;
  struct File {
    std::string name, content;
  };
  std::vector<File> files;  // to be written into the run folder
  int command_fd = 3, answer_fd = 4;
};

struct RendererOpen {
  std::filesystem::path entry;                 // in the checkout
  std::vector<std::filesystem::path> allowed;  // folders from which files may be read
};

struct RendererMixdown {
  std::filesystem::path entry;  // in the checkout
  std::filesystem::path run_folder, output;
  std::string scene;
  std::int32_t first = 0, last = 0;  // both are heard
  bool autoexec = false;
};

struct RendererFrame {
  std::int32_t frame = 0, last = 0;
  std::uint32_t attempt = 0;
  std::filesystem::path staging;
};

// Where everything goes that an order writes.
struct OutputPlan {
  std::filesystem::path root;
  Json outputs;                        // as the renderer plugin gave them; goes into every frame command
  std::vector<ExpectedFile> expected;  // of the frame that was asked about
  bool is_movie = false;               // the scene's own output is a movie, rendered as images
};

// What the runner asks about outputs: the order's place in the production.
struct OutputRequest {
  std::filesystem::path entry;  // in the production, not in the checkout
  std::filesystem::path production;
  std::filesystem::path override_path;  // absolute, or empty
  bool override_is_folder = false;
};
OutputRequest output_request(const Order& order, const std::filesystem::path& production_root);

// Immutable once open; thread-safe.
class Renderer {
 public:
  // `calls` is borrowed. Errors: plugin; bad_input (its patterns).
  static Result<std::unique_ptr<Renderer>> open(Calls& calls, Target target);

  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] const RetryPolicy& policy() const { return policy_; }

  [[nodiscard]] Result<RendererLaunch> launch(const std::filesystem::path& entry,
                                              const std::filesystem::path& run_folder, const Slot& slot,
                                              bool autoexec) const;
  // A program that writes the sound of a scene into a file. Errors: unsupported, where the renderer has none.
  [[nodiscard]] Result<RendererLaunch> mixdown(const RendererMixdown& mixdown) const;
  [[nodiscard]] Result<std::string> open_line(const RendererOpen& open, const Order& order,
                                              const Slot& slot) const;
  [[nodiscard]] Result<std::string> frame_line(const RendererFrame& frame, const OutputPlan& plan) const;
  [[nodiscard]] Result<std::string> quit_line() const;
  // Events out of lines. A plugin that fails here is passed over: nothing depends on progress, and an answer
  // that is not understood ends in a timeout.
  [[nodiscard]] std::vector<Json> decode(std::string_view channel, std::span<const std::string> lines) const;
  // `facts`: of the worker's `opened`.
  [[nodiscard]] Result<OutputPlan> outputs(const OutputRequest& request, std::int32_t frame,
                                           const Order& order, const Json& facts) const;
  // The files of many frames, in their order.
  [[nodiscard]] Result<std::vector<std::vector<ExpectedFile>>> expected_of(
      const OutputRequest& request, const std::vector<std::int32_t>& frames, const Order& order,
      const Json& facts) const;

 private:
  Renderer(Calls& calls, Target target) : calls_(calls), target_(std::move(target)) {}
  [[nodiscard]] Result<Json> call(const char* method, const Json& request) const;
  [[nodiscard]] Result<Json> ask_outputs(const OutputRequest& request,
                                         const std::vector<std::int32_t>& frames, const Order& order,
                                         const Json& facts) const;
  [[nodiscard]] Result<std::string> line_of(const Json& command) const;

  Calls& calls_;
  Target target_;
  RetryPolicy policy_;
};

}  // namespace souschef::core
