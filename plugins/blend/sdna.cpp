// SPDX-License-Identifier: MIT
// The layout of DNA1 (all offsets relative to the start of its data, "align" means to the next multiple of
// 4):
//
//   "SDNA"
//   "NAME" i32 n, n x text NUL          member names with their decoration: "*next", "mat[4][4]", "(*func)()"
//   align  "TYPE" i32 n, n x text NUL
//   align  "TLEN" n x u16               sizes of the types, 0 where only pointers to it exist
//   align  "STRC" i32 n, n x { u16 type, u16 members, members x { u16 type, u16 name } }
//
// Blender declares every byte of padding, so a member's offset is the sum of the sizes before it. Sizes come
// from TLEN alone: a struct whose members do not add up is set aside, and structs that contain themselves do
// no harm.
#include "plugins/blend/sdna.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

Error damaged(std::string why) {
  return Error(ErrorCode::bad_input, "the struct catalogue of the .blend is damaged", std::move(why));
}

Scalar scalar_of(std::string_view name, std::uint32_t size) {
  if (name == "char" && size == 1) return Scalar::character;
  if (name == "float" && size == 4) return Scalar::f32;
  if (name == "double" && size == 8) return Scalar::f64;
  static constexpr std::string_view kSigned[] = {"short",   "int",     "long",   "int8_t",
                                                 "int16_t", "int32_t", "int64_t"};
  static constexpr std::string_view kUnsigned[] = {"uchar",    "ushort",   "uint",     "ulong", "uint8_t",
                                                   "uint16_t", "uint32_t", "uint64_t", "bool"};
  const auto is_in = [&](auto& list) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
  };
  const bool is_signed = is_in(kSigned);
  if (!is_signed && !is_in(kUnsigned)) return Scalar::none;
  switch (size) {
    case 1:
      return is_signed ? Scalar::i8 : Scalar::u8;
    case 2:
      return is_signed ? Scalar::i16 : Scalar::u16;
    case 4:
      return is_signed ? Scalar::i32 : Scalar::u32;
    case 8:
      return is_signed ? Scalar::i64 : Scalar::u64;
    default:
      return Scalar::none;
  }
}

// A member's name taken apart; the same name stands in many structs.
struct Decoration {
  std::string_view bare;
  std::uint32_t hash = 0;
  std::uint32_t count = 1;
  std::uint8_t stars = 0;
  bool function = false;
  bool valid = true;  // false: an array of no elements, or of more than a struct can hold
};

Decoration take_apart(std::string_view text) {
  Decoration result;
  const bool bracketed = text.find("(*") != std::string_view::npos;
  std::size_t begin = 0;
  while (begin < text.size() && (text[begin] == '*' || text[begin] == '(')) {
    if (text[begin] == '*' && result.stars < 255) ++result.stars;
    ++begin;
  }
  const std::size_t end = std::min(text.find_first_of(")[", begin), text.size());
  result.bare = text.substr(begin, end - begin);
  result.hash = MemberName::hash_of(result.bare);
  if (bracketed) {
    // "(*foo)(...)" or "(*foo)[3]": one pointer wide, whatever stands behind.
    result.stars = 1;
    result.function = text.find(")(") != std::string_view::npos;
    return result;
  }
  std::uint64_t count = 1;
  for (std::size_t open = text.find('[', end); open != std::string_view::npos;
       open = text.find('[', open + 1)) {
    std::uint64_t dimension = 0;
    for (std::size_t i = open + 1; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
      dimension =
          std::min<std::uint64_t>(dimension * 10 + static_cast<std::uint64_t>(text[i] - '0'), 1U << 20);
    count = std::min<std::uint64_t>(count * dimension, 1U << 20);
  }
  result.count = static_cast<std::uint32_t>(count);
  result.valid = count != 0 && count < (1U << 17);
  return result;
}

}  // namespace

class SdnaParser {
 public:
  SdnaParser(Sdna& dna, std::span<const std::byte> data) : dna_(dna), data_(data) {}

