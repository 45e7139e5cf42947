// SPDX-License-Identifier: MIT
#include "core/file_outline.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include <souschef/file_name.hpp>

#include "core/json_text.hpp"
#include "core/plugin_catalog.hpp"
#include "store/store.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kHeadBytes = 64;
constexpr std::string_view kMemoVersion = "outline 1 ";

class Gather final : public OutlineSink {
 public:
  bool item(const OutlineItem& item) override {
    outline.insert_or_assign({item.kind, item.name}, item);
    return true;
  }
  FileOutline outline;
};

std::string digest_text(const OutlineItem& item) {
  return {reinterpret_cast<const char*>(item.digest.data()), item.digest.size()};
}

// Rows of [kind, name, digest, detail]; "null": no inspector knows the file.
std::string memo_text(const std::optional<FileOutline>& outline) {
  if (!outline) return "null";
  Json rows = Json::array();
  for (const auto& [key, item] : *outline)
    rows.push_back({item.kind, escape_name(item.name), escape_name(digest_text(item)), item.detail});
  return json_text(rows);
}

// Nothing where the text is not such rows: then the file is looked at again.
std::optional<std::optional<FileOutline>> from_memo(const std::string& text) {
  const auto rows = parse_json(text);
  if (!rows) return std::nullopt;
  if (rows->is_null()) return std::optional<FileOutline>();
  FileOutline outline;
  for (const Json& row : *rows) {
    if (!row.is_array() || row.size() != 4 ||
        !std::all_of(row.begin(), row.end(), [](const Json& cell) { return cell.is_string(); }))
      return std::nullopt;
    const auto name = unescape_name(row[1].get<std::string>());
    const auto digest = unescape_name(row[2].get<std::string>());
    OutlineItem item{row[0].get<std::string>(), name.value_or(""), {}, row[3].get<std::string>()};
    if (!name || !digest || digest->size() != item.digest.size()) return std::nullopt;
    std::copy(digest->begin(), digest->end(), item.digest.begin());
    outline.insert_or_assign({item.kind, item.name}, std::move(item));
  }
  return outline;
}

// A folder that goes with everything in it.
class Scratch {
 public:
  Scratch()
      : path_(fs::temp_directory_path() /
              ("souschef-outline-" + std::to_string(::getpid()) + "-" + std::to_string(next_++))) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Status make() {
    std::error_code code;
    fs::create_directories(path_, code);
    return code ? Status(Error(ErrorCode::io, "cannot make " + path_.string(), code.message())) : Status();
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  static inline int next_ = 0;
  fs::path path_;
};

}  // namespace

Result<std::optional<FileOutline>> outline_of_file(Production& production, const fs::path& resolved) {
  SOUSCHEF_TRY(PluginCatalog* const plugins, production.plugins());
  SOUSCHEF_TRY(const auto source, store::SourceFile::open(resolved));
  std::array<std::byte, kHeadBytes> head{};
  const std::int64_t count = source->read_at(0, head);
  if (count < 0) return Error(ErrorCode::io, "cannot read " + escape_name(resolved.string()));
  SOUSCHEF_TRY(const PluginFaces* const faces,
               plugins->inspector_for(std::span(head).first(static_cast<std::size_t>(count))));
  if (faces == nullptr || faces->analyser == nullptr) return std::optional<FileOutline>();
  SOUSCHEF_TRY(const auto analysis, faces->analyser->open(*source, fs::temp_directory_path()));
  if (analysis == nullptr) return std::optional<FileOutline>();
  Gather gather;
  SOUSCHEF_CHECK(faces->inspector->outline(*analysis, gather));
  return std::optional(std::move(gather.outline));
}

Result<std::optional<FileOutline>> outline_of_content(Production& production, ContentId content) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  const std::string key = std::string(kMemoVersion) + content.hex();
  if (const auto memo = store->memo(store::MemoTable::outline, key))
    if (auto known = from_memo(*memo)) return std::move(*known);
  Scratch scratch;
  SOUSCHEF_CHECK(scratch.make());
  const store::PlaceRequest place{content, {}, scratch.path() / "content", false};
  SOUSCHEF_TRY([[maybe_unused]] const auto placed,
               store->restore(std::span(&place, 1), store::Form::content));
  SOUSCHEF_TRY(auto outline, outline_of_file(production, fs::canonical(place.target)));
  store->set_memo(store::MemoTable::outline, key, memo_text(outline));
  return outline;
}

}  // namespace souschef::core
