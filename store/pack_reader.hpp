// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/file_system.hpp"
#include "store/frame.hpp"
#include "store/pack_format.hpp"

namespace souschef::store {

// A pack held open for reading. Thread-safe. Errors of all calls name the pack: not_found, corrupt,
// unsupported, denied, io.
class PackReader {
 public:
  static Result<std::shared_ptr<PackReader>> open(FileSystem& disk, const std::filesystem::path& path,
                                                  const PackId& id);

  [[nodiscard]] const PackId& id() const { return id_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // What the pack holds, by its footer: two reads.
  [[nodiscard]] Result<PackTable> table() const;
  // The header at the front, which only those need who have no footer; equal to the table's in a good pack.
  [[nodiscard]] Result<PackHeader> header() const;
  // `size`: header and stored bytes, as the index or the table has it.
  [[nodiscard]] Result<std::shared_ptr<const LoadedFrame>> frame(std::uint64_t offset,
                                                                 std::uint64_t size) const;

  // For packs whose footer is lost: frames from the front, up to the first that is damaged. Stored bytes are
  // compared with their checksums.
  struct Salvage {
    PackHeader header;
    std::vector<PlacedFrame> frames;
    std::uint64_t lost_bytes = 0;  // behind the last good frame
    std::string why;               // what stopped it; empty: reached the footer or the end
  };
  [[nodiscard]] Result<Salvage> salvage() const;

 private:
  PackReader(std::unique_ptr<OpenFile> file, const PackId& id, std::uint64_t size)
      : file_(std::move(file)), id_(id), size_(size) {}
  [[nodiscard]] Result<Bytes> read(std::uint64_t offset, std::uint64_t size) const;
  [[nodiscard]] Error named(Error error) const;

  std::unique_ptr<OpenFile> file_;
  PackId id_;
  std::uint64_t size_;
};

}  // namespace souschef::store
