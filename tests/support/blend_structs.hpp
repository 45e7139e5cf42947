// SPDX-License-Identifier: MIT
#pragma once

namespace souschef::test {

// The structs that BlendWriter knows: those of Blender 3.4 that hold paths, settings of renders or the way
// there, with their names on disk. Members that no test looks at are left out. Tests of other eras replace
// some.
extern const char* const kBlendStructs;

}  // namespace souschef::test
