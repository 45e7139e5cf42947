/* SPDX-License-Identifier: MIT
 * The layout of the structs as the header of 1.0 had them. */
#include "../sdk_consumer/old_plugin/abi_1_0/souschef/plugin.h"

#include "abi_layout.h"

#define SOUSCHEF_MEMBER(type, member) {#type, offsetof(type, member), sizeof(type)},
const souschef_layout_row kAbi10[] = {
#include "abi_members.inc"
};
const size_t kAbi10Count = sizeof kAbi10 / sizeof kAbi10[0];
