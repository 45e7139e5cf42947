// SPDX-License-Identifier: MIT
#include "store/needs_ledger.hpp"

namespace souschef::store {

void NeedsLedger::add(const ContentId& content, Needs needs) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({content, std::move(needs)});
}

void NeedsLedger::add_seen(const std::filesystem::path& path, const SeenFile& file) {
  const std::lock_guard lock(mutex_);
  seen_.emplace_back(path, file);
}

void NeedsLedger::settle() {
  const std::lock_guard lock(mutex_);
  ObjectIndex::Rows rows;
  {
    const auto reader = index_.read();
    if (!reader) return;
    std::deque<Waiting> still;
    for (Waiting& one : waiting_) {
      auto& keys = one.needs.unsettled;
      while (!keys.empty()) {
        const auto location = reader->find(keys.back());
        if (!location) break;
        one.needs.packs.insert(location->pack);
        keys.pop_back();
      }
      if (keys.empty())
        rows.closures.emplace_back(one.content, std::vector(one.needs.packs.begin(), one.needs.packs.end()));
      else
        still.push_back(std::move(one));
    }
    waiting_ = std::move(still);
  }
  rows.seen.swap(seen_);
  static_cast<void>(index_.put(rows).has_value());
}

}  // namespace souschef::store
