// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <souschef/abi.hpp>
#include <souschef/result.hpp>

#include "store/bytes.hpp"
#include "store/file_system.hpp"

namespace souschef::store {

// Writes a new file front to back under a temporary name; runs of zeros become holes. Removed again unless it
// gets its final name. One thread.
class FileSink final : public ByteSink {
 public:
  // `folder`: where the temporary file lies, on the target's file system. `mode`: as FileSystem::create.
  static Result<std::unique_ptr<FileSink>> create(FileSystem& disk, const std::filesystem::path& folder,
                                                  std::string_view owner,
                                                  std::optional<std::uint32_t> mode = {});
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  using ByteSink::write;
  // False after an error, which status() tells.
  bool write(std::span<const std::byte> data) override;
  [[nodiscard]] const Status& status() const { return status_; }

  // All is written; not synced. Errors: what went wrong with any write.
  Status finish();
  [[nodiscard]] const OpenFile& file() const { return *file_; }
  // The final name, never replacing: `exists`.
  Status publish(const std::filesystem::path& target);
  // The final name, in the place of what was there.
  Status replace(const std::filesystem::path& target);

 private:
  FileSink(FileSystem& disk, std::unique_ptr<OpenFile> file);
  bool flush();

  FileSystem& disk_;
  std::unique_ptr<OpenFile> file_;
  Bytes buffer_;
  std::uint64_t offset_ = 0;  // of the buffer
  bool hole_at_end_ = false;
  bool named_ = false;
  Status status_;
};

}  // namespace souschef::store
