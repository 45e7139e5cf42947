// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_library.hpp"

#include <cstring>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

const souschef_factory kEmptyFactory = {sizeof(souschef_factory), [](const souschef_factory*) { return 0U; },
                                        nullptr, nullptr};

souschef_entry entry(std::uint32_t abi_major, std::uint32_t abi_minor) {
  return {sizeof(souschef_entry),
          abi_major,
          abi_minor,
          [](souschef_bytes) -> std::int32_t { return 1; },
          [] {},
          []() -> const souschef_factory* { return &kEmptyFactory; }};
}

TEST(PluginLibrary, ProgramFindsItsOwnPlugins) {
  auto library = PluginLibrary::open_program();
  ASSERT_TRUE(library.has_value()) << library.error().line();
  const souschef_factory& factory = library->factory();
  std::set<std::string> ids;
  for (std::uint32_t i = 0; i < factory.count(&factory); ++i) ids.insert(factory.describe(&factory, i)->id);
  EXPECT_TRUE(ids.contains("echo"));
}

TEST(PluginLibrary, FileThatIsNoLibraryGivesTheLoadersReason) {
  const test::TempFolder folder;
  const auto file = folder.write("bad.so", "not a library");
  const auto library = PluginLibrary::open(file, folder.path());
  ASSERT_FALSE(library.has_value());
  EXPECT_EQ(library.error().what, "cannot load " + file.string());
  ASSERT_FALSE(library.error().why.empty());
  EXPECT_NE(library.error().why[0].find("file too short"), std::string::npos) << library.error().line();
}

TEST(PluginLibrary, LibraryWithoutTheSymbolIsNamed) {
  const auto library = PluginLibrary::open("/lib/x86_64-linux-gnu/libz.so.1", "/");
  if (!library.has_value() && library.error().what.rfind("cannot load", 0) == 0)
    GTEST_SKIP() << "no libz here";
  ASSERT_FALSE(library.has_value());
  EXPECT_EQ(library.error().line(),
            "/lib/x86_64-linux-gnu/libz.so.1 is not a plugin: it does not export souschef_plugin_entry");
}

TEST(PluginLibrary, OtherMajorIsRefusedWithBothNumbers) {
  const souschef_entry newer = entry(9, 4);
  const auto library = PluginLibrary::adopt(newer, "/");
  ASSERT_FALSE(library.has_value());
  EXPECT_EQ(library.error().code, ErrorCode::unsupported);
  EXPECT_EQ(library.error().what, "the plugin needs plugin ABI 9.4, this program has " +
                                      std::to_string(SOUSCHEF_ABI_MAJOR) + "." +
                                      std::to_string(SOUSCHEF_ABI_MINOR));
}

TEST(PluginLibrary, NewerMinorIsRefused) {
  const souschef_entry newer = entry(SOUSCHEF_ABI_MAJOR, SOUSCHEF_ABI_MINOR + 1);
  EXPECT_FALSE(PluginLibrary::adopt(newer, "/").has_value());
}

TEST(PluginLibrary, OlderMinorIsLoaded) {
  for (std::uint32_t minor = 0; minor <= SOUSCHEF_ABI_MINOR; ++minor) {
    const souschef_entry older = entry(SOUSCHEF_ABI_MAJOR, minor);
    EXPECT_TRUE(PluginLibrary::adopt(older, "/").has_value());
  }
}

TEST(PluginLibrary, ShortOrWildEntryIsNoPlugin) {
  souschef_entry wrong = entry(SOUSCHEF_ABI_MAJOR, 0);
  for (const std::uint32_t size : {0U, 8U, 0x65726f43U}) {
    wrong.struct_size = size;
    EXPECT_FALSE(PluginLibrary::adopt(wrong, "/").has_value()) << size;
  }
}

TEST(PluginLibrary, InitThatSaysNoIsRefused) {
  souschef_entry wrong = entry(SOUSCHEF_ABI_MAJOR, 0);
  wrong.init = [](souschef_bytes) -> std::int32_t { return 0; };
  const auto library = PluginLibrary::adopt(wrong, "/");
  ASSERT_FALSE(library.has_value());
  EXPECT_EQ(library.error().what, "the plugin says that it cannot work here");
}

int deinit_calls = 0;

TEST(PluginLibrary, DeinitIsCalledOnce) {
  deinit_calls = 0;
  souschef_entry counted = entry(SOUSCHEF_ABI_MAJOR, 0);
  counted.deinit = [] { ++deinit_calls; };
  {
    auto library = PluginLibrary::adopt(counted, "/");
    ASSERT_TRUE(library.has_value());
    const PluginLibrary moved = std::move(*library);
  }
  EXPECT_EQ(deinit_calls, 1);
}

}  // namespace
}  // namespace souschef::core