  Status parse() {
    if (data_.size() > kMaxDnaSize) return damaged("it is larger than any Blender's");
    if (!tag("SDNA")) return damaged("it does not begin with SDNA");
    SOUSCHEF_CHECK(names());
    SOUSCHEF_CHECK(types());
    SOUSCHEF_CHECK(lengths());
    SOUSCHEF_CHECK(structs());
    return check_pointer_size();
  }

 private:
  bool tag(std::string_view expected) {
    if (data_.size() - at_ < 4 || std::memcmp(data_.data() + at_, expected.data(), 4) != 0) return false;
    at_ += 4;
    return true;
  }
  void align() { at_ = std::min((at_ + 3) & ~std::size_t{3}, data_.size()); }
  std::uint16_t u16(std::size_t at) const { return load<std::uint16_t>(data_.data() + at, dna_.order_); }

  // The count behind a tag, at most as many entries of `size` bytes as there are bytes left.
  std::optional<std::uint32_t> count(std::size_t size) {
    if (data_.size() - at_ < 4) return std::nullopt;
    const auto value = load<std::int32_t>(data_.data() + at_, dna_.order_);
    at_ += 4;
    if (value <= 0 || static_cast<std::uint32_t>(value) > kMaxDnaEntries) return std::nullopt;
    if (static_cast<std::size_t>(value) > (data_.size() - at_) / size) return std::nullopt;
    return static_cast<std::uint32_t>(value);
  }

  std::optional<std::string_view> text() {
    const char* start = reinterpret_cast<const char*>(data_.data()) + at_;
    const auto* end = static_cast<const char*>(std::memchr(start, 0, data_.size() - at_));
    if (end == nullptr) return std::nullopt;
    at_ += static_cast<std::size_t>(end - start) + 1;
    return std::string_view(start, static_cast<std::size_t>(end - start));
  }

  Status names() {
    if (!tag("NAME")) return damaged("no NAME");
    const auto n = count(1);
    if (!n) return damaged("an impossible number of names");
    names_.reserve(*n);
    for (std::uint32_t i = 0; i < *n; ++i) {
      const auto name = text();
      if (!name) return damaged("a name does not end");
      names_.push_back(take_apart(*name));
    }
    align();
    return {};
  }

  Status types() {
    if (!tag("TYPE")) return damaged("no TYPE");
    const auto n = count(1);
    if (!n) return damaged("an impossible number of types");
    dna_.types_.resize(*n);
    for (Sdna::Type& type : dna_.types_) {
      const auto name = text();
      if (!name) return damaged("a type's name does not end");
      type.name = *name;
    }
    align();
    return {};
  }

  Status lengths() {
    if (!tag("TLEN") || (data_.size() - at_) / 2 < dna_.types_.size()) return damaged("no TLEN");
    for (Sdna::Type& type : dna_.types_) {
      type.size = u16(at_);
      type.scalar = scalar_of(type.name, type.size);
      at_ += 2;
    }
    align();
    return {};
  }

  Status structs() {
    if (!tag("STRC")) return damaged("no STRC");
    const auto n = count(4);
    if (!n) return damaged("an impossible number of structs");
    dna_.structs_.reserve(*n);
    dna_.members_.reserve(std::min<std::size_t>((data_.size() - at_) / 4, kMaxDnaMembers));
    dna_.by_name_.reserve(*n);
    for (std::uint32_t i = 0; i < *n; ++i) SOUSCHEF_CHECK(one_struct(i));
    dna_.hashes_.shrink_to_fit();
    return {};
  }

