// SPDX-License-Identifier: MIT
// A runner in a process of its own, for tests that kill it:
//
//   runner_program ROOT [watch] [lease=SECONDS]
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <souschef/plugin.hpp>

#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/config_trust.hpp"
#include "core/production/production.hpp"
#include "core/rendering/render.hpp"

SOUSCHEF_ENTRY();

int main(int count, char** words) {
  if (count < 2) return 2;
  souschef::core::RenderOptions options;
  for (int i = 2; i < count; ++i) {
    const std::string_view word(words[i]);
    if (word == "watch") options.watch = true;
    if (word.starts_with("lease=")) options.lease_expiry = std::chrono::seconds(std::atoi(words[i] + 6));
  }
  const auto production = souschef::core::Production::open(words[1]);
  if (!production) return 1;
  // Whoever wrote the config of a test is the user of this machine, too.
  const auto plugins = (*production)->plugins();
  if (!plugins || !souschef::core::trust_config((*production)->config(), **plugins)) return 1;
  souschef::core::RenderObserver quiet;
  const auto summary = souschef::core::render(**production, options, quiet);
  if (!summary) std::fprintf(stderr, "%s\n", summary.error().line().c_str());
  return summary ? 0 : 1;
}
