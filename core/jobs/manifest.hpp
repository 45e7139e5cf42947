// SPDX-License-Identifier: MIT
// The manifest of a job: every file that it needs, by content. docs/format/manifest.md is the law.
//
// The job's id is the BLAKE3 of the identity form: one line of canonical JSON a piece, streamed. Who banked
// it, when and for what, how the content is stored, and how the artist's files were compressed are no part of
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

inline constexpr int kManifestVersion = 1;

enum class FileMode : std::uint8_t { regular, executable, symlink };

struct ManifestFile {
  std::string path;  // bytes, below the production, '/' between; assets from outside below kOutsideFolder
  FileMode mode = FileMode::regular;
  ContentId content;            // zero for a symlink
  std::uint64_t size = 0;       // of the content
  BlobId blob;                  // the file as it was found; information
  std::uint64_t blob_size = 0;  // information
  std::string target;           // of a symlink: bytes
  bool operator==(const ManifestFile&) const = default;
};

// A file that was needed and not there when the job was banked, by leave of whoever banked it.
struct ManifestMissing {
  std::string path;  // bytes: below the production where it resolves there, else as written
  std::string kind;  // "image"
  std::string from;  // the .blend that refers to it
  auto operator<=>(const ManifestMissing&) const = default;
};

// A reference that must point elsewhere in a checkout: absolute ones, and those to assets from outside.
struct ManifestRemap {
  std::string file;     // the .blend that refers
  std::string written;  // bytes, as in the .blend
  std::string base;     // bytes: empty, or what a relative `written` is relative to
  std::string path;     // where the file is in the job
  auto operator<=>(const ManifestRemap&) const = default;
};

struct Manifest {
  std::string entry;                     // the .blend to render; empty for a folder
  std::vector<ManifestFile> files;       // sorted by path, each once
  std::vector<ManifestMissing> missing;  // sorted
  std::vector<std::string> excluded;     // patterns that left files out, sorted
  std::vector<ManifestRemap> remaps;     // sorted

  // Sorts and checks: errors bad_input (a path twice, a path that climbs out or is absolute).
  Status normalise();
  [[nodiscard]] const ManifestFile* find(std::string_view path) const;
  [[nodiscard]] std::uint64_t bytes() const;  // of all contents
};

// Where assets from outside the production are in a job: _outside/mnt/lib/wood.png
inline constexpr std::string_view kOutsideFolder = "_outside";

// The id, and, piece by piece, the text that it is the hash of.
JobId job_id(const Manifest& manifest);
void identity_form(const Manifest& manifest, const std::function<void(std::string_view)>& piece);

// The stored form without its file table (which is kept as content of its own beyond kInlineFiles files).
inline constexpr std::size_t kInlineFiles = 1000;
Json manifest_json(const Manifest& manifest);           // everything, table inline
Result<Manifest> manifest_from_json(const Json& json);  // checks everything; errors corrupt, unsupported
// The file table as lines, one canonical JSON object a file, and the places where its chunks end.
struct FileTable {
  std::string lines;
  std::vector<std::uint32_t> cuts;
};
FileTable file_table(const Manifest& manifest);
Result<std::vector<ManifestFile>> file_table_from(std::string_view lines);

// True for a relative path of names that can be made below a folder: no empty part, no "." or "..", no NUL.
bool is_safe_path(std::string_view path);

}  // namespace souschef::core
