// SPDX-License-Identifier: MIT
#include "plugins/blend/wrapper.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/zstd_stream.hpp"
#include "tests/support/blend_wrap.hpp"
#include "tests/support/memory_file.hpp"

namespace souschef::blend {
namespace {

using test::MemoryFile;
using test::ZstdStyle;

// Something that begins like a .blend and packs neither too well nor too badly. The same on every machine.
std::string content_of(std::size_t size) {
  std::string content = "BLENDER-v304";
  std::mt19937 random(11);
  while (content.size() < size) {
    const std::size_t from = random() % content.size();
    content += content.substr(from, random() % 60) + static_cast<char>(random());
  }
  content.resize(size);
  return content;
}

class Wrapped {
 public:
  explicit Wrapped(std::string bytes) : bytes_(bytes), file_(std::move(bytes)) {
    auto opened = BlendAnalyser(Host(nullptr)).open(file_, std::filesystem::temp_directory_path());
    EXPECT_TRUE(opened && *opened != nullptr);
    analysis_ = std::move(*opened);
    parameters_ = *wrapper_.describe(*analysis_);
  }

  [[nodiscard]] const std::string& parameters() const { return parameters_; }
  [[nodiscard]] WrapperKind kind() const { return wrapper_.kind(*analysis_); }

  // The file as wrap() makes it, the content pushed in pieces of `step`.
  [[nodiscard]] std::string again(std::string_view parameters, std::size_t step = 100'000) {
    StringSink out;
    auto wrapping = wrapper_.wrap(kind(), parameters, out);
    if (!wrapping) return wrapping.error().line();
    for (std::uint64_t at = 0; at < analysis_->content_size(); at += step)
      if (const Status pushed = (*wrapping)->push(analysis_->content(at, step)); !pushed)
        return pushed.error().line();
    if (const Status finished = (*wrapping)->finish(); !finished) return finished.error().line();
    return out.text;
  }
  [[nodiscard]] bool comes_out(std::size_t step = 100'000) {
    return !parameters_.empty() && again(parameters_, step) == bytes_;
  }
  [[nodiscard]] std::string content() {
    const auto all = analysis_->content(0, static_cast<std::size_t>(analysis_->content_size()));
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }

