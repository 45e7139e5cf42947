// SPDX-License-Identifier: MIT
// The file FORMAT: what a program must know before it touches a store. docs/format/store.md has the lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "store/chunker.hpp"

namespace souschef::store {

inline constexpr std::uint32_t kStoreVersion = 1;

struct StoreFormat {
  std::uint32_t version = kStoreVersion;
  std::string uuid;
  ChunkerParameters chunker;
  // Names of abilities that a program needs on top of the version. Empty in the first version: they are the
  // way in for what comes later.
  std::vector<std::string> needed_to_read;
  std::vector<std::string> needed_to_write;
  std::vector<std::string> needed_to_gc;
};

enum class Purpose { read, write, gc };

std::string serialize(const StoreFormat& format);
// Errors: corrupt; unsupported (another version, another hash or chunker).
Result<StoreFormat> parse_format(std::string_view text);
// `unsupported`, naming what is needed, where this program must keep its hands off.
Status check_abilities(const StoreFormat& format, Purpose purpose);

}  // namespace souschef::store
