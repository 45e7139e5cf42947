// SPDX-License-Identifier: MIT
// A runner in a process of its own, for tests that kill it:
//
//   runner_program ROOT [watch] [lease=SECONDS]
//   runner_program ROOT order-and-die    orders what is in the watched folders, and dies before it is written
//                                        down there
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <souschef/plugin.hpp>

#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/production.hpp"
#include "core/rendering/folder_orders.hpp"
#include "core/rendering/render.hpp"

SOUSCHEF_ENTRY();

namespace {

int order_and_die(souschef::core::Production& production) {
  auto orders = souschef::core::FolderOrders::open(
      production,
      {[](const std::string&, const std::filesystem::path&) { ::raise(SIGKILL); },
       [](const souschef::Error& trouble) { std::fprintf(stderr, "%s\n", trouble.line().c_str()); }});
  if (!orders) return 1;
  orders->look(std::chrono::seconds(0));
  orders->look(std::chrono::hours(1));
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count < 2) return 2;
  souschef::core::RenderOptions options;
  bool dies = false;
  for (int i = 2; i < count; ++i) {
    const std::string_view word(words[i]);
    if (word == "order-and-die") dies = true;
    if (word == "watch") options.watch = true;
    if (word.starts_with("lease=")) options.lease_expiry = std::chrono::seconds(std::atoi(words[i] + 6));
  }
  const auto production = souschef::core::Production::open(words[1]);
  if (!production) return 1;
  // Whoever wrote the config of a test is the user of this machine, too.
  const auto plugins = (*production)->plugins();
  if (!plugins || !souschef::core::trust_config((*production)->config(), **plugins)) return 1;
  if (dies) return order_and_die(**production);
  souschef::core::RenderObserver quiet;
  const auto summary = souschef::core::render(**production, options, quiet);
  if (!summary) std::fprintf(stderr, "%s\n", summary.error().line().c_str());
  return summary ? 0 : 1;
}
