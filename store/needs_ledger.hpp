// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include <souschef/result.hpp>

#include "store/object_index.hpp"
#include "store/stream_writer.hpp"

namespace souschef::store {

// What a session will tell the index once its packs are known: which packs each content needs, and what was
// seen of files. Thread-safe. Holds little: contents are settled as soon as the packs that they wait for are
// indexed.
class NeedsLedger {
 public:
  explicit NeedsLedger(ObjectIndex& index) : index_(index) {}

  void add(const ContentId& content, Needs needs);
  void add_seen(const std::filesystem::path& path, const SeenFile& file);
  // After packs were indexed: writes what is settled. Nothing depends on it; errors are dropped, the index
  // then finds out by walking.
  void settle();

 private:
  struct Waiting {
    ContentId content;
    Needs needs;
  };
  ObjectIndex& index_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  std::vector<std::pair<std::filesystem::path, SeenFile>> seen_;
};

}  // namespace souschef::store
