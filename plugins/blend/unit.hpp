// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <souschef/analysis.hpp>
#include <souschef/host.hpp>
#include <souschef/result.hpp>

#include "plugins/blend/blend_file.hpp"
#include "plugins/blend/container.hpp"
#include "plugins/blend/scope.hpp"

namespace souschef::blend {

// Bytes of another file as an input file of their own.
class SpanFile final : public InputFile {
 public:
  explicit SpanFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::string_view name() const override { return "a packed library"; }
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> map() const override { return bytes_; }
  [[nodiscard]] std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const override;

 private:
  std::span<const std::byte> bytes_;
};

// One .blend of a trace: the file itself, or a library that is packed into it (which may have others packed
// into it). The datablocks of all units are numbered one after another.
struct Unit {
  const BlendFile* file = nullptr;
  std::string base;  // the path that its relative paths are relative to; empty for the file itself
  std::uint32_t first_datablock = 0;
  int depth = 0;

  // Of a packed library: who holds it, and where.
  std::uint32_t parent = 0;              // the unit
  std::uint32_t library = kNoDatablock;  // the parent's datablock LI
  std::uint64_t packed_file = 0;         // where the parent's content has its struct PackedFile
  std::uint32_t block = kNoBlock;        // the parent's block with the bytes

  std::unique_ptr<SpanFile> bytes;
  std::unique_ptr<Container> container;
  std::unique_ptr<BlendFile> owned;
  std::unique_ptr<Effort> effort;
  std::unordered_map<std::string_view, std::uint32_t> by_name;  // the datablocks of a packed library
};

struct Units {
  std::vector<Unit> all;  // [0] is the file itself
  struct Problem {
    std::uint32_t datablock;  // the LI
    std::string message;
  };
  std::vector<Problem> problems;  // packed libraries that could not be read
  std::uint32_t datablocks = 0;   // of all units

  std::unordered_map<std::uint64_t, std::uint32_t> packed;  // by unit << 32 | library

  // The unit that stands for the datablock `library` of `unit`, or 0 where it is a file. A packed library
  // that links another means the one that is packed beside it, as Blender does.
  [[nodiscard]] std::uint32_t packed_in(std::uint32_t unit, std::uint32_t library) const {
    const auto found = packed.find(std::uint64_t{unit} << 32 | library);
    return found == packed.end() ? 0 : found->second;
  }
};

// Opens all packed libraries. `file` outlives the result. Errors: bad_input (too much is packed), no_space,
// io; a packed library that cannot be read is only a problem.
Result<Units> open_units(const BlendFile& file, const std::filesystem::path& temporary_folder, Host host);

// Where a path of a packed library leads, seen from the file that holds it: "//" of `path` becomes the folder
// of `base`.
std::string joined_base(std::string_view base, std::string_view path);
// The same path without "x/../" and "./", and with slashes only.
std::string tidy_path(std::string_view path);

}  // namespace souschef::blend
