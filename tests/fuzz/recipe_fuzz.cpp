// SPDX-License-Identifier: MIT
// A recipe or a node: what parses is written again byte for byte, since ids are hashes of the bytes.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "store/recipe.hpp"

namespace {

using namespace souschef::store;

template <class T>
void there_and_back(const T& parsed, std::span<const std::byte> data) {
  if (!parsed) return;
  const Bytes again = serialize(*parsed);
  if (!std::equal(again.begin(), again.end(), data.begin(), data.end())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::span<const std::byte> data = std::as_bytes(std::span(bytes, size));
  there_and_back(parse_recipe(data), data);
  there_and_back(parse_node(data), data);
  // Walking a tree whose nodes are all this input comes to an end.
  if (auto recipe = parse_recipe(data)) {
    TreeWalker walker(std::move(recipe->root), [&](const souschef::Hash&) -> souschef::Result<Bytes> {
      return Bytes(data.begin(), data.end());
    });
    for (int i = 0; i < 1000; ++i) {
      const auto chunk = walker.next();
      if (!chunk || !*chunk) break;
    }
  }
  return 0;
}
