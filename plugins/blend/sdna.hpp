// SPDX-License-Identifier: MIT
// The struct catalogue of a file (block DNA1): what its structs look like, in the words of the Blender that
// saved it. Names are the ones on disk, which are often older than those in Blender's source
// (docs/format/blend.md).
//
//   const Sdna dna = *Sdna::parse(bytes_of_block, 8, ByteOrder::little);
//   const std::uint32_t image = dna.find_struct("Image");
//   const Sdna::Member* name = dna.find_member(image, "name");      // char name[1024] at name->offset
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <souschef/result.hpp>

#include "plugins/blend/byte_order.hpp"

namespace souschef::blend {

// A member's name with its hash, which the compiler makes of a literal: a search compares four bytes per
// member.
struct MemberName {
  std::string_view text;
  std::uint32_t hash;

  template <std::size_t N>
  consteval MemberName(const char (&literal)[N])  // NOLINT(google-explicit-constructor): that is its purpose
      : text(literal, N - 1), hash(hash_of(text)) {}
  constexpr explicit MemberName(std::string_view name) : text(name), hash(hash_of(name)) {}

  // FNV-1a
  static constexpr std::uint32_t hash_of(std::string_view name) {
    std::uint32_t value = 2166136261U;
    for (const char c : name) value = (value ^ static_cast<std::uint8_t>(c)) * 16777619U;
    return value;
  }
};

enum class Scalar : std::uint8_t {
  none,  // a struct, or a type without size
  character,
  i8,
  u8,
  i16,
  u16,
  i32,
  u32,
  i64,
  u64,
  f32,
  f64
};

// Immutable once parsed. Borrows the bytes it was parsed from.
class Sdna {
 public:
  static constexpr std::uint32_t kNoStruct = 0xFFFF;

  struct Member {
    std::string_view name;  // bare: "mat" for "**mat", "obmat" for "obmat[4][4]"
    std::uint32_t offset = 0;
    std::uint32_t size = 0;   // of all elements
    std::uint32_t count = 1;  // elements of the array, all dimensions multiplied
    std::uint16_t type = 0;
    std::uint8_t stars = 0;        // 1 for "*foo" and for pointers to functions and arrays, 2 for "**foo"
    bool function = false;         // a pointer to a function: meaningless on disk
    Scalar scalar = Scalar::none;  // of one element; none for a pointer

    [[nodiscard]] bool pointer() const { return stars != 0; }
  };

  struct Struct {
    std::string_view name;
    std::uint16_t type = 0;
    std::uint16_t size = 0;
    std::uint32_t first_member = 0;
    std::uint32_t member_count = 0;
    bool sound = false;  // its members add up to its size; others are not looked into
  };

  Sdna() = default;

  // `data`: the data of the DNA1 block; outlives the object. Errors: bad_input.
  static Result<Sdna> parse(std::span<const std::byte> data, std::uint32_t pointer_size, ByteOrder order);

  [[nodiscard]] std::uint32_t pointer_size() const { return pointer_size_; }
  [[nodiscard]] ByteOrder order() const { return order_; }

  [[nodiscard]] std::uint32_t struct_count() const { return static_cast<std::uint32_t>(structs_.size()); }
  [[nodiscard]] const Struct& struct_at(std::uint32_t index) const { return structs_[index]; }
  // All members in order; empty for a struct that is not sound.
  [[nodiscard]] std::span<const Member> members(std::uint32_t index) const;
  // kNoStruct where there is none; the first of several of one name.
  [[nodiscard]] std::uint32_t find_struct(std::string_view name) const;
  [[nodiscard]] const Member* find_member(std::uint32_t index, MemberName name) const;

  [[nodiscard]] std::size_t member_count() const { return members_.size(); }

  [[nodiscard]] std::uint32_t type_count() const { return static_cast<std::uint32_t>(types_.size()); }
  [[nodiscard]] std::string_view type_name(std::uint16_t type) const { return types_[type].name; }
  [[nodiscard]] std::uint32_t type_size(std::uint16_t type) const { return types_[type].size; }
  // The struct of a type, or kNoStruct: a scalar, or a struct that the file only points to.
  [[nodiscard]] std::uint32_t struct_of_type(std::uint16_t type) const { return types_[type].struct_index; }

  // A scalar, pointer or text inside a struct, however deep it is embedded.
  struct Leaf {
    std::uint32_t offset = 0;  // from the start of the outer struct
    std::uint32_t owner = 0;   // the struct that declares the member
    const Member* member = nullptr;
  };
  // All of them in order; arrays of scalars and pointers are one leaf, arrays of structs one per element.
  [[nodiscard]] std::vector<Leaf> leaves(std::uint32_t index) const;

 private:
  struct Type {
    std::string_view name;
    std::uint16_t size = 0;
    std::uint16_t struct_index = kNoStruct;
    Scalar scalar = Scalar::none;
  };
  friend class SdnaParser;

  void add_leaves(std::uint32_t index, std::uint32_t offset, int depth, std::vector<Leaf>& out) const;

  std::uint32_t pointer_size_ = 8;
  ByteOrder order_ = ByteOrder::little;
  std::vector<Type> types_;
  std::vector<Struct> structs_;
  std::vector<Member> members_;
  std::vector<std::uint32_t> hashes_;  // of the members' names
  std::unordered_map<std::string_view, std::uint32_t> by_name_;
};

}  // namespace souschef::blend
