// SPDX-License-Identifier: MIT
// Several processes with one store, as several artists have it; also through a FUSE mount, which is as near
// to a network file system as a test machine gets.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "store/file_system_kind.hpp"
#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using test::random_words;

pid_t start(const std::vector<std::string>& arguments) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  static_cast<void>(std::freopen("/dev/null", "w", stdout));
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class ProcessesTest : public StoreFixture {
 protected:
  [[nodiscard]] pid_t tool(const std::filesystem::path& store, const std::string& index,
                           const std::string& what, int times, const std::vector<std::string>& rest) const {
    std::vector<std::string> arguments = {std::string(SOUSCHEF_BINARY_FOLDER) + "/bin/store_tool",
                                          store.string(), (folder_ / index).string(), what,
                                          std::to_string(times)};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return start(arguments);
  }
  // Files that two writers have partly in common.
  std::vector<std::string> some_files(std::uint64_t first, std::uint64_t last) const {
    std::vector<std::string> paths;
    for (std::uint64_t i = first; i < last; ++i)
      paths.push_back(
          write("f" + std::to_string(i), random_words(i % 5 == 0 ? 3'000'000 : 30'000, i)).string());
    return paths;
  }
  void expect_all_there(Store& store, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      const std::string content = test::read_file(path);
      const auto found = read(store, ContentId(hash_of(content)));
      ASSERT_TRUE(found) << found.error().line();
      EXPECT_TRUE(*found == content);
    }
  }
  // Two write, a third reads what was there before.
  void two_write_and_one_reads(const std::filesystem::path& place, const std::string& index_a,
                               const std::string& index_b) {
    const auto old = some_files(0, 12);
    ASSERT_EQ(wait_for(tool(place, index_a, "put", 1, old)), 0);
    std::vector<std::string> hashes;
    for (const std::string& path : old) hashes.push_back(hash_of(test::read_file(path)).hex());
    const auto files_a = some_files(10, 30), files_b = some_files(20, 40);
    const pid_t a = tool(place, index_a, "put", 2, files_a);
    const pid_t b = tool(place, index_b, "put", 2, files_b);
    const pid_t reader = tool(place, "index-reader", "read", 5, hashes);
    EXPECT_EQ(wait_for(a), 0);
    EXPECT_EQ(wait_for(b), 0);
    EXPECT_EQ(wait_for(reader), 0);
    expect_all_there(*open(), some_files(0, 40));
  }
};

TEST_F(ProcessesTest, TwoWriteAndOneReadsWithOneIndex) {
  two_write_and_one_reads(store_folder(), "index-shared", "index-shared");
}

TEST_F(ProcessesTest, TwoWriteAndOneReadsWithIndexesApart) {
  two_write_and_one_reads(store_folder(), "index-a", "index-b");
}

TEST_F(ProcessesTest, AKilledWriterHurtsNobody) {
  const auto files = some_files(0, 20);
  for (int i = 0; i < 5; ++i) {
    const pid_t writer = tool(store_folder(), "index-shared", "put", 100, files);
    // Until it is at work: its lease is there.
    while (std::filesystem::is_empty(paths().leases())) ::usleep(1000);
    for (int spin = 0; spin < i; ++spin) ::usleep(5000);
    ::kill(writer, SIGKILL);
    wait_for(writer);
    for (const auto& lease : std::filesystem::directory_iterator(paths().leases()))
      std::filesystem::remove(lease);
  }
  ASSERT_EQ(wait_for(tool(store_folder(), "index-shared", "put", 1, files)), 0);
  expect_all_there(*open(), files);
}

// bindfs shows a folder through FUSE: renames without replacing, locks, maps and caches are FUSE's.
class FuseTest : public ProcessesTest {
 protected:
  void SetUp() override {
    ProcessesTest::SetUp();
    mount_ = folder_ / "mount";
    std::filesystem::create_directory(mount_);
    if (wait_for(start({"bindfs", "--no-allow-other", (folder_ / ".souschef").string(), mount_.string()})) !=
        0)
      GTEST_SKIP() << "bindfs cannot mount here";
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) wait_for(start({"fusermount", "-u", "-z", mount_.string()}));
    ProcessesTest::TearDown();
  }
  std::filesystem::path mount_;
  bool mounted_ = false;
};

TEST_F(FuseTest, CountsAsRemote) {
  EXPECT_EQ(file_system_kind(mount_)->nearness, Nearness::remote);
}

TEST_F(FuseTest, TheIndexIsKeptElsewhere) {
  ::setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
  store_.reset();
  std::filesystem::remove_all(folder_ / ".souschef/index");
  const auto store = Store::open(mount_ / "store", {});
  ASSERT_TRUE(store) << store.error().line();
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".souschef/index"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "state/souschef" / (*store)->uuid() / "index"));
  ::unsetenv("XDG_STATE_HOME");
  ::unsetenv("XDG_CACHE_HOME");
}

TEST_F(FuseTest, TwoWriteAndOneReads) {
  two_write_and_one_reads(mount_ / "store", "index-a", "index-b");
}

}  // namespace
}  // namespace souschef::store
