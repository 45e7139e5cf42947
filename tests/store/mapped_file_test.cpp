// SPDX-License-Identifier: MIT
#include "store/mapped_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "store/descriptor.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

TEST(MappedFile, ShowsTheFile) {
  test::TempFolder folder;
  const Descriptor file(::open(folder.write("a", "content").c_str(), O_RDONLY));
  const auto mapped = *MappedFile::map(file.get(), 7);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(mapped->bytes().data()), 7), "content");
  EXPECT_FALSE(mapped->damaged());
}

TEST(MappedFile, AFileCutShortReadsAsZerosAndIsMarked) {
  test::TempFolder folder;
  const auto path = folder.write("a", std::string(100'000, 'x'));
  const Descriptor file(::open(path.c_str(), O_RDONLY));
  const auto mapped = *MappedFile::map(file.get(), 100'000);
  std::filesystem::resize_file(path, 5000);
  EXPECT_EQ(mapped->bytes()[100], std::byte{'x'});
  EXPECT_FALSE(mapped->damaged());
  EXPECT_EQ(mapped->bytes()[90'000], std::byte{0});
  EXPECT_TRUE(mapped->damaged());
}

TEST(MappedFile, OthersKeepTheirPages) {
  test::TempFolder folder;
  const auto cut = folder.write("a", std::string(50'000, 'x'));
  const Descriptor a(::open(cut.c_str(), O_RDONLY));
  const Descriptor b(::open(folder.write("b", std::string(50'000, 'y')).c_str(), O_RDONLY));
  const auto mapped_a = *MappedFile::map(a.get(), 50'000);
  const auto mapped_b = *MappedFile::map(b.get(), 50'000);
  std::filesystem::resize_file(cut, 0);
  EXPECT_EQ(mapped_a->bytes()[40'000], std::byte{0});
  EXPECT_EQ(mapped_b->bytes()[40'000], std::byte{'y'});
  EXPECT_FALSE(mapped_b->damaged());
}

TEST(MappedFile, ThereIsAnEndToHowMany) {
  test::TempFolder folder;
  const Descriptor file(::open(folder.write("a", "content").c_str(), O_RDONLY));
  std::vector<std::unique_ptr<MappedFile>> many;
  for (int i = 0; i < 1000; ++i) {
    auto mapped = MappedFile::map(file.get(), 7);
    if (!mapped) break;
    many.push_back(std::move(*mapped));
  }
  EXPECT_LT(many.size(), 1000U);
  many.clear();
  EXPECT_TRUE(MappedFile::map(file.get(), 7)) << "slots are given back";
}

using MappedFileDeathTest = ::testing::Test;

TEST(MappedFileDeathTest, OtherBusErrorsEndTheProgramAsBefore) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        ::signal(SIGBUS, SIG_DFL);  // a sanitizer has a handler of its own
        test::TempFolder folder;
        const Descriptor file(::open(folder.write("a", "content").c_str(), O_RDONLY));
        const auto mapped = *MappedFile::map(file.get(), 7);
        ::raise(SIGBUS);
      },
      ::testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace souschef::store
