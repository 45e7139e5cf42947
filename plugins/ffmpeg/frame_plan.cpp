// SPDX-License-Identifier: MIT
#include "plugins/ffmpeg/frame_plan.hpp"

#include <algorithm>

#include <souschef/frame_range.hpp>

namespace souschef::ffmpeg {
namespace {

constexpr std::size_t kNamed = 20;  // frames that a message names one by one

std::string name_of(const StageSequence& sequence) {
  if (sequence.role == "render") return "render";
  return sequence.layer.empty() ? sequence.node : sequence.node + "/" + sequence.layer;
}

Status check_picture(const StageFile& file) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(file.path, failed);
  if (failed) return Error(ErrorCode::missing, file.path.string() + " cannot be read", failed.message());
  if (size == file.size) return {};
  return Error(ErrorCode::changed, file.path.string() + " is not the picture that was verified",
               "it has " + std::to_string(size) + " bytes instead of " + std::to_string(file.size))
      .next_step("render it again: souschef redo");
}

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return extension == ".jpeg" ? ".jpg" : extension;
}

// A gap shows the picture before it; one at the very beginning the first that there is.
void hold_gaps(FramePlan& plan) {
  const auto first =
      std::find_if(plan.frames.begin(), plan.frames.end(), [](const PlannedFrame& f) { return !f.gap; });
  const std::filesystem::path* held = &first->path;
  for (PlannedFrame& frame : plan.frames) {
    if (frame.gap)
      frame.path = *held;
    else
      held = &frame.path;
  }
}

}  // namespace

std::string frame_list(const std::vector<std::int32_t>& frames) {
  const std::vector<std::int32_t> shown(
      frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(std::min(frames.size(), kNamed)));
  std::string text = FrameRange::of(shown).text();
  for (std::size_t at = text.find(','); at != std::string::npos; at = text.find(',', at + 2))
    text.insert(at + 1, " ");
  if (frames.size() > kNamed) text += " and " + std::to_string(frames.size() - kNamed) + " more";
  return text;
}

Result<std::size_t> find_sequence(const StageRequest& request, std::string_view name) {
  std::string known;
  for (std::size_t i = 0; i < request.sequences.size(); ++i) {
    const StageSequence& sequence = request.sequences[i];
    if (name_of(sequence) == name || (sequence.role != "render" && sequence.node == name)) return i;
    known += (known.empty() ? "" : ", ") + name_of(sequence);
  }
  return Error(ErrorCode::not_found, "this order has no pictures called \"" + std::string(name) + "\"",
               known.empty() ? "it has none at all" : "it has: " + known);
}

Result<FramePlan> plan_frames(const StageRequest& request, std::size_t sequence, std::string_view gaps) {
  FramePlan plan;
  for (const StageFrame& frame : request.frames) {
    const StageFile* file = frame.done() ? frame.file_of(sequence) : nullptr;
    if (!plan.frames.empty() && frame.frame != plan.frames.back().frame + 1) plan.contiguous = false;
    if (file == nullptr) {
      plan.gaps.push_back(frame.frame);
      plan.frames.push_back({frame.frame, {}, true});
      continue;
    }
    SOUSCHEF_CHECK(check_picture(*file));
    const std::string extension = lower_extension(file->path);
    if (plan.extension.empty()) plan.extension = extension;
    if (extension != plan.extension)
      return Error(ErrorCode::unsupported,
                   "the pictures are of several formats: " + plan.extension + " and " + extension);
    plan.frames.push_back({frame.frame, file->path, false});
  }
  if (plan.gaps.size() == plan.frames.size())
    return Error(ErrorCode::missing, "there is no picture to encode",
                 plan.frames.empty() ? "the order has no frames"
                                     : "all " + std::to_string(plan.gaps.size()) + " frames are missing");
  if (!plan.gaps.empty() && gaps == "fail")
    return Error(
               ErrorCode::missing, "the movie would have gaps",
               (plan.gaps.size() == 1 ? "missing is frame " : "missing are frames ") + frame_list(plan.gaps))
        .next_step("render them: souschef redo --failed, or encode with --set " +
                   (request.stage_name.empty() ? std::string("ffmpeg") : request.stage_name) + ".gaps=hold");
  if (!plan.gaps.empty()) hold_gaps(plan);
  return plan;
}

}  // namespace souschef::ffmpeg
