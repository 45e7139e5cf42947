// SPDX-License-Identifier: MIT
// Three things make archives dangerous, and each has one answer here:
//
// - names that lead out (/etc/x, ../../x): judged before anything is written;
// - links that lead out, and entries behind them: links stay inside, nothing lies behind one, and they
//   are made last, when every file is in its place;
// - bombs: content is counted while it is unpacked, in memory, and refused at kMostArchiveBytes.
#include "core/base/archive.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

#include <souschef/file_name.hpp>

#include "core/base/run_program.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kMostDepth = 32;  // plugins are flat
constexpr auto kUnpackTime = std::chrono::minutes(5);

struct Packing {
  std::string_view ending;
  std::string_view program;  // empty: none is needed
};
constexpr Packing kTarEndings[] = {{".tar", ""},          {".tar.gz", "gzip"}, {".tgz", "gzip"},
                                   {".tar.bz2", "bzip2"}, {".tar.xz", "xz"},   {".tar.zst", "zstd"}};

Error bad_entry(const std::string& name, const std::string& why) {
  return Error(ErrorCode::bad_input, "the archive holds an entry that cannot be: " + escape_name(name), why)
      .next_step("ask whoever made it; nothing was unpacked");
}

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "a//./b/" -> "a/b". Nothing where it leads out, or is nothing.
std::string plain_name(const std::string& name) {
  if (name.empty() || name.front() == '/' || name.find('\0') != std::string::npos) return {};
  std::string plain;
  std::size_t depth = 0;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    const std::string part = name.substr(at, end - at);
    at = end + 1;
    if (part == "..") return {};
    if (part.empty() || part == ".") continue;
    if (++depth > kMostDepth) return {};
    plain += (plain.empty() ? "" : "/") + part;
  }
  return plain;
}

// Where a link leads, seen from the folder of the archive; nothing where that is outside.
bool link_stays_inside(const std::string& name, std::string_view target) {
  if (target.empty() || target.front() == '/' || target.find('\0') != std::string_view::npos) return false;
  const fs::path where = (fs::path(name).parent_path() / target).lexically_normal();
  return !where.empty() && where.is_relative() && *where.begin() != "..";
}

Result<std::string> read_whole(const fs::path& file) {
  return store::read_file(store::FileSystem::real(), file, kMostArchiveBytes);
}

// What a packer's program makes of a file, and no more than a plugin may have.
Result<std::string> unpacked_by(std::string_view program, const fs::path& file) {
  ProcessOptions process;
  process.command = {std::string(program), "-dc", file.string()};
  std::size_t bytes = 0;
  RunOptions options;
  options.limits.time = kUnpackTime;
  options.limits.output = kMostArchiveBytes + 1;
  options.on_output = [&](std::string_view piece) { bytes += piece.size(); };
  options.cancelled = [&] { return bytes > kMostArchiveBytes; };
  auto ran = run_program(std::move(process), options);
  if (bytes > kMostArchiveBytes)
    return Error(ErrorCode::bad_input, file.string() + " unpacks to more than a plugin may have",
                 "more than " + std::to_string(kMostArchiveBytes >> 20) + " MiB");
  if (!ran)
    return std::move(ran.error())
        .in_context("cannot unpack " + file.string() + " with " + std::string(program));
  if (!ran->end.success())
    return Error(ErrorCode::corrupt, file.string() + " cannot be unpacked", ran->errors.substr(0, 300));
  return std::move(ran->output);
}

bool ends_with_any_case(const fs::path& file, std::string_view ending) {
  std::string name = file.filename().string();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.size() > ending.size() && name.ends_with(ending);
}

