// SPDX-License-Identifier: MIT
// Archives that somebody got from somewhere: what is in them is read into memory, judged as a whole, and only
// then written. Nothing outside of the folder is ever touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <souschef/result.hpp>

namespace souschef::core {

struct ArchiveEntry {
  enum class Kind : std::uint8_t { file, folder, link };
  std::string name;  // bytes, '/' between; not judged yet
  Kind kind = Kind::file;
  bool executable = false;
  std::vector<std::byte> content;  // of a link: its target
};

// A plugin with a renderer in it has tens of megabytes; what is larger is no plugin.
inline constexpr std::size_t kMostArchiveBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMostArchiveEntries = 20'000;

// core/base/tar_reader, core/base/zip_reader. Errors: corrupt; bad_input (too much in it, kinds of entries
// that a plugin cannot have); unsupported (encrypted, compressed in another way).
Result<std::vector<ArchiveEntry>> read_tar(std::span<const std::byte> bytes);
Result<std::vector<ArchiveEntry>> read_zip(std::span<const std::byte> bytes);

// Passes where every entry lies inside of the folder that it is unpacked to, whatever links are there:
// relative, without "..", no entry below a link or a file, none twice, and links that stay inside. Errors:
// bad_input, naming the entry.
Status judge_entries(const std::vector<ArchiveEntry>& entries);

// True for names that end as archives do: .zip, .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz, .tar.zst.
bool is_archive_name(const std::filesystem::path& file);

// Unpacks into `folder`, which exists and is empty. Packed tar archives are unpacked with the system's gzip,
// bzip2, xz or zstd, which see the bytes and nothing else. Errors: those above; not_found; io, denied.
Status unpack_archive(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace souschef::core
