// SPDX-License-Identifier: MIT
#include "plugins/blend/container.hpp"

#include <atomic>
#include <cstring>
#include <thread>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/gzip_stream.hpp"
#include "plugins/blend/limits.hpp"
#include "tests/plugins/blend/opened.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::blend {
namespace {

namespace fs = std::filesystem;

// Some hundred kilobytes with a header in front, not all alike.
std::string content(std::size_t size = 300000) {
  std::string text = "BLENDER-v304";
  while (text.size() < size) text += std::to_string(text.size() * 2654435761U) + ' ';
  return text;
}

Result<std::unique_ptr<Container>> open(const MemoryFile& file) {
  return Container::open(file, fs::temp_directory_path(), Host(nullptr));
}

std::string everything(const Container& container) {
  EXPECT_TRUE(container.content().load_all());
  return text_of(container.content().bytes(0, container.content().size()));
}

void expect_unwraps(const std::string& wrapped, WrapperKind kind, const std::string& expected) {
  for (const auto access : {MemoryFile::Access::mapped, MemoryFile::Access::read_only}) {
    const MemoryFile file(wrapped, access);
    const auto opened = open(file);
    ASSERT_TRUE(opened) << opened.error().line();
    ASSERT_NE(*opened, nullptr);
    EXPECT_EQ((*opened)->wrapper(), kind);
    EXPECT_EQ(everything(**opened), expected);
  }
}

std::string failure_of(const std::string& bytes) {
  for (const auto access : {MemoryFile::Access::mapped, MemoryFile::Access::read_only}) {
    const MemoryFile file(bytes, access);
    const auto opened = open(file);
    if (!opened) return opened.error().line();
    if (*opened == nullptr) return "declined";
    const Status loaded = (*opened)->content().load_all();
    if (!loaded) return loaded.error().line();
  }
  return "";
}

TEST(Container, PlainFileIsItsOwnContent) {
  expect_unwraps(content(), WrapperKind::none, content());
}

TEST(Container, MappedPlainFileIsNotCopied) {
  const MemoryFile file(content());
  const auto opened = open(file);
  EXPECT_EQ((*opened)->content().bytes(0, 100).data(), file.map().data());
}

TEST(Container, GzipUnwrapsWithOneAndSeveralMembers) {
  expect_unwraps(test::gzip_wrapped(content()), WrapperKind::gzip, content());
  expect_unwraps(test::gzip_wrapped(content(), 3), WrapperKind::gzip, content());
}

TEST(Container, GzipIgnoresWhatFollows) {
  expect_unwraps(test::gzip_wrapped(content()) + "junk", WrapperKind::gzip, content());
}

TEST(Container, ZstdUnwrapsWithAndWithoutSeekTable) {
  for (const bool table : {true, false})
    for (const bool checksums : {true, false})
      expect_unwraps(test::zstd_wrapped(content(), {.seek_table = table, .entry_checksums = checksums}),
                     WrapperKind::zstd, content());
}

TEST(Container, ZstdUnwrapsFramesThatDoNotStateTheirSize) {
  expect_unwraps(test::zstd_wrapped(content(), {.seek_table = false, .state_sizes = false}),
                 WrapperKind::zstd, content());
}

TEST(Container, ZstdUnwrapsOneHugeFrame) {
  const std::string large = content(kMaxFrame + 1000);
  expect_unwraps(test::zstd_wrapped(large, {.frame_sizes = {large.size()}, .seek_table = false}),
                 WrapperKind::zstd, large);
}

TEST(Container, ZstdUnwrapsFramesOfOddSizes) {
  expect_unwraps(test::zstd_wrapped(content(), {.frame_sizes = {3, 1, 100000, 7, 12345}}), WrapperKind::zstd,
                 content());
}

TEST(Container, ZstdBeginsWithASkippableFrame) {
  const std::string skippable("\x53\x2A\x4D\x18\x03\0\0\0abc", 11);
  expect_unwraps(skippable + test::zstd_wrapped(content(), {.seek_table = false}), WrapperKind::zstd,
                 content());
}

// A table that is wrong is not believed; the frames themselves are.
TEST(Container, WrongSeekTableIsNotUsed) {
  const std::string frames = test::zstd_wrapped(content(), {.seek_table = false});
  const auto size = static_cast<std::uint32_t>(frames.size());
  for (const std::string& table :
       {test::zstd_seek_table({size}, {300}), test::zstd_seek_table({size - 1}, {65536}),
        test::zstd_seek_table({size, 0xFFFFFFFF}, {65536, 65536}),
        test::zstd_seek_table({5, size - 5}, {1, 1})}) {
    const MemoryFile file(frames + table);
    const auto opened = open(file);
    ASSERT_TRUE(opened);
    EXPECT_FALSE((*opened)->frames()->seek_table);
    EXPECT_EQ(everything(**opened), content());
  }
}

TEST(Container, SeekTableIsFound) {
  const MemoryFile file(test::zstd_wrapped(content(), {.frame_sizes = {1000, 50000}}));
  const auto opened = open(file);
  ASSERT_TRUE((*opened)->frames());
  EXPECT_TRUE((*opened)->frames()->seek_table);
  EXPECT_EQ((*opened)->frames()->frames[0].size, 1000U);
  EXPECT_EQ((*opened)->frames()->frames[1].size, 50000U);
  EXPECT_EQ((*opened)->frames()->content_size, content().size());
}

TEST(Container, OnlyFramesThatAreLookedAtAreRead) {
  const std::string large = content(4 << 20);
  const MemoryFile file(test::zstd_wrapped(large, {.frame_sizes = {1U << 18}}),
                        MemoryFile::Access::read_only);
  const auto opened = open(file);
  const auto& bytes = (*opened)->content();
  EXPECT_EQ(text_of(bytes.bytes(3 << 20, 10)), large.substr(3 << 20, 10));
  EXPECT_LT(file.bytes_read(), file.size() / 4);
}

TEST(Container, CompressedFileOfSomethingElseIsDeclined) {
  EXPECT_EQ(failure_of(test::gzip_wrapped("a text that is no blend")), "declined");
  EXPECT_EQ(failure_of(test::gzip_wrapped("")), "declined");
  EXPECT_EQ(failure_of(test::zstd_wrapped("a text that is no blend")), "declined");
  EXPECT_EQ(failure_of(test::zstd_wrapped("a text that is no blend", {.state_sizes = false})), "declined");
  EXPECT_EQ(failure_of(test::zstd_wrapped("x")), "declined");
}

TEST(Container, DamagedFrameIsBadInput) {
  std::string wrapped = test::zstd_wrapped(content());
  for (std::size_t i = wrapped.size() / 2; i < wrapped.size() / 2 + 200; ++i) wrapped[i] = '\x55';
  EXPECT_NE(failure_of(wrapped).find("damaged"), std::string::npos);
}

TEST(Container, EveryTruncationOfAWrapperFails) {
  const std::string small = content(2000);
  const std::string gzip = test::gzip_wrapped(small);
  const std::string zstd = test::zstd_wrapped(small, {.frame_sizes = {500}});
  for (std::size_t size = 4; size < gzip.size(); ++size)
    EXPECT_NE(failure_of(gzip.substr(0, size)), "") << "gzip cut at " << size;
  // Between frames a cut cannot be told from a file without a table; the content is then shorter.
  for (std::size_t size = 4; size < zstd.size(); ++size) {
    const MemoryFile file(zstd.substr(0, size));
    const auto opened = open(file);
    if (!opened || *opened == nullptr) continue;
    if (!(*opened)->content().load_all()) continue;
    const std::uint64_t left = (*opened)->content().size();
    EXPECT_TRUE(left % 500 == 0 || left == small.size()) << "zstd cut at " << size;
  }
}

TEST(Container, BombIsRefusedBeforeItUnpacks) {
  const std::string zeros = "BLENDER-v304" + std::string((1 << 20) - 12, '\0');
  std::string frame = test::zstd_wrapped(zeros, {.frame_sizes = {1 << 20}, .seek_table = false});
  std::string bomb;
  for (int i = 0; i < 1000; ++i) bomb += frame;
  EXPECT_NE(failure_of(bomb).find("unpacks to more than any .blend"), std::string::npos);
}

TEST(Container, BombInAStreamIsStopped) {
  const std::string part = test::gzip_wrapped("BLENDER-v304" + std::string(64 << 20, '\0'));
  std::string bomb;
  for (int i = 0; i < 8; ++i) bomb += part;
  EXPECT_NE(failure_of(bomb).find("unpacks to more than any .blend"), std::string::npos);
}

TEST(Container, FailingReadIsAnErrorAndStays) {
  MemoryFile file(content(), MemoryFile::Access::read_only);
  file.fail_at(3 * 65536);
  const auto opened = open(file);
  ASSERT_TRUE(opened);
  const Content& bytes = (*opened)->content();
  EXPECT_FALSE(bytes.bytes(10, 10).empty());
  EXPECT_TRUE(bytes.bytes(250000, 10).empty());
  ASSERT_FALSE(bytes.status());
  EXPECT_EQ(bytes.status().error().code, ErrorCode::io);
}

TEST(Content, BytesBeyondTheEndAreEmpty) {
  const Content bytes(std::as_bytes(std::span("abc", 3)));
  EXPECT_EQ(bytes.bytes(1, 2).size(), 2U);
  EXPECT_TRUE(bytes.bytes(1, 3).empty());
  EXPECT_TRUE(bytes.bytes(4, 0).empty());
  EXPECT_TRUE(bytes.bytes(2, UINT64_MAX).empty());
  EXPECT_TRUE(bytes.status());
}

TEST(Scratch, LargeOneIsInAnUnlinkedFile) {
  const test::TempFolder folder;
  auto scratch = Scratch::create(1 << 16, 100, folder.path());
  ASSERT_TRUE(scratch);
  EXPECT_EQ(scratch->memory(), nullptr);
  ASSERT_TRUE(scratch->write(5, std::as_bytes(std::span("hello", 5))));
  EXPECT_EQ(text_of({scratch->data() + 5, 5}), "hello");
  EXPECT_EQ(scratch->data()[4], std::byte{0});
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Scratch, GrowingOneMovesToAFile) {
  const test::TempFolder folder;
  for (const std::uint64_t limit : {0ULL, 10ULL, 1000000ULL}) {
    GrowingScratch growing(limit, folder.path());
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
      const std::string piece = std::to_string(i);
      ASSERT_TRUE(growing.append(std::as_bytes(std::span(piece))));
      expected += piece;
    }
    const auto finished = growing.finish();
    ASSERT_TRUE(finished);
    EXPECT_EQ(text_of({finished->data(), static_cast<std::size_t>(finished->size())}), expected);
  }
}

