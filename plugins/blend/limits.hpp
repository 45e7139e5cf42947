// SPDX-License-Identifier: MIT
// Every limit that a .blend from outside is held to, with its reason. All are checked before memory is taken.
#pragma once

#include <cstddef>
#include <cstdint>

namespace souschef::blend {

// Unwrapped content up to this size is kept in memory, more of it in an unlinked temporary file, of which a
// trace fills little (skim.hpp): several files may be open at once, and a snapshot has 300 MB in all.
inline constexpr std::uint64_t kMaxContentInMemory = 64ULL << 20;

// What a trace keeps of a larger content; more of it goes into a temporary file too.
inline constexpr std::size_t kMaxKeptInMemory = 32U << 20;

// A wrapper may unpack to this ratio beyond a first part that is free, and never beyond the ceiling.
// Productions reach about 10:1; arrays of zeros reach 1 000:1 in gzip and 30 000:1 in zstd, but are not all
// that a file holds. What is unpacked as a stream is held to it on the way, so that a bomb of any size is
// stopped within a second.
inline constexpr std::uint64_t kMaxUnpackRatio = 100;
inline constexpr std::uint64_t kFreeInStream = 256ULL << 20;
inline constexpr std::uint64_t kFreeInFrames = 1ULL << 30;  // these are unpacked only where somebody looks
inline constexpr std::uint64_t kUnpackCeiling = 64ULL << 30;

// The largest zstd frame that is unpacked as one piece. Blender's have at most 2 MiB; what is larger is
// unpacked as a stream.
inline constexpr std::uint64_t kMaxFrame = 16ULL << 20;
// More frames than this are unpacked as a stream too: their table would be larger than what it saves.
inline constexpr std::size_t kMaxFrames = 1U << 21;
// log2 of the largest window a zstd stream may ask for: 128 MiB, the library's own default.
inline constexpr int kMaxWindowLog = 27;

// A block's offset is kept in 48 bits.
inline constexpr std::uint64_t kMaxContent = 1ULL << 47;
// 16 bytes each in the block table. The largest hero with a weight block per vertex has some hundred
// thousand; a file of 20 GB may have tens of millions.
inline constexpr std::uint32_t kMaxBlocks = 1U << 26;
// A compressed file may have so many blocks and one more for each of its bytes: no two of a datablock have
// the same address, so a head takes more than a byte in any compression.
inline constexpr std::uint32_t kFreeBlocks = 1U << 20;
// Blender writes no block without data.
inline constexpr std::uint32_t kMaxEmptyBlocks = 1U << 20;
// Datablocks and other blocks that are not DATA. Blender itself becomes unusable at a hundredth of this.
inline constexpr std::uint32_t kMaxGroups = 1U << 21;
// Tables larger than this live in an unlinked temporary file.
inline constexpr std::size_t kMaxTableInMemory = 64U << 20;

// The struct catalogue: Blender 3.4 has 806 structs, 4 976 names and 931 types in 117 kB. Indices are 16 bits
// on disk; 0xFFFF is ours.
inline constexpr std::uint32_t kMaxDnaEntries = 0xFFFE;
inline constexpr std::uint64_t kMaxDnaSize = 4U << 20;
inline constexpr std::uint32_t kMaxDnaMembers = 1U << 17;  // 3.4 has some 12 000 in all
// Structs in structs. Blender has at most 5 levels; hostile files have circles.
inline constexpr int kMaxStructDepth = 16;

// What the tables of all packed libraries of one file may take in memory together, with what they unpack to.
// A library with a hundred thousand blocks takes about 3 MB.
inline constexpr std::uint64_t kMaxPackedMemory = 160U << 20;

// Links from datablock to datablock that are kept at once, 4 bytes each.
inline constexpr std::uint32_t kMaxUses = 1U << 24;

// Packed libraries within packed libraries, meta strips within meta strips, groups within groups.
inline constexpr int kMaxPackedDepth = 8;
inline constexpr int kMaxMetaDepth = 64;
inline constexpr int kMaxGroupDepth = 256;

}  // namespace souschef::blend
