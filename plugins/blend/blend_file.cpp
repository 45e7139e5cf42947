// SPDX-License-Identifier: MIT
#include "plugins/blend/blend_file.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "plugins/blend/sdna_cache.hpp"

namespace souschef::blend {
namespace {

std::string how_it_ended(const Blocks& blocks) {
  const std::string place = " after " + std::to_string(blocks.size()) + " blocks";
  switch (blocks.end()) {
    case Blocks::End::marker:
      return "it ends" + place + " without one";
    case Blocks::End::end_of_file:
      return "the file ends" + place;
    case Blocks::End::cut_short:
      return "the file is cut short" + place + ", at byte " + std::to_string(blocks.end_offset());
    case Blocks::End::damaged:
      return "a block is damaged" + place + ", at byte " + std::to_string(blocks.end_offset());
  }
  return "";
}

}  // namespace

BlendFile::BlendFile(const Content& content, const FileHeader& header, Blocks blocks,
                     std::shared_ptr<const Sdna> dna)
    : content_(content),
      header_(header),
      blocks_(std::move(blocks)),
      dna_(std::move(dna)),
      datablocks_(Datablocks::find(content_, blocks_, *dna_)) {}

Record BlendFile::record_of(std::uint32_t datablock) const {
  const std::uint32_t block = blocks_.groups()[datablocks_.group(datablock)].first;
  return Record(*dna_, blocks_.struct_index(block), data(block), blocks_.offset(block));
}

Result<std::unique_ptr<BlendFile>> BlendFile::read(const Content& content,
                                                   const std::filesystem::path& folder, Reading reading) {
  Skim skim(content, reading, folder);
  const auto start = skim.bytes(0, std::min<std::uint64_t>(content.size(), kMaxHeaderSize));
  SOUSCHEF_CHECK(content.status());
  SOUSCHEF_TRY(const FileHeader header, read_file_header(start));
  SOUSCHEF_TRY(Blocks blocks, Blocks::walk(skim, header, folder));

  const std::uint32_t group = blocks.find_group(kDna);
  if (group == kNoBlock)
    return Error(ErrorCode::bad_input, "the .blend has no struct catalogue (DNA1), it cannot be read",
                 how_it_ended(blocks));
  const std::uint32_t block = blocks.groups()[group].first;
  const auto catalogue = content.bytes(blocks.offset(block), blocks.length(block));
  SOUSCHEF_CHECK(content.status());
  SOUSCHEF_TRY(auto dna, shared_sdna(catalogue, header.pointer_size, header.order));

  std::unique_ptr<BlendFile> file(new BlendFile(content, header, std::move(blocks), std::move(dna)));
  SOUSCHEF_CHECK(content.status());
  return file;
}

}  // namespace souschef::blend
