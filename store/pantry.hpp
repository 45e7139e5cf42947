// SPDX-License-Identifier: MIT
// Rebuilt files, read-only, each once, for checkouts to share. Disposable: any file of it may be deleted at
// any time.
#pragma once

#include <atomic>
#include <filesystem>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/store.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

// Thread-safe, except that one content must not be asked for by two threads at once.
class Pantry {
 public:
  explicit Pantry(StoreParts& parts) : parts_(parts) {}

  struct Shelved {
    std::filesystem::path path;
    std::uint64_t size = 0;
    bool built = false;  // now; else it was there
  };
  // The content as a read-only file: verified when it was built, and untouched since as far as its inode,
  // size, time and mode tell (invariant 27). Errors: those of Rebuild::write, and the disk's.
  Result<Shelved> shelve(const ContentId& content, bool executable);
  // Gives a shelved file another name: shares its blocks, else its inode, else copies. `exists`.
  Result<Placement> place(const Shelved& file, const std::filesystem::path& target, bool executable);
  // Hashes a shelved file again; `corrupt` if it is not what it should be.
  Status check(const ContentId& content, bool executable);

 private:
  [[nodiscard]] std::filesystem::path path_of(const ContentId& content, bool executable) const;
  bool try_reflink(const Shelved& file, const std::filesystem::path& target, std::uint32_t mode);

  StoreParts& parts_;
  std::atomic<bool> reflinks_work_{true};  // until the first refusal
  std::atomic<bool> hardlinks_work_{true};
};

}  // namespace souschef::store
