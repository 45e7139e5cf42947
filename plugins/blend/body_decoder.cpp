// SPDX-License-Identifier: MIT
// Data is copied or put together from planes right behind the head in the buffer that goes out, and its
// fields are filled in there as soon as an element is complete. So each byte is moved once, and only an
// element that a page has cut waits when the buffer goes out.
#include "plugins/blend/body_decoder.hpp"

#include <cstring>
#include <string>
#include <utility>

#include "plugins/blend/byte_planes.hpp"
#include "plugins/blend/field_coder.hpp"

namespace souschef::blend {
namespace {

// Goes out when it holds as much; small enough to stay in the second-level cache.
constexpr std::size_t kOut = 256U << 10;
// The largest element, which may wait for its end.
constexpr std::size_t kMaxElement = 64U << 10;
constexpr std::size_t kHead = 32;

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "the filtered .blend is damaged", std::move(why));
}

template <std::uint32_t kWidth, ByteOrder kOrder>
class Assembler final : public BodyDecoder {
 public:
  Assembler(DecodedPrelude prelude, std::uint64_t content_size, ByteSink& out)
      : prelude_(std::move(prelude)),
        content_size_(content_size),
        sink_(out),
        head_size_(size_of(prelude_.layout)),
        addresses_(reinterpret_cast<const Address*>(prelude_.addresses.data())),
        cursor_(prelude_),
        columns_(prelude_.fields.columns()),
        coder_(prelude_.fields, prelude_.keys, prelude_.first_block, addresses_, columns_),
        out_(std::make_unique_for_overwrite<std::byte[]>(kOut + kMaxElement + kMaxPage + kHead)) {
    std::memcpy(out_.get(), prelude_.start.data(), prelude_.start.size());
    size_ = prelude_.start.size();
  }

  Status values(std::span<const std::byte> page) override {
    if (waiting() != 0) return damaged("side values stand within an element");
    if (!columns_.load_values(page)) return damaged("a page of side values");
    return {};
  }

  Status shapes(std::span<const std::byte> page) override {
    if (!columns_.load_shapes(page)) return damaged("the shapes of its side values");
    return {};
  }

  Status body(std::uint8_t row, std::span<const std::byte> page) override {
    if (row == 0) return feed(page);
    SOUSCHEF_CHECK(next_data());
    if (page.size() > left_) {
      joined_.resize(page.size());
      join_planes(page, row, joined_.data());
      return feed(joined_);
    }
    SOUSCHEF_CHECK(room(page.size()));
    join_planes(page, row, out_.get() + size_);
    return took(page.size());
  }

  Status finish() override {
    SOUSCHEF_CHECK(next_data());
    if (!cursor_.at_end() || (left_ != 0 && !in_tail_)) return damaged("it ends before its last block");
    SOUSCHEF_CHECK(flush());
    if (written_ != content_size_) return damaged("it does not make up the whole content");
    return {};
  }

 private:
  Status feed(std::span<const std::byte> data) {
    while (!data.empty()) {
      SOUSCHEF_CHECK(next_data());
      const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
      SOUSCHEF_CHECK(room(now));
      std::memcpy(out_.get() + size_, data.data(), now);
      data = data.subspan(now);
      SOUSCHEF_CHECK(took(now));
    }
    return {};
  }

  // Goes on to the block that the next byte of the body belongs to.
  Status next_data() {
    while (left_ == 0) {
      if (cursor_.at_end()) {
        // What follows the last block, as long as it is.
        in_tail_ = true;
        left_ = UINT64_MAX;
        return {};
      }
      SOUSCHEF_CHECK(room(kHead));
      CodedHead head;
      if (!cursor_.next(head)) return damaged("a head of its structure");
      begin(head);
    }
    return {};
  }

