// SPDX-License-Identifier: MIT
// A zip archive is read from its end: the last record says where the directory is, the directory has one
// record an entry with sizes, checksum and where the entry begins, and there stands a header with its name
// once more and then the content. The directory counts; archives with more than 4 GiB (zip64), in parts or
// encrypted are refused.
#include <algorithm>

#include "core/base/archive.hpp"
#include "core/base/byte_reader.hpp"
#include "core/base/inflate.hpp"

namespace souschef::core {
namespace {

constexpr std::uint32_t kEndMark = 0x06054b50, kEntryMark = 0x02014b50, kContentMark = 0x04034b50;
constexpr std::size_t kEndSize = 22, kLongestComment = 0xffff;
constexpr std::uint32_t kUnix =
    3;  // who made the entry: then the mode is in the upper half of its attributes
constexpr std::uint32_t kTypeMask = 0170000, kLinkType = 0120000, kFolderType = 0040000, kFileType = 0100000;

Error corrupt(const char* why) {
  return Error(ErrorCode::corrupt, "the zip archive cannot be read", why);
}

// Where the directory is, and how many records it has.
struct Directory {
  std::uint32_t offset = 0, count = 0;
};

Result<Directory> find_directory(std::span<const std::byte> bytes) {
  for (std::size_t back = kEndSize; back <= std::min(bytes.size(), kEndSize + kLongestComment); ++back) {
    ByteReader reader(bytes.subspan(bytes.size() - back));
    if (reader.u32() != kEndMark) continue;
    const std::uint16_t disk = reader.u16(), first_disk = reader.u16();
    reader.u16();
    const std::uint16_t count = reader.u16();
    reader.u32();
    const std::uint32_t offset = reader.u32();
    if (reader.u16() != back - kEndSize) continue;  // the mark stands by chance in a comment
    if (disk != 0 || first_disk != 0 || count == 0xffff || offset == 0xffffffff)
      return Error(ErrorCode::unsupported, "the zip archive is larger than a plugin may be, or in parts");
    return Directory{offset, count};
  }
  return corrupt("its directory is missing");
}

struct Record {
  std::uint16_t flags = 0, method = 0;
  std::uint32_t checksum = 0, packed = 0, size = 0, mode = 0, offset = 0;
  std::string name;
};

Result<Record> read_record(ByteReader& reader) {
  Record record;
  if (reader.u32() != kEntryMark) return corrupt("its directory is damaged");
  const std::uint16_t made_by = reader.u16();
  reader.u16();
  record.flags = reader.u16();
  record.method = reader.u16();
  reader.u32();
  record.checksum = reader.u32();
  record.packed = reader.u32();
  record.size = reader.u32();
  const std::uint16_t name = reader.u16(), extra = reader.u16(), comment = reader.u16();
  reader.u32();
  const std::uint32_t attributes = reader.u32();
  if (made_by >> 8 == kUnix) record.mode = attributes >> 16;
  record.offset = reader.u32();
  const auto text = reader.take(name);
  reader.take(std::uint64_t{extra} + comment);
  if (!reader.good()) return corrupt("its directory is damaged");
  record.name.assign(reinterpret_cast<const char*>(text.data()), text.size());
  return record;
}

Result<std::vector<std::byte>> content_of(std::span<const std::byte> bytes, const Record& record) {
  if ((record.flags & 1U) != 0)
    return Error(ErrorCode::unsupported, "the zip archive is encrypted").next_step("unpack it yourself");
  if (record.method != 0 && record.method != 8)
    return Error(ErrorCode::unsupported, "the zip archive is compressed in a way that is not known here")
        .next_step("unpack it, then  souschef plugin add FOLDER");
  ByteReader reader(bytes);
  reader.seek(record.offset);
  if (reader.u32() != kContentMark) return corrupt("an entry is not where its directory says");
  reader.take(22);
  const std::uint16_t name = reader.u16(), extra = reader.u16();
  reader.take(std::uint64_t{name} + extra);
  const auto packed = reader.take(record.packed);
  if (!reader.good()) return corrupt("an entry is cut off");
  std::vector<std::byte> content(record.size);
  if (content.empty()) return content;  // whatever is packed there unpacks to nothing
  const bool whole =
      record.method == 0 ? packed.size() == content.size() : inflate_exactly(packed, content, Deflated::raw);
  if (whole && record.method == 0) std::copy(packed.begin(), packed.end(), content.begin());
  if (!whole || crc32_of(content) != record.checksum) return corrupt("an entry is damaged");
  return content;
}

}  // namespace

Result<std::vector<ArchiveEntry>> read_zip(std::span<const std::byte> bytes) {
  SOUSCHEF_TRY(const Directory directory, find_directory(bytes));
  ByteReader reader(bytes);
  reader.seek(directory.offset);
  std::vector<ArchiveEntry> entries;
  std::size_t total = 0;
  for (std::uint32_t i = 0; i < directory.count; ++i) {
    SOUSCHEF_TRY(Record record, read_record(reader));
    total += record.size;  // before anything of that size is made
    if (total > kMostArchiveBytes || entries.size() == kMostArchiveEntries)
      return Error(ErrorCode::bad_input, "the archive unpacks to more than a plugin may have",
                   "more than " + std::to_string(kMostArchiveBytes >> 20) + " MiB, or too many entries");
    const std::uint32_t type = record.mode & kTypeMask;
    if (type != 0 && type != kLinkType && type != kFolderType && type != kFileType)
      return Error(ErrorCode::bad_input, "the archive holds an entry that cannot be: " + record.name,
                   "it is neither a file nor a folder nor a symbolic link");
    ArchiveEntry entry{
        .name = record.name, .kind = ArchiveEntry::Kind::file, .executable = false, .content = {}};
    if (type == kLinkType) entry.kind = ArchiveEntry::Kind::link;
    if (type == kFolderType || record.name.ends_with('/')) entry.kind = ArchiveEntry::Kind::folder;
    entry.executable = (record.mode & 0111) != 0;
    if (entry.kind != ArchiveEntry::Kind::folder) {
      SOUSCHEF_TRY(entry.content, content_of(bytes, record));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace souschef::core
