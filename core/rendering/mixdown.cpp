// SPDX-License-Identifier: MIT
#include "core/rendering/mixdown.hpp"

#include <souschef/file_name.hpp>

#include "core/base/run_program.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kLastWords = 1000;                 // bytes of what it printed, for the message
constexpr auto kLongest = std::chrono::minutes(60);      // an hour of film is mixed in minutes
constexpr auto kLongestSilence = std::chrono::hours(1);  // Blender says nothing while it mixes

Error failed(const RunResult& ran) {
  Error error(ErrorCode::child_failed, "the sound of the scene could not be mixed", ran.end.text());
  const std::string words = ran.errors.empty() ? ran.output : ran.errors;
  if (!words.empty())
    error.why.push_back(words.substr(words.size() > kLastWords ? words.size() - kLastWords : 0));
  return error;
}

}  // namespace

bool has_sound(const Json& facts) {
  return facts.is_object() && facts.value("sound", false);
}

Result<fs::path> mix_down(const Renderer& renderer, const Order& order, const Json& facts,
                          const fs::path& entry, const fs::path& folder,
                          const std::function<bool()>& cancelled) {
  const fs::path output = folder / "audio.flac";
  SOUSCHEF_TRY(const RendererLaunch launch, renderer.mixdown({.entry = entry,
                                                              .run_folder = folder,
                                                              .output = output,
                                                              .scene = facts.value("scene", std::string()),
                                                              .first = order.frames.frames().front(),
                                                              .last = order.frames.frames().back(),
                                                              .autoexec = order.settings.autoexec}));
  for (const RendererLaunch::File& file : launch.files)
    SOUSCHEF_CHECK(store::replace_file(store::FileSystem::real(), folder / file.name, file.content));
  ProcessOptions process;
  process.command = launch.command;
  process.environment = launch.environment;
  process.unset = launch.unset;
  process.folder = folder;
  RunOptions options;
  options.limits.time = kLongest;
  options.limits.silence = kLongestSilence;
  options.cancelled = cancelled;
  SOUSCHEF_TRY(const RunResult ran, run_program(std::move(process), options));
  std::error_code code;
  const auto size = fs::file_size(output, code);
  if (!ran.end.success() || code || size == 0) return failed(ran);
  return output;
}

}  // namespace souschef::core
