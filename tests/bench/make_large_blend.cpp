// SPDX-License-Identifier: MIT
// Writes a .blend of a gigabyte with a million blocks, as a set of many small meshes has them:
//
//   bench_make_large_blend FILE
//
// Ten thousand objects with 99 blocks of vertex weights each, one image that the first of them uses. Written
// as it is made: only one object is ever in memory.
#include <cstdio>
#include <fstream>
#include <string>

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

}  // namespace

int main(int count, char** words) {
  if (count != 2) return std::fprintf(stderr, "usage: bench_make_large_blend FILE\n"), 2;
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

  std::ofstream out(words[1], std::ios::binary);
  out.write(frame.data(), static_cast<std::streamsize>(catalogue));
  std::uint64_t address = 0x7f0000000000;
  const std::string data(kBlockSize, '\x3f');
  for (int i = 0; i < kObjects; ++i) {
    std::string piece = object;
    piece.replace(0, 24,
                  one.head("OB", static_cast<std::int64_t>(one.size_of("Object")), address += 0x1000,
                           one.struct_index("Object"), 1));
    for (int k = 0; k < kBlocksOfAnObject; ++k)
      piece += one.head("DATA", kBlockSize, address += kBlockSize, weights, elements) + data;
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
  }
  out.write(frame.data() + catalogue, static_cast<std::streamsize>(frame.size() - catalogue));
  return out.flush() ? 0 : 1;
}
