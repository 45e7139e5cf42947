// SPDX-License-Identifier: MIT
#pragma once

namespace souschef::cli {

// Ctrl-C, SIGTERM: the first asks the work to stop cleanly, the second ends the program at once (exit code
// 130).
void catch_interrupts();
// How often it was asked. Async-signal-safe, any thread.
int interrupt_count();
inline bool interrupted() {
  return interrupt_count() > 0;
}

}  // namespace souschef::cli
