// SPDX-License-Identifier: MIT
#include "core/base/file_hash.hpp"

#include <cstddef>
#include <span>
#include <vector>

#include <souschef/file_name.hpp>

#include "store/hasher.hpp"
#include "store/store.hpp"

namespace souschef::core {

Result<Hash> hash_of_file(const std::filesystem::path& path) {
  SOUSCHEF_TRY(const auto source, store::SourceFile::open(path));
  store::Hasher hasher;
  std::vector<std::byte> buffer(1U << 20);
  for (std::uint64_t at = 0;;) {
    const std::int64_t count = source->read_at(at, buffer);
    if (count < 0) return Error(ErrorCode::io, "cannot read " + escape_name(path.string()));
    if (count == 0) return hasher.finish();
    hasher.update(std::span(buffer).first(static_cast<std::size_t>(count)));
    at += static_cast<std::uint64_t>(count);
  }
}

}  // namespace souschef::core
