// SPDX-License-Identifier: MIT
// Who needs which job: everything that keeps content from garbage collection, by the names that people know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/jobs/job_store.hpp"
#include "core/production/production.hpp"
#include "store/lease.hpp"

namespace souschef::core {

enum class RootKind : std::uint8_t { request, order, snapshot, pin, tag, lease };
std::string_view name_of(RootKind kind);

struct Root {
  RootKind kind = RootKind::snapshot;
  std::string name;  // an order's word, a snapshot's ULID, a tag, a lease
  JobId job;
  std::string entry;  // where it is known
};

struct RootSet {
  std::vector<Root> roots;
  std::vector<SnapshotRecord> records;  // of the roots of kind snapshot, oldest first
  // What may be a root and cannot be read, with the reason: nobody may take it for nothing.
  std::vector<std::string> unreadable;
};

// Reads them in the direction in which they travel, so that one that moves meanwhile is seen at least once
// (invariant 24): inbox, orders, snapshot records, pins and tags. `leases`: those who say what they read;
// listed before by the caller.
Result<RootSet> read_roots(Production& production, const std::vector<store::LeaseRecord>& leases);

// What a lease says it keeps: "job <64 digits>".
std::string keep_of(JobId job);

}  // namespace souschef::core