Result<std::vector<ArchiveEntry>> entries_of(const fs::path& file) {
  const auto bytes_of = [](const std::string& text) { return std::as_bytes(std::span(text)); };
  if (ends_with_any_case(file, ".zip")) {
    SOUSCHEF_TRY(const std::string bytes, read_whole(file));
    return read_zip(bytes_of(bytes));
  }
  for (const Packing& packing : kTarEndings) {
    if (!ends_with_any_case(file, packing.ending)) continue;
    SOUSCHEF_TRY(const std::string bytes,
                 packing.program.empty() ? read_whole(file) : unpacked_by(packing.program, file));
    return read_tar(bytes_of(bytes));
  }
  return Error(ErrorCode::unsupported, file.string() + " is no archive that can be unpacked",
               "known are .zip, .tar, .tar.gz, .tgz, .tar.bz2, .tar.xz and .tar.zst")
      .next_step("unpack it, then  souschef plugin add FOLDER");
}

Status write_entry(const ArchiveEntry& entry, const fs::path& path) {
  std::error_code failed;
  if (entry.kind == ArchiveEntry::Kind::folder) {
    fs::create_directories(path, failed);
  } else {
    fs::create_directories(path.parent_path(), failed);
    if (!failed && entry.kind == ArchiveEntry::Kind::link) {
      fs::create_symlink(text_of(entry.content), path, failed);
    } else if (!failed) {
      std::ofstream out(path, std::ios::binary);
      out.write(reinterpret_cast<const char*>(entry.content.data()),
                static_cast<std::streamsize>(entry.content.size()));
      out.close();
      if (!out) return Error(ErrorCode::io, "cannot write " + path.string());
      if (entry.executable)
        fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                        fs::perm_options::add, failed);
    }
  }
  return failed ? Status(Error(ErrorCode::io, "cannot write " + path.string(), failed.message())) : Status();
}

}  // namespace

Status judge_entries(const std::vector<ArchiveEntry>& entries) {
  if (entries.size() > kMostArchiveEntries)
    return Error(ErrorCode::bad_input, "the archive holds more entries than a plugin may have");
  std::map<std::string, ArchiveEntry::Kind> known;
  for (const ArchiveEntry& entry : entries) {
    const std::string name = plain_name(entry.name);
    const bool is_root =
        entry.kind == ArchiveEntry::Kind::folder && (entry.name == "." || entry.name == "./");
    if (is_root) continue;
    if (name.empty()) return bad_entry(entry.name, "it would lie outside of the plugin's folder");
    if (entry.kind == ArchiveEntry::Kind::link && !link_stays_inside(name, text_of(entry.content)))
      return bad_entry(entry.name,
                       "it is a link out of the plugin's folder, to " + escape_name(text_of(entry.content)));
    const auto [place, fresh] = known.emplace(name, entry.kind);
    if (!fresh && !(place->second == ArchiveEntry::Kind::folder && entry.kind == ArchiveEntry::Kind::folder))
      return bad_entry(entry.name, "it is there twice");
  }
  for (const auto& [name, kind] : known)
    for (std::size_t at = name.find('/'); at != std::string::npos; at = name.find('/', at + 1)) {
      const auto above = known.find(name.substr(0, at));
      if (above != known.end() && above->second != ArchiveEntry::Kind::folder)
        return bad_entry(name, "it lies below " + escape_name(above->first) + ", which is no folder");
    }
  return {};
}

bool is_archive_name(const fs::path& file) {
  return ends_with_any_case(file, ".zip") ||
         std::any_of(std::begin(kTarEndings), std::end(kTarEndings),
                     [&](const Packing& packing) { return ends_with_any_case(file, packing.ending); });
}

Status unpack_archive(const fs::path& file, const fs::path& folder) {
  SOUSCHEF_TRY(const std::vector<ArchiveEntry> entries, entries_of(file));
  SOUSCHEF_CHECK(judge_entries(entries));
  // From here every name lies inside.
  for (const bool links : {false, true})
    for (const ArchiveEntry& entry : entries)
      if ((entry.kind == ArchiveEntry::Kind::link) == links && !plain_name(entry.name).empty())
        SOUSCHEF_CHECK(write_entry(entry, folder / plain_name(entry.name)));
  return {};
}

}  // namespace souschef::core