 private:
  std::string bytes_;
  MemoryFile file_;
  BlendWrapper wrapper_{Host(nullptr)};
  std::unique_ptr<Analysis> analysis_;
  std::string parameters_;
};

TEST(Wrapper, FramesOfBlenderComeOut) {
  Wrapped file(test::zstd_wrapped(content_of(900'000), {.frame_sizes = {70'000, 5'304, 1, 200'000}}));
  EXPECT_EQ(file.kind(), WrapperKind::zstd);
  EXPECT_TRUE(file.comes_out());
  EXPECT_TRUE(file.comes_out(999));
  EXPECT_LT(file.parameters().size(), 40U);
}

TEST(Wrapper, FramesOfOtherLevelsComeOut) {
  for (const int level : {1, 2, 4, 6, 9})
    EXPECT_TRUE(Wrapped(test::zstd_wrapped(content_of(300'000), {.level = level})).comes_out()) << level;
}

TEST(Wrapper, FramesWithChecksumsComeOut) {
  EXPECT_TRUE(Wrapped(test::zstd_wrapped(content_of(300'000), {.checksums = true})).comes_out());
}

TEST(Wrapper, OneBigFrameComesOut) {
  EXPECT_TRUE(
      Wrapped(test::zstd_wrapped(content_of(5'000'000), {.frame_sizes = {10'000'000}, .seek_table = false}))
          .comes_out());
}

TEST(Wrapper, FramesWithoutSeekTableComeOut) {
  EXPECT_TRUE(Wrapped(test::zstd_wrapped(content_of(300'000), {.seek_table = false})).comes_out());
}

// What follows is kept as it is: a table with checksums, a skippable frame of somebody else.
TEST(Wrapper, WhatFollowsTheFramesComesOut) {
  EXPECT_TRUE(Wrapped(test::zstd_wrapped(content_of(300'000), {.entry_checksums = true})).comes_out());
  const std::string skippable("\x5A\x2A\x4D\x18\x03\0\0\0abc", 11);
  EXPECT_TRUE(
      Wrapped(test::zstd_wrapped(content_of(300'000), {.seek_table = false}) + skippable).comes_out());
}

TEST(Wrapper, FramesWithSomethingBetweenThemAreNotDescribed) {
  const std::string skippable("\x5A\x2A\x4D\x18\x03\0\0\0abc", 11);
  const std::string content = content_of(300'000);
  const ZstdStyle plain{.seek_table = false};
  Wrapped file(test::zstd_wrapped(content.substr(0, 100'000), plain) + skippable +
               test::zstd_wrapped(content.substr(100'000), plain));
  EXPECT_EQ(file.parameters(), "");
  EXPECT_EQ(file.content(), content);
}

TEST(Wrapper, FramesThatDoNotStateTheirSizeAreNotDescribed) {
  EXPECT_EQ(Wrapped(test::zstd_wrapped(content_of(300'000), {.seek_table = false, .state_sizes = false}))
                .parameters(),
            "");
}

// As an encoder of another version would make them: the frame is valid, its bytes are others.
TEST(Wrapper, FramesThatNobodyElseMakesAreNotDescribed) {
  EXPECT_EQ(
      Wrapped(test::zstd_wrapped(content_of(600'000), {.frame_sizes = {1U << 20}, .level = 15})).parameters(),
      "");
}

TEST(Wrapper, FramesOfSeveralLevelsDoNotComeOut) {
  const std::string content = content_of(300'000);
  Wrapped file(test::zstd_wrapped(content.substr(0, 100'000), {.seek_table = false, .level = 1}) +
               test::zstd_wrapped(content.substr(100'000), {.seek_table = false, .level = 9}));
  EXPECT_FALSE(file.comes_out());
}

TEST(Wrapper, AFreshWrapperHoldsTheContentAndASeekTable) {
  Wrapped file(test::zstd_wrapped(content_of(3'000'000)));
  Wrapped fresh(file.again(""));
  EXPECT_EQ(fresh.kind(), WrapperKind::zstd);
  EXPECT_EQ(fresh.content(), file.content());
  EXPECT_TRUE(fresh.comes_out());
}

TEST(Wrapper, MembersOfGzipComeOut) {
  for (const int level : {1, 6, 9}) {
    Wrapped file(test::gzip_wrapped(content_of(200'000), 3, level));
    EXPECT_EQ(file.kind(), WrapperKind::gzip);
    EXPECT_TRUE(file.comes_out()) << level;
    EXPECT_TRUE(file.comes_out(1'000)) << level;
  }
}

TEST(Wrapper, HeadersOfGzipComeOut) {
  std::string file = test::gzip_wrapped(content_of(100'000));
  // An extra field, a name, a time, another system.
  const std::string header("\x1F\x8B\x08\x0C\x11\x22\x33\x44\x02\x07\x02\0xyscene.blend\0", 26);
  EXPECT_TRUE(Wrapped(header + file.substr(10)).comes_out());
}

TEST(Wrapper, GarbageBehindGzipComesOut) {
  EXPECT_TRUE(Wrapped(test::gzip_wrapped(content_of(100'000)) + "garbage").comes_out());
}

TEST(Wrapper, DeflateOfAnotherLibraryIsNotDescribed) {
  // Stored blocks, which zlib writes at level 0 only.
  Wrapped file(test::gzip_wrapped(content_of(100'000), 1, 0));
  EXPECT_EQ(file.parameters(), "");
}

TEST(Wrapper, AFreshGzipHoldsTheContent) {
  Wrapped file(test::gzip_wrapped(content_of(300'000), 2));
  EXPECT_EQ(Wrapped(file.again("")).content(), file.content());
}

TEST(Wrapper, ContentOfAnotherSizeIsRefused) {
  Wrapped zstd(test::zstd_wrapped(content_of(300'000)));
  Wrapped longer(test::zstd_wrapped(content_of(300'001)));
  EXPECT_NE(zstd.again(longer.parameters()).find("shorter"), std::string::npos);
  EXPECT_NE(longer.again(zstd.parameters()).find("longer"), std::string::npos);
  Wrapped gzip(test::gzip_wrapped(content_of(300'000)));
  Wrapped longer_gzip(test::gzip_wrapped(content_of(300'001)));
  EXPECT_NE(gzip.again(longer_gzip.parameters()).find("shorter"), std::string::npos);
  EXPECT_NE(longer_gzip.again(gzip.parameters()).find("longer"), std::string::npos);
}

TEST(Wrapper, DamagedParametersAreAnErrorOrAnotherFile) {
  Wrapped zstd(test::zstd_wrapped(content_of(200'000), {.frame_sizes = {70'000, 30'000}}));
  Wrapped gzip(test::gzip_wrapped(content_of(200'000), 2));
  for (Wrapped* file : {&zstd, &gzip}) {
    for (std::size_t i = 0; i < file->parameters().size(); ++i) {
      EXPECT_FALSE(file->again(file->parameters().substr(0, i == 0 ? 1 : i)).empty());
      for (const char flip : {'\x01', '\x80', '\xFF'}) {
        std::string damaged = file->parameters();
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        EXPECT_FALSE(file->again(damaged).empty());
      }
    }
  }
}

// Invariant: this build's zstd makes the frames that Blender made with 1.5.2 to 1.5.6. Where this fails,
// files saved compressed come back with a fresh wrapper (`restore` says so); the recorded frame is
// from 1.5.4.
TEST(Wrapper, ThisZstdMakesTheFramesOfBlender) {
  const std::string path = SOUSCHEF_SOURCE_FOLDER "/tests/data/blend/frame_level3.zst";
  const std::string content = content_of(60'000);
  std::vector<std::byte> packed;
  ASSERT_TRUE(pack_zstd_frame(std::as_bytes(std::span(content)), 3, false, packed));
  const std::string text(reinterpret_cast<const char*>(packed.data()), packed.size());
  if (std::getenv("SOUSCHEF_ACCEPT") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream in(path, std::ios::binary);
  const std::string recorded((std::istreambuf_iterator<char>(in)), {});
  EXPECT_TRUE(text == recorded) << "zstd " << zstd_release() << " packs differently: " << text.size()
                                << " bytes, recorded " << recorded.size();
}

TEST(Wrapper, NamesItsEncoders) {
  const BlendWrapper wrapper{Host(nullptr)};
  EXPECT_EQ(wrapper.encoder(WrapperKind::zstd), std::string("zstd ") + zstd_release());
  EXPECT_EQ(wrapper.encoder(WrapperKind::gzip).substr(0, 5), "zlib ");
  EXPECT_EQ(wrapper.encoder(WrapperKind::none), "");
}

}  // namespace
}  // namespace souschef::blend
