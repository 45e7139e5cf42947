// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "plugins/blend/blend_file.hpp"
#include "plugins/blend/container.hpp"
#include "tests/support/blend_wrap.hpp"
#include "tests/support/blend_writer.hpp"
#include "tests/support/memory_file.hpp"

namespace souschef::blend {

using test::BlendNode;
using test::BlendStyle;
using test::BlendWriter;
using test::MemoryFile;

// Bytes opened as the plugin opens a file.
class Opened {
 public:
  explicit Opened(std::string bytes, MemoryFile::Access access = MemoryFile::Access::mapped)
      : file_(std::move(bytes), access),
        container_(Container::open(file_, std::filesystem::temp_directory_path(), Host(nullptr))) {
    if (container_ && *container_ != nullptr)
      blend_.emplace(BlendFile::read((*container_)->content(), std::filesystem::temp_directory_path(), Reading::skim));
  }

  [[nodiscard]] const MemoryFile& file() const { return file_; }
  [[nodiscard]] const Result<std::unique_ptr<Container>>& container() const { return container_; }
  // Not to be called where the container could not be opened.
  [[nodiscard]] const Result<std::unique_ptr<BlendFile>>& blend() const { return *blend_; }
  [[nodiscard]] const BlendFile& operator*() const { return **blend(); }
  [[nodiscard]] const BlendFile* operator->() const { return blend()->get(); }

  // Why it could not be opened or read; empty where it could.
  [[nodiscard]] std::string failure() const {
    if (!container_) return container_.error().line();
    if (*container_ == nullptr) return "declined";
    return *blend_ ? "" : blend_->error().line();
  }

 private:
  MemoryFile file_;
  Result<std::unique_ptr<Container>> container_;
  std::optional<Result<std::unique_ptr<BlendFile>>> blend_;
};

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace souschef::blend
