// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include "store/hasher.hpp"
#include "tests/store/store_fixture.hpp"

namespace souschef::store {
namespace {

using test::random_words;
using test::read_file;

class MaterializeTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    std::filesystem::create_directories(target("").parent_path());
  }
  [[nodiscard]] std::filesystem::path target(const std::string& name) const { return folder_ / "out" / name; }
  [[nodiscard]] PlaceRequest request(const StoredFile& file, const std::string& name,
                                     bool executable = false) const {
    return {file.content, file.blob, target(name), executable};
  }
  static ::mode_t mode_of(const std::filesystem::path& path) {
    struct stat found {};
    ::stat(path.c_str(), &found);
    return found.st_mode & 0777U;
  }
};

TEST_F(MaterializeTest, RestoreWritesTheFiles) {
  const std::string large = random_words(9'000'000, 1);
  const auto files = put({write("a", large), write("b", "small"), write("c", "")});
  const std::vector<PlaceRequest> requests = {request(files[0], "a"), request(files[1], "b"),
                                              request(files[2], "c")};
  const auto placed = store_->restore(requests, Form::original);
  ASSERT_TRUE(placed) << placed.error().line();
  EXPECT_TRUE(read_file(target("a")) == large);
  EXPECT_EQ(read_file(target("b")), "small");
  EXPECT_EQ(read_file(target("c")), "");
  EXPECT_EQ((*placed)[0].size, large.size());
  EXPECT_TRUE((*placed)[0].exact);
}

TEST_F(MaterializeTest, RestoreNeverReplaces) {
  const auto files = put({write("a", "content")});
  folder_.write("out/a", "mine");
  const auto placed = store_->restore(std::vector{request(files[0], "a")}, Form::original);
  EXPECT_EQ(placed.error().code, ErrorCode::exists);
  EXPECT_EQ(read_file(target("a")), "mine");
}

TEST_F(MaterializeTest, RestoreLeavesNoTemporaryFiles) {
  const auto files = put({write("a", "content")});
  const std::vector<PlaceRequest> requests = {request(files[0], "a"),
                                              {ContentId(hash_of("?")), {}, target("b"), false}};
  EXPECT_EQ(store_->restore(requests, Form::original).error().code, ErrorCode::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(target("").parent_path()));
}

TEST_F(MaterializeTest, ExecutableFilesStayExecutable) {
  const auto files = put({write("a", "#!/bin/sh")});
  ASSERT_TRUE(store_->restore(std::vector{request(files[0], "a", true)}, Form::original));
  EXPECT_NE(mode_of(target("a")) & 0100U, 0U);
}

TEST_F(MaterializeTest, HolesComeBackAsHoles) {
  const auto path = write("a", "begin");
  std::filesystem::resize_file(path, 64U << 20);
  const auto files = put({path});
  ASSERT_TRUE(store_->restore(std::vector{request(files[0], "a")}, Form::original));
  struct stat found {};
  ::stat(target("a").c_str(), &found);
  EXPECT_EQ(found.st_size, 64 << 20);
  EXPECT_LT(found.st_blocks * 512, 4 << 20);
  EXPECT_TRUE(read_file(target("a")) == read_file(path));
}

TEST_F(MaterializeTest, CheckoutIsReadOnly) {
  const auto files = put({write("a", "content"), write("b", "#!/bin/sh")});
  const std::vector<PlaceRequest> requests = {request(files[0], "a"), request(files[1], "b", true)};
  ASSERT_TRUE(store_->checkout(requests));
  EXPECT_EQ(read_file(target("a")), "content");
  EXPECT_EQ(mode_of(target("a")), 0444U);
  EXPECT_EQ(mode_of(target("b")), 0555U);
}

TEST_F(MaterializeTest, CheckoutsShareTheirFiles) {
  const auto files = put({write("a", random_words(1'000'000, 1))});
  const std::vector<PlaceRequest> requests = {request(files[0], "one"), request(files[0], "two")};
  const auto placed = store_->checkout(requests);
  ASSERT_TRUE(placed);
  if ((*placed)[0].placement != Placement::hardlink) GTEST_SKIP() << "the file system shares blocks instead";
  EXPECT_TRUE(std::filesystem::equivalent(target("one"), target("two")));
}

TEST_F(MaterializeTest, APantryFileThatSomebodyWroteToIsBuiltAnew) {
  const auto files = put({write("a", "content")});
  ASSERT_TRUE(store_->checkout(std::vector{request(files[0], "one")}));
  ::chmod(target("one").c_str(), 0644);
  folder_.write("out/one", "damage");
  ::chmod(target("one").c_str(), 0444);
  ASSERT_TRUE(store_->checkout(std::vector{request(files[0], "two")}));
  EXPECT_EQ(read_file(target("two")), "content");
}

TEST_F(MaterializeTest, ADeletedPantryIsBuiltAnew) {
  const auto files = put({write("a", "content")});
  ASSERT_TRUE(store_->checkout(std::vector{request(files[0], "one")}));
  std::filesystem::remove_all(folder_ / ".souschef/pantry");
  ASSERT_TRUE(store_->checkout(std::vector{request(files[0], "two")}));
  EXPECT_EQ(read_file(target("two")), "content");
}

TEST_F(MaterializeTest, CheckoutNeverReplaces) {
  const auto files = put({write("a", "content")});
  folder_.write("out/a", "mine");
  EXPECT_EQ(store_->checkout(std::vector{request(files[0], "a")}).error().code, ErrorCode::exists);
}

TEST_F(MaterializeTest, ProgressReachesTheEnd) {
  const auto files = put({write("a", random_words(1'000'000, 1)), write("b", "small")});
  PutProgress last;
  const std::vector<PlaceRequest> requests = {request(files[0], "a"), request(files[1], "b")};
  ASSERT_TRUE(store_->restore(requests, Form::original, [&](const PutProgress& now) { last = now; }));
  EXPECT_EQ(last.files_done, 2U);
  EXPECT_EQ(last.bytes_done, last.bytes_total);
}

}  // namespace
}  // namespace souschef::store
