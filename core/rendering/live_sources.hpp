// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/production/production.hpp"

namespace souschef::core {

// The files that a live order renders from: nothing protects them, so somebody has to look. Thread-safe.
class LiveSources {
 public:
  // Traces the working file and notes how each file is. Errors: those of trace_blend.
  static Result<std::shared_ptr<LiveSources>> take(Production& production,
                                                   const std::filesystem::path& entry);

  // Those that are not as they were, or gone, since take(); each is named once. Relative to the production
  // where they lie below it; bytes.
  std::vector<std::string> changed();

 private:
  struct Source {
    std::string path, name;
    std::uintmax_t size = 0;
    std::filesystem::file_time_type written;
    bool told = false;
  };
  LiveSources() = default;
  static bool look(const std::string& path, Source& source);

  std::mutex mutex_;
  std::vector<Source> sources_;
};

}  // namespace souschef::core
