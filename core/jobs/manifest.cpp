// SPDX-License-Identifier: MIT
// Identity form, one canonical JSON object a line, in this order: head, files, missing, excluded, remaps.
//
//   {"entry":"shots/sh010.blend","version":1}
//   {"content":"7c01…","mode":"file","path":"shots/sh010.blend","size":1234}
//   {"missing":"tex/a.png","from":"shots/sh010.blend","kind":"image"}
//
// Lines are hashed as they are made: a manifest of a million files is never held as one text.
#include "core/jobs/manifest.hpp"

#include <algorithm>

#include <souschef/file_name.hpp>

#include "store/hasher.hpp"

namespace souschef::core {
namespace {

std::string_view mode_word(FileMode mode) {
  switch (mode) {
    case FileMode::regular:
      return "file";
    case FileMode::executable:
      return "exec";
    case FileMode::symlink:
      return "link";
  }
  return "file";
}

Json identity_of(const ManifestFile& file) {
  if (file.mode == FileMode::symlink)
    return {{"mode", "link"}, {"path", escape_name(file.path)}, {"target", escape_name(file.target)}};
  return {{"content", file.content.hex()},
          {"mode", mode_word(file.mode)},
          {"path", escape_name(file.path)},
          {"size", file.size}};
}

Json stored_form(const ManifestFile& file) {
  Json json = identity_of(file);
  if (file.mode != FileMode::symlink && file.blob.hash != file.content.hash) {
    json["blob"] = file.blob.hex();
    json["blob_size"] = file.blob_size;
  }
  return json;
}

Json to_json(const ManifestMissing& missing) {
  return {{"from", escape_name(missing.from)}, {"kind", missing.kind}, {"path", escape_name(missing.path)}};
}

Json to_json(const ManifestRemap& remap) {
  return {{"base", escape_name(remap.base)},
          {"file", escape_name(remap.file)},
          {"path", escape_name(remap.path)},
          {"written", escape_name(remap.written)}};
}

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "a manifest is damaged", std::move(why));
}

// Members of a JSON object by name and type; every failure is one sentence.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  Result<std::string> text(const char* key) const {
    if (!json_.is_object() || !json_.contains(key) || !json_[key].is_string())
      return damaged("no text \"" + std::string(key) + "\"");
    return json_[key].get<std::string>();
  }
  Result<std::string> name(const char* key) const {
    SOUSCHEF_TRY(const std::string escaped, text(key));
    auto bytes = unescape_name(escaped);
    if (!bytes) return damaged("\"" + escaped + "\" is not a file name");
    return *std::move(bytes);
  }
  Result<std::uint64_t> size(const char* key) const {
    const bool whole = json_.is_object() && json_.contains(key) && json_[key].is_number_integer();
    if (!whole || (!json_[key].is_number_unsigned() && json_[key].get<std::int64_t>() < 0))
      return damaged("no size \"" + std::string(key) + "\"");
    return json_[key].get<std::uint64_t>();
  }
  template <class Id>
  Result<Id> id(const char* key) const {
    SOUSCHEF_TRY(const std::string hex, text(key));
    const auto id = Id::from_hex(hex);
    if (!id) return damaged("\"" + hex + "\" is not a hash");
    return *id;
  }
  Result<std::vector<Json>> list(const char* key) const {
    if (!json_.contains(key)) return std::vector<Json>();
    if (!json_[key].is_array()) return damaged("\"" + std::string(key) + "\" is no list");
    return json_[key].get<std::vector<Json>>();
  }

 private:
  const Json& json_;
};

Result<ManifestFile> file_from(const Json& json) {
  const Reader reader(json);
  ManifestFile file;
  SOUSCHEF_TRY(file.path, reader.name("path"));
  SOUSCHEF_TRY(const std::string mode, reader.text("mode"));
  if (mode == "link") {
    file.mode = FileMode::symlink;
    SOUSCHEF_TRY(file.target, reader.name("target"));
    return file;
  }
  if (mode != "file" && mode != "exec") return damaged("unknown mode \"" + mode + "\"");
  file.mode = mode == "exec" ? FileMode::executable : FileMode::regular;
  SOUSCHEF_TRY(file.content, reader.id<ContentId>("content"));
  SOUSCHEF_TRY(file.size, reader.size("size"));
  file.blob = BlobId(file.content.hash);
  file.blob_size = file.size;
  if (json.contains("blob")) {
    SOUSCHEF_TRY(file.blob, reader.id<BlobId>("blob"));
    SOUSCHEF_TRY(file.blob_size, reader.size("blob_size"));
  }
  return file;
}

}  // namespace

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos) return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Status Manifest::normalise() {
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!is_safe_path(files[i].path))
      return Error(ErrorCode::bad_input,
                   "a file cannot be banked under this name: " + escape_name(files[i].path));
    if (i > 0 && files[i].path == files[i - 1].path)
      return Error(ErrorCode::bad_input, "a file is listed twice: " + escape_name(files[i].path));
  }
  const auto tidy = [](auto& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  tidy(missing);
  tidy(excluded);
  tidy(remaps);
  return {};
}

const ManifestFile* Manifest::find(std::string_view path) const {
  const auto at =
      std::lower_bound(files.begin(), files.end(), path,
                       [](const ManifestFile& file, std::string_view wanted) { return file.path < wanted; });
  return at == files.end() || at->path != path ? nullptr : &*at;
}

