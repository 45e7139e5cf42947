// SPDX-License-Identifier: MIT
// Files outside the production: which may be banked. What a .blend names is chosen by whoever made the
// .blend; a texture that is a symbolic link to a private key must not land on the NAS. So: real paths decide,
// secrets and devices never go, everything else outside needs one yes per folder, which is remembered per
// user.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

struct OutsideFolder {
  std::string folder;  // absolute, resolved
  std::uint64_t files = 0, bytes = 0;
};
// True: yes, bank what is needed from there.
using AskFunction = std::function<bool(const OutsideFolder& folder)>;

enum class OutsideAnswer { allowed, ask, never };

class OutsidePolicy {
 public:
  // `allowed`: folders that need no question, trace.allow_paths. `allow_all`: --allow-outside.
  OutsidePolicy(const std::vector<std::string>& allowed, const std::filesystem::path& root, bool allow_all);

  // `real`: resolved path of a file that is not below the production's root.
  [[nodiscard]] OutsideAnswer answer(std::string_view real) const;
  // Remembers a yes for this user and production. Failing to write it down is no error: it is asked again.
  void remember(const std::string& folder);

 private:
  [[nodiscard]] std::filesystem::path memory_file() const;

  std::string root_;
  bool allow_all_;
  std::vector<std::string> allowed_;
};

}  // namespace souschef::core
