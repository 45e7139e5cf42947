// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <souschef/filter.hpp>

#include "store/work_pool.hpp"

namespace souschef::store {

// Copies a filter's slices into slabs of whole chunks and hands each full one on. What breaks the rules of
// SliceSink is refused. One thread.
class SlabFiller final : public SliceSink {
 public:
  // False: stop.
  using Full = std::function<bool(std::shared_ptr<const Slab>, std::vector<std::uint32_t> cuts)>;
  SlabFiller(WorkPool& pool, Full full) : pool_(pool), full_(std::move(full)) {}

  bool emit(std::span<const std::byte> slice, std::span<const std::uint32_t> cuts) override;
  // Hands on what is left.
  bool flush();
  // Somebody emitted cuts that are none.
  [[nodiscard]] bool broken() const { return broken_; }

 private:
  WorkPool& pool_;
  Full full_;
  std::shared_ptr<Slab> slab_;
  std::vector<std::uint32_t> cuts_;
  bool broken_ = false;
};

}  // namespace souschef::store
