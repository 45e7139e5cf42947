// SPDX-License-Identifier: MIT
#include "store/pack_reader.hpp"

#include <algorithm>
#include <utility>

namespace souschef::store {

namespace {

// A frame header of the largest object count, and a frame of the most raw bytes stored as it is.
constexpr std::uint64_t kMostFrameOnDisk =
    kFrameHeaderStart + 40ULL * kMostFrameObjects + 8 + 2 * kMostFrameBytes;

}  // namespace

Result<std::shared_ptr<PackReader>> PackReader::open(FileSystem& disk, const std::filesystem::path& path,
                                                     const PackId& id) {
  SOUSCHEF_TRY(auto file, disk.open(path, Access::read));
  SOUSCHEF_TRY(const FileStatus status, file->status());
  if (status.kind != FileKind::regular)
    return Error(ErrorCode::corrupt, "damaged pack " + id.brief(), "not a regular file");
  return std::shared_ptr<PackReader>(new PackReader(std::move(file), id, status.size));
}

Error PackReader::named(Error error) const {
  return std::move(error).in_context("cannot read pack " + id_.brief());
}

Result<Bytes> PackReader::read(std::uint64_t offset, std::uint64_t size) const {
  if (offset > size_ || size > size_ - offset)
    return named(Error(ErrorCode::corrupt, "it is cut off",
                       std::to_string(size_) + " bytes, needed up to " + std::to_string(offset + size)));
  Bytes bytes(static_cast<std::size_t>(size));
  auto count = file_->read_at(offset, bytes);
  if (!count) return named(std::move(count).error());
  if (*count != size) return named(Error(ErrorCode::corrupt, "it was cut off while it was read"));
  return bytes;
}

Result<PackTable> PackReader::table() const {
  SOUSCHEF_TRY(const Bytes last, read(size_ - std::min<std::uint64_t>(size_, kPackTailBytes),
                                      std::min<std::uint64_t>(size_, kPackTailBytes)));
  auto tail = parse_tail(last);
  if (!tail) return named(std::move(tail).error());
  if (tail->footer_hash != id_.hash) return named(Error(ErrorCode::corrupt, "its footer has another name"));
  if (tail->footer_size + kPackTailBytes > size_) return named(Error(ErrorCode::corrupt, "it is cut off"));
  const std::uint64_t offset = size_ - kPackTailBytes - tail->footer_size;
  SOUSCHEF_TRY(const Bytes footer, read(offset, tail->footer_size));
  auto table = parse_footer(footer, id_);
  if (!table) return named(std::move(table).error());
  if (table->footer_offset != offset)
    return named(Error(ErrorCode::corrupt, "bytes are missing or too many"));
  return table;
}

Result<PackHeader> PackReader::header() const {
  SOUSCHEF_TRY(const Bytes front, read(0, std::min<std::uint64_t>(size_, kMostHeaderBytes)));
  auto header = parse_header(front);
  if (!header) return named(std::move(header).error());
  return std::move(header->header);
}

Result<std::shared_ptr<const LoadedFrame>> PackReader::frame(std::uint64_t offset, std::uint64_t size) const {
  if (size > kMostFrameOnDisk) return named(Error(ErrorCode::corrupt, "a frame that is too large"));
  SOUSCHEF_TRY(Bytes bytes, read(offset, size));
  auto frame = LoadedFrame::parse(std::move(bytes));
  if (!frame) return named(std::move(frame).error());
  return frame;
}

Result<PackReader::Salvage> PackReader::salvage() const {
  SOUSCHEF_TRY(const Bytes front, read(0, std::min<std::uint64_t>(size_, kMostHeaderBytes)));
  auto header = parse_header(front);
  if (!header) return named(std::move(header).error());
  Salvage salvage;
  salvage.header = std::move(header->header);
  std::uint64_t offset = header->size;
  const auto stop = [&](std::string why) {
    salvage.why = std::move(why);
    salvage.lost_bytes = size_ - offset;
  };
  while (offset < size_) {
    SOUSCHEF_TRY(const Bytes start, read(offset, std::min<std::uint64_t>(size_ - offset, kFrameHeaderStart)));
    if (start.size() >= 4 &&
        std::equal(start.begin(), start.begin() + 4, std::as_bytes(std::span("SCFT")).begin()))
      break;  // the footer
    const auto header_size = frame_header_size(start);
    if (!header_size) {
      stop(header_size.error().line());
      break;
    }
    if (*header_size > size_ - offset) {
      stop("it is cut off");
      break;
    }
    SOUSCHEF_TRY(const Bytes header_bytes, read(offset, *header_size));
    auto parsed = parse_frame_header(header_bytes);
    if (!parsed || parsed->stored_size > size_ - offset - *header_size) {
      stop(parsed ? "it is cut off" : parsed.error().line());
      break;
    }
    SOUSCHEF_TRY(const auto loaded, frame(offset, *header_size + parsed->stored_size));
    if (!loaded->stored_bytes_match()) {
      stop("a frame with a wrong checksum");
      break;
    }
    salvage.frames.push_back({offset, std::move(*parsed)});
    offset += salvage.frames.back().size();
  }
  return salvage;
}

}  // namespace souschef::store
