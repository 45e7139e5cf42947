// SPDX-License-Identifier: MIT
// An archive with a plugin comes from wherever somebody got it. Whatever its bytes are: it is read or
// refused, in bounded memory, and what is read and passes the judgement has names that stay inside.
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include "core/base/archive.hpp"

using namespace souschef::core;

namespace {

void try_entries(const souschef::Result<std::vector<ArchiveEntry>>& entries) {
  if (!entries) return;
  std::size_t bytes = 0;
  for (const ArchiveEntry& entry : *entries) bytes += entry.content.size();
  if (bytes > kMostArchiveBytes || entries->size() > kMostArchiveEntries) std::abort();
  if (!judge_entries(*entries)) return;
  for (const ArchiveEntry& entry : *entries) {
    const std::filesystem::path name = std::filesystem::path(entry.name).lexically_normal();
    if (name.is_absolute() || *name.begin() == "..") std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try_entries(read_tar(bytes));
  try_entries(read_zip(bytes));
  return 0;
}
