// SPDX-License-Identifier: MIT
// Stands in for the program where it hosts one foreign library.
#include <iostream>

#include "core/plugin_host/plugin_server.hpp"

int main(int count, char** words) {
  if (count != 3 || std::string_view(words[1]) != souschef::core::kPluginHostVerb) return 2;
  const souschef::Status served = souschef::core::serve_plugin(words[2]);
  if (served) return 0;
  std::cerr << served.error().line() << "\n";
  return 1;
}
