// SPDX-License-Identifier: MIT
#include "store/filter_proof.hpp"

#include <utility>

#include "store/scoped_timer.hpp"

namespace souschef::store {

bool HashSink::write(std::span<const std::byte> data) {
  if (data.size() > expected_size_ - size_) return false;
  size_ += data.size();
  hasher_.update(data);
  return true;
}

WrapperProof::WrapperProof(const WrapperClaim& claim) : sink_(claim.blob.hash, claim.blob_size) {
  if (claim.wrapper == nullptr || claim.kind == WrapperKind::none || claim.parameters.empty()) return;
  auto begun = claim.wrapper->wrap(claim.kind, claim.parameters, sink_);
  if (begun) transform_ = std::move(*begun);
}

void WrapperProof::push(std::span<const std::byte> content) {
  if (transform_ != nullptr && !transform_->push(content)) transform_.reset();
}

bool WrapperProof::finish() {
  return transform_ != nullptr && transform_->finish().has_value() && sink_.matches();
}

FilterProof::FilterProof(WorkPool& pool, Filter& filter, const ContentId& content, std::uint64_t content_size,
                         const WrapperClaim& wrapper)
    : content_(content.hash, content_size), wrapper_(wrapper), strand_(pool) {
  auto begun = filter.decode(filter.version(), content_size, *this);
  if (begun) decoder_ = std::move(*begun);
  failed_ = decoder_ == nullptr;
}

bool FilterProof::write(std::span<const std::byte> content) {
  wrapper_.push(content);
  return content_.write(content);
}

void FilterProof::push(std::shared_ptr<const Slab> slab) {
  strand_.run([this, slab = std::move(slab)] {
    if (!failed_ && !decoder_->push(std::span(slab->data).first(slab->used))) failed_ = true;
  });
}

FilterProof::Outcome FilterProof::finish() {
  const ScopedTimer timer("prove");
  strand_.wait();
  Outcome outcome;
  outcome.content = !failed_ && decoder_->finish().has_value() && content_.matches();
  outcome.wrapper = outcome.content && wrapper_.finish();
  return outcome;
}

}  // namespace souschef::store