  Status one_struct(std::uint32_t index) {
    if (data_.size() - at_ < 4) return damaged("a struct is cut short");
    const std::uint16_t type = u16(at_);
    const std::uint16_t count = u16(at_ + 2);
    at_ += 4;
    if (type >= dna_.types_.size()) return damaged("a struct has no type");
    if ((data_.size() - at_) / 4 < count) return damaged("a struct is cut short");
    if (dna_.members_.size() + count > kMaxDnaMembers)
      return damaged("it has more members than any Blender's");
    Sdna::Struct result;
    result.type = type;
    result.name = dna_.types_[type].name;
    result.size = dna_.types_[type].size;
    result.first_member = static_cast<std::uint32_t>(dna_.members_.size());
    result.member_count = count;
    std::uint64_t offset = 0;
    bool valid = true;
    for (std::uint16_t i = 0; i < count; ++i, at_ += 4) {
      const std::uint16_t member_type = u16(at_);
      const std::uint16_t name = u16(at_ + 2);
      if (member_type >= dna_.types_.size() || name >= names_.size())
        return damaged("a member has no type or no name");
      offset += add_member(names_[name], member_type,
                           static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, UINT32_MAX)));
      valid = valid && names_[name].valid;
    }
    result.sound = valid && offset == result.size && offset != 0;
    if (dna_.by_name_.try_emplace(result.name, index).second)
      dna_.types_[type].struct_index = static_cast<std::uint16_t>(index);
    dna_.structs_.push_back(result);
    return {};
  }

  std::uint64_t add_member(const Decoration& name, std::uint16_t type, std::uint32_t offset) {
    Sdna::Member member;
    member.name = name.bare;
    member.offset = offset;
    member.count = name.count;
    member.type = type;
    member.stars = name.stars;
    member.function = name.function;
    if (!member.pointer()) member.scalar = dna_.types_[type].scalar;
    const std::uint64_t one = member.pointer() ? dna_.pointer_size_ : dna_.types_[type].size;
    const std::uint64_t size = one * name.count;
    member.size = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, UINT32_MAX));
    dna_.members_.push_back(member);
    dna_.hashes_.push_back(name.hash);
    return size;
  }

  // Blender's own check that catalogue and header belong together.
  Status check_pointer_size() {
    const std::uint32_t list = dna_.find_struct("ListBase");
    if (list == Sdna::kNoStruct || dna_.struct_at(list).member_count != 2)
      return damaged("it has no ListBase of two members");
    if (dna_.struct_at(list).size != 2 * dna_.pointer_size_)
      return damaged("its pointers have another size than the header says");
    return {};
  }

  Sdna& dna_;
  std::span<const std::byte> data_;
  std::size_t at_ = 0;
  std::vector<Decoration> names_;
};

Result<Sdna> Sdna::parse(std::span<const std::byte> data, std::uint32_t pointer_size, ByteOrder order) {
  Sdna dna;
  dna.pointer_size_ = pointer_size;
  dna.order_ = order;
  SOUSCHEF_CHECK(SdnaParser(dna, data).parse());
  return dna;
}

std::span<const Sdna::Member> Sdna::members(std::uint32_t index) const {
  if (index >= structs_.size() || !structs_[index].sound) return {};
  return std::span(members_).subspan(structs_[index].first_member, structs_[index].member_count);
}

std::uint32_t Sdna::find_struct(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNoStruct : found->second;
}

const Sdna::Member* Sdna::find_member(std::uint32_t index, MemberName name) const {
  const std::span<const Member> all = members(index);
  if (all.empty()) return nullptr;
  const std::uint32_t* hashes = hashes_.data() + structs_[index].first_member;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (hashes[i] == name.hash && all[i].name == name.text) return &all[i];
  return nullptr;
}

std::vector<Sdna::Leaf> Sdna::leaves(std::uint32_t index) const {
  std::vector<Leaf> out;
  add_leaves(index, 0, 0, out);
  return out;
}

void Sdna::add_leaves(std::uint32_t index, std::uint32_t offset, int depth, std::vector<Leaf>& out) const {
  if (depth > kMaxStructDepth) return;
  for (const Member& member : members(index)) {
    const std::uint32_t inner = member.pointer() ? kNoStruct : struct_of_type(member.type);
    if (inner == kNoStruct) {
      if (member.size != 0) out.push_back({offset + member.offset, index, &member});
      continue;
    }
    const std::uint32_t size = type_size(member.type);
    if (size == 0) continue;
    for (std::uint32_t i = 0; i < member.count; ++i)
      add_leaves(inner, offset + member.offset + i * size, depth + 1, out);
  }
}

}  // namespace souschef::blend
