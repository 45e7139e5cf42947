// SPDX-License-Identifier: MIT
#include "cli/interrupt.hpp"

#include <unistd.h>
#include <csignal>

#include <atomic>

namespace souschef::cli {
namespace {

std::atomic<int> g_count{0};
std::atomic<int> g_patience{1};
std::atomic<bool> g_terminated{false};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int signal) {
  if (signal == SIGTERM) g_terminated = true;
  if (g_count.fetch_add(1) >= g_patience.load()) ::_exit(130);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

void set_interrupt_patience(int interrupts) {
  g_patience = interrupts;
}

void ignore_hangup() {
  ::signal(SIGHUP, SIG_IGN);
}

int interrupt_count() {
  return g_count.load();
}

bool terminated() {
  return g_terminated.load();
}

}  // namespace souschef::cli
