// SPDX-License-Identifier: MIT
#include "plugins/blend/scope.hpp"

#include <algorithm>
#include <cstring>

namespace souschef::blend {

bool Scope::make_index() {
  if (!spend(file_->blocks().group_end(group_) - file_->blocks().groups()[group_].first)) return false;
  index_.enter(group_);
  entered_ = true;
  return true;
}

Record Scope::head() const {
  const Blocks& blocks = file_->blocks();
  const std::uint32_t block = blocks.groups()[group_].first;
  return Record(file_->dna(), blocks.struct_index(block), file_->data(block), blocks.offset(block));
}

std::uint32_t Scope::datablock_at(Address address) {
  const std::uint32_t found = file_->datablocks().at(address);
  if (found == kNoDatablock) return found;
  // Only where some DATA has the same address can this group's own come first.
  if (file_->datablocks().is_also_data(found)) {
    const std::uint32_t block = block_at(address);
    if (block != kNoBlock && block != file_->blocks().groups()[group_].first) return kNoDatablock;
  }
  return found;
}

std::uint32_t Scope::type_of(std::uint32_t block, std::uint32_t declared) const {
  const std::uint32_t said = file_->blocks().struct_index(block);
  // Index 0 stands on raw data as well as on a real struct that nobody asks for.
  return said == 0 || said == Sdna::kNoStruct ? declared : said;
}

Record Scope::at(Address address, std::uint32_t declared) {
  const std::uint32_t block = block_at(address);
  if (block == kNoBlock) return {};
  return Record(file_->dna(), type_of(block, declared), file_->data(block), file_->blocks().offset(block));
}

Record Scope::follow(const Record& from, MemberName name, std::size_t element) {
  const Sdna::Member* member = from.find(name);
  if (member == nullptr || !member->pointer()) return {};
  return at(from.pointer(name, element), file_->dna().struct_of_type(member->type));
}

std::size_t Scope::count_at(Address address, const Record& first) {
  const std::uint32_t block = block_at(address);
  if (block == kNoBlock || !first) return 0;
  const std::uint64_t fit = file_->blocks().length(block) / file_->dna().struct_at(first.struct_index()).size;
  const std::uint32_t said = file_->blocks().struct_index(block);
  if (said == 0 || said == Sdna::kNoStruct) return static_cast<std::size_t>(fit);
  const std::int64_t count = file_->blocks().head(file_->content(), block).count;
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(fit, count < 0 ? 0 : static_cast<std::uint64_t>(count)));
}

Record Scope::element(const Record& first, std::size_t index) const {
  if (!first) return {};
  const std::uint64_t size = file_->dna().struct_at(first.struct_index()).size;
  const std::uint64_t offset = first.offset() + index * size;
  return Record(file_->dna(), first.struct_index(), file_->content().bytes(offset, size), offset);
}

std::span<const std::byte> Scope::bytes_at(Address address) {
  const std::uint32_t block = block_at(address);
  return block == kNoBlock ? std::span<const std::byte>() : file_->data(block);
}

std::optional<std::string_view> Scope::string_at(Address address) {
  const std::uint32_t block = block_at(address);
  if (block == kNoBlock) return std::nullopt;
  const auto bytes = file_->data(block);
  if (bytes.empty()) return std::string_view();
  const char* start = reinterpret_cast<const char*>(bytes.data());
  const auto* end = static_cast<const char*>(std::memchr(start, 0, bytes.size()));
  const std::size_t size = end == nullptr ? bytes.size() : static_cast<std::size_t>(end - start);
  if (!spend(1 + size / 64)) return std::string_view();
  return std::string_view(start, size);
}

Address Scope::pointer_in(Address array, std::size_t index) {
  const auto bytes = bytes_at(array);
  const std::uint32_t size = file_->dna().pointer_size();
  if (index >= bytes.size() / size) return 0;
  return load_address(bytes.data() + index * size, size, file_->dna().order());
}

Address Scope::next_of(const Record& item) {
  // A modifier begins with its ModifierData, which begins with `next`.
  const std::uint32_t size = item.dna().pointer_size();
  return item.dna().struct_at(item.struct_index()).size < size
             ? 0
             : load_address(item.data(), size, item.dna().order());
}

}  // namespace souschef::blend
