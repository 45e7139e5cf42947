// SPDX-License-Identifier: MIT
// Frames are independent, so they are packed side by side, a batch at a time. What a frame becomes depends on
// its content, the level and the library: so the sizes of the frames and the level are all that has to be
// kept. Levels are tried on one frame, and some more of a large file are sampled; a library that packs
// differently from the one that wrote the file (1.5.0 in most official Blenders of 3.x) is told apart by the
// first of them. Whether all come out is proven by whoever relies on it.
#include "plugins/blend/zstd_wrapper.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "plugins/blend/file_window.hpp"
#include "plugins/blend/filter_stream.hpp"
#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

constexpr std::uint8_t kParametersVersion = 1;
constexpr std::uint8_t kChecksums = 1;
constexpr std::uint8_t kSeekTable = 2;
constexpr int kBlenderLevel = 3;

constexpr std::size_t kMaxTrailing = 64U << 10;
constexpr std::size_t kFreshFrame = 1U << 20;
// What is packed at once.
constexpr std::size_t kBatch = 8U << 20;
constexpr std::size_t kBatchFrames = 64;
// A frame that is tried at all levels has at most so much.
constexpr std::uint32_t kTrialFrame = 128U << 10;
constexpr std::size_t kFramesPerSample = 16;  // so that the samples cost little beside the proof
constexpr std::size_t kMostSamples = 6;

// Whether this very frame comes out at a level.
class Trial {
 public:
  Trial(const Container& container, bool checksums) : container_(container), checksums_(checksums) {}

  Result<bool> comes_out(const ZstdFrame& frame, int level) {
    const auto content = container_.content().bytes(frame.content_offset, frame.size);
    SOUSCHEF_CHECK(container_.content().status());
    SOUSCHEF_CHECK(pack_zstd_frame(content, level, checksums_, packed_));
    const auto stored = file_window(container_.file(), frame.offset, frame.stored, buffer_);
    return std::equal(stored.begin(), stored.end(), packed_.begin(), packed_.end());
  }

 private:
  const Container& container_;
  bool checksums_;
  std::vector<std::byte> packed_;
  std::vector<std::byte> buffer_;
};

// The largest frame that is still quick to pack; others say little about a level.
const ZstdFrame& frame_for_levels(const std::vector<ZstdFrame>& frames) {
  const ZstdFrame* best = nullptr;
  for (const ZstdFrame& frame : frames)
    if (frame.size <= kTrialFrame && (best == nullptr || frame.size > best->size)) best = &frame;
  return best == nullptr ? frames.front() : *best;
}

Result<std::optional<int>> find_level(const Container& container, bool checksums) {
  const std::vector<ZstdFrame>& frames = container.frames()->frames;
  Trial trial(container, checksums);
  const ZstdFrame& telling = frame_for_levels(frames);
  std::optional<int> level;
  for (int candidate = 0; candidate <= kMaxZstdLevel && !level; ++candidate) {
    if (candidate == kBlenderLevel) continue;  // tried first, as 0
    const int tried = candidate == 0 ? kBlenderLevel : candidate;
    // High levels are slow, and no Blender uses them.
    if (tried > 9 && telling.size > kTrialFrame) break;
    SOUSCHEF_TRY(const bool same, trial.comes_out(telling, tried));
    if (same) level = tried;
  }
  if (!level) return level;
  const std::size_t samples = std::min(frames.size() / kFramesPerSample, kMostSamples);
  for (std::size_t i = 0; i < samples; ++i) {
    SOUSCHEF_TRY(const bool same,
                 trial.comes_out(frames[(2 * i + 1) * frames.size() / (2 * samples)], *level));
    if (!same) return std::optional<int>();
  }
  return level;
}

bool lie_one_behind_the_other(const std::vector<ZstdFrame>& frames) {
  std::uint64_t at = 0;
  for (const ZstdFrame& frame : frames) {
    if (frame.offset != at || frame.size == 0) return false;
    at += frame.stored;
  }
  return true;
}

