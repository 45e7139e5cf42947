// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include <souschef/abi.hpp>

#include "store/store.hpp"

namespace souschef::store {

// Takes everything and keeps nothing: for what is read only to find out whether it can be.
class NullSink final : public ByteSink {
 public:
  // `cancelled` is asked at every piece; one that says yes stops the reader.
  explicit NullSink(CancelFunction cancelled = {}) : cancelled_(std::move(cancelled)) {}
  using ByteSink::write;
  bool write(std::span<const std::byte>) override { return !cancelled_ || !cancelled_(); }

 private:
  CancelFunction cancelled_;
};

}  // namespace souschef::store
