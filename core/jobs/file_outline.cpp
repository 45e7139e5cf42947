// SPDX-License-Identifier: MIT
#include "core/jobs/file_outline.hpp"

#include <algorithm>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/base/scratch_folder.hpp"
#include "core/production/inspection.hpp"
#include "store/store.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

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

}  // namespace

Result<std::optional<FileOutline>> outline_of_file(Production& production, const fs::path& resolved) {
  SOUSCHEF_TRY(const auto file, open_inspected(production, resolved));
  if (!file) return std::optional<FileOutline>();
  Gather gather;
  SOUSCHEF_CHECK(file->inspector->outline(*file->analysis, gather));
  return std::optional(std::move(gather.outline));
}

Result<std::optional<FileOutline>> outline_of_content(Production& production, ContentId content) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  const std::string key = std::string(kMemoVersion) + content.hex();
  if (const auto memo = store->memo(store::MemoTable::outline, key))
    if (auto known = from_memo(*memo)) return std::move(*known);
  SOUSCHEF_TRY(const ScratchFolder scratch, ScratchFolder::make());
  const store::PlaceRequest place{content, {}, scratch.path() / "content", false};
  SOUSCHEF_TRY([[maybe_unused]] const auto placed,
               store->restore(std::span(&place, 1), store::Form::content));
  SOUSCHEF_TRY(auto outline, outline_of_file(production, fs::canonical(place.target)));
  store->set_memo(store::MemoTable::outline, key, memo_text(outline));
  return outline;
}

}  // namespace souschef::core
