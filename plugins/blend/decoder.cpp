// SPDX-License-Identifier: MIT
#include "plugins/blend/decoder.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

namespace souschef::blend {
namespace {

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "the filtered .blend is damaged", std::move(why));
}

std::filesystem::path temporary_folder() {
  std::error_code ignored;
  return std::filesystem::temp_directory_path(ignored);
}

}  // namespace

Decoder::Decoder(std::uint64_t content_size, ByteSink& out)
    : content_size_(content_size),
      out_(out),
      prelude_(std::make_unique<PreludeDecoder>(content_size, temporary_folder())) {}

Status Decoder::push(std::span<const std::byte> data) {
  while (!data.empty()) {
    if (!in_page_) {
      SOUSCHEF_TRY(const bool complete, head(data));
      if (!complete) return {};
      in_page_ = true;
    }
    // Mostly all of the page is there: chunks end where pages end.
    if (buffer_.empty() && data.size() >= page_size_) {
      SOUSCHEF_CHECK(page(data.first(page_size_)));
      data = data.subspan(page_size_);
    } else {
      const std::size_t now = std::min(data.size(), page_size_ - buffer_.size());
      buffer_.insert(buffer_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(now));
      data = data.subspan(now);
      if (buffer_.size() < page_size_) return {};
      SOUSCHEF_CHECK(page(buffer_));
      buffer_.clear();
    }
    in_page_ = false;
  }
  return {};
}

Result<bool> Decoder::head(std::span<const std::byte>& data) {
  while (!data.empty()) {
    buffer_.push_back(data.front());
    data = data.subspan(1);
    if (buffer_.size() == 1) continue;
    if (buffer_.size() > 1 + kMaxNumberSize) return damaged("a page has no size");
    if (std::to_integer<unsigned>(buffer_.back()) >= 0x80) continue;
    NumberReader in(buffer_);
    kind_ = in.byte();
    const std::uint64_t size = in.number();
    if (in.failed() || size > kMaxPage) return damaged("a page is too large");
    page_size_ = static_cast<std::size_t>(size);
    buffer_.clear();
    // An empty page is complete already.
    if (page_size_ != 0) return true;
    SOUSCHEF_CHECK(page({}));
  }
  return false;
}

Status Decoder::page(std::span<const std::byte> content) {
  if (is_body(kind_)) {
    SOUSCHEF_CHECK(begin_body());
    return body_->body(kind_, content);
  }
  switch (const auto kind = static_cast<PageKind>(kind_)) {
    case PageKind::values:
      SOUSCHEF_CHECK(begin_body());
      return body_->values(content);
    case PageKind::shapes:
      SOUSCHEF_CHECK(begin_body());
      return body_->shapes(content);
    case PageKind::header:
    case PageKind::fields:
    case PageKind::structure:
    case PageKind::addresses:
      if (body_ != nullptr) return damaged("a page of the prelude follows the body");
      return prelude_->page(kind, content);
    default:
      return damaged("a page of an unknown kind: " + std::to_string(kind_));
  }
}

Status Decoder::begin_body() {
  if (body_ != nullptr) return {};
  SOUSCHEF_TRY(DecodedPrelude prelude, prelude_->finish());
  prelude_.reset();
  body_ = BodyDecoder::create(std::move(prelude), content_size_, out_);
  return {};
}

Status Decoder::finish() {
  if (in_page_ || !buffer_.empty()) return damaged("it ends within a page");
  SOUSCHEF_CHECK(begin_body());
  return body_->finish();
}

}  // namespace souschef::blend
