// SPDX-License-Identifier: MIT
#include "core/rendering/live_sources.hpp"

#include "core/banking/trace.hpp"

namespace fs = std::filesystem;

namespace souschef::core {

bool LiveSources::look(const std::string& path, Source& source) {
  std::error_code code;
  source.size = fs::file_size(path, code);
  if (code) return false;
  source.written = fs::last_write_time(path, code);
  return !code;
}

Result<std::shared_ptr<LiveSources>> LiveSources::take(Production& production, const fs::path& entry) {
  SOUSCHEF_TRY(const Trace trace, trace_blend(production, entry, {}));
  const std::shared_ptr<LiveSources> live(new LiveSources);
  for (const auto& [path, job_path] : files_to_bank(production, trace)) {
    const std::string inside = production.relative(path);
    Source source{.path = path, .name = inside.empty() ? path : inside, .written = {}};
    if (look(path, source)) live->sources_.push_back(std::move(source));
  }
  return live;
}

std::vector<std::string> LiveSources::changed() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (Source& source : sources_) {
    if (source.told) continue;
    Source now;
    if (look(source.path, now) && now.size == source.size && now.written == source.written) continue;
    source.told = true;
    names.push_back(source.name);
  }
  return names;
}

}  // namespace souschef::core
