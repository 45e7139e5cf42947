// SPDX-License-Identifier: MIT
// Writes a .blend of a gigabyte with a million blocks, as a set of many small meshes has them:
//
//   bench_make_large_blend FILE [--compressed]
//
// Ten thousand objects with 99 blocks of vertex weights each, one image that the first of them uses. Written
// as it is made: only one object is ever in memory.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/blend_wrap.hpp"
#include "tests/support/blend_writer.hpp"

namespace {

using souschef::test::BlendNode;
using souschef::test::BlendWriter;

constexpr int kObjects = 10'000;
constexpr int kBlocksOfAnObject = 99;
constexpr std::size_t kBlockSize = 1056;

// The bytes of the one datablock that `writer` holds, head included.
std::string datablock_of(const BlendWriter& writer, std::size_t size) {
  return writer.bytes().substr(12, writer.head("OB", 0, 0, 0, 1).size() + size);
}

// The file, plain or in frames of a mebibyte as Blender writes them.
class Output {
 public:
  Output(const char* path, bool compressed) : out_(path, std::ios::binary), compressed_(compressed) {}

  void write(std::string_view bytes) {
    waiting_ += bytes;
    while (waiting_.size() >= kFrame) flush(kFrame);
  }
  bool finish() {
    flush(waiting_.size());
    if (compressed_) out_ << souschef::test::zstd_seek_table(stored_, content_);
    return static_cast<bool>(out_.flush());
  }

 private:
  static constexpr std::size_t kFrame = 1U << 20;

  void flush(std::size_t size) {
    const std::string piece = waiting_.substr(0, size);
    waiting_.erase(0, size);
    const std::string frame =
        compressed_ ? souschef::test::zstd_wrapped(piece, {.frame_sizes = {kFrame}, .seek_table = false})
                    : piece;
    out_ << frame;
    stored_.push_back(static_cast<std::uint32_t>(frame.size()));
    content_.push_back(static_cast<std::uint32_t>(size));
  }

  std::ofstream out_;
  bool compressed_;
  std::string waiting_;
  std::vector<std::uint32_t> stored_, content_;
};

}  // namespace

int main(int count, char** words) {
  const bool compressed = count == 3 && std::string_view(words[2]) == "--compressed";
  if (count != 2 && !compressed)
    return std::fprintf(stderr, "usage: bench_make_large_blend FILE [--compressed]\n"), 2;
  BlendWriter base;
  base.block("GLOB", "FileGlobal");
  base.datablock("IM", "Image", "IMwood").set("name", "//wood.png").set("source", 1);
  const std::string frame = base.bytes();
  const std::size_t catalogue = frame.find("DNA1");

  BlendWriter one;
  one.datablock("OB", "Object", "OBthing").set("type", 1);
  const std::string object = datablock_of(one, one.size_of("Object"));
  const int weights = one.struct_index("MDeformWeight");
  const auto elements = static_cast<std::int64_t>(kBlockSize / one.size_of("MDeformWeight"));

  Output out(words[1], compressed);
  out.write(std::string_view(frame).substr(0, catalogue));
  std::uint64_t address = 0x7f0000000000;
  const std::string data(kBlockSize, '\x3f');
  for (int i = 0; i < kObjects; ++i) {
    std::string piece = object;
    piece.replace(0, 24,
                  one.head("OB", static_cast<std::int64_t>(one.size_of("Object")), address += 0x1000,
                           one.struct_index("Object"), 1));
    for (int k = 0; k < kBlocksOfAnObject; ++k)
      piece += one.head("DATA", kBlockSize, address += kBlockSize, weights, elements) + data;
    out.write(piece);
  }
  out.write(std::string_view(frame).substr(catalogue));
  return out.finish() ? 0 : 1;
}
