// SPDX-License-Identifier: MIT
// The only place that names the files of a store folder. docs/format/store.md has the whole tree.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <souschef/hash.hpp>

namespace souschef::store {

class StorePaths {
 public:
  explicit StorePaths(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path format() const { return folder_ / "FORMAT"; }
  [[nodiscard]] std::filesystem::path packs() const { return folder_ / "packs"; }
  [[nodiscard]] std::filesystem::path leases() const { return folder_ / "leases"; }
  [[nodiscard]] std::filesystem::path trash() const { return folder_ / "trash"; }
  [[nodiscard]] std::filesystem::path added() const { return folder_ / "added"; }
  [[nodiscard]] std::filesystem::path temporary() const { return folder_ / "tmp"; }
  [[nodiscard]] std::filesystem::path generation() const { return folder_ / "gc-generation"; }
  [[nodiscard]] std::filesystem::path damaged_packs() const { return folder_ / "damaged-packs"; }
  [[nodiscard]] std::filesystem::path reserve() const { return folder_ / "reserve"; }

  // 256 folders by the first byte of the id: no folder grows past what network file systems list well.
  [[nodiscard]] std::filesystem::path pack_folder(const PackId& id) const {
    return packs() / id.hex().substr(0, 2);
  }
  [[nodiscard]] std::filesystem::path pack(const PackId& id) const {
    return pack_folder(id) / (id.hex() + std::string(kPackSuffix));
  }
  // The packs that a host added, one name a line.
  [[nodiscard]] std::filesystem::path added_log(std::string_view host) const {
    return added() / (std::string(host) + std::string(kLogSuffix));
  }

  static std::optional<PackId> pack_of_name(std::string_view name) {
    if (!name.ends_with(kPackSuffix)) return std::nullopt;
    return PackId::from_hex(name.substr(0, name.size() - kPackSuffix.size()));
  }

  static constexpr std::string_view kPackSuffix = ".pack";
  static constexpr std::string_view kLogSuffix = ".log";

 private:
  std::filesystem::path folder_;
};

}  // namespace souschef::store
