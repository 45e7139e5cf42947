// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "plugins/blend/byte_order.hpp"
#include "plugins/blend/sdna.hpp"

namespace souschef::blend {

// One struct of the file, read by the names of its members:
//
//   const Record image = ...;
//   image.integer("source");  image.text("name");  image.record("iuser").integer("frames");
//
// A member that this file does not have, or that is not of the kind asked for, gives the default: files of
// every era are read by the same code, and code that must know asks has(). A default-made record is empty,
// and so is everything read from it. Borrows the content and the catalogue.
class Record {
 public:
  Record() = default;
  // `data` begins with the struct and may be longer; empty if it is shorter. `offset`: where it is in the
  // content.
  Record(const Sdna& dna, std::uint32_t index, std::span<const std::byte> data, std::uint64_t offset)
      : dna_(&dna), index_(index), data_(data.data()), offset_(offset) {
    if (index >= dna.struct_count() || !dna.struct_at(index).sound || data.size() < dna.struct_at(index).size)
      *this = Record();
  }

  explicit operator bool() const { return data_ != nullptr; }
  [[nodiscard]] std::string_view type() const {
    return *this ? dna_->struct_at(index_).name : std::string_view();
  }
  [[nodiscard]] std::uint32_t struct_index() const { return index_; }
  [[nodiscard]] bool is(std::string_view struct_name) const { return type() == struct_name; }
  [[nodiscard]] bool has(MemberName name) const { return find(name) != nullptr; }

  // An integer of any width, or an element of an array of them.
  [[nodiscard]] std::int64_t integer(MemberName name, std::int64_t otherwise = 0,
                                     std::size_t element = 0) const;
  [[nodiscard]] double real(MemberName name, double otherwise = 0, std::size_t element = 0) const;
  [[nodiscard]] bool bit(MemberName name, int number) const { return (integer(name) >> number & 1) != 0; }
  // The characters of an array up to its first NUL.
  [[nodiscard]] std::string_view text(MemberName name) const;
  [[nodiscard]] Address pointer(MemberName name, std::size_t element = 0) const;
  // An embedded struct, or an element of an array of them.
  [[nodiscard]] Record record(MemberName name, std::size_t element = 0) const;

  // For code that handles members as such.
  [[nodiscard]] const Sdna::Member* find(MemberName name) const {
    return *this ? dna_->find_member(index_, name) : nullptr;
  }
  [[nodiscard]] const Sdna& dna() const { return *dna_; }
  [[nodiscard]] const std::byte* data() const { return data_; }
  // Where the struct is in the content.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

 private:
  // The element of a member that is no pointer, or null.
  [[nodiscard]] const std::byte* element_at(const Sdna::Member* member, std::size_t element) const;

  const Sdna* dna_ = nullptr;
  std::uint32_t index_ = Sdna::kNoStruct;
  const std::byte* data_ = nullptr;
  std::uint64_t offset_ = 0;
};

}  // namespace souschef::blend
