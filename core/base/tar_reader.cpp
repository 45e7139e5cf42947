// SPDX-License-Identifier: MIT
// A tar archive is blocks of 512 bytes: a header, the content, zeros up to the next block. Two things came
// later: GNU's 'L' and 'K' entries, whose content is the long name or long link target of the entry behind
// them, and POSIX' 'x' entries, whose content is lines "LENGTH key=value\n" about it (path, linkpath, size).
// The end is a block of zeros, or the end of the file.
#include <array>
#include <optional>
#include <string_view>

#include "core/base/archive.hpp"

namespace souschef::core {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kLongestName = 16U << 10;

Error corrupt(const char* why) {
  return Error(ErrorCode::corrupt, "the tar archive cannot be read", why);
}

std::string_view text_at(std::span<const std::byte> block, std::size_t at, std::size_t length) {
  const std::string_view field(reinterpret_cast<const char*>(block.data()) + at, length);
  return field.substr(0, field.find('\0'));
}

// Octal digits with spaces and zeros around them, or, for large sizes, GNU's binary form.
std::optional<std::uint64_t> number_at(std::span<const std::byte> block, std::size_t at, std::size_t length) {
  const std::string_view field(reinterpret_cast<const char*>(block.data()) + at, length);
  std::uint64_t value = 0;
  if ((static_cast<unsigned char>(field[0]) & 0x80) != 0) {
    for (std::size_t i = 1; i < field.size(); ++i) {
      if (value >> 54 != 0) return std::nullopt;
      value = value << 8 | static_cast<unsigned char>(field[i]);
    }
    return value;
  }
  for (const char c : field) {
    if (c == ' ' || c == '\0') continue;
    if (c < '0' || c > '7' || value >> 60 != 0) return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

bool checksum_fits(std::span<const std::byte> block) {
  constexpr std::size_t kAt = 148, kLength = 8;
  const auto written = number_at(block, kAt, kLength);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i)
    sum += i >= kAt && i < kAt + kLength ? ' ' : std::to_integer<std::uint64_t>(block[i]);
  return written == sum;
}

// What the entries before one say about it.
struct Beforehand {
  std::optional<std::string> name, link;
  std::optional<std::uint64_t> size;
};

bool read_pax(std::string_view text, Beforehand& next) {
  while (!text.empty()) {
    std::size_t length = 0, at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && length < text.size(); ++at)
      length = length * 10 + static_cast<std::size_t>(text[at] - '0');
    if (at == 0 || at >= text.size() || text[at] != ' ' || length <= at + 1 || length > text.size() ||
        text[length - 1] != '\n')
      return false;
    const std::string_view record = text.substr(at + 1, length - at - 2);
    text.remove_prefix(length);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key == "path") next.name = value;
    if (key == "linkpath") next.link = value;
    if (key == "size") {
      std::uint64_t size = 0;
      for (const char c : value) {
        if (c < '0' || c > '9' || size >> 59 != 0) return false;
        size = size * 10 + static_cast<std::uint64_t>(c - '0');
      }
      next.size = size;
    }
  }
  return true;
}

std::string header_name(std::span<const std::byte> block) {
  std::string name(text_at(block, 0, 100));
  const bool is_ustar = text_at(block, 257, 5) == "ustar";
  const std::string_view prefix =
      is_ustar && text_at(block, 257, 6) == "ustar" ? text_at(block, 345, 155) : "";
  return prefix.empty() ? name : std::string(prefix) + "/" + name;
}

Result<ArchiveEntry> entry_of(std::span<const std::byte> block, std::span<const std::byte> content,
                              const Beforehand& before) {
  ArchiveEntry entry;
  entry.name = before.name.value_or(header_name(block));
  const char type = static_cast<char>(block[156]);
  const std::string_view target = before.link ? std::string_view(*before.link) : text_at(block, 157, 100);
  switch (type) {
    case '0':
    case '7':
    case '\0':
      entry.kind = entry.name.ends_with('/') ? ArchiveEntry::Kind::folder : ArchiveEntry::Kind::file;
      entry.executable = (number_at(block, 100, 8).value_or(0) & 0111) != 0;
      entry.content.assign(content.begin(), content.end());
      return entry;
    case '5':
      entry.kind = ArchiveEntry::Kind::folder;
      return entry;
    case '2': {
      const auto bytes = std::as_bytes(std::span(target));
      entry.kind = ArchiveEntry::Kind::link;
      entry.content.assign(bytes.begin(), bytes.end());
      return entry;
    }
    default:
      return Error(ErrorCode::bad_input, "the archive holds an entry that cannot be: " + entry.name,
                   "it is neither a file nor a folder nor a symbolic link");
  }
}

}  // namespace

Result<std::vector<ArchiveEntry>> read_tar(std::span<const std::byte> bytes) {
  std::vector<ArchiveEntry> entries;
  Beforehand next;
  while (bytes.size() >= kBlock) {
    const auto block = bytes.first(kBlock);
    bytes = bytes.subspan(kBlock);
    if (block[0] == std::byte{0}) return entries;
    if (!checksum_fits(block)) return corrupt("the checksum of an entry does not fit");
    const char type = static_cast<char>(block[156]);
    const auto written = number_at(block, 124, 12);
    const bool is_note = type == 'L' || type == 'K' || type == 'x' || type == 'g';
    const std::uint64_t size = next.size && !is_note ? *next.size : written.value_or(0);
    if (!written || size > bytes.size()) return corrupt("an entry is cut off");
    const auto content = bytes.first(static_cast<std::size_t>(size));
    bytes = bytes.subspan(std::min(bytes.size(), (content.size() + kBlock - 1) / kBlock * kBlock));
    if (is_note) {
      const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
      if (text.size() > kLongestName) return corrupt("an entry's name is too long");
      if (type == 'L') next.name = text.substr(0, text.find('\0'));
      if (type == 'K') next.link = text.substr(0, text.find('\0'));
      if (type == 'x' && !read_pax(text, next)) return corrupt("an entry's extended header is damaged");
      continue;
    }
    if (entries.size() == kMostArchiveEntries)
      return Error(ErrorCode::bad_input, "the archive holds more entries than a plugin may have");
    SOUSCHEF_TRY(ArchiveEntry entry, entry_of(block, content, next));
    entries.push_back(std::move(entry));
    next = {};
  }
  if (entries.empty()) return corrupt("there is nothing in it");
  return entries;
}

}  // namespace souschef::core
