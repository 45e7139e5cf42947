// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/file_system.hpp"
#include "store/pack_format.hpp"
#include "store/store_paths.hpp"

namespace souschef::store {

// A pack that is on disk under its name.
struct FinishedPack {
  PackId id;
  std::uint64_t size = 0;
  std::vector<PlacedFrame> frames;
};

// Writes one pack: frames are appended to a temporary file, which gets its name when it is finished. One
// thread at a time.
class PackWriter {
 public:
  // `lease_id`: stands in the pack and in the temporary name. `disk` and `paths` are borrowed.
  static Result<std::unique_ptr<PackWriter>> begin(FileSystem& disk, const StorePaths& paths,
                                                   const std::string& lease_id);
  ~PackWriter();  // an unfinished pack is removed
  PackWriter(const PackWriter&) = delete;
  PackWriter& operator=(const PackWriter&) = delete;

  // After an error the pack can only be abandoned.
  Status append(const FrameHeader& header, std::span<const std::byte> stored);

  [[nodiscard]] std::uint64_t size() const { return offset_; }
  // No further frame should come: it is as large as packs get.
  [[nodiscard]] bool full() const;

  // Footer, sync, name, sync of the folder: all on disk when this returns. The writer is done then.
  Result<FinishedPack> finish();

 private:
  PackWriter(FileSystem& disk, const StorePaths& paths, std::unique_ptr<OpenFile> file)
      : disk_(disk), paths_(paths), file_(std::move(file)) {}
  Status write(std::span<const std::byte> data);

  FileSystem& disk_;
  const StorePaths& paths_;
  std::unique_ptr<OpenFile> file_;  // null once finished
  std::uint64_t offset_ = 0;
  std::uint64_t written_back_ = 0;
  Bytes header_;
  Bytes frame_headers_;
  std::vector<PlacedFrame> frames_;
};

}  // namespace souschef::store
