// SPDX-License-Identifier: MIT
// Every object of a store as text: for `souschef debug`, for people who look, and for second readers of the
// formats.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <souschef/abi.hpp>
#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/store.hpp"

namespace souschef::store {

// A pack file, wherever it lies: header, frames and objects, one line each; from the front if its footer is
// damaged.
Result<std::string> dump_pack(const std::filesystem::path& pack);
// Every checksum and every id of it. The text says "good" or names each fault; `corrupt` if there is one.
Result<std::string> check_pack_file(const std::filesystem::path& pack);

Result<std::string> dump_index(Store& store);
// What the index says of an object of any kind, a content or a blob.
Result<std::string> dump_index_lookup(Store& store, const Hash& id);
// The recipes of a content, or one recipe by its id; `with_chunks`: every chunk too.
enum class Chunks { leave_out, list };
Result<std::string> dump_recipe(Store& store, const Hash& id, Chunks chunks);
Result<std::string> dump_format(Store& store);
Result<std::string> dump_leases(Store& store);
// The raw bytes of a chunk, node or recipe.
Status dump_object(Store& store, const Hash& id, ByteSink& out);

// Flips every bit of `count` bytes from `offset`. Only in a folder whose store has a file "TEST-STORE" beside
// FORMAT: `denied` elsewhere.
Status corrupt_test_store(const std::filesystem::path& file, std::uint64_t offset, std::uint64_t count);

}  // namespace souschef::store
