// SPDX-License-Identifier: MIT
// The original's files, by its sources: name, blender_target, time, start_frame, end_frame, resolution_x and
// resolution_y (0: the file's; the two keys are swapped there, so resolution_y holds the width), source_path
// and target_path (the packed copy, or the source again) and output_path relative to the production with '/',
// overwrite and use_placeholders (0 unset, 1 yes, 2 no), complete.
#include "core/rendering/import_legacy.hpp"

#include <algorithm>
#include <utility>

#include <souschef/file_name.hpp>

#include "core/base/json_text.hpp"
#include "core/base/toml_file.hpp"
#include "core/queue/order_names.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

std::int64_t number_of(const Json& toml, const char* key) {
  const auto found = toml.find(key);
  return found != toml.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::optional<bool> choice_of(const Json& toml, const char* key) {
  const std::int64_t value = number_of(toml, key);
  return value == 1 ? std::optional(true) : value == 2 ? std::optional(false) : std::nullopt;
}

// The original's words are letters; ours too.
std::string plain_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return check_order_name(name) ? name : "";
}

struct Found {
  std::string time, name;
  fs::path folder;
  auto operator<=>(const Found&) const = default;
};

std::string time_of(const fs::path& folder) {
  const auto toml = read_toml(folder / "order.toml");
  if (!toml || !toml->values.contains("time")) return {};
  const Json& time = toml->values["time"];
  return time.is_string() ? time.get<std::string>() : time.dump();
}

ImportedOrder import_one(Production& production, const Found& found, const SnapshotEvents& events) {
  ImportedOrder result;
  result.legacy_name = found.name;
  auto legacy = read_legacy_order(production, found.folder);
  if (!legacy) {
    result.why = legacy.error().line();
    result.failed = true;
    return result;
  }
  if (legacy->complete) {
    result.why = "it is rendered";
    return result;
  }
  if (!legacy->wishes.name.empty() && find_order(queue_of(production), legacy->wishes.name)) {
    result.why = "there is an order of this name";
    return result;
  }
  auto placed = place_order(production, legacy->wishes, events);
  if (!placed) {
    result.why = placed.error().line();
    result.failed = true;
    return result;
  }
  result.name = placed->order.name;
  result.why = legacy->note;
  return result;
}

}  // namespace

Result<LegacyOrder> read_legacy_order(const Production& production, const fs::path& folder) {
  SOUSCHEF_TRY(const TomlDocument document, read_toml(folder / "order.toml"));
  const Json& toml = document.values;
  LegacyOrder legacy;
  legacy.complete = toml.value("complete", false);
  OrderWishes& wishes = legacy.wishes;
  wishes.name = plain_name(folder.filename().string());
  wishes.target = text_at(toml, "blender_target");
  wishes.paused = true;
  wishes.output = text_at(toml, "output_path");
  wishes.overwrite = choice_of(toml, "overwrite");
  wishes.placeholders = choice_of(toml, "use_placeholders");
  const std::int64_t first = number_of(toml, "start_frame"), last = number_of(toml, "end_frame");
  if (last > 0 || first > 0)
    wishes.frames = std::to_string(first) + "-" + std::to_string(std::max(first, last));
  const std::int64_t width = number_of(toml, "resolution_y"), height = number_of(toml, "resolution_x");
  if (width > 0 && height > 0)
    wishes.resolution = std::to_string(width) + "x" + std::to_string(height) + "@100%";

  std::error_code ignored;
  const std::string source = text_at(toml, "source_path"), packed = text_at(toml, "target_path");
  const bool has_copy =
      !packed.empty() && packed != source && fs::exists(production.root() / packed, ignored);
  wishes.blend = production.root() / (has_copy ? packed : source);
  if (source.empty() || !fs::exists(wishes.blend, ignored))
    return Error(ErrorCode::not_found, "there is no " + escape_name(source.empty() ? "source_path" : source),
                 "which " + escape_name((folder / "order.toml").string()) + " names");
  if (has_copy) {
    legacy.note = "made from its packed copy, " + packed;
    // Seen from the copy, "//render" would lie inside .souschef.
    if (wishes.output.empty()) {
      wishes.output = "renders/" + folder.filename().string() + "/";
      legacy.note += "; its frames go to " + wishes.output;
    }
  }
  return legacy;
}

Result<std::vector<ImportedOrder>> import_legacy(Production& production, const SnapshotEvents& events) {
  const fs::path orders = production.paths().dot / "orders";
  std::error_code code;
  if (!fs::is_directory(orders, code))
    return Error(ErrorCode::not_found, "there are no orders of the original here",
                 escape_name(orders.string()) + " does not exist");
  std::vector<Found> all;
  for (const auto& entry : fs::directory_iterator(orders, code))
    if (fs::exists(entry.path() / "order.toml", code))
      all.push_back({time_of(entry.path()), entry.path().filename().string(), entry.path()});
  std::sort(all.begin(), all.end());
  std::vector<ImportedOrder> imported;
  for (const Found& found : all) imported.push_back(import_one(production, found, events));
  return imported;
}

}  // namespace souschef::core
