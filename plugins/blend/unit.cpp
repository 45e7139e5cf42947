// SPDX-License-Identifier: MIT
#include "plugins/blend/unit.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "plugins/blend/limits.hpp"

namespace souschef::blend {
namespace {

struct Packed {
  std::string path;
  std::uint64_t packed_file = 0;
  std::uint32_t block = kNoBlock;
  std::span<const std::byte> bytes;
};

// The bytes that are packed into a library's datablock, if any are.
std::optional<Packed> packed_bytes(Scope& scope, std::uint32_t library) {
  scope.enter_datablock(library);
  const Record record = scope.head();
  const Record packed = scope.follow(record, "packedfile");
  if (!packed) return std::nullopt;
  Packed result;
  result.path = record.text("name");
  result.packed_file = packed.offset();
  result.block = scope.block_at(packed.pointer("data"));
  if (result.block == kNoBlock) return result;
  result.bytes = scope.file().data(result.block);
  // The block is rounded up; the struct knows how much of it counts.
  const std::int64_t size = packed.integer("size");
  if (size > 0 && static_cast<std::uint64_t>(size) < result.bytes.size())
    result.bytes = result.bytes.first(static_cast<std::size_t>(size));
  return result;
}

// What the tables of a unit, and what it was unpacked to, take in memory.
std::uint64_t memory_of(const Unit& unit) {
  const BlendFile& file = *unit.file;
  const bool unpacked = unit.container->wrapper() != WrapperKind::none;
  const std::uint64_t content = file.content().size();
  constexpr std::uint64_t kItself = 64U << 10;
  return kItself + (unpacked && content <= kMaxContentInMemory ? content : 0) +
         file.blocks().size() * std::uint64_t{16} + file.dna().member_count() * 64 +
         file.datablocks().size() * std::uint64_t{128};
}

// Opens one packed library; a text says why it cannot be read.
Result<std::string> open_packed(Unit& unit, std::span<const std::byte> bytes,
                                const std::filesystem::path& folder, Host host, std::uint64_t memory_left) {
  unit.bytes = std::make_unique<SpanFile>(bytes);
  auto container = Container::open(*unit.bytes, folder, host, std::min(memory_left / 2, kMaxContentInMemory));
  if (!container) return container.error().line();
  if (*container == nullptr) return std::string("it is not a .blend");
  unit.container = std::move(*container);
  auto file = BlendFile::read(unit.container->content(), folder, Reading::skim);
  if (!file && file.error().code != ErrorCode::bad_input && file.error().code != ErrorCode::unsupported)
    return file.error();
  if (!file) return file.error().line();
  unit.owned = std::move(*file);
  unit.file = unit.owned.get();
  return std::string();
}

bool is_library(const BlendFile& file, std::uint32_t datablock) {
  return file.blocks().groups()[file.datablocks().group(datablock)].code == kLibrary;
}

// A library is known by its path, and by the absolute path that it had when the file was saved.
std::vector<std::string> names_of(const Unit& unit, std::uint32_t library) {
  const Record record = unit.file->record_of(library);
  std::vector<std::string> names = {tidy_path(joined_base(unit.base, record.text("name")))};
  if (const auto absolute = record.text("filepath_abs"); !absolute.empty())
    names.push_back(tidy_path(absolute));
  return names;
}

// Libraries that are files, but have the name of one that is packed elsewhere, stand for that one.
void link_units(Units& units) {
  std::unordered_map<std::string, std::uint32_t> by_name;
  for (std::uint32_t i = 1; i < units.all.size(); ++i)
    for (std::string& name : names_of(units.all[units.all[i].parent], units.all[i].library))
      by_name.emplace(std::move(name), i);
  if (by_name.empty()) return;
  for (std::uint32_t i = 0; i < units.all.size(); ++i)
    for (std::uint32_t d = 0; d < units.all[i].file->datablocks().size(); ++d) {
      if (!is_library(*units.all[i].file, d) || units.packed_in(i, d) != 0) continue;
      for (const std::string& name : names_of(units.all[i], d))
        if (const auto found = by_name.find(name); found != by_name.end())
          units.packed.emplace(std::uint64_t{i} << 32 | d, found->second);
    }
}

}  // namespace

std::int64_t SpanFile::read_at(std::uint64_t offset, std::span<std::byte> buffer) const {
  if (offset >= bytes_.size()) return 0;
  const std::size_t count =
      std::min<std::size_t>(buffer.size(), bytes_.size() - static_cast<std::size_t>(offset));
  std::memcpy(buffer.data(), bytes_.data() + offset, count);
  return static_cast<std::int64_t>(count);
}

std::string joined_base(std::string_view base, std::string_view path) {
  if (base.empty() || !path.starts_with("//")) return std::string(path);
  const std::size_t slash = base.find_last_of("/\\");
  if (slash == std::string_view::npos) return std::string(path);
  return std::string(base.substr(0, slash + 1)) + std::string(path.substr(2));
}

std::string tidy_path(std::string_view path) {
  std::string slashed(path);
  std::replace(slashed.begin(), slashed.end(), '\\', '/');
  const std::string root = slashed.starts_with("//") ? "//" : slashed.starts_with('/') ? "/" : "";
  std::vector<std::string_view> parts;
  for (std::string_view rest = std::string_view(slashed).substr(root.size()); !rest.empty();) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..")
      parts.pop_back();
    else
      parts.push_back(part);
  }
  std::string tidy = root;
  for (const std::string_view part : parts) {
    if (tidy.size() > root.size()) tidy += '/';
    tidy += part;
  }
  return tidy;
}

