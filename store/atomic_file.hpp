// SPDX-License-Identifier: MIT
// Files that appear whole or not at all. The .cpp says how and against what.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "store/file_system.hpp"

namespace souschef::store {

enum class Durability {
  on_disk,  // file and name are synced when the call returns
  none      // survives the death of the process, not a power cut
};

enum class Published {
  created,
  already_there  // with equal content: somebody else, or an earlier try, was first
};

struct WriteOptions {
  Durability durability = Durability::on_disk;
  std::filesystem::path temporary_folder;  // on the same file system; empty: the target's own folder
  std::string owner;                       // stands in the temporary name: a lease id; empty: this process
};

// Gives `content` the name `target`. Never replaces: `exists` where the name is taken by other content. After
// an error nothing of it is left, unless only the folder could not be synced: then the file stands, complete,
// but may be gone after a power cut. After a crash a temporary file may be left, told by is_temporary().
Result<Published> publish_file(FileSystem& disk, const std::filesystem::path& target,
                               std::span<const std::byte> content, const WriteOptions& options = {});
Result<Published> publish_file(FileSystem& disk, const std::filesystem::path& target,
                               std::string_view content, const WriteOptions& options = {});

// The same for a file that was written piece by piece under a temporary name: syncs it, gives it its name,
// syncs the folder. After an error the temporary file is gone.
Result<Published> publish_open_file(FileSystem& disk, std::unique_ptr<OpenFile> file,
                                    const std::filesystem::path& target,
                                    Durability durability = Durability::on_disk);

// For the few files that change (a counter, a setting): takes the place of what was there; a reader sees the
// old or the new content, never a mixture.
Status replace_file(FileSystem& disk, const std::filesystem::path& target, std::string_view content,
                    const WriteOptions& options = {});

// A name that nobody else makes: ".tmp-<owner>-<number>". Readers of folders pass over such names.
std::string temporary_name(std::string_view owner);
bool is_temporary(std::string_view name);
// The owner in such a name; empty if it is none.
std::string_view owner_of_temporary(std::string_view name);

}  // namespace souschef::store
