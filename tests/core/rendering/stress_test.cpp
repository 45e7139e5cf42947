// SPDX-License-Identifier: MIT
// Many orders on four slots while renderers crash, hang and lie, and the runner itself is killed again and
// again: every frame ends done exactly once. The small one runs always, the large one where SOUSCHEF_STRESS
// is set:
//
//   SOUSCHEF_STRESS=1 build/release/bin/rendering_tests --gtest_filter='Stress.*'
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "core/base/file_descriptor.hpp"
#include "store/hasher.hpp"
#include "tests/core/rendering/null_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

struct Amount {
  int orders, frames, misfortunes, hang_every;
  milliseconds shortest, longest;  // from the start of a runner to its death
  int kills;                       // at most; then the last one is left alone
  std::chrono::minutes bound;
};

class Stress : public NullRenderer {
 protected:
  void SetUp() override {
    NullRenderer::SetUp();
    std::string slots = "[render]\nstall = 0.05\n[order]\nattempts = 10\n";
    for (int slot = 1; slot <= 4; ++slot)
      slots += "[[slot]]\nname = \"fake-" + std::to_string(slot) + "\"\ndevice = \"fake-" +
               std::to_string(slot) + "\"\n";
    configure_slots(slots);
  }

  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  void order(int number, const Amount& amount) {
    static constexpr const char* kMisfortunes[] = {"crash", "exit 3",           "cut",     "empty", "lie",
                                                   "wide",  "fail out of luck", "slow 0.2"};
    std::string script = "output //render/" + std::to_string(number) + "/n_\n";
    for (int i = 0; i < amount.misfortunes; ++i)
      script += std::to_string(between(1, amount.frames)) + "." + std::to_string(between(1, 2)) + " " +
                kMisfortunes[between(0, 7)] + "\n";
    if (number % amount.hang_every == 0) script += std::to_string(between(1, amount.frames)) + ".1 hang\n";
    Order wish;
    wish.attempts = 10;
    wish.priority = between(40, 60);
    orders_.push_back(scene(script, "1-" + std::to_string(amount.frames), wish));
  }

  // Runners that die, one after the other, until one has nothing left to do.
  void render_and_kill(const Amount& amount) {
    production_.reset();
    const auto until = Steady::now() + amount.bound;
    for (bool over = false; !over && Steady::now() < until;) {
      RunnerProcess runner(root());
      if (kills_ >= amount.kills) {
        over = runner.wait() == 0;
        break;
      }
      const bool alive = runner.let_work(milliseconds(
          between(static_cast<int>(amount.shortest.count()), static_cast<int>(amount.longest.count()))));
      if (alive && runner.kill()) ++kills_;
      if (!alive) over = runner.wait() == 0;
      if (between(1, 4) == 1) fs::remove(queue().rows());
      if (between(1, 4) == 1) fs::remove_all(root() / ".souschef/index");
    }
    EXPECT_LT(Steady::now(), until) << "not within the time";
    reopen();
  }

  // The journal says done, the file in its place is that attempt's, and no other was ever put there.
  void expect_done_once(const Order& order) {
    const OrderView seen = view(order);
    ASSERT_EQ(seen.ledger.state(), OrderState::done) << order.name << ": " << seen.ledger.why();
    ASSERT_EQ(seen.ledger.counts().done, order.frames.size()) << order.name;
    for (const FrameRecord& each : seen.ledger.frames()) {
      ASSERT_EQ(each.files.size(), 1U);
      const std::string picture = test::read_file(fs::path(seen.ledger.root()) / each.files[0].path);
      const std::int32_t in_picture =
          static_cast<unsigned char>(picture.at(54)) + 256 * static_cast<unsigned char>(picture.at(55));
      ASSERT_EQ(in_picture, each.frame);
      ASSERT_EQ(static_cast<unsigned char>(picture.at(56)), each.attempt & 255) << order.name << each.frame;
      ASSERT_EQ(store::hash_of(std::as_bytes(std::span(picture))), each.files[0].hash);
      attempts_ += each.attempt;
    }
    std::set<std::string> strangers;
    for (const auto& entry : fs::recursive_directory_iterator(seen.ledger.root()))
      strangers.insert(fs::relative(entry.path(), seen.ledger.root()));
    for (const FrameRecord& each : seen.ledger.frames()) strangers.erase(each.files[0].path);
    EXPECT_THAT(strangers, testing::IsEmpty()) << "no older renders, nothing of the staging folders is left";
  }

  void go(const Amount& amount) {
    for (int number = 1; number <= amount.orders; ++number) order(number, amount);
    const auto began = Steady::now();
    render_and_kill(amount);
    const double seconds = std::chrono::duration<double>(Steady::now() - began).count();
    for (const Order& order : orders_) expect_done_once(order);
    const double frames = static_cast<double>(amount.orders) * amount.frames;
    std::printf("%d orders of %d frames, %d runners killed, %zu attempts: %.0f s, %.2f ms a frame\n",
                amount.orders, amount.frames, kills_, attempts_, seconds, seconds * 1000 / frames);
  }

  std::mt19937 random_{20260711};
  std::vector<Order> orders_;
  std::size_t attempts_ = 0;
  int kills_ = 0;
};

TEST_F(Stress, EveryFrameOfManyOrdersIsDoneOnce) {
  go({.orders = 12,
      .frames = 40,
      .misfortunes = 5,
      .hang_every = 3,
      .shortest = milliseconds(30),
      .longest = milliseconds(250),
      .kills = 12,
      .bound = std::chrono::minutes(4)});
}

TEST_F(Stress, EveryFrameOfANightIsDoneOnce) {
  if (std::getenv("SOUSCHEF_STRESS") == nullptr)
    GTEST_SKIP() << "takes many minutes: SOUSCHEF_STRESS=1 runs it";
  go({.orders = 200,
      .frames = 500,
      .misfortunes = 12,
      .hang_every = 4,
      .shortest = milliseconds(1500),
      .longest = milliseconds(6000),
      .kills = 1000,
      .bound = std::chrono::minutes(60)});
}

}  // namespace
}  // namespace souschef::core
