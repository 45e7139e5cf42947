// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>

#include <souschef/result.hpp>

#include "plugins/blend/blocks.hpp"
#include "plugins/blend/content.hpp"
#include "plugins/blend/datablocks.hpp"
#include "plugins/blend/file_header.hpp"
#include "plugins/blend/record.hpp"
#include "plugins/blend/sdna.hpp"

namespace souschef::blend {

// The parts of an unwrapped .blend that everything else is read with. Immutable once read; one thread at a
// time, since looking at the content may fill it.
class BlendFile {
 public:
  // `content` outlives the file. Errors: bad_input, unsupported, no_space, io.
  static Result<std::unique_ptr<BlendFile>> read(const Content& content,
                                                 const std::filesystem::path& temporary_folder,
                                                 Reading reading);

  BlendFile(const BlendFile&) = delete;
  BlendFile& operator=(const BlendFile&) = delete;

  [[nodiscard]] const Content& content() const { return content_; }
  [[nodiscard]] const FileHeader& header() const { return header_; }
  [[nodiscard]] const Blocks& blocks() const { return blocks_; }
  [[nodiscard]] const Sdna& dna() const { return *dna_; }
  [[nodiscard]] const Datablocks& datablocks() const { return datablocks_; }

  // The first struct of a datablock.
  [[nodiscard]] Record record_of(std::uint32_t datablock) const;
  // The data of a block; empty only if it has none or the content cannot be had.
  [[nodiscard]] std::span<const std::byte> data(std::uint32_t block) const {
    return content_.bytes(blocks_.offset(block), blocks_.length(block));
  }

 private:
  BlendFile(const Content& content, const FileHeader& header, Blocks blocks, std::shared_ptr<const Sdna> dna);

  const Content& content_;
  FileHeader header_;
  Blocks blocks_;
  std::shared_ptr<const Sdna> dna_;
  Datablocks datablocks_;
};

}  // namespace souschef::blend
