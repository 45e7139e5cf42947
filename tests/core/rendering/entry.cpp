// SPDX-License-Identifier: MIT
#include <souschef/plugin.hpp>

SOUSCHEF_ENTRY();
