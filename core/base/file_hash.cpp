// SPDX-License-Identifier: MIT
#include "core/base/file_hash.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <souschef/file_name.hpp>

#include "store/hasher.hpp"
#include "store/store.hpp"

namespace souschef::core {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

Result<Hash> hash_of_file(const std::filesystem::path& path) {
  SOUSCHEF_TRY(const auto source, store::SourceFile::open(path));
  store::Hasher hasher;
  std::vector<std::byte> buffer(kPiece);
  for (std::uint64_t at = 0;;) {
    const std::int64_t count = source->read_at(at, buffer);
    if (count < 0) return Error(ErrorCode::io, "cannot read " + escape_name(path.string()));
    if (count == 0) return hasher.finish();
    hasher.update(std::span(buffer).first(static_cast<std::size_t>(count)));
    at += static_cast<std::uint64_t>(count);
  }
}

Result<Hash> hash_of_file(const store::OpenFile& file, std::uint64_t size) {
  store::Hasher hasher;
  std::vector<std::byte> buffer(kPiece);
  for (std::uint64_t at = 0; at < size;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - at));
    SOUSCHEF_TRY(const std::size_t got, file.read_at(at, std::span(buffer).first(wanted)));
    if (got == 0)
      return Error(ErrorCode::changed, "the file became shorter: " + escape_name(file.path().string()));
    hasher.update(std::span(buffer).first(got));
    at += got;
  }
  return hasher.finish();
}

}  // namespace souschef::core