TEST(Scratch, FolderThatIsNotThereIsAnError) {
  EXPECT_FALSE(Scratch::create(1000, 0, "/nonexistent/folder"));
}

// A host with threads: the frames of a file are unpacked side by side and come out in order.
const souschef_host_parallel kThreads = {
    sizeof(souschef_host_parallel),
    [](const souschef_host*, std::size_t count, void (*task)(void*, std::size_t), void* context) {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < count; ++i) threads.emplace_back([=] { task(context, i); });
    }};
const souschef_host kThreadedHost = {sizeof(souschef_host),
                                     SOUSCHEF_ABI_MAJOR,
                                     SOUSCHEF_ABI_MINOR,
                                     "test",
                                     "0",
                                     nullptr,
                                     [](const souschef_host*, const char* id) -> const void* {
                                       return std::strcmp(id, SOUSCHEF_HOST_PARALLEL) == 0 ? &kThreads
                                                                                           : nullptr;
                                     },
                                     [](const souschef_host*, std::int32_t, souschef_text) {}};

TEST(Content, FramesUnpackOnSeveralThreads) {
  const std::string large = content(3 << 20);
  const MemoryFile file(test::zstd_wrapped(large, {.frame_sizes = {100000}}));
  const auto opened = Container::open(file, fs::temp_directory_path(), Host(&kThreadedHost));
  ASSERT_TRUE(opened);
  EXPECT_EQ(everything(**opened), large);
}

