// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/banking/trace.hpp"

namespace souschef::core {

// Reads what single .blend files say: from the trace cache where the file is known, else by the tracer plugin
// from the file's bytes. One thread at a time.
class TraceReader {
 public:
  // `store` may be null: nothing is cached.
  TraceReader(Production& production, store::Store* store, const TraceOptions& options)
      : production_(production), store_(store), options_(options) {}

  // All of `paths` (absolute), side by side on the program's worker threads; answers in their order. Errors
  // of each: not_found, bad_input (not a .blend, cut short), denied, changed, io.
  std::vector<Result<TracedBlend>> read(const std::vector<std::string>& paths);

 private:
  Result<TracedBlend> read_one(const std::string& path);
  Result<std::filesystem::path> real_path(const std::string& path);
  Status trace_bytes(TracedBlend& blend, std::shared_ptr<store::SourceFile> source);
  bool from_cache(TracedBlend& blend, const std::filesystem::path& real, const std::string& version);
  bool may_stay_open(std::uint64_t content_size);

  Production& production_;
  store::Store* store_;
  const TraceOptions& options_;
  std::mutex mutex_;              // guards the members below
  std::uint64_t open_bytes_ = 0;  // of content, of what stays open
  std::size_t open_files_ = 0;
};

}  // namespace souschef::core
