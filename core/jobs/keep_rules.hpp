// SPDX-License-Identifier: MIT
// Which snapshots stay. Pure: records and rules in, a reason for each record out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/jobs/job_store.hpp"
#include "core/production/config.hpp"

namespace souschef::core {

struct KeepRules {
  std::optional<std::int64_t> keep_last;  // of each entry
  std::optional<std::int64_t> keep_days;
  std::vector<std::string> keep_tags;  // a rule too: what was banked with one of them stays
  std::int64_t keep_automatic = 5;     // of each entry, of those that nobody asked for by hand
  std::optional<std::uint64_t>
      max_size;  // bytes of packs; judged by the caller: droppable() says which may go
  std::int64_t trash_days = 7;
};

KeepRules keep_rules(const Config& config);
// "500 GB", "2TB", "1000000": bytes, powers of ten. Errors: usage.
Result<std::uint64_t> parse_size(std::string_view text);

struct SnapshotFate {
  bool keep = true;
  // May go where the store must get smaller: no person, order, pin or tag says otherwise.
  bool droppable = false;
  std::string why;
};

// One fate for each record, in order. `records`: oldest first. `held`: jobs that something else keeps, and
// what. Records that an order, a hook or a watch made within the hour stay: what will refer to them may be on
// its way.
std::vector<SnapshotFate> judge_snapshots(std::span<const SnapshotRecord> records, const KeepRules& rules,
                                          const std::map<JobId, std::string>& held, std::int64_t now_ms);

}  // namespace souschef::core
