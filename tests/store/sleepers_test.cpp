// SPDX-License-Identifier: MIT
// Processes that are stopped in the middle of their work (a suspended laptop, a debugger, a swapping machine)
// and wake when others have long taken over: they must change nothing any more.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "store/garbage_collection.hpp"
#include "store/generation.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

namespace fs = std::filesystem;
using test::random_words;

constexpr int kTakenOver = 3;  // of store_tool

class SleepersTest : public StoreFixture {
 protected:
  // Runs store_tool until it stops itself.
  pid_t fall_asleep(const std::string& what, const std::string& argument) const {
    std::vector<std::string> words = {std::string(SOUSCHEF_BINARY_FOLDER) + "/bin/store_tool",
                                      store_folder().string(),
                                      (folder_ / "sleeper").string(),
                                      what,
                                      "1",
                                      argument};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, WUNTRACED);
    EXPECT_TRUE(WIFSTOPPED(status)) << "it never slept";
    return child;
  }
  static int wake(pid_t child) {
    ::kill(child, SIGCONT);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  ContentId bank(const std::string& content) { return put({write("banked", content)}).at(0).content; }
  // What others do once the sleeper's leases have expired: they are removed, and a whole collection goes by.
  void take_over(const std::vector<ContentId>& needed) {
    for (const auto& lease : fs::directory_iterator(paths().leases())) fs::remove(lease.path());
    const auto gc = GarbageCollection::begin(*store_, GcMode::collect);
    ASSERT_TRUE(gc) << gc.error().line();
    std::vector<GcRoot> roots;
    for (const ContentId& content : needed) roots.push_back({{content, {}}, false});
    ASSERT_TRUE((*gc)->mark(roots));
    const GcPlan plan = (*gc)->plan({});
    ASSERT_TRUE((*gc)->rewrite(plan));
    ASSERT_TRUE((*gc)->condemn(plan));
    ASSERT_TRUE((*gc)->confirm(roots));
    ASSERT_TRUE((*gc)->discard_packs());
    ASSERT_TRUE((*gc)->finish());
  }
  // Everything in the store's folder but what lives: leases, trash being looked at.
  std::vector<std::string> store_files() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(store_folder()))
      if (entry.is_regular_file() && entry.path().parent_path() != paths().leases())
        all.push_back(entry.path().string() + " " + std::to_string(entry.file_size()));
    std::sort(all.begin(), all.end());
    return all;
  }
  std::string text_of(const ContentId& content) {
    auto fresh = open_fresh();
    const auto text = read(*fresh, content);
    EXPECT_TRUE(text) << text.error().line();
    return text ? *text : std::string();
  }
  std::unique_ptr<Store> open_fresh() const {
    OpenOptions options;
    options.index_folder = folder_ / "fresh";
    options.pantry_folder = folder_ / "fresh-pantry";
    options.rehash = true;
    return open(options);
  }
};

TEST_F(SleepersTest, ACollectionThatWakesTooLateChangesNothing) {
  const std::string text = random_words(300'000, 1);
  const ContentId content = bank(text);
  for (const char* when : {"marked", "condemned"}) {
    const pid_t sleeper = fall_asleep("sleepy-gc", when);
    take_over({content});
    const auto before = store_files();
    EXPECT_EQ(wake(sleeper), kTakenOver) << when;
    EXPECT_EQ(store_files(), before) << when;
    EXPECT_TRUE(text_of(content) == text) << when;
  }
}

// Its packs were taken for those of a dead writer.
TEST_F(SleepersTest, ASnapshotThatWakesTooLateIsNotAcknowledged) {
  const std::string text = random_words(300'000, 1);
  const ContentId content = bank(text);
  const fs::path path = write("late", random_words(2'000'000, 2));
  const pid_t sleeper = fall_asleep("sleepy-put", path.string());
  take_over({content});
  const int code = wake(sleeper);
  EXPECT_NE(code, 0) << "it says that it has banked what is gone";
  EXPECT_LT(code, 128) << "ended by a signal";
  EXPECT_TRUE(text_of(content) == text);
}

}  // namespace
}  // namespace souschef::store
