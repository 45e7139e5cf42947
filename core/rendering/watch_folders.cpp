// SPDX-License-Identifier: MIT
// A file that cannot be ordered as it is (cut short, not a .blend, a scene without frames) waits until it
// changes; one that cannot be ordered now (a full disk, a store in use) is tried again.
#include "core/rendering/watch_folders.hpp"

#include <condition_variable>
#include <mutex>
#include <vector>

#include <souschef/file_name.hpp>

#include "core/base/folder_watch.hpp"
#include "core/rendering/place_order.hpp"
#include "store/clock.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::chrono::seconds kLookAgain{2};

struct Watched {
  OrderWishes wishes;
  FolderWatch folder;
};

bool may_pass(ErrorCode code) {
  return code == ErrorCode::io || code == ErrorCode::no_space || code == ErrorCode::locked ||
         code == ErrorCode::denied || code == ErrorCode::changed;
}

Result<std::vector<Watched>> watched_of(const Production& production) {
  const Config& config = production.config();
  std::vector<Watched> list;
  for (const std::string& name : config.names("watch")) {
    const auto key = [&](const char* member) { return "watch[" + name + "]." + member; };
    const fs::path folder = production.root() / config.text(key("folder"));
    const auto settle = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(std::max(0.0, config.number(key("settle")))));
    SOUSCHEF_TRY(
        FolderWatch watch,
        FolderWatch::open(folder, production.paths().dot / ("watched." + escape_name(name)), settle));
    // Nobody is there to be asked: what is missing is noted with the snapshot.
    OrderWishes wishes;
    wishes.allow_missing = true;
    wishes.target = config.text(key("target"));
    wishes.preset = config.text(key("preset"));
    list.push_back({std::move(wishes), std::move(watch)});
  }
  return list;
}

}  // namespace

WatchFolders::WatchFolders(fs::path production_root, Told told)
    : root_(std::move(production_root)),
      told_(std::move(told)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

void WatchFolders::work(const std::stop_token& stop) {
  const auto production = Production::open(root_);
  if (!production) return told_.trouble(production.error());
  auto watched = watched_of(**production);
  if (!watched) return told_.trouble(watched.error());
  if (watched->empty()) return;

  std::mutex mutex;
  std::condition_variable_any wake;
  std::string last_trouble;
  const auto tell = [&](const Error& error) {
    if (std::exchange(last_trouble, error.line()) != error.line()) told_.trouble(error);
  };
  while (!stop.stop_requested()) {
    for (Watched& each : *watched) {
      const auto ready = each.folder.look(store::Clock::real().since_boot());
      if (!ready) {
        tell(ready.error());
        continue;
      }
      for (const fs::path& file : *ready) {
        if (stop.stop_requested()) return;
        OrderWishes wishes = each.wishes;
        wishes.blend = file;
        const auto placed = place_order(**production, wishes, {});
        if (!placed) tell(Error(placed.error()).in_context(escape_name(file.string()) + " is not ordered"));
        if (placed && told_.ordered) told_.ordered(placed->order.name, file);
        if (!placed && may_pass(placed.error().code))
          each.folder.put_off(file);
        else if (const Status taken = each.folder.take(file); !taken)
          tell(taken.error());
      }
    }
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, kLookAgain, [] { return false; });
  }
}

}  // namespace souschef::core
