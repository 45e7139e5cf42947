// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <souschef/analysis.hpp>
#include <souschef/host.hpp>

#include "plugins/blend/blend_file.hpp"
#include "plugins/blend/container.hpp"

namespace souschef::blend {

// One file, opened once for the tracer, the filter, the wrapper and the inspector: its container now, its
// blocks when somebody asks. One thread at a time.
class BlendAnalysis final : public Analysis {
 public:
  BlendAnalysis(std::unique_ptr<Container> container, std::filesystem::path temporary_folder, Host host)
      : container_(std::move(container)), temporary_folder_(std::move(temporary_folder)), host_(host) {}

  [[nodiscard]] std::uint64_t content_size() const override { return container_->content().size(); }
  [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override;

  [[nodiscard]] const Container& container() const { return *container_; }
  [[nodiscard]] const std::filesystem::path& temporary_folder() const { return temporary_folder_; }
  [[nodiscard]] const Host& host() const { return host_; }
  // Read at the first call; the same file or the same error afterwards. `reading`: what the caller will ask
  // for. Whoever asks for more than the first one did gets it, and waits for it longer.
  Result<const BlendFile*> file(Reading reading);

 private:
  std::unique_ptr<Container> container_;
  std::filesystem::path temporary_folder_;
  Host host_;
  std::optional<Result<std::unique_ptr<BlendFile>>> file_;
  std::vector<std::byte> window_;
};

// Opens files for every part of the plugin.
class BlendAnalyser final : public Analyser {
 public:
  explicit BlendAnalyser(Host host) : host_(host) {}
  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override { return may_be_blend(head); }
  [[nodiscard]] Result<std::unique_ptr<Analysis>> open(
      const InputFile& file, const std::filesystem::path& temporary_folder) override;

 private:
  Host host_;
};

// What was opened by a BlendAnalyser; the host passes each analysis back to the plugin that made it.
inline BlendAnalysis& blend_analysis(Analysis& analysis) {
  return static_cast<BlendAnalysis&>(analysis);
}

}  // namespace souschef::blend
