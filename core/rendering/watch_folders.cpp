// SPDX-License-Identifier: MIT
#include "core/rendering/watch_folders.hpp"

#include <condition_variable>
#include <mutex>

#include "core/production/production.hpp"
#include "store/clock.hpp"

namespace souschef::core {
namespace {

constexpr std::chrono::seconds kLookAgain{2};

}  // namespace

WatchFolders::WatchFolders(std::filesystem::path production_root, FolderOrders::Told told)
    : root_(std::move(production_root)),
      told_(std::move(told)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

void WatchFolders::work(const std::stop_token& stop) {
  const auto production = Production::open(root_);
  if (!production) return told_.trouble(production.error());
  auto orders = FolderOrders::open(**production, told_);
  if (!orders) return told_.trouble(orders.error());
  if (orders->empty()) return;

  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    orders->look(store::Clock::real().since_boot(), stop);
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, kLookAgain, [] { return false; });
  }
}

}  // namespace souschef::core
