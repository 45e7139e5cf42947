// SPDX-License-Identifier: MIT
// What this user lets run. Trust is by content: a hash, not a name or a place, so a file that somebody else
// changes afterwards is not trusted any more. docs/format/trust.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

namespace souschef::core {

enum class TrustKind : std::uint8_t {
  plugin,  // a plugin's folder: hash_of_folder()
  config,  // everything that a project's config would execute or open: core/production/config_trust
  order    // an order that lets scripts in its .blend run: core/queue/order_trust
};
std::string_view name_of(TrustKind kind);

struct TrustedThing {
  TrustKind kind = TrustKind::plugin;
  Hash hash;
  std::string what;  // for people: the folder, the config file
  std::string when;  // "2026-11-21T02:25:15Z"
};

// Thread-safe: no state but the folder. Any number of processes may use one folder.
class TrustStore {
 public:
  // Below user_state_folder().
  static TrustStore of_user();
  explicit TrustStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // False as well where the folder belongs to somebody else or others may write into it.
  [[nodiscard]] bool is_trusted(TrustKind kind, const Hash& hash) const;
  // On disk when this returns, unless the power fails. Trusting twice is no error. Errors: denied, io.
  Status trust(TrustKind kind, const Hash& hash, std::string_view what) const;
  // Forgetting what was never trusted is no error.
  Status forget(TrustKind kind, const Hash& hash) const;
  // By date.
  [[nodiscard]] std::vector<TrustedThing> list() const;

 private:
  [[nodiscard]] std::filesystem::path file_of(TrustKind kind, const Hash& hash) const;
  std::filesystem::path folder_;
};

// The hash that stands for a text: `canonical` is the JSON of what a config would execute, or of an order.
Hash trust_hash(TrustKind kind, std::string_view canonical);

// True for a program that whoever administers this machine has put there: its real path lies below one of the
// usual places or PATH names its folder, and it and every folder above belong to root and can be changed by
// nobody else. A config that names one needs no trust. `search_path`: as in PATH.
bool is_system_program(const std::filesystem::path& program, std::string_view search_path);

// True where only root or this user can change the folder's list of files or any folder above it.
bool is_private_folder(const std::filesystem::path& folder);

}  // namespace souschef::core
