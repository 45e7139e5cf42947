// SPDX-License-Identifier: MIT
#include "core/hooks/hook_install.hpp"

#include <sys/stat.h>

#include <gmock/gmock.h>

#include "core/hooks/hook_script.hpp"
#include "tests/core/hooks/repository_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class HookInstallTest : public RepositoryFixture {
 protected:
  void SetUp() override {
    RepositoryFixture::SetUp();
    init_git();
  }
  std::unique_ptr<Repository> repository(const fs::path& folder) const {
    auto found = Repository::find(folder);
    EXPECT_TRUE(found && *found);
    return std::move(*found);
  }
  HookChange install() {
    const auto change = install_hooks(*production_, *repository(root()), SOUSCHEF_PROGRAM);
    EXPECT_TRUE(change) << change.error().line();
    return change ? *change : HookChange();
  }
  HookChange remove() {
    const auto change = remove_hooks(*production_, *repository(root()));
    EXPECT_TRUE(change) << change.error().line();
    return change ? *change : HookChange();
  }
  void foreign(const fs::path& file, const std::string& text) const {
    fs::create_directories(file.parent_path());
    folder_.write(fs::relative(file, folder_.path()), text);
    ::chmod(file.c_str(), 0751);
  }
};

TEST_F(HookInstallTest, RemovalRestoresTheFolder) {
  const fs::path hooks = root() / ".git/hooks";
  foreign(hooks / "post-commit", "#!/bin/sh\necho foreign\n");
  foreign(hooks / "pre-commit", "#!/bin/sh\nexit 0\n");
  foreign(root() / "tools/merge.sh", "#!/bin/sh\n");
  fs::create_symlink("../../tools/merge.sh", hooks / "post-merge");
  folder_.write("prod/.git/hooks/post-checkout", "not executable");
  const auto before = listing(root() / ".git");
  install();
  EXPECT_NE(listing(root() / ".git"), before);
  install();  // again
  remove();
  EXPECT_EQ(listing(root() / ".git"), before);
}

TEST_F(HookInstallTest, FolderThatWasMadeGoesToo) {
  fs::remove_all(root() / ".git/hooks");
  const auto before = listing(root() / ".git");
  install();
  remove();
  EXPECT_EQ(listing(root() / ".git"), before);
}

TEST_F(HookInstallTest, EmptyFolderThatWasThereStays) {
  fs::remove_all(root() / ".git/hooks");
  fs::create_directory(root() / ".git/hooks");
  install();
  remove();
  EXPECT_TRUE(fs::is_directory(root() / ".git/hooks"));
}

TEST_F(HookInstallTest, HooksPathIsRespectedAndSaid) {
  git({"config", "core.hooksPath", ".githooks"});
  foreign(root() / ".githooks/post-commit", "#!/bin/sh\n");
  const auto before = listing(root() / ".githooks");
  const HookChange change = install();
  EXPECT_TRUE(fs::exists(root() / ".githooks/post-merge"));
  EXPECT_THAT(change.notes, ElementsAre(HasSubstr("core.hooksPath")));
  remove();
  EXPECT_EQ(listing(root() / ".githooks"), before);
}

TEST_F(HookInstallTest, HookOfAnotherProgramThatCameLaterStays) {
  const fs::path hooks = root() / ".git/hooks";
  foreign(hooks / "post-commit", "#!/bin/sh\necho one\n");
  install();
  fs::remove(hooks / "post-commit");
  foreign(hooks / "post-commit", "#!/bin/sh\necho two\n");
  const HookChange change = remove();
  EXPECT_EQ(test::read_file(hooks / "post-commit"), "#!/bin/sh\necho two\n");
  EXPECT_EQ(test::read_file(hooks / hook_before("post-commit")), "#!/bin/sh\necho one\n");
  EXPECT_THAT(change.notes, SizeIs(1));
}

// As a crash between the two steps of chaining leaves it.
TEST_F(HookInstallTest, HalfDoneInstallationIsUndone) {
  const fs::path hooks = root() / ".git/hooks";
  foreign(hooks / "post-commit", "#!/bin/sh\necho one\n");
  const auto before = listing(hooks);
  fs::create_hard_link(hooks / "post-commit", hooks / hook_before("post-commit"));
  remove();
  EXPECT_EQ(listing(hooks), before);
  fs::create_hard_link(hooks / "post-commit", hooks / hook_before("post-commit"));
  install();
  remove();
  EXPECT_EQ(listing(hooks), before);
}

TEST_F(HookInstallTest, TwoProductionsShareAScript) {
  const fs::path other = root() / "../other";
  fs::remove_all(root() / ".git");
  git({"init", "--quiet"}, folder_.path());
  fs::create_directories(other);
  ASSERT_TRUE(init_production(fs::canonical(other), {}));
  const auto second = Production::open(other);
  ASSERT_TRUE(second);
  const auto before = listing(folder_ / ".git");
  install();
  ASSERT_TRUE(install_hooks(**second, *repository(other), SOUSCHEF_PROGRAM));
  auto listed = list_hooks(*repository(root()));
  ASSERT_TRUE(listed);
  EXPECT_THAT(listed->front().places, ElementsAre("other", "prod"));
  remove();
  listed = list_hooks(*repository(root()));
  EXPECT_THAT(listed->front().places, ElementsAre("other"));
  EXPECT_THAT(test::read_file(listed->front().file), HasSubstr(SOUSCHEF_PROGRAM));
  ASSERT_TRUE(remove_hooks(**second, *repository(other)));
  EXPECT_EQ(listing(folder_ / ".git"), before);
}

TEST_F(HookInstallTest, NothingIsListedBefore) {
  const auto listed = list_hooks(*repository(root()));
  ASSERT_TRUE(listed);
  EXPECT_THAT(*listed, IsEmpty());
}

}  // namespace
}  // namespace souschef::core