TEST(BlendAnalysis, ContentOfAPlainFileThatIsNotMappedIsReadOnce) {
  const std::string large = content(1 << 20);
  const MemoryFile file(large, MemoryFile::Access::read_only);
  BlendAnalyser analyser{Host(nullptr)};
  EXPECT_TRUE(analyser.accepts(std::as_bytes(std::span(large)).first(64)));
  auto opened = analyser.open(file, fs::temp_directory_path());
  ASSERT_TRUE(opened);
  std::string read;
  while (read.size() < (*opened)->content_size()) {
    const auto piece = (*opened)->content(read.size(), 100000);
    ASSERT_FALSE(piece.empty());
    read += text_of(piece);
  }
  EXPECT_EQ(read, large);
  EXPECT_TRUE((*opened)->content(large.size(), 10).empty());
}

TEST(BlendAnalyser, AcceptsMagicsOnly) {
  BlendAnalyser analyser{Host(nullptr)};
  const auto accepts = [&](std::string_view head) {
    return analyser.accepts(std::as_bytes(std::span(head)));
  };
  EXPECT_TRUE(accepts("BLENDER-v304"));
  EXPECT_TRUE(accepts("\x1f\x8b\x08"));
  EXPECT_TRUE(accepts("\x28\xb5\x2f\xfd"));
  EXPECT_TRUE(accepts(std::string_view("\x5e\x2a\x4d\x18\x01\0\0\0", 8)));
  EXPECT_FALSE(accepts("\x89PNG"));
  EXPECT_FALSE(accepts(""));
}

}  // namespace
}  // namespace souschef::blend
