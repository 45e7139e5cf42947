// SPDX-License-Identifier: MIT
#include "plugins/blend/container.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "plugins/blend/file_header.hpp"
#include "plugins/blend/file_window.hpp"
#include "plugins/blend/gzip_stream.hpp"

namespace souschef::blend {
namespace {

namespace fs = std::filesystem;

using Opened = Result<std::unique_ptr<Container>>;
using Unpack = Status (*)(const InputFile&, const TakeUnpacked&);

constexpr std::uint64_t kPage = 64U << 10;

// What `stored` bytes may hold.
std::uint64_t most_unpacked(std::uint64_t stored, std::uint64_t free) {
  if (stored >= kUnpackCeiling / kMaxUnpackRatio) return kUnpackCeiling;
  return std::min(free + stored * kMaxUnpackRatio, kUnpackCeiling);
}

Error too_much(std::uint64_t stored, std::uint64_t unpacked) {
  return Error(ErrorCode::bad_input, "the compressed file unpacks to more than any .blend would",
               std::to_string(stored) + " bytes hold " + std::to_string(unpacked) + " or more");
}

// A file that the host could not map: it is read page by page into our own memory.
class FilePages final : public Pieces {
 public:
  explicit FilePages(const InputFile& file) : file_(file) {}
  [[nodiscard]] std::size_t count() const override {
    return static_cast<std::size_t>((file_.size() + kPage - 1) / kPage);
  }
  [[nodiscard]] std::uint64_t offset(std::size_t piece) const override { return piece * kPage; }
  [[nodiscard]] std::uint64_t size(std::size_t piece) const override {
    return std::min(kPage, file_.size() - piece * kPage);
  }
  [[nodiscard]] std::size_t piece_at(std::uint64_t offset) const override {
    return static_cast<std::size_t>(offset / kPage);
  }
  Status load(std::size_t piece, std::span<std::byte> target) const override {
    const std::int64_t got = file_.read_at(piece * kPage, target);
    if (got != static_cast<std::int64_t>(target.size()))
      return Error(ErrorCode::io, "cannot read " + std::string(file_.name()),
                   got < 0 ? "the system reports an error" : "the file has become shorter");
    return {};
  }

 private:
  const InputFile& file_;
};

class FramePieces final : public Pieces {
 public:
  FramePieces(const InputFile& file, std::vector<ZstdFrame> frames)
      : file_(file), frames_(std::move(frames)) {}
  [[nodiscard]] std::size_t count() const override { return frames_.size(); }
  [[nodiscard]] std::uint64_t offset(std::size_t piece) const override {
    return frames_[piece].content_offset;
  }
  [[nodiscard]] std::uint64_t size(std::size_t piece) const override { return frames_[piece].size; }
  [[nodiscard]] std::size_t piece_at(std::uint64_t offset) const override {
    const auto after = std::upper_bound(
        frames_.begin(), frames_.end(), offset,
        [](std::uint64_t wanted, const ZstdFrame& frame) { return wanted < frame.content_offset; });
    return static_cast<std::size_t>(after - frames_.begin()) - 1;
  }
  Status load(std::size_t piece, std::span<std::byte> target) const override {
    return load_zstd_frame(file_, frames_[piece], target);
  }

 private:
  const InputFile& file_;
  std::vector<ZstdFrame> frames_;
};

// Where unpacked bytes go.
struct Room {
  const fs::path& folder;
  std::uint64_t in_memory;
};

Result<Content> content_of_pages(const InputFile& file, const Room& place, Host host) {
  SOUSCHEF_TRY(Scratch room, Scratch::create(file.size(), place.in_memory, place.folder));
  return Content(std::make_unique<FilePages>(file), std::move(room), file.size(), host);
}

Result<Content> content_of_frames(const InputFile& file, const ZstdFrames& frames, const Room& place,
                                  Host host) {
  if (frames.content_size > most_unpacked(file.size(), kFreeInFrames))
    return too_much(file.size(), frames.content_size);
  SOUSCHEF_TRY(Scratch room, Scratch::create(frames.content_size, place.in_memory, place.folder));
  room.use_large_pages();
  return Content(std::make_unique<FramePieces>(file, frames.frames), std::move(room), file.size(), host);
}

// Nothing: the stream holds no .blend. That is told from its first bytes, without unpacking the rest.
Result<std::optional<Content>> content_of_stream(const InputFile& file, Unpack unpack, const Room& place) {
  GrowingScratch room(place.in_memory, place.folder);
  std::vector<std::byte> start;
  bool other = false;
  const auto take = [&](std::span<const std::byte> data, std::uint64_t consumed) -> Status {
    if (start.size() < kMaxHeaderSize) {
      start.insert(start.end(), data.begin(),
                   data.begin() + static_cast<std::ptrdiff_t>(std::min(data.size(), kMaxHeaderSize)));
      other = start.size() >= kMaxHeaderSize && !has_blend_magic(start);
      if (other) return Error(ErrorCode::cancelled, "not a .blend");
    }
    const std::uint64_t unpacked = room.size() + data.size();
    if (unpacked > most_unpacked(consumed, kFreeInStream)) return too_much(consumed, unpacked);
    return room.append(data);
  };
  const Status done = unpack(file, take);
  if (other || (done && !has_blend_magic(start))) return std::optional<Content>();
  if (!done) return done.error();
  SOUSCHEF_TRY(Scratch unpacked, room.finish());
  return std::optional<Content>(std::in_place, std::move(unpacked), file.size());
}

}  // namespace

bool may_be_blend(std::span<const std::byte> start) {
  return has_blend_magic(start) || has_gzip_magic(start) || has_zstd_magic(start);
}

Opened Container::open(const InputFile& file, const fs::path& folder, Host host, std::uint64_t in_memory) {
  const Room place{folder, in_memory};
  std::vector<std::byte> buffer;
  const auto start = file_window(file, 0, kMaxHeaderSize, buffer);
  const auto made = [&](WrapperKind wrapper, Content content) {
    return std::unique_ptr<Container>(new Container(file, wrapper, std::move(content)));
  };
  if (file.size() > kMaxContent)
    return Error(ErrorCode::bad_input, std::string(file.name()) + " is larger than any .blend");

  if (has_blend_magic(start)) {
    if (!file.map().empty()) return made(WrapperKind::none, Content(file.map()));
    SOUSCHEF_TRY(Content content, content_of_pages(file, place, host));
    return made(WrapperKind::none, std::move(content));
  }
  const bool zstd = has_zstd_magic(start);
  if (!zstd && !has_gzip_magic(start)) return std::unique_ptr<Container>();

  if (zstd) {
    if (auto frames = find_zstd_frames(file)) {
      SOUSCHEF_TRY(const auto first, first_bytes(file, frames->frames, kMaxHeaderSize));
      if (!has_blend_magic(first)) return std::unique_ptr<Container>();
      SOUSCHEF_TRY(Content content, content_of_frames(file, *frames, place, host));
      auto container = made(WrapperKind::zstd, std::move(content));
      container->frames_ = std::move(frames);
      return container;
    }
  }
  SOUSCHEF_TRY(std::optional<Content> content,
               content_of_stream(file, zstd ? unpack_zstd : unpack_gzip, place));
  if (!content) return std::unique_ptr<Container>();
  return made(zstd ? WrapperKind::zstd : WrapperKind::gzip, std::move(*content));
}

}  // namespace souschef::blend
