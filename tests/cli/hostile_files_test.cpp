// SPDX-License-Identifier: MIT
// Files that were made to hurt end in an error that names them, soon and in little memory. The real program
// is run: with 300 MB of private memory (more is refused by the system), and with a limit of time that is far
// beyond what it takes.
#include <gmock/gmock.h>

#include <chrono>

#include "tests/cli/program.hpp"
#include "tests/support/blend_wrap.hpp"

namespace souschef::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint64_t kMemory = 300'000'000;

class HostileFile : public ProgramTest {
 protected:
  // Traces the bytes; the program says that it cannot, and why.
  void expect_refused(const std::string& bytes, const std::string& why) const {
    write("hostile.blend", bytes);
    core::ProcessOptions process;
    process.command = {SOUSCHEF_PROGRAM, "trace", "hostile.blend"};
    process.folder = root();
    process.environment = {{"HOME", (folder_ / "home").string()}};
    process.data_limit = kMemory;
    core::RunOptions options;
    options.limits.time = std::chrono::seconds(30);
    const auto ran = core::run_program(process, options);
    ASSERT_TRUE(ran) << ran.error().line();
    EXPECT_EQ(ran->end.exit_code, 1) << ran->end.text() << "\n" << ran->output;
    EXPECT_THAT(ran->errors, AllOf(HasSubstr("hostile.blend"), HasSubstr(why)));
    EXPECT_LT(ran->end.peak_memory, kMemory);
  }

  static std::string repeated(const std::string& piece, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += piece;
    return all;
  }
  // A block without data, and one with four bytes.
  static std::string heads(std::size_t count) {
    return repeated(BlendWriter().head("DATA", 0, 0x1000, 0, 1), count);
  }
  static std::string small_blocks(std::size_t count) {
    return repeated(BlendWriter().head("DATA", 4, 0x1000, 0, 1) + "four", count);
  }
};

const std::string kHeader = "BLENDER-v304";
constexpr std::size_t kMany = std::size_t{64} << 20;

TEST_F(HostileFile, GzipBomb) {
  const std::string zeros = gzip_wrapped(std::string(kMany, '\0'), 1, 9);
  expect_refused(gzip_wrapped(kHeader) + repeated(zeros, 160), "unpacks to more than any .blend");
}

TEST_F(HostileFile, ZstdBombWithAndWithoutSizes) {
  for (const bool sizes : {true, false}) {
    const std::string zeros = zstd_wrapped(
        std::string(kMany, '\0'), {.frame_sizes = {1U << 24}, .seek_table = false, .state_sizes = sizes});
    expect_refused(zstd_wrapped(kHeader, {.seek_table = false, .state_sizes = sizes}) + repeated(zeros, 160),
                   "unpacks to more than any .blend");
  }
}

// Well-formed blocks, a billion and more of them.
TEST_F(HostileFile, BillionsOfBlocks) {
  const std::string some = heads(kMany / 24);
  expect_refused(gzip_wrapped(kHeader) + repeated(gzip_wrapped(some, 1, 9), 400),
                 "unpacks to more than any .blend");
  expect_refused(zstd_wrapped(kHeader, {.seek_table = false}) +
                     repeated(zstd_wrapped(some, {.frame_sizes = {some.size()}, .seek_table = false}), 400),
                 "unpacks to more than any .blend");
}

TEST_F(HostileFile, MillionsOfBlocksInNoSpace) {
  const ZstdStyle frames = {.frame_sizes = {1U << 22}, .seek_table = false};
  expect_refused(zstd_wrapped(kHeader + heads(kMany / 24), frames), "more empty blocks than any");
  expect_refused(zstd_wrapped(kHeader + small_blocks(kMany / 28), frames), "more blocks than any");
}

TEST_F(HostileFile, FileOfNothing) {
  const auto path = write("hostile.blend", kHeader);
  std::filesystem::resize_file(path, std::uintmax_t{30} << 30);
  const Ran ran = run({"trace", "hostile.blend"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("a block is damaged after 0 blocks"));
}

TEST_F(HostileFile, LengthsThatOverflow) {
  for (const std::int64_t length : {INT64_MAX, INT64_MAX - 30, std::int64_t{1} << 47}) {
    BlendWriter writer({.version = 500, .format = 1});
    writer.datablock("OB", "Object", "OBx").set_length(length);
    expect_refused(writer.bytes(), "cut short");
  }
  for (const std::int64_t length : {INT64_MIN, std::int64_t{-1}}) {
    BlendWriter writer({.version = 500, .format = 1});
    writer.datablock("OB", "Object", "OBx").set_length(length);
    expect_refused(writer.bytes(), "a block is damaged");
  }
}

TEST_F(HostileFile, CatalogueOfImpossibleSize) {
  for (const char* tag : {"NAME", "TYPE", "STRC"}) {
    const BlendWriter writer(
        {.tamper_dna = [&](std::string& dna) { dna.replace(dna.find(tag) + 4, 4, "\xff\xff\xff\x7f"); }});
    expect_refused(writer.bytes(), "impossible number");
  }
}

// A holds B holds A, in a file that is otherwise fine: it is read, and what they hold is not.
TEST_F(HostileFile, StructsThatHoldEachOther) {
  BlendWriter writer(
      {.structs = "struct Aa { Bb b; }; struct Bb { int64_t x; };", .tamper_dna = [](std::string& dna) {
         // The catalogue ends with: Aa, 1 member, Bb, "b"; Bb, 1 member, int64_t, "x".
         dna.replace(dna.size() - 4, 2, dna.substr(dna.size() - 16, 2));
       }});
  BlendNode object = writer.datablock("OB", "Object", "OBx");
  object.point("data", object.data("Aa"));
  write("loop.blend", writer.bytes());
  const Ran ran = run({"trace", "loop.blend"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
}

TEST_F(HostileFile, NodesInCirclesOfCircles) {
  BlendWriter writer;
  BlendNode tree = writer.datablock("NT", "bNodeTree", "NTx").set("type", 3);
  std::vector<BlendNode> nodes, sockets;
  for (int i = 0; i < 3000; ++i) {
    nodes.push_back(tree.data("bNode"));
    sockets.push_back(tree.data("bNodeSocket"));
  }
  tree.list("nodes", nodes);
  for (std::size_t i = 0; i < sockets.size(); ++i)
    sockets[i].point("next", sockets[(i + 1) % sockets.size()]);
  nodes.back().point("next", nodes.front());
  for (BlendNode& node : nodes) node.point("inputs.first", sockets.front());
  expect_refused(writer.bytes(), "leads in circles");
}

}  // namespace
}  // namespace souschef::test
