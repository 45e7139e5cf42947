// SPDX-License-Identifier: MIT
#include "core/jobs/marks.hpp"

#include <algorithm>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/base/whoami.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr int kMarkVersion = 1;
constexpr std::uint64_t kMostMarkBytes = 1U << 20;
constexpr std::size_t kMostTagBytes = 100;
constexpr std::string_view kEnding = ".json";

fs::path folder_of(const Production& production, MarkKind kind) {
  return kind == MarkKind::pin ? production.paths().pins() : production.paths().tags();
}

// A tag is any text; what a file name cannot hold is spelled %41.
std::string file_name_of(std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string file;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || (c == '.' && !file.empty());
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      file += c;
    else
      file += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return file + std::string(kEnding);
}

fs::path path_of(const Production& production, MarkKind kind, std::string_view name) {
  return folder_of(production, kind) / file_name_of(name);
}

Result<Mark> read_mark(const Production& production, const fs::path& path) {
  SOUSCHEF_TRY(const std::string text, store::read_file(production.disk(), path, kMostMarkBytes));
  SOUSCHEF_TRY(const Json json, parse_json(text));
  return mark_from_json(json);
}

Status check_tag(std::string_view name) {
  const bool like_an_id =
      name.size() >= 4 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!name.empty() && name.size() <= kMostTagBytes && !like_an_id && !name.starts_with("latest:")) return {};
  return Error(ErrorCode::usage, "not a tag: \"" + escape_name(name) + "\"",
               "a tag is a word of at most 100 bytes that cannot be taken for a job's id");
}

}  // namespace

Json to_json(const Mark& mark) {
  return {{"version", kMarkVersion},
          {"kind", mark.kind == MarkKind::pin ? "pin" : "tag"},
          {"name", escape_name(mark.name)},
          {"job", mark.job.hex()},
          {"user", mark.user},
          {"host", mark.host},
          {"message", mark.message},
          {"time_ms", mark.time_ms}};
}

Result<Mark> mark_from_json(const Json& json) {
  const Error damaged(ErrorCode::corrupt, "a pin or tag is damaged");
  if (!json.is_object() || !json.contains("version")) return damaged;
  if (json["version"] != kMarkVersion)
    return Error(ErrorCode::unsupported, "a pin or tag of another version", json["version"].dump())
        .next_step("update souschef");
  const auto text = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
  };
  const std::string kind = text("kind");
  const auto name = unescape_name(text("name"));
  const auto job = JobId::from_hex(text("job"));
  if ((kind != "pin" && kind != "tag") || !name || name->empty() || !job) return damaged;
  Mark mark{kind == "pin" ? MarkKind::pin : MarkKind::tag,
            *name,
            *job,
            text("user"),
            text("host"),
            text("message"),
            0};
  if (json.contains("time_ms") && json["time_ms"].is_number_integer())
    mark.time_ms = json["time_ms"].get<std::int64_t>();
  return mark;
}

Mark make_mark(MarkKind kind, std::string name, JobId job, std::string message) {
  return {kind, std::move(name), job, user_name(), host_name(), std::move(message), now_ms()};
}

Status put_mark(Production& production, const Mark& mark) {
  if (mark.kind == MarkKind::tag) SOUSCHEF_CHECK(check_tag(mark.name));
  auto& disk = production.disk();
  const fs::path path = path_of(production, mark.kind, mark.name);
  SOUSCHEF_CHECK(store::make_folders(disk, path.parent_path()));
  return store::replace_file(disk, path, to_json(mark).dump());
}

Status remove_mark(Production& production, MarkKind kind, std::string_view name) {
  Status removed = production.disk().remove_file(path_of(production, kind, name));
  if (removed || removed.error().code != ErrorCode::not_found) return removed;
  return Error(ErrorCode::not_found,
               kind == MarkKind::pin ? "that job is not pinned" : "no such tag: " + escape_name(name));
}

Result<std::optional<Mark>> find_mark(Production& production, MarkKind kind, std::string_view name) {
  if (name.empty() || name.size() > kMostTagBytes) return std::optional<Mark>();
  auto mark = read_mark(production, path_of(production, kind, name));
  if (mark) return std::optional(std::move(*mark));
  if (mark.error().code == ErrorCode::not_found) return std::optional<Mark>();
  return std::move(mark).error();
}

Result<std::vector<Mark>> list_marks(Production& production, std::vector<std::string>* damaged) {
  std::vector<Mark> marks;
  for (const MarkKind kind : {MarkKind::pin, MarkKind::tag}) {
    const fs::path folder = folder_of(production, kind);
    const auto files = production.disk().list(folder);
    if (!files) {
      if (files.error().code == ErrorCode::not_found) continue;
      return files.error();
    }
    for (const store::FolderEntry& file : *files) {
      if (!file.name.ends_with(kEnding) || store::is_temporary(file.name)) continue;
      auto mark = read_mark(production, folder / file.name);
      if (mark && mark->kind == kind && file_name_of(mark->name) == file.name)
        marks.push_back(std::move(*mark));
      else if (damaged != nullptr && (mark || mark.error().code != ErrorCode::not_found))
        damaged->push_back(folder.filename().string() + "/" + file.name);
    }
  }
  return marks;
}

}  // namespace souschef::core
