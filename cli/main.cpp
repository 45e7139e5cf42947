// SPDX-License-Identifier: MIT
#include <iostream>

#include <souschef/plugin.hpp>

#include "core/version.hpp"

// The built-in plugins are found through the same symbol as any other plugin's.
SOUSCHEF_ENTRY();

int main() {
  std::cout << "souschef " << souschef::core::product_version() << "\n";
  return 0;
}