// Packs frames as their content comes. One thread at a time.
class ZstdWrap final : public PushTransform {
 public:
  ZstdWrap(ZstdWrapping wrapping, Host host, ByteSink& out)
      : wrapping_(std::move(wrapping)), host_(host), out_(out), fresh_(wrapping_.runs.empty()) {}

  Status push(std::span<const std::byte> data) override {
    while (!data.empty()) {
      if (frame_left_ == 0) SOUSCHEF_CHECK(begin_frame());
      const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(frame_left_, data.size()));
      batch_.insert(batch_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(now));
      data = data.subspan(now);
      frame_left_ -= now;
      ends_.back() += now;
      if (frame_left_ == 0 && (batch_.size() >= kBatch || ends_.size() == kBatchFrames))
        SOUSCHEF_CHECK(pack());
    }
    return {};
  }

  Status finish() override {
    const bool complete = fresh_ || (frame_left_ == 0 && run_ == wrapping_.runs.size());
    if (!complete) return Error(ErrorCode::corrupt, "the content is shorter than its wrapper says");
    SOUSCHEF_CHECK(pack());
    if (wrapping_.seek_table) SOUSCHEF_CHECK(write(zstd_seek_table(stored_, sizes_)));
    return write(wrapping_.trailing);
  }

 private:
  Status begin_frame() {
    if (sizes_.size() + ends_.size() >= kMaxFrames)
      return Error(ErrorCode::corrupt, "a wrapper of more frames than any file has");
    frame_left_ = kFreshFrame;
    if (!fresh_) {
      if (run_ == wrapping_.runs.size())
        return Error(ErrorCode::corrupt, "the content is longer than its wrapper says");
      frame_left_ = wrapping_.runs[run_].size;
      if (--wrapping_.runs[run_].frames == 0) ++run_;
    }
    ends_.push_back(batch_.size());
    return {};
  }

  // Everything in the batch; its frames are complete, but for the last one of a fresh wrapper.
  Status pack() {
    if (ends_.empty()) return {};
    packed_.resize(std::max(packed_.size(), ends_.size()));
    Status failure;
    std::mutex failing;
    host_.parallel(ends_.size(), [&](std::size_t i) {
      const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
      Status done = pack_zstd_frame(std::span(batch_).subspan(begin, ends_[i] - begin), wrapping_.level,
                                    wrapping_.checksums, packed_[i]);
      if (done) return;
      const std::lock_guard lock(failing);
      failure = std::move(done);
    });
    SOUSCHEF_CHECK(std::move(failure));
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      stored_.push_back(static_cast<std::uint32_t>(packed_[i].size()));
      sizes_.push_back(static_cast<std::uint32_t>(ends_[i] - (i == 0 ? 0 : ends_[i - 1])));
      SOUSCHEF_CHECK(write(packed_[i]));
    }
    batch_.clear();
    ends_.clear();
    return {};
  }

  Status write(std::span<const std::byte> data) {
    if (data.empty() || out_.write(data)) return {};
    return Error(ErrorCode::cancelled, "stopped while wrapping a .blend");
  }

  ZstdWrapping wrapping_;
  Host host_;
  ByteSink& out_;
  const bool fresh_;
  std::size_t run_ = 0;
  std::uint64_t frame_left_ = 0;
  std::vector<std::byte> batch_;
  std::vector<std::size_t> ends_;  // of the frames in the batch
  std::vector<std::vector<std::byte>> packed_;
  std::vector<std::uint32_t> stored_;
  std::vector<std::uint32_t> sizes_;
};

}  // namespace

