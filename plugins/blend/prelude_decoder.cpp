// SPDX-License-Identifier: MIT
#include "plugins/blend/prelude_decoder.hpp"

#include <string>
#include <utility>

#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

// A name of Blender 5 has up to 258 bytes, and that of its library the same.
constexpr std::uint64_t kMaxLabel = 4096;

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "the filtered .blend is damaged", std::move(why));
}

}  // namespace

PreludeDecoder::PreludeDecoder(std::uint64_t content_size, std::filesystem::path temporary_folder)
    : content_size_(content_size),
      folder_(std::move(temporary_folder)),
      coded_heads_(kMaxTableInMemory, folder_),
      coded_addresses_(kMaxTableInMemory, folder_) {}

Status PreludeDecoder::page(PageKind kind, std::span<const std::byte> content) {
  if (kind == PageKind::header) return header(content);
  if (!has_header_) return damaged("it does not begin with a header");
  if (kind == PageKind::fields) {
    if (has_fields_) return damaged("it has two field lists");
    SOUSCHEF_TRY(prelude_.fields, FieldPlan::read(content, prelude_.pointer_size));
    has_fields_ = true;
    return {};
  }
  if (!has_fields_) return damaged("no field list stands before the structure");
  if (kind == PageKind::structure) return structure(content);
  return addresses(content);
}

Status PreludeDecoder::header(std::span<const std::byte> content) {
  if (has_header_) return damaged("it has two headers");
  has_header_ = true;
  NumberReader in(content);
  const std::uint8_t width = in.byte();
  const std::uint8_t order = in.byte();
  const std::uint8_t layout = in.byte();
  if (in.failed() || (width != 4 && width != 8) || order > 1 || layout > 2)
    return damaged("its header names no known layout");
  if ((layout == static_cast<std::uint8_t>(HeadLayout::head4)) != (width == 4))
    return damaged("its header joins heads and pointers of different sizes");
  prelude_.pointer_size = width;
  prelude_.order = static_cast<ByteOrder>(order);
  prelude_.layout = static_cast<HeadLayout>(layout);
  prelude_.keys = GroupKeys(width);
  prelude_.start.assign(in.position(), in.position() + in.left());
  bytes_ = prelude_.start.size();
  return {};
}

Status PreludeDecoder::structure(std::span<const std::byte> content) {
  if (cursor_) return damaged("structure follows addresses");
  NumberReader in(content);
  while (!in.at_end()) {
    if (left_in_group_ == 0) SOUSCHEF_CHECK(group(in));
    SOUSCHEF_CHECK(heads(in));
  }
  return {};
}

Status PreludeDecoder::group(NumberReader& in) {
  const std::uint64_t label_size = in.number();
  if (label_size > kMaxLabel) return damaged("a label is too long");
  const auto label = in.bytes(label_size);
  std::uint32_t code = 0;
  for (unsigned i = 0; i < 4; ++i) code |= static_cast<std::uint32_t>(in.byte()) << (8 * i);
  const std::uint64_t count = in.number();
  if (in.failed() || count == 0 || count > kMaxBlocks - blocks_) return damaged("a group of its structure");
  if (prelude_.codes.size() == kMaxGroups) return damaged("too many groups");
  prelude_.keys.add(label);
  prelude_.codes.push_back(code);
  prelude_.first_block.push_back(static_cast<std::uint32_t>(blocks_));
  left_in_group_ = count;
  reader_.begin_group();
  return {};
}

Status PreludeDecoder::heads(NumberReader& in) {
  const std::byte* from = in.position();
  CodedHead head;
  while (left_in_group_ != 0 && !in.at_end()) {
    if (!reader_.next(in, head)) return damaged("a head of its structure");
    const std::uint64_t blocks = reader_.skip_repeats();
    if (blocks >= left_in_group_) return damaged("more heads than its group has blocks");
    SOUSCHEF_CHECK(take(head.length, blocks + 1));
  }
  return coded_heads_.append({from, static_cast<std::size_t>(in.position() - from)});
}

// Blocks of one length.
Status PreludeDecoder::take(std::uint64_t length, std::uint64_t blocks) {
  const std::uint64_t room = content_size_ - std::min(bytes_, content_size_);
  const std::uint64_t head = size_of(prelude_.layout);
  if (length > room || blocks > room / (length + head)) return damaged("more blocks than content");
  bytes_ += blocks * (length + head);
  left_in_group_ -= blocks;
  blocks_ += blocks;
  return {};
}

Status PreludeDecoder::end_structure() {
  if (cursor_) return {};
  if (left_in_group_ != 0) return damaged("its structure ends within a group");
  prelude_.first_block.push_back(static_cast<std::uint32_t>(blocks_));
  SOUSCHEF_TRY(prelude_.heads, coded_heads_.finish());
  cursor_.emplace(prelude_);
  predictor_.emplace(prelude_.pointer_size);
  return {};
}

Status PreludeDecoder::addresses(std::span<const std::byte> content) {
  SOUSCHEF_CHECK(end_structure());
  const auto count = address_page_count(content);
  if (!count || *count > blocks_ - addresses_) return damaged("more addresses than blocks");
  page_lengths_.resize(*count);
  page_addresses_.resize(*count);
  CodedHead head;
  for (std::uint64_t& length : page_lengths_) {
    if (!cursor_->next(head)) return damaged("a head of its structure");
    length = head.length;
  }
  if (!read_address_page(*predictor_, content, page_lengths_, page_addresses_))
    return damaged("a page of addresses");
  addresses_ += *count;
  return coded_addresses_.append(std::as_bytes(std::span(page_addresses_)));
}

Result<DecodedPrelude> PreludeDecoder::finish() {
  if (!has_header_ || !has_fields_) return damaged("it ends before its body");
  SOUSCHEF_CHECK(end_structure());
  if (addresses_ != blocks_) return damaged("it has fewer addresses than blocks");
  if (bytes_ > content_size_) return damaged("it is larger than its content");
  SOUSCHEF_TRY(prelude_.addresses, coded_addresses_.finish());
  cursor_.reset();
  return std::move(prelude_);
}

}  // namespace souschef::blend
