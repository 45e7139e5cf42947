// SPDX-License-Identifier: MIT
#include "store/kernel_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

TEST(KernelFile, IsReadToItsEndWhateverSizeItStates) {
  struct stat stated {};
  ASSERT_EQ(::stat("/proc/self/maps", &stated), 0);
  ASSERT_EQ(stated.st_size, 0);
  const std::string maps = read_kernel_file("/proc/self/maps");
  EXPECT_GT(maps.size(), 4096U);  // more than one piece
  EXPECT_TRUE(maps.ends_with('\n'));
}

TEST(KernelFile, FirstLineHasNoEnd) {
  const test::TempFolder folder;
  EXPECT_EQ(first_kernel_line(folder.write("two", "one\ntwo\n")), "one");
  EXPECT_EQ(first_kernel_line(folder.write("open", "one")), "one");
  EXPECT_EQ(first_kernel_line(folder.write("empty", "")), "");
}

TEST(KernelFile, WhatIsNotThereIsEmpty) {
  const test::TempFolder folder;
  EXPECT_EQ(read_kernel_file(folder / "none"), "");
  EXPECT_EQ(read_kernel_file(folder.path()), "");
}

}  // namespace
}  // namespace souschef::store
