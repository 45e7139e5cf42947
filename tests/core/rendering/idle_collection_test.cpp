// SPDX-License-Identifier: MIT
#include <chrono>

#include "core/jobs/job_store.hpp"
#include "tests/core/rendering/null_fixture.hpp"
#include "tests/support/random_bytes.hpp"

namespace souschef::core {
namespace {

class IdleCollection : public NullRenderer {
 protected:
  void SetUp() override {
    NullRenderer::SetUp();
    for (std::uint64_t seed : {1, 2}) {
      write("folder/file", test::random_words(50'000, seed));
      EXPECT_TRUE(bank("folder"));
    }
  }
  [[nodiscard]] std::size_t jobs() const {
    const auto all = JobStore(*production_).list();
    return all ? all->size() : 0;
  }
  // A runner that has nothing to do, until `enough` or for as long as it cannot take.
  void stand_by(const std::function<bool()>& enough) {
    RenderOptions options;
    options.watch = true;
    const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    options.stop = [&] {
      return enough() || std::chrono::steady_clock::now() > late ? StopWish::now : StopWish::none;
    };
    run(options);
  }
  static std::string with(const std::string& automatic) {
    return "[[target]]\nname = \"lts\"\npath = \"/bin/sh\"\n[gc]\nkeep_last = 1\nauto_idle = 0\nauto = " +
           automatic + "\n";
  }
};

TEST_F(IdleCollection, CollectsByTheRulesOfTheConfig) {
  configure(with("true"));
  ASSERT_EQ(jobs(), 2U);
  stand_by([this] { return jobs() == 1; });
  EXPECT_EQ(jobs(), 1U);
  EXPECT_EQ(listener_.count("warning"), 0U) << listener_.text();
}

TEST_F(IdleCollection, IsAskedForOrDoesNotHappen) {
  configure(with("false"));
  int turns = 0;
  stand_by([&turns] { return ++turns > 4; });
  EXPECT_EQ(jobs(), 2U);
}

}  // namespace
}  // namespace souschef::core
