// SPDX-License-Identifier: MIT
#include "plugins/blend/blend_analysis.hpp"

#include <algorithm>

#include "plugins/blend/file_window.hpp"

namespace souschef::blend {
namespace {

// What a reader of the whole content gets at once, so that a reader of everything does not fill the memory.
constexpr std::size_t kWindow = 4U << 20;

}  // namespace

std::span<const std::byte> BlendAnalysis::content(std::uint64_t offset, std::size_t size) {
  const Content& content = container_->content();
  if (offset >= content.size()) return {};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, content.size() - offset));
  // A plain file that is not mapped: no copy of all of it is made for somebody who reads it once.
  if (container_->wrapper() == WrapperKind::none && !content.present())
    return file_window(container_->file(), offset, std::min(size, kWindow), window_);
  return content.bytes(offset, content.present() ? size : std::min(size, kWindow));
}

Result<const BlendFile*> BlendAnalysis::file(Reading reading) {
  if (!file_) file_.emplace(BlendFile::read(container_->content(), temporary_folder_, reading));
  if (!*file_) return file_->error();
  return file_->value().get();
}

Result<std::unique_ptr<Analysis>> BlendAnalyser::open(const InputFile& file,
                                                      const std::filesystem::path& folder) {
  SOUSCHEF_TRY(auto container, Container::open(file, folder, host_));
  if (container == nullptr) return std::unique_ptr<Analysis>();
  return std::unique_ptr<Analysis>(std::make_unique<BlendAnalysis>(std::move(container), folder, host_));
}

}  // namespace souschef::blend