Result<std::optional<ZstdWrapping>> describe_zstd(const Container& container) {
  std::optional<ZstdWrapping> nothing;
  if (!container.frames() || !lie_one_behind_the_other(container.frames()->frames)) return nothing;
  const std::vector<ZstdFrame>& frames = container.frames()->frames;
  const InputFile& file = container.file();

  ZstdWrapping wrapping;
  std::vector<std::byte> buffer;
  wrapping.checksums = zstd_frame_has_checksum(file_window(file, 0, 32, buffer));

  std::vector<std::uint32_t> stored;
  std::vector<std::uint32_t> sizes;
  for (const ZstdFrame& frame : frames) {
    stored.push_back(frame.stored);
    sizes.push_back(frame.size);
    if (!wrapping.runs.empty() && wrapping.runs.back().size == frame.size)
      ++wrapping.runs.back().frames;
    else
      wrapping.runs.push_back({1, frame.size});
  }
  const std::uint64_t end = frames.back().offset + frames.back().stored;
  const std::vector<std::byte> table = zstd_seek_table(stored, sizes);
  if (file.size() - end > table.size() + kMaxTrailing) return nothing;
  auto rest = file_window(file, end, static_cast<std::size_t>(file.size() - end), buffer);
  if (rest.size() != file.size() - end) return Error(ErrorCode::io, "cannot read the compressed file");
  wrapping.seek_table = rest.size() >= table.size() && std::equal(table.begin(), table.end(), rest.begin());
  if (wrapping.seek_table) rest = rest.subspan(table.size());
  if (rest.size() > kMaxTrailing) return nothing;
  wrapping.trailing.assign(rest.begin(), rest.end());

  SOUSCHEF_TRY(const std::optional<int> level, find_level(container, wrapping.checksums));
  if (!level) return nothing;
  wrapping.level = *level;
  return std::optional(std::move(wrapping));
}

std::string write_parameters(const ZstdWrapping& wrapping) {
  std::vector<std::byte> out;
  out.push_back(std::byte{kParametersVersion});
  out.push_back(static_cast<std::byte>(wrapping.level));
  out.push_back(
      static_cast<std::byte>((wrapping.checksums ? kChecksums : 0) | (wrapping.seek_table ? kSeekTable : 0)));
  put_number(out, wrapping.runs.size());
  for (const ZstdWrapping::Run& run : wrapping.runs) {
    put_number(out, run.size);
    put_number(out, run.frames);
  }
  put_bytes(out, wrapping.trailing);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::optional<ZstdWrapping> read_zstd_parameters(std::span<const std::byte> parameters) {
  NumberReader in(parameters);
  ZstdWrapping wrapping;
  const std::uint8_t version = in.byte();
  wrapping.level = in.byte();
  const std::uint8_t flags = in.byte();
  if (version != kParametersVersion || wrapping.level < 1 || wrapping.level > kMaxZstdLevel)
    return std::nullopt;
  if ((flags & ~(kChecksums | kSeekTable)) != 0) return std::nullopt;
  wrapping.checksums = (flags & kChecksums) != 0;
  wrapping.seek_table = (flags & kSeekTable) != 0;
  const std::uint64_t runs = in.number();
  if (runs == 0 || runs > in.left()) return std::nullopt;
  std::uint64_t frames = 0;
  for (std::uint64_t i = 0; i < runs; ++i) {
    ZstdWrapping::Run run;
    run.size = in.number();
    run.frames = in.number();
    if (run.size == 0 || run.size > kMaxFrame || run.frames == 0 || run.frames > kMaxFrames - frames)
      return std::nullopt;
    frames += run.frames;
    wrapping.runs.push_back(run);
  }
  if (in.failed() || in.left() > kMaxTrailing) return std::nullopt;
  wrapping.trailing.assign(in.position(), in.position() + in.left());
  return wrapping;
}

std::unique_ptr<PushTransform> wrap_zstd(ZstdWrapping wrapping, Host host, ByteSink& out) {
  return std::make_unique<ZstdWrap>(std::move(wrapping), host, out);
}

}  // namespace souschef::blend
