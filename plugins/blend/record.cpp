// SPDX-License-Identifier: MIT
#include "plugins/blend/record.hpp"

#include <cstring>

namespace souschef::blend {

const std::byte* Record::element_at(const Sdna::Member* member, std::size_t element) const {
  if (member == nullptr || element >= member->count || member->count == 0) return nullptr;
  return data_ + member->offset + element * (member->size / member->count);
}

std::int64_t Record::integer(MemberName name, std::int64_t otherwise, std::size_t element) const {
  const Sdna::Member* member = find(name);
  const std::byte* at = element_at(member, element);
  if (at == nullptr) return otherwise;
  const ByteOrder order = dna_->order();
  switch (member->scalar) {
    case Scalar::character:
    case Scalar::u8:
      return load<std::uint8_t>(at, order);
    case Scalar::i8:
      return load<std::int8_t>(at, order);
    case Scalar::i16:
      return load<std::int16_t>(at, order);
    case Scalar::u16:
      return load<std::uint16_t>(at, order);
    case Scalar::i32:
      return load<std::int32_t>(at, order);
    case Scalar::u32:
      return load<std::uint32_t>(at, order);
    case Scalar::i64:
    case Scalar::u64:
      return load<std::int64_t>(at, order);
    case Scalar::none:
    case Scalar::f32:
    case Scalar::f64:
      break;
  }
  return otherwise;
}

double Record::real(MemberName name, double otherwise, std::size_t element) const {
  const Sdna::Member* member = find(name);
  const std::byte* at = element_at(member, element);
  if (at == nullptr) return otherwise;
  if (member->scalar == Scalar::f32) return load<float>(at, dna_->order());
  if (member->scalar == Scalar::f64) return load<double>(at, dna_->order());
  return otherwise;
}

std::string_view Record::text(MemberName name) const {
  const Sdna::Member* member = find(name);
  if (member == nullptr || member->scalar != Scalar::character) return {};
  const char* start = reinterpret_cast<const char*>(data_ + member->offset);
  const auto* end = static_cast<const char*>(std::memchr(start, 0, member->size));
  return {start, end == nullptr ? member->size : static_cast<std::size_t>(end - start)};
}

Address Record::pointer(MemberName name, std::size_t element) const {
  const Sdna::Member* member = find(name);
  const std::byte* at = element_at(member, element);
  if (at == nullptr || !member->pointer()) return 0;
  return load_address(at, dna_->pointer_size(), dna_->order());
}

Record Record::record(MemberName name, std::size_t element) const {
  const Sdna::Member* member = find(name);
  const std::byte* at = element_at(member, element);
  if (at == nullptr || member->pointer()) return {};
  const std::uint32_t inner = dna_->struct_of_type(member->type);
  if (inner == Sdna::kNoStruct) return {};
  return Record(*dna_, inner, {at, dna_->type_size(member->type)},
                offset_ + static_cast<std::uint64_t>(at - data_));
}

}  // namespace souschef::blend
