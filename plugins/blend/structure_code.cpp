// SPDX-License-Identifier: MIT
#include "plugins/blend/structure_code.hpp"

#include <limits>

namespace souschef::blend {
namespace {

enum Form : std::uint64_t { kOneElement = 0, kElements = 1, kRaw = 2, kRawPointers = 3 };

constexpr std::uint64_t kRepeat = 0;
constexpr std::uint64_t kGeneral = 1;
constexpr std::uint64_t kFirstForm = 2;

constexpr std::uint64_t token_of(std::uint64_t struct_index, Form form) {
  return kFirstForm + struct_index * 4 + form;
}

}  // namespace

void StructureWriter::group(std::span<const std::byte> label, std::uint32_t code_on_disk,
                            std::uint64_t blocks, std::vector<std::byte>& out) {
  put_number(out, label.size());
  put_bytes(out, label);
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::byte>(code_on_disk >> (8 * i)));
  put_number(out, blocks);
  has_last_ = false;
}

void StructureWriter::head(const CodedHead& head, std::vector<std::byte>& out) {
  if (has_last_ && head == last_) {
    ++repeats_;
    return;
  }
  flush(out);
  put(head, out);
  last_ = head;
  has_last_ = true;
}

void StructureWriter::flush(std::vector<std::byte>& out) {
  if (repeats_ == 0) return;
  put_number(out, kRepeat);
  put_number(out, repeats_ - 1);
  repeats_ = 0;
}

void StructureWriter::put(const CodedHead& head, std::vector<std::byte>& out) const {
  const StructFields* fields = plan_->find(head.struct_index);
  if (head.treatment == Treatment::fields && fields != nullptr && head.count > 0 &&
      head.length % fields->size == 0 &&
      head.length / fields->size == static_cast<std::uint64_t>(head.count)) {
    put_number(out, token_of(head.struct_index, head.count == 1 ? kOneElement : kElements));
    if (head.count != 1) put_number(out, static_cast<std::uint64_t>(head.count));
    return;
  }
  if (head.treatment != Treatment::fields && head.count == 1) {
    put_number(out, token_of(head.struct_index, head.treatment == Treatment::copy ? kRaw : kRawPointers));
    put_number(out, head.length);
    return;
  }
  put_number(out, kGeneral);
  put_number(out, head.length);
  put_number(out, zigzag(head.count));
  put_number(out, head.struct_index);
  out.push_back(static_cast<std::byte>(head.treatment));
}

bool HeadReader::next(NumberReader& in, CodedHead& head) {
  if (repeats_ > 0) {
    --repeats_;
    head = last_;
    return true;
  }
  const std::uint64_t token = in.number();
  if (in.failed()) return false;
  if (token == kRepeat) {
    const std::uint64_t more = in.number();
    if (in.failed() || !has_last_) return false;
    repeats_ = more;
    head = last_;
    return true;
  }
  if (!read(in, token, head)) return false;
  last_ = head;
  has_last_ = true;
  return true;
}

bool HeadReader::read(NumberReader& in, std::uint64_t token, CodedHead& head) const {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  constexpr auto kMostLength = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (token == kGeneral) {
    head.length = in.number();
    head.count = in.signed_number();
    const std::uint64_t index = in.number();
    const std::uint8_t treatment = in.byte();
    if (in.failed() || index > kMost || treatment > kMaxTreatment || head.length > kMostLength) return false;
    head.struct_index = static_cast<std::uint32_t>(index);
    head.treatment = static_cast<Treatment>(treatment);
    return head.treatment != Treatment::fields || plan_->find(index) != nullptr;
  }
  const std::uint64_t index = (token - kFirstForm) / 4;
  const std::uint64_t form = (token - kFirstForm) % 4;
  if (index > kMost) return false;
  head.struct_index = static_cast<std::uint32_t>(index);
  const std::uint64_t number = form == kOneElement ? 1 : in.number();
  if (in.failed() || number > kMostLength) return false;
  if (form == kRaw || form == kRawPointers) {
    head.treatment = form == kRaw ? Treatment::copy : Treatment::pointers;
    head.count = 1;
    head.length = number;
    return true;
  }
  const StructFields* fields = plan_->find(index);
  if (fields == nullptr || number == 0 || number > kMostLength / fields->size) return false;
  head.treatment = Treatment::fields;
  head.count = static_cast<std::int64_t>(number);
  head.length = number * fields->size;
  return true;
}

}  // namespace souschef::blend
