// SPDX-License-Identifier: MIT
// JSON that others may have written: manifests, tables of files, snapshot records, pins and tags, orders,
// requests.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/json_text.hpp"
#include "core/jobs/job_store.hpp"
#include "core/jobs/manifest.hpp"
#include "core/jobs/marks.hpp"
#include "core/queue/order.hpp"
#include "core/queue/request.hpp"

using namespace souschef::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  static_cast<void>(file_table_from(text).has_value());
  const auto json = parse_json(text);
  if (!json) return 0;
  // What is a manifest keeps its identity when it is written and read again, and no path leads out of a
  // folder.
  if (const auto manifest = manifest_from_json(*json)) {
    const auto again = manifest_from_json(manifest_json(*manifest));
    if (!again || job_id(*again) != job_id(*manifest)) std::abort();
    for (const ManifestFile& file : manifest->files)
      if (!is_safe_path(file.path)) std::abort();
  }
  static_cast<void>(snapshot_from_json(*json).has_value());
  static_cast<void>(mark_from_json(*json).has_value());
  static_cast<void>(order_from_json(*json).has_value());
  static_cast<void>(request_from_json(*json).has_value());
  return 0;
}
