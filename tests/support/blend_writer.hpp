// SPDX-License-Identifier: MIT
// Writes small .blend files for tests, of any era and with any defect, without Blender.
//
//   BlendWriter blend({.version = 279});
//   BlendNode image = blend.datablock("IM", "Image", "IMwood");
//   image.set("name", "//tex/wood.png").set("source", 1);
//   BlendNode packed = image.data("PackedFile");          // a DATA block behind it
//   image.point("packedfile", packed);
//   std::string bytes = blend.bytes();
//
// The structs come from blend_structs.hpp, or from text in the same language, which adds to them or replaces
// them:
//
//   struct Image { ID id; char name[1024]; short source, type; PackedFile *packedfile; };
//
// Members are laid out one after another, as in Blender's own catalogue; nothing here shares code with the
// reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souschef::test {

class BlendWriter;

// How a file is laid out.
struct BlendStyle {
  int version = 304;
  int format = 0;  // of the header; 1 implies pointers of 8 bytes and little-endian
  int pointer_size = 8;
  bool big_endian = false;
  std::uint64_t first_address = 0x10000;  // of the first block; where a session had its memory
  enum class End { marker, short_marker, none } end = End::marker;
  std::string trailing;                          // behind the end
  std::string structs;                           // see above
  std::function<void(std::string&)> tamper_dna;  // with the data of DNA1
  bool omit_dna = false;
};

// One block that is being made. Copies refer to the same block.
class BlendNode {
 public:
  // A number, text (cut at the array's size, no NUL where it fills it) or float at a path of members:
  // "r.im_format.imtype", "point_cache[1]". A path that does not exist ends the test program: a typo in a
  // test.
  BlendNode& set(std::string_view path, std::int64_t value);
  BlendNode& set(std::string_view path, int value) { return set(path, static_cast<std::int64_t>(value)); }
  BlendNode& set(std::string_view path, double value);
  BlendNode& set(std::string_view path, std::string_view text);
  BlendNode& set(std::string_view path, const char* text) { return set(path, std::string_view(text)); }
  BlendNode& point(std::string_view path, const BlendNode& target);
  BlendNode& point(std::string_view path, std::uint64_t address);

  // A DATA block behind the datablock that this one belongs to.
  BlendNode data(std::string_view struct_name, std::size_t count = 1);
  BlendNode raw(std::string_view bytes);                      // struct index 0
  BlendNode text(std::string_view text);                      // raw, with a NUL
  BlendNode pointers(const std::vector<BlendNode>& targets);  // raw, an array of pointers
  // The members of a ListBase at `path`, linked by their `next` and `prev`.
  BlendNode& list(std::string_view path, const std::vector<BlendNode>& items);
  // The element `index` of an array of structs.
  [[nodiscard]] BlendNode element(std::size_t index) const;

  [[nodiscard]] std::uint64_t address() const;
  // What a defect needs.
  BlendNode& set_address(std::uint64_t address);
  BlendNode& set_struct_index(int index);
  BlendNode& set_count(std::int64_t count);
  BlendNode& set_length(std::int64_t length);  // in the head; the data stays as it is
  BlendNode& set_bytes(std::string bytes);

 private:
  friend class BlendWriter;
  BlendNode(BlendWriter* writer, std::size_t block, std::size_t offset = 0)
      : writer_(writer), block_(block), offset_(offset) {}
  BlendWriter* writer_;
  std::size_t block_;
  std::size_t offset_;
};

class BlendWriter {
 public:
  explicit BlendWriter(BlendStyle style = {});
  BlendWriter(const BlendWriter&) = delete;
  BlendWriter& operator=(const BlendWriter&) = delete;

  // A datablock: a block with a two-letter code whose struct begins with an ID.
  BlendNode datablock(std::string_view code, std::string_view struct_name, std::string_view id_name);
  // A block "ID": linked from `library`, without content.
  BlendNode placeholder(std::string_view id_name, const BlendNode& library);
  // Any other block. An empty struct name: raw data.
  BlendNode block(std::string_view code, std::string_view struct_name, std::string_view bytes = {});

  [[nodiscard]] std::string bytes() const;
  [[nodiscard]] const BlendStyle& style() const { return style_; }
  [[nodiscard]] std::size_t size_of(std::string_view struct_name) const;
  // The offset of a member path.
  [[nodiscard]] std::size_t offset_of(std::string_view struct_name, std::string_view path) const;
  [[nodiscard]] int struct_index(std::string_view struct_name) const;
  // A head in this file's layout.
  [[nodiscard]] std::string head(std::string_view code, std::int64_t length, std::uint64_t address,
                                 int struct_index, std::int64_t count) const;

 private:
  friend class BlendNode;
  struct Member {
    std::string type;
    std::string name;  // decorated: "*next", "mat[4][4]"
    std::string bare;
    std::size_t offset = 0;
    std::size_t size = 0;  // of one element
    std::size_t count = 1;
    bool pointer = false;
  };
  struct Struct {
    std::vector<Member> members;
    std::size_t size = 0;
    bool laid_out = false;
  };
  struct Block {
    std::string code;
    std::string struct_name;
    std::string bytes;
    std::uint64_t address = 0;
    int struct_index = 0;
    std::int64_t count = 1;
    std::int64_t length = -1;  // -1: that of the bytes
    bool has_length = false;
    std::size_t group = 0;
  };
  struct Place {
    std::size_t offset = 0;
    const Member* member = nullptr;
    std::size_t index = 0;
  };

  void read_structs(std::string_view text);
  void lay_out(const std::string& name, int depth = 0);
  [[nodiscard]] std::size_t type_size(const std::string& type) const;
  [[nodiscard]] Place find(const std::string& struct_name, std::string_view path) const;
  [[nodiscard]] std::string dna() const;
  std::size_t add(Block block);
  void put_integer(std::string& bytes, std::size_t offset, std::size_t size, std::uint64_t value) const;

  BlendStyle style_;
  std::vector<std::string> order_;  // of the structs
  std::map<std::string, Struct> structs_;
  std::vector<Block> blocks_;
  std::uint64_t next_address_;
};

}  // namespace souschef::test
