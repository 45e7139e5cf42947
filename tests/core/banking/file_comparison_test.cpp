// SPDX-License-Identifier: MIT
#include "core/banking/file_comparison.hpp"

#include <chrono>

#include "tests/core/banking/production_fixture.hpp"
#include "tests/support/fake_clock.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class FileComparisonTest : public ProductionFixture {
 protected:
  void SetUp() override {
    ProductionFixture::SetUp();
    later_.set_wall(store::Clock::real().since_1970() + std::chrono::hours(1));
    ours_ = write("a.png", "the same");
    theirs_ = folder_.write("elsewhere/a.png", "the same").string();
  }
  FileComparison asked(const store::Clock& clock) { return {*production_->store(), nullptr, clock}; }
  test::FakeClock later_;
  std::string ours_, theirs_;
};

TEST_F(FileComparisonTest, AnswerIsRememberedWhileBothFilesStand) {
  EXPECT_TRUE(asked(later_).same(theirs_, ours_));
  FileComparison again = asked(later_);
  EXPECT_TRUE(again.same(theirs_, ours_));
  EXPECT_EQ(again.pairs_read(), 0U);
}

TEST_F(FileComparisonTest, DifferenceIsRememberedToo) {
  write("a.png", "the sama");
  EXPECT_FALSE(asked(later_).same(theirs_, ours_));
  FileComparison again = asked(later_);
  EXPECT_FALSE(again.same(theirs_, ours_));
  EXPECT_EQ(again.pairs_read(), 0U);
}

TEST_F(FileComparisonTest, ChangeOfEitherIsSeen) {
  EXPECT_TRUE(asked(later_).same(theirs_, ours_));
  folder_.write("elsewhere/a.png", "the sama");
  EXPECT_FALSE(asked(later_).same(theirs_, ours_));
  write("a.png", "the sama");
  EXPECT_TRUE(asked(later_).same(theirs_, ours_));
}

TEST_F(FileComparisonTest, FileThatWasJustWrittenIsReadAgain) {
  EXPECT_TRUE(asked(store::Clock::real()).same(theirs_, ours_));
  FileComparison again = asked(store::Clock::real());
  EXPECT_TRUE(again.same(theirs_, ours_));
  EXPECT_EQ(again.pairs_read(), 1U);
  EXPECT_FALSE(again.compared().front().settled);
}

TEST_F(FileComparisonTest, FileThatIsGoneIsNotTheSame) {
  EXPECT_TRUE(asked(later_).same(theirs_, ours_));
  fs::remove(theirs_);
  EXPECT_FALSE(asked(later_).same(theirs_, ours_));
}

}  // namespace
}  // namespace souschef::core