Result<Units> open_units(const BlendFile& file, const std::filesystem::path& folder, Host host) {
  Units units;
  std::uint64_t memory = 0;
  units.all.emplace_back();
  units.all[0].file = &file;
  for (std::uint32_t i = 0; i < units.all.size(); ++i) {
    units.all[i].first_datablock = units.datablocks;
    units.all[i].effort = std::make_unique<Effort>(*units.all[i].file);
    const Datablocks& datablocks = units.all[i].file->datablocks();
    units.datablocks += datablocks.size();
    Scope scope(*units.all[i].file, *units.all[i].effort);
    for (std::uint32_t d = 0; d < datablocks.size(); ++d) {
      if (!is_library(*units.all[i].file, d)) continue;
      const auto packed = packed_bytes(scope, d);
      if (!packed || packed->bytes.empty()) continue;
      const std::uint32_t number = units.all[i].first_datablock + d;
      if (units.all[i].depth == kMaxPackedDepth) {
        units.problems.push_back({number, "it lies too deep in other packed libraries"});
        continue;
      }
      Unit unit;
      unit.base = joined_base(units.all[i].base, packed->path);
      unit.depth = units.all[i].depth + 1;
      unit.parent = i;
      unit.library = d;
      unit.packed_file = packed->packed_file;
      unit.block = packed->block;
      SOUSCHEF_TRY(const std::string problem,
                   open_packed(unit, packed->bytes, folder, host, kMaxPackedMemory - memory));
      if (!problem.empty()) {
        units.problems.push_back({number, problem});
        continue;
      }
      memory += memory_of(unit);
      if (memory > kMaxPackedMemory)
        return Error(ErrorCode::bad_input,
                     "the libraries that are packed into the .blend are too large to be read",
                     std::to_string(units.all.size()) + " of them take more than " +
                         std::to_string(kMaxPackedMemory >> 20) + " MiB")
            .next_step("unpack the libraries in Blender (File > External Data)");
      const Datablocks& inner = unit.file->datablocks();
      for (std::uint32_t k = 0; k < inner.size(); ++k) unit.by_name.emplace(inner.name(k), k);
      units.packed[std::uint64_t{i} << 32 | d] = static_cast<std::uint32_t>(units.all.size());
      units.all.push_back(std::move(unit));
    }
  }
  link_units(units);
  return units;
}

}  // namespace souschef::blend
