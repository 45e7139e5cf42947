// SPDX-License-Identifier: MIT
// runner_program ROOT: a runner in a process of its own, for tests that kill it.
#include <cstdio>

#include <souschef/plugin.hpp>

#include "core/production.hpp"
#include "core/render.hpp"

SOUSCHEF_ENTRY();

int main(int count, char** words) {
  if (count != 2) return 2;
  const auto production = souschef::core::Production::open(words[1]);
  if (!production) return 1;
  souschef::core::RenderObserver quiet;
  const auto summary = souschef::core::render(**production, {}, quiet);
  if (!summary) std::fprintf(stderr, "%s\n", summary.error().line().c_str());
  return summary ? 0 : 1;
}
