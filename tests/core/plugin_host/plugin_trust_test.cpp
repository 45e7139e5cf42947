// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "core/base/folder_hash.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

const Hash kHash = *Hash::from_hex(std::string(64, 'a'));

TEST(TrustStore, TrustedIsTrustedUntilForgotten) {
  const test::TempFolder folder;
  const TrustStore store(folder / "trust");
  EXPECT_FALSE(store.is_trusted(TrustKind::plugin, kHash));
  ASSERT_TRUE(store.trust(TrustKind::plugin, kHash, "/prod/plugins/slate"));
  ASSERT_TRUE(store.trust(TrustKind::plugin, kHash, "/prod/plugins/slate"));
  EXPECT_TRUE(store.is_trusted(TrustKind::plugin, kHash));
  EXPECT_TRUE(TrustStore(folder / "trust").is_trusted(TrustKind::plugin, kHash));
  ASSERT_TRUE(store.forget(TrustKind::plugin, kHash));
  ASSERT_TRUE(store.forget(TrustKind::plugin, kHash));
  EXPECT_FALSE(store.is_trusted(TrustKind::plugin, kHash));
}

TEST(TrustStore, KindsAreApart) {
  const test::TempFolder folder;
  const TrustStore store(folder / "trust");
  ASSERT_TRUE(store.trust(TrustKind::plugin, kHash, ""));
  EXPECT_FALSE(store.is_trusted(TrustKind::config, kHash));
}

TEST(TrustStore, ListSaysWhatAndWhen) {
  const test::TempFolder folder;
  const TrustStore store(folder / "trust");
  ASSERT_TRUE(store.trust(TrustKind::config, kHash, "/prod/config.toml"));
  folder.write("trust/README", "not json");
  const auto list = store.list();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].what, "/prod/config.toml");
  EXPECT_EQ(list[0].hash, kHash);
  EXPECT_EQ(list[0].when.size(), 20U);
}

TEST(TrustStore, FolderThatOthersCanWriteIsNotBelieved) {
  const test::TempFolder folder;
  const TrustStore store(folder / "trust");
  ASSERT_TRUE(store.trust(TrustKind::plugin, kHash, ""));
  ASSERT_EQ(::chmod((folder / "trust").c_str(), 0777), 0);
  EXPECT_FALSE(store.is_trusted(TrustKind::plugin, kHash));
  const Status again = store.trust(TrustKind::plugin, kHash, "");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::denied);
}

TEST(TrustStore, ZeroHashIsNeverTrusted) {
  const test::TempFolder folder;
  const TrustStore store(folder / "trust");
  ASSERT_TRUE(store.trust(TrustKind::plugin, Hash{}, ""));
  EXPECT_FALSE(store.is_trusted(TrustKind::plugin, Hash{}));
}

TEST(TrustStore, SystemProgramNeedsRootsFileInAUsualPlace) {
  EXPECT_TRUE(is_system_program("/bin/sh", ""));
  EXPECT_FALSE(is_system_program("/no/such/program", "/no/such"));
  const test::TempFolder folder;
  const auto program = folder.write("blender", "#!/bin/sh\n");
  EXPECT_FALSE(is_system_program(program, folder.path().string()));  // below /tmp, which everybody can write
}

TEST(TrustStore, PrivateFolderIsOneThatOthersCannotChange) {
  const test::TempFolder folder;
  folder.write("a/b/file", "");
  EXPECT_TRUE(is_private_folder(folder / "a/b"));
  ASSERT_EQ(::chmod((folder / "a").c_str(), 0777), 0);
  EXPECT_FALSE(is_private_folder(folder / "a/b"));
  EXPECT_FALSE(is_private_folder("/tmp"));
}

// Everything that may change a folder's hash, and what may not.
class FolderHashTest : public testing::Test {
 protected:
  FolderHashTest() {
    folder_.write("p/plugin.json", "{}");
    folder_.write("p/lib/a.py", "a");
  }
  Hash hash() {
    const auto hash = hash_of_folder(folder_ / "p");
    EXPECT_TRUE(hash.has_value()) << hash.error().line();
    return hash ? *hash : Hash{};
  }
  test::TempFolder folder_;
};

TEST_F(FolderHashTest, SameContentElsewhereIsTheSame) {
  fs::copy(folder_ / "p", folder_ / "q", fs::copy_options::recursive);
  EXPECT_EQ(hash(), *hash_of_folder(folder_ / "q"));
}

TEST_F(FolderHashTest, EveryChangeCounts) {
  const Hash before = hash();
  folder_.write("p/lib/a.py", "b");
  const Hash content = hash();
  EXPECT_NE(content, before);
  ASSERT_EQ(::chmod((folder_ / "p/lib/a.py").c_str(), 0755), 0);
  const Hash mode = hash();
  EXPECT_NE(mode, content);
  fs::rename(folder_ / "p/lib/a.py", folder_ / "p/lib/b.py");
  const Hash name = hash();
  EXPECT_NE(name, mode);
  fs::create_symlink("b.py", folder_ / "p/lib/c.py");
  const Hash link = hash();
  EXPECT_NE(link, name);
  folder_.write("p/__pycache__/evil.pyc", "");
  EXPECT_NE(hash(), link);
}

TEST_F(FolderHashTest, VersionControlAndEmptyFoldersDoNotCount) {
  const Hash before = hash();
  folder_.write("p/.git/HEAD", "ref");
  fs::create_directory(folder_ / "p/empty");
  EXPECT_EQ(hash(), before);
}

TEST_F(FolderHashTest, LinkThatLeadsOutIsRefused) {
  for (const char* target : {"/etc/passwd", "../../x", "../..", "../q/../../y"}) {
    fs::remove(folder_ / "p/lib/out");
    fs::create_symlink(target, folder_ / "p/lib/out");
    EXPECT_FALSE(hash_of_folder(folder_ / "p").has_value()) << target;
  }
}

TEST_F(FolderHashTest, DeviceIsRefusedAndNotOpened) {
  ASSERT_EQ(::mkfifo((folder_ / "p/fifo").c_str(), 0600), 0);
  const auto refused = hash_of_folder(folder_ / "p");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
}

TEST_F(FolderHashTest, MissingFolderIsAnError) {
  EXPECT_FALSE(hash_of_folder(folder_ / "nowhere").has_value());
}

}  // namespace
}  // namespace souschef::core
