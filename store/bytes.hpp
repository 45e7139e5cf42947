// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace souschef::store {

// Leaves new elements as they are: buffers of megabytes are filled by a read or a decompressor right after,
// and clearing them first would cost as much as filling them.
template <class T>
struct UninitializedAllocator : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = UninitializedAllocator<U>;
  };
  template <class U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
  template <class U, class... Args>
  void construct(U* place, Args&&... args) {
    ::new (static_cast<void*>(place)) U(std::forward<Args>(args)...);
  }
};

// resize() grows it by bytes of any value.
using Bytes = std::vector<std::byte, UninitializedAllocator<std::byte>>;

}  // namespace souschef::store
