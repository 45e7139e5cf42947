// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/filter.hpp"
#include "plugins/blend/filter_stream.hpp"
#include "tests/support/memory_file.hpp"

namespace souschef::blend {

// Keeps the chunks of a stream, and holds the filter to the contract of slices and cuts.
class ChunkSink final : public SliceSink {
 public:
  bool emit(std::span<const std::byte> slice, std::span<const std::uint32_t> cuts) override {
    EXPECT_LE(slice.size(), kMaxSlice);
    EXPECT_FALSE(cuts.empty());
    EXPECT_EQ(cuts.empty() ? 0 : cuts.back(), slice.size());
    std::uint32_t from = 0;
    for (const std::uint32_t to : cuts) {
      EXPECT_LT(from, to);
      EXPECT_LE(to - from, kMaxChunk);
      chunks.emplace_back(reinterpret_cast<const char*>(slice.data()) + from, to - from);
      from = to;
    }
    return chunks.size() < stop_after;
  }
  std::vector<std::string> chunks;
  std::size_t stop_after = SIZE_MAX;
};

// A file that went through the filter.
class Filtered {
 public:
  explicit Filtered(std::string bytes, test::MemoryFile::Access access = test::MemoryFile::Access::mapped)
      : file_(std::move(bytes), access) {
    BlendAnalyser analyser{Host(nullptr)};
    auto opened = analyser.open(file_, std::filesystem::temp_directory_path());
    if (!opened || *opened == nullptr) return;
    analysis_ = std::move(*opened);
    const auto encoded = BlendFilter().encode(*analysis_, sink_);
    if (!encoded)
      failure_ = encoded.error().line();
    else
      done_ = *encoded == Encoded::done;
    EXPECT_TRUE(done_ || sink_.chunks.empty());
  }

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] Analysis& analysis() { return *analysis_; }
  [[nodiscard]] const std::vector<std::string>& chunks() const { return sink_.chunks; }

  [[nodiscard]] std::string stream() const {
    std::string all;
    for (const std::string& chunk : sink_.chunks) all += chunk;
    return all;
  }
  [[nodiscard]] std::string content() const {
    std::string all;
    while (all.size() < analysis_->content_size()) {
      const auto piece = analysis_->content(all.size(), 1U << 20);
      if (piece.empty()) return "cannot be read";
      all.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    return all;
  }

 private:
  test::MemoryFile file_;
  std::unique_ptr<Analysis> analysis_;
  ChunkSink sink_;
  bool done_ = false;
  std::string failure_;
};

// What a stream decodes to, pushed in pieces of `step` bytes. The error's code as text where it fails.
struct Decoded {
  std::string content;
  std::string failure;
};
inline Decoded decode(std::string_view stream, std::uint64_t content_size, std::size_t step = SIZE_MAX) {
  StringSink out;
  auto decoder = BlendFilter().decode(kFilterVersion, content_size, out);
  if (!decoder) return {"", decoder.error().line()};
  auto bytes = std::as_bytes(std::span(stream));
  while (!bytes.empty()) {
    const auto now = bytes.first(std::min(step, bytes.size()));
    if (const Status pushed = (*decoder)->push(now); !pushed) return {out.text, pushed.error().line()};
    bytes = bytes.subspan(now.size());
  }
  const Status finished = (*decoder)->finish();
  return {out.text, finished ? "" : finished.error().line()};
}

// Not EXPECT_EQ: the difference of two files is nothing to print.
inline ::testing::AssertionResult comes_back(const Filtered& file, std::size_t step = SIZE_MAX) {
  if (!file.done()) return ::testing::AssertionFailure() << "declined " << file.failure();
  const std::string content = file.content();
  const Decoded decoded = decode(file.stream(), content.size(), step);
  if (!decoded.failure.empty()) return ::testing::AssertionFailure() << decoded.failure;
  if (decoded.content == content) return ::testing::AssertionSuccess();
  const auto differs =
      std::mismatch(content.begin(), content.end(), decoded.content.begin(), decoded.content.end());
  return ::testing::AssertionFailure() << "differs at byte " << differs.first - content.begin() << " of "
                                       << content.size() << ", " << decoded.content.size() << " came back";
}

// The kind of the first page of a chunk.
inline std::uint8_t kind_of(const std::string& chunk) {
  return static_cast<std::uint8_t>(chunk.front());
}

// The chunks of `later` that `earlier` does not have.
inline std::vector<std::string> new_chunks(const Filtered& earlier, const Filtered& later) {
  const std::set<std::string> known(earlier.chunks().begin(), earlier.chunks().end());
  std::vector<std::string> fresh;
  for (const std::string& chunk : later.chunks())
    if (!known.contains(chunk)) fresh.push_back(chunk);
  return fresh;
}

}  // namespace souschef::blend
