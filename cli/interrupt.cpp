// SPDX-License-Identifier: MIT
#include "cli/interrupt.hpp"

#include <unistd.h>
#include <csignal>

#include <atomic>

namespace souschef::cli {
namespace {

std::atomic<int> g_count{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int) {
  if (g_count.fetch_add(1) > 0) ::_exit(130);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

int interrupt_count() {
  return g_count.load();
}

}  // namespace souschef::cli
