// SPDX-License-Identifier: MIT
#pragma once

namespace souschef::cli {

// Ctrl-C, SIGTERM: the first asks the work to stop cleanly, the second ends the program at once (exit code
// 130).
void catch_interrupts();
// So many may come before the next one ends the program at once; 1 where nothing is said.
void set_interrupt_patience(int interrupts);
// The terminal may be closed: the program goes on.
void ignore_hangup();
// How often it was asked. Async-signal-safe, any thread.
int interrupt_count();
// One of them was SIGTERM: nobody is there to be patient.
bool terminated();
inline bool interrupted() {
  return interrupt_count() > 0;
}

}  // namespace souschef::cli
