/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct souschef_layout_row {
  const char *type;
  size_t last_offset; /* of the last member of 1.0 */
  size_t size;
} souschef_layout_row;

extern const souschef_layout_row kAbi10[];
extern const size_t kAbi10Count;

#ifdef __cplusplus
}
#endif
