// SPDX-License-Identifier: MIT
#include "store/generation.hpp"

#include <charconv>

#include "store/atomic_file.hpp"
#include "store/hasher.hpp"

namespace souschef::store {

namespace {

constexpr std::string_view kMagic = "souschef-gc-generation 1\n";
constexpr std::string_view kNumber = "generation ", kCondemned = "condemned ", kCheck = "check ";
constexpr std::uint64_t kMostBytes = 64U << 20;

Error damaged() {
  return Error(ErrorCode::corrupt, "the store's gc-generation is damaged").next_step("souschef check");
}

std::string check_of(std::string_view text) {
  return hash_of(text).hex().substr(0, 16);
}

}  // namespace

std::string serialize(const Generation& generation) {
  std::string text = std::string(kMagic) + std::string(kNumber) + std::to_string(generation.number) + "\n";
  for (const PackId& pack : generation.condemned) text += std::string(kCondemned) + pack.hex() + "\n";
  return text + std::string(kCheck) + check_of(text) + "\n";
}

Result<Generation> parse_generation(std::string_view text) {
  if (!text.starts_with(kMagic)) {
    if (text.starts_with("souschef-gc-generation "))
      return Error(ErrorCode::unsupported, "a gc-generation of a newer version").next_step("update souschef");
    return damaged();
  }
  const std::size_t check = text.rfind(kCheck);
  if (check == std::string_view::npos ||
      text.substr(check) != std::string(kCheck) + check_of(text.substr(0, check)) + "\n")
    return damaged();
  std::string_view lines = text.substr(kMagic.size(), check - kMagic.size());
  Generation generation;
  bool numbered = false;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return damaged();
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 1);
    if (line.starts_with(kNumber)) {
      const auto parsed =
          std::from_chars(line.data() + kNumber.size(), line.data() + line.size(), generation.number);
      if (parsed.ec != std::errc() || parsed.ptr != line.data() + line.size()) return damaged();
      numbered = true;
    } else if (line.starts_with(kCondemned)) {
      const auto pack = PackId::from_hex(line.substr(kCondemned.size()));
      if (!pack) return damaged();
      generation.condemned.insert(*pack);
    } else {
      return damaged();
    }
  }
  if (!numbered) return damaged();
  return generation;
}

Result<Generation> read_generation(FileSystem& disk, const StorePaths& paths) {
  const auto text = read_file(disk, paths.generation(), kMostBytes);
  if (!text) {
    if (text.error().code == ErrorCode::not_found) return Generation{};
    return text.error();
  }
  return parse_generation(*text);
}

Status write_generation(FileSystem& disk, const StorePaths& paths, const Generation& generation,
                        const std::string& lease_id) {
  WriteOptions options;
  options.temporary_folder = paths.temporary();
  options.owner = lease_id;
  return replace_file(disk, paths.generation(), serialize(generation), options);
}

}  // namespace souschef::store
