// SPDX-License-Identifier: MIT
// Nothing here is needed to render, bank or restore, so no order of writes matters. What is younger than an
// hour stays whatever it is: somebody may be about to use it.
#include "core/jobs/rubbish.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "core/base/scratch_folder.hpp"
#include "core/jobs/keep_rules.hpp"
#include "core/production/render_folders.hpp"
#include "core/queue/queue_reader.hpp"
#include "store/store.hpp"
#include "store/store_parts.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using Clock = std::chrono::system_clock;

constexpr std::chrono::hours kYoung{1};
constexpr std::chrono::hours kTemporaryAge{24};  // a program that made a folder is done with it, or dead

std::optional<std::chrono::hours> days(std::int64_t count) {
  return count > 0 ? std::optional(std::chrono::hours(24 * count)) : std::nullopt;
}

struct Seen {
  std::chrono::hours age{0};  // since its content, or who has it linked, last changed
  std::uint64_t bytes = 0;    // on disk, that go with this name
  bool linked = false;        // elsewhere too
};
std::optional<Seen> look_at(const fs::path& path, Clock::time_point clock) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  const std::time_t newest = std::max(status.st_mtime, status.st_ctime);
  const bool linked = S_ISREG(status.st_mode) && status.st_nlink > 1;
  return Seen{std::chrono::duration_cast<std::chrono::hours>(clock - Clock::from_time_t(newest)),
              linked ? 0 : static_cast<std::uint64_t>(status.st_blocks) * 512, linked};
}

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code code;
  for (fs::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
    if (const auto seen = look_at(at->path(), {})) sum += seen->bytes;
  return sum;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code code;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
    entries.push_back(at->path());
  return entries;
}

// Orders have folders; a file there is somebody's own.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders = entries_of(folder);
  std::error_code code;
  std::erase_if(folders,
                [&](const fs::path& entry) { return !fs::is_directory(fs::symlink_status(entry, code)); });
  return folders;
}

class Clearing {
 public:
  Clearing(Production& production, const RubbishRules& rules, RubbishMode mode)
      : production_(production), rules_(rules), mode_(mode) {}

  Result<RubbishReport> run() {
    SOUSCHEF_TRY(const RenderFolders folders, RenderFolders::of(production_));
    SOUSCHEF_CHECK(read_queue());
    clear_checkouts(folders.checkouts);
    clear_logs(folders.logs);
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    clear_pantry(store::parts_of(*store).pantry_folder);
    clear_temporary();
    return report_;
  }

 private:
  Status read_queue() {
    std::vector<std::string> damaged;
    SOUSCHEF_TRY(const auto rows, list_orders(QueueFolder{production_.paths().queue()}, &damaged));
    for (const OrderRow& row : rows) {
      orders_.insert(row.id);
      if (!is_final(row.state)) open_orders_.insert(row.id);
    }
    // Nobody knows what state they are in.
    orders_.insert(damaged.begin(), damaged.end());
    open_orders_.insert(damaged.begin(), damaged.end());
    return {};
  }

  [[nodiscard]] std::optional<Seen> look(const fs::path& path) const { return look_at(path, rules_.now); }

  void clear_checkouts(const fs::path& folder) {
    for (const fs::path& entry : folders_in(folder)) {
      const auto seen = look(entry);
      if (!seen || seen->age < kYoung || open_orders_.contains(entry.filename().string())) continue;
      remove(entry, report_.checkouts);
    }
  }

  void clear_logs(const fs::path& folder) {
    for (const fs::path& entry : folders_in(folder)) {
      const auto seen = look(entry);
      if (!seen || seen->age < kYoung || open_orders_.contains(entry.filename().string())) continue;
      const bool old = rules_.logs_age && seen->age > *rules_.logs_age;
      if (old || !orders_.contains(entry.filename().string())) remove(entry, report_.logs);
    }
  }

  // Two hexadecimal digits, and in there the files.
  void clear_pantry(const fs::path& folder) {
    struct Shelved {
      fs::path path;
      Seen seen;
    };
    std::vector<Shelved> idle;
    std::uint64_t total = 0;
    for (const fs::path& shelf : entries_of(folder))
      for (const fs::path& file : entries_of(shelf)) {
        const auto seen = look(file);
        if (!seen || seen->linked) continue;  // a checkout uses it: removing it frees nothing
        total += seen->bytes;
        if (seen->age >= kYoung) idle.push_back({file, *seen});
      }
    std::sort(idle.begin(), idle.end(),
              [](const Shelved& a, const Shelved& b) { return a.seen.age > b.seen.age; });
    for (const Shelved& file : idle) {
      const bool old = rules_.pantry_age && file.seen.age > *rules_.pantry_age;
      const bool too_much = rules_.pantry_size && total > *rules_.pantry_size;
      if (!old && !too_much) continue;
      total -= file.seen.bytes;
      remove(file.path, report_.pantry);
    }
  }

  // Folders of this program in the system's temporary folder: a killed one cannot remove them.
  void clear_temporary() {
    std::error_code code;
    const fs::path folder = fs::temp_directory_path(code);
    if (code) return;
    for (const fs::path& entry : entries_of(folder)) {
      if (!entry.filename().string().starts_with(kScratchPrefix)) continue;
      const auto seen = look(entry);
      struct stat status {};
      const bool ours = ::lstat(entry.c_str(), &status) == 0 && status.st_uid == ::geteuid();
      if (seen && ours && seen->age >= kTemporaryAge) remove(entry, report_.temporary);
    }
  }

  void remove(const fs::path& path, RubbishReport::Part& part) {
    std::error_code code;
    const bool folder = fs::is_directory(fs::symlink_status(path, code));
    const auto seen = look(path);
    const std::uint64_t bytes = folder ? bytes_below(path) : seen ? seen->bytes : 0;
    if (mode_ == RubbishMode::remove) fs::remove_all(path, code);
    if (code) return;
    ++part.count;
    part.bytes += bytes;
  }

  Production& production_;
  const RubbishRules& rules_;
  const RubbishMode mode_;
  std::set<std::string> orders_, open_orders_;  // ids
  RubbishReport report_;
};

}  // namespace

RubbishRules rubbish_rules(const Config& config) {
  RubbishRules rules;
  rules.logs_age = days(config.integer("gc.logs_days"));
  rules.pantry_age = days(config.integer("gc.pantry_days"));
  if (const std::string size = config.text("gc.pantry_size"); !size.empty())
    if (const auto bytes = parse_size(size)) rules.pantry_size = *bytes;
  return rules;
}

Result<RubbishReport> clear_rubbish(Production& production, const RubbishRules& rules, RubbishMode mode) {
  return Clearing(production, rules, mode).run();
}

}  // namespace souschef::core