  void begin(const CodedHead& head) {
    const std::uint32_t block = cursor_.block();
    if (cursor_.begins_group()) coder_.begin_group(cursor_.group());
    std::byte* at = out_.get() + size_;
    write_block_head(at,
                     {.code = kData,
                      .struct_index = static_cast<std::int32_t>(head.struct_index),
                      .length = static_cast<std::int64_t>(head.length),
                      .address = addresses_[block],
                      .count = head.count},
                     prelude_.layout, kOrder);
    if (cursor_.begins_group()) store(at, prelude_.codes[cursor_.group()], ByteOrder::little);
    size_ += head_size_;
    left_ = head.length;
    elements_ = 0;
    element_start_ = size_;
    if (head.treatment == Treatment::copy) return;
    std::uint32_t slots = 1;
    if (head.treatment == Treatment::pointers) {
      runs_ = {&kPointerArray, 1};
      element_size_ = kWidth;
    } else {
      const StructFields& fields = *prelude_.fields.find(head.struct_index);
      runs_ = prelude_.fields.runs(fields);
      element_size_ = fields.size;
      slots = fields.slots;
    }
    if (runs_.empty()) return;
    elements_ = head.elements(element_size_);
    coder_.begin_block(block, slots);
  }

  // So many bytes of the block stand behind what is there.
  Status took(std::size_t size) {
    size_ += size;
    if (!in_tail_) left_ -= size;
    if (elements_ == 0) return {};
    const std::uint64_t whole = std::min<std::uint64_t>(elements_, (size_ - element_start_) / element_size_);
    coder_.run(runs_, out_.get() + element_start_, static_cast<std::size_t>(whole), element_size_);
    elements_ -= whole;
    element_start_ += static_cast<std::size_t>(whole) * element_size_;
    if (coder_.failed()) return damaged("a pointer leads nowhere");
    if (columns_.failed()) return damaged("side values are missing");
    return {};
  }

  // Bytes of an element that is not complete.
  [[nodiscard]] std::size_t waiting() const { return elements_ == 0 ? 0 : size_ - element_start_; }

  Status room(std::size_t) {
    if (size_ < kOut) return {};
    return flush();
  }

  Status flush() {
    const std::size_t kept = waiting();
    const std::size_t ready = size_ - kept;
    if (ready > content_size_ - written_) return damaged("it is larger than its content");
    if (ready != 0 && !sink_.write({out_.get(), ready}))
      return Error(ErrorCode::cancelled, "stopped while rebuilding a .blend");
    written_ += ready;
    std::memmove(out_.get(), out_.get() + ready, kept);
    size_ = kept;
    element_start_ = 0;
    return {};
  }

  DecodedPrelude prelude_;
  const std::uint64_t content_size_;
  ByteSink& sink_;
  const std::size_t head_size_;
  const Address* addresses_;
  HeadCursor cursor_;
  ColumnsReader columns_;
  FieldDecoder<kWidth, kOrder> coder_;

  std::unique_ptr<std::byte[]> out_;
  std::size_t size_ = 0;
  std::uint64_t written_ = 0;
  std::vector<std::byte> joined_;

  std::uint64_t left_ = 0;  // of the block's data
  bool in_tail_ = false;
  std::span<const FieldRun> runs_;
  std::uint32_t element_size_ = 1;
  std::uint64_t elements_ = 0;     // that are to come
  std::size_t element_start_ = 0;  // of the next one, in the buffer
};

}  // namespace

std::unique_ptr<BodyDecoder> BodyDecoder::create(DecodedPrelude prelude, std::uint64_t content_size,
                                                 ByteSink& out) {
  const bool little = prelude.order == ByteOrder::little;
  if (prelude.pointer_size == 8) {
    if (little)
      return std::make_unique<Assembler<8, ByteOrder::little>>(std::move(prelude), content_size, out);
    return std::make_unique<Assembler<8, ByteOrder::big>>(std::move(prelude), content_size, out);
  }
  if (little) return std::make_unique<Assembler<4, ByteOrder::little>>(std::move(prelude), content_size, out);
  return std::make_unique<Assembler<4, ByteOrder::big>>(std::move(prelude), content_size, out);
}

}  // namespace souschef::blend
