// SPDX-License-Identifier: MIT
#include "store/reindex.hpp"

#include "store/store_parts.hpp"

namespace souschef::store {

Result<ReindexReport> rebuild_index(Store& store) {
  StoreParts& parts = parts_of(store);
  SOUSCHEF_CHECK(parts.keeper->rebuild());
  SOUSCHEF_TRY(const auto counts, parts.index->counts());
  ReindexReport report;
  report.packs = counts.packs;
  report.objects = counts.objects;
  report.contents = counts.contents;
  report.bytes = parts.index->sizes().file_bytes;
  report.unreadable = parts.keeper->problems();
  return report;
}

}  // namespace souschef::store
