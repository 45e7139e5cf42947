// SPDX-License-Identifier: MIT
#include "store/pack_writer.hpp"

#include <utility>

#include "store/atomic_file.hpp"

namespace souschef::store {

namespace {

// The kernel is asked to write out as we go, so that the sync at the end waits for little.
constexpr std::uint64_t kWritebackStep = 8U << 20;

}  // namespace

Result<std::unique_ptr<PackWriter>> PackWriter::begin(FileSystem& disk, const StorePaths& paths,
                                                      const std::string& lease_id) {
  SOUSCHEF_TRY(auto file, disk.create(paths.temporary() / temporary_name(lease_id)));
  std::unique_ptr<PackWriter> writer(new PackWriter(disk, paths, std::move(file)));
  append_header(writer->header_, {lease_id});
  SOUSCHEF_CHECK(writer->write(writer->header_));
  return writer;
}

PackWriter::~PackWriter() {
  if (file_ != nullptr) static_cast<void>(disk_.remove_file(file_->path()).has_value());
}

Status PackWriter::write(std::span<const std::byte> data) {
  SOUSCHEF_CHECK(file_->write_at(offset_, data));
  offset_ += data.size();
  if (offset_ - written_back_ >= kWritebackStep) {
    file_->start_writeback(written_back_, offset_ - written_back_);
    written_back_ = offset_;
  }
  return {};
}

Status PackWriter::append(const FrameHeader& header, std::span<const std::byte> stored) {
  const std::size_t start = frame_headers_.size();
  const std::uint64_t offset = offset_;
  append_frame_header(frame_headers_, header);
  SOUSCHEF_CHECK(write(std::span(frame_headers_).subspan(start)));
  SOUSCHEF_CHECK(write(stored));
  frames_.push_back({offset, header});
  return {};
}

bool PackWriter::full() const {
  return offset_ >= kPackTarget || frame_headers_.size() >= kFooterTarget;
}

Result<FinishedPack> PackWriter::finish() {
  FinishedPack pack;
  Bytes footer;
  pack.id =
      append_footer(footer, header_, static_cast<std::uint32_t>(frames_.size()), offset_, frame_headers_);
  SOUSCHEF_CHECK(write(footer));
  pack.size = offset_;
  SOUSCHEF_CHECK(make_folders(disk_, paths_.pack_folder(pack.id)));
  // From here the file is published or removed by this call.
  SOUSCHEF_TRY(const Published published, publish_open_file(disk_, std::move(file_), paths_.pack(pack.id)));
  static_cast<void>(published);  // a pack with equal content is as good as ours
  pack.frames = std::move(frames_);
  return pack;
}

}  // namespace souschef::store
