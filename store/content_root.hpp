// SPDX-License-Identifier: MIT
#pragma once

#include <compare>

#include <souschef/hash.hpp>

namespace souschef::store {

// A content that somebody needs, and the file that it was found as.
struct ContentRoot {
  ContentId content;
  BlobId blob;  // zero: the content itself
  auto operator<=>(const ContentRoot&) const = default;
};

}  // namespace souschef::store