std::uint64_t Manifest::bytes() const {
  std::uint64_t sum = 0;
  for (const ManifestFile& file : files) sum += file.size;
  return sum;
}

void identity_form(const Manifest& manifest, const std::function<void(std::string_view)>& piece) {
  const auto line = [&](const Json& json) {
    std::string text = json.dump();
    text += '\n';
    piece(text);
  };
  line({{"entry", escape_name(manifest.entry)}, {"version", kManifestVersion}});
  for (const ManifestFile& file : manifest.files) line(identity_of(file));
  for (const ManifestMissing& missing : manifest.missing) line({{"missing", to_json(missing)}});
  for (const std::string& pattern : manifest.excluded) line({{"excluded", escape_name(pattern)}});
  for (const ManifestRemap& remap : manifest.remaps) line({{"remap", to_json(remap)}});
}

JobId job_id(const Manifest& manifest) {
  store::Hasher hasher;
  identity_form(manifest, [&](std::string_view piece) { hasher.update(piece); });
  return JobId(hasher.finish());
}

Json manifest_json(const Manifest& manifest) {
  Json json = {{"version", kManifestVersion}, {"entry", escape_name(manifest.entry)},
               {"files", Json::array()},      {"missing", Json::array()},
               {"excluded", Json::array()},   {"remaps", Json::array()}};
  for (const ManifestFile& file : manifest.files) json["files"].push_back(stored_form(file));
  for (const ManifestMissing& missing : manifest.missing) json["missing"].push_back(to_json(missing));
  for (const std::string& pattern : manifest.excluded) json["excluded"].push_back(escape_name(pattern));
  for (const ManifestRemap& remap : manifest.remaps) json["remaps"].push_back(to_json(remap));
  return json;
}

Result<Manifest> manifest_from_json(const Json& json) {
  const Reader reader(json);
  SOUSCHEF_TRY(const std::uint64_t version, reader.size("version"));
  if (version != static_cast<std::uint64_t>(kManifestVersion))
    return Error(ErrorCode::unsupported, "a manifest of version " + std::to_string(version),
                 "this program reads version " + std::to_string(kManifestVersion))
        .next_step("update souschef");
  Manifest manifest;
  SOUSCHEF_TRY(manifest.entry, reader.name("entry"));
  SOUSCHEF_TRY(const auto files, reader.list("files"));
  for (const Json& each : files) {
    SOUSCHEF_TRY(ManifestFile file, file_from(each));
    manifest.files.push_back(std::move(file));
  }
  SOUSCHEF_TRY(const auto missing, reader.list("missing"));
  for (const Json& each : missing) {
    const Reader one(each);
    ManifestMissing entry;
    SOUSCHEF_TRY(entry.path, one.name("path"));
    SOUSCHEF_TRY(entry.kind, one.text("kind"));
    SOUSCHEF_TRY(entry.from, one.name("from"));
    manifest.missing.push_back(std::move(entry));
  }
  SOUSCHEF_TRY(const auto excluded, reader.list("excluded"));
  for (const Json& each : excluded) {
    const Json wrapped = {{"p", each}};
    SOUSCHEF_TRY(std::string pattern, Reader(wrapped).name("p"));
    manifest.excluded.push_back(std::move(pattern));
  }
  SOUSCHEF_TRY(const auto remaps, reader.list("remaps"));
  for (const Json& each : remaps) {
    const Reader one(each);
    ManifestRemap remap;
    SOUSCHEF_TRY(remap.file, one.name("file"));
    SOUSCHEF_TRY(remap.written, one.name("written"));
    SOUSCHEF_TRY(remap.base, one.name("base"));
    SOUSCHEF_TRY(remap.path, one.name("path"));
    if (!is_safe_path(remap.path)) return damaged("a remap leads out of the job");
    manifest.remaps.push_back(std::move(remap));
  }
  if (Status normal = manifest.normalise(); !normal) return damaged(normal.error().what);
  return manifest;
}

FileTable file_table(const Manifest& manifest) {
  // A chunk ends after a file whose path says so (one in 32), so that an inserted file moves no other cut.
  static constexpr std::size_t kMaxLines = 128;
  FileTable table;
  std::size_t lines = 0;
  for (const ManifestFile& file : manifest.files) {
    table.lines += stored_form(file).dump();
    table.lines += '\n';
    ++lines;
    const bool cut = std::to_integer<unsigned>(store::hash_of(file.path).bytes[0]) < 8;
    if (cut || lines >= kMaxLines) {
      table.cuts.push_back(static_cast<std::uint32_t>(table.lines.size()));
      lines = 0;
    }
  }
  if (table.cuts.empty() || table.cuts.back() != table.lines.size())
    table.cuts.push_back(static_cast<std::uint32_t>(table.lines.size()));
  return table;
}

Result<std::vector<ManifestFile>> file_table_from(std::string_view lines) {
  std::vector<ManifestFile> files;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return damaged("its file table is cut short");
    const Json json = Json::parse(lines.substr(0, end), nullptr, false);
    if (json.is_discarded()) return damaged("its file table has a line that is not JSON");
    SOUSCHEF_TRY(ManifestFile file, file_from(json));
    files.push_back(std::move(file));
    lines.remove_prefix(end + 1);
  }
  return files;
}

}  // namespace souschef::core
