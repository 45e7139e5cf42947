// SPDX-License-Identifier: MIT
// The memory: "souschef watched 1", then a line for each file: size, time in ns, path (escaped).
#include "core/base/folder_watch.hpp"

#include <charconv>

#include <souschef/file_name.hpp>

#include "core/base/ulid.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::string_view kHead = "souschef watched 1\n";
constexpr std::uint64_t kLargestMemory = 64 << 20;
constexpr std::string_view kEnding = ".blend";

// "123 456 path"
bool read_line(std::string_view line, std::uint64_t& size, std::int64_t& time, std::string& path) {
  const char* const end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, size);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != ' ') return false;
  const auto second = std::from_chars(first.ptr + 1, end, time);
  if (second.ec != std::errc() || second.ptr == end || *second.ptr != ' ') return false;
  auto name = unescape_name(std::string_view(second.ptr + 1, end));
  if (!name || name->empty()) return false;
  path = std::move(*name);
  return true;
}

}  // namespace

bool is_watched_name(const std::string& name) {
  return name.size() > kEnding.size() && name.ends_with(kEnding) && name.front() != '.';
}

Result<FolderWatch> FolderWatch::open(fs::path folder, fs::path memory, std::chrono::nanoseconds settle) {
  FolderWatch watch;
  watch.folder_ = std::move(folder);
  watch.memory_ = std::move(memory);
  watch.settle_ = settle;
  auto text = store::read_file(store::FileSystem::real(), watch.memory_, kLargestMemory);
  if (!text && text.error().code == ErrorCode::not_found) {
    watch.first_ = true;
    return watch;
  }
  if (!text) return std::move(text.error());
  if (!text->starts_with(kHead))
    return Error(ErrorCode::corrupt,
                 "what was watched cannot be read: " + escape_name(watch.memory_.string()))
        .next_step("remove it: what lies in the folder then counts as old");
  for (std::size_t at = kHead.size(); at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    State state;
    std::string path;
    if (read_line(std::string_view(*text).substr(at, end - at), state.size, state.time, path))
      watch.taken_[path] = state;
    at = end + 1;
  }
  return watch;
}

Result<FolderWatch::States> FolderWatch::list() const {
  States states;
  std::error_code code;
  fs::recursive_directory_iterator at(folder_, fs::directory_options::skip_permission_denied, code);
  for (; !code && at != fs::recursive_directory_iterator(); at.increment(code)) {
    const std::string name = at->path().filename().string();
    std::error_code gone;  // files come and go while we look
    if (name.starts_with('.') && at->is_directory(gone)) at.disable_recursion_pending();
    if (!is_watched_name(name) || !at->is_regular_file(gone)) continue;
    State state{.size = at->file_size(gone)};
    if (gone) continue;
    state.time = at->last_write_time(gone).time_since_epoch().count();
    if (!gone) states.emplace(at->path(), state);
  }
  if (code && code != std::errc::no_such_file_or_directory)
    return Error(ErrorCode::io, "cannot look at " + escape_name(folder_.string()), code.message());
  return states;
}

Result<std::vector<fs::path>> FolderWatch::look(std::chrono::nanoseconds now) {
  SOUSCHEF_TRY(const States states, list());
  if (first_) {
    taken_ = states;
    SOUSCHEF_CHECK(remember());
    first_ = false;
  }
  std::erase_if(seen_, [&](const auto& seen) { return !states.contains(seen.first); });
  std::vector<fs::path> ready;
  for (const auto& [path, state] : states) {
    if (const auto taken = taken_.find(path); taken != taken_.end() && taken->second == state) continue;
    const auto [seen, is_new] = seen_.try_emplace(path, Seen{state, now});
    if (!is_new && seen->second.state != state) seen->second = {state, now};
    if (state.size > 0 && now - seen->second.since >= settle_) ready.push_back(path);
  }
  return ready;
}

std::string FolderWatch::id_of(std::string_view name, const fs::path& file) const {
  const auto seen = seen_.find(file);
  if (seen == seen_.end()) return {};
  const State& state = seen->second.state;
  const fs::file_time_type time{fs::file_time_type::duration(state.time)};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::file_clock::to_sys(time).time_since_epoch());
  std::string identity = "watched ";
  identity += name;
  for (const std::string& part :
       {file.lexically_relative(folder_).string(), std::to_string(state.size), std::to_string(state.time)})
    identity += '\0' + part;
  return derived_ulid(ms.count(), identity);
}

Status FolderWatch::take(const fs::path& file) {
  const auto seen = seen_.find(file);
  if (seen == seen_.end()) return {};
  taken_[file] = seen->second.state;
  seen_.erase(seen);
  return remember();
}

Status FolderWatch::remember() const {
  std::string text(kHead);
  for (const auto& [path, state] : taken_)
    text += std::to_string(state.size) + " " + std::to_string(state.time) + " " + escape_name(path.string()) +
            "\n";
  return store::replace_file(store::FileSystem::real(), memory_, text);
}

}  // namespace souschef::core
