// SPDX-License-Identifier: MIT
#include "plugins/blend/file_header.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace souschef::blend {
namespace {

constexpr std::string_view kMagic = "BLENDER";

std::optional<std::uint32_t> digits(std::string_view text) {
  std::uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

Error not_a_header(std::string why) {
  return Error(ErrorCode::bad_input, "the file begins like a .blend but its header is damaged",
               std::move(why));
}

// text[7..12): pointer size, byte order, version.
Result<FileHeader> read_format_0(std::string_view text) {
  FileHeader header;
  header.pointer_size = text[7] == '-' ? 8 : 4;
  header.heads = text[7] == '-' ? HeadLayout::small8 : HeadLayout::head4;
  if (text[8] != 'v' && text[8] != 'V') return not_a_header("the byte order is neither 'v' nor 'V'");
  header.order = text[8] == 'v' ? ByteOrder::little : ByteOrder::big;
  const auto version = digits(text.substr(9, 3));
  if (!version) return not_a_header("the version is not a number");
  header.version = *version;
  return header;
}

// text[7..17): header size, pointer size, format, byte order, version.
Result<FileHeader> read_format_1(std::string_view text) {
  const auto size = digits(text.substr(7, 2));
  if (!size) return not_a_header("neither a pointer size nor a header size follows the magic");
  if (text.size() < 12) return not_a_header("it ends within the header");
  const auto format = digits(text.substr(10, 2));
  if (*size != 17 || !format || *format != 1)
    return Error(ErrorCode::unsupported, "the file was made by a newer Blender, its layout is not known",
                 "header size " + std::to_string(*size) + ", file format " + std::string(text.substr(10, 2)) +
                     "; known are 17 and 01")
        .next_step("update Sous Chef");
  if (text.size() < 17) return not_a_header("it ends within the header");
  if (text[9] != '-' || text[12] != 'v')
    return not_a_header("format 1 with pointers of 4 bytes or big-endian");
  const auto version = digits(text.substr(13, 4));
  if (!version) return not_a_header("the version is not a number");
  return FileHeader{.size = 17,
                    .format = 1,
                    .version = *version,
                    .pointer_size = 8,
                    .order = ByteOrder::little,
                    .heads = HeadLayout::large8};
}

}  // namespace

bool has_blend_magic(std::span<const std::byte> start) {
  return std::string_view(reinterpret_cast<const char*>(start.data()), start.size()).starts_with(kMagic);
}

Result<FileHeader> read_file_header(std::span<const std::byte> start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  if (!text.starts_with(kMagic)) return Error(ErrorCode::bad_input, "not a .blend file");
  if (text.size() < 12) return not_a_header("it ends within the header");
  return text[7] == '_' || text[7] == '-' ? read_format_0(text) : read_format_1(text);
}

}  // namespace souschef::blend
