// SPDX-License-Identifier: MIT
// Two machines on one shared folder. This process is one of them; the other is a runner with a host name and
// processes of its own (namespaces), a home of its own, and a clock that is ten minutes ahead (libfaketime).
// Both see the production through mounts of their own (bindfs, FUSE), which count as a network.
//
// Skipped where that cannot be had. With SOUSCHEF_STRESS the lease has its real time, two minutes.
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>

#include "core/queue/submit.hpp"
#include "tests/core/rendering/null_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using Steady = std::chrono::steady_clock;

bool works(const std::string& command) {
  return std::system(("{ " + command + "; } >/dev/null 2>&1").c_str()) == 0;
}

class Mount {
 public:
  Mount(const fs::path& from, fs::path to) : at_(std::move(to)) {
    fs::create_directories(at_);
    mounted_ = works("bindfs --no-allow-other '" + from.string() + "' '" + at_.string() + "'");
  }
  ~Mount() {
    if (mounted_) works("fusermount -uz '" + at_.string() + "' || umount -l '" + at_.string() + "'");
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;
  explicit operator bool() const { return mounted_; }
  [[nodiscard]] const fs::path& path() const { return at_; }

 private:
  fs::path at_;
  bool mounted_ = false;
};

class TwoMachines : public NullRenderer {
 protected:
  // The library, without its wrapper, which does not work as the first process of a namespace.
  static fs::path fake_clock() {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib", none))
      if (const fs::path library = entry.path() / "faketime/libfaketimeMT.so.1"; fs::exists(library, none))
        return library;
    return {};
  }
  static constexpr const char* kNamespaces = "unshare --mount --uts --pid --fork --mount-proc --kill-child";

  void SetUp() override {
    if (!works("command -v bindfs && test -w /dev/fuse"))
      GTEST_SKIP() << "needs bindfs: two mounts of one folder";
    if (!works(std::string(kNamespaces) + " hostname elsewhere"))
      GTEST_SKIP() << "needs the right to make namespaces";
    if (fake_clock().empty()) GTEST_SKIP() << "needs libfaketime";
    NullRenderer::SetUp();
    theirs_.emplace(root(), folder_ / "there");
    ours_.emplace(root(), folder_ / "here");
    ASSERT_TRUE(*ours_ && *theirs_);
    fs::create_directories(folder_ / "home_there");
    ::setenv("SOUSCHEF_DEVICES", (folder_ / "devices").c_str(), 1);
    production_.reset();
    auto opened = Production::open(ours_->path());
    ASSERT_TRUE(opened) << opened.error().line();
    production_ = std::move(*opened);
    trust_config_of_project();  // here it is another folder
  }
  void TearDown() override {
    production_.reset();
    ours_.reset();
    theirs_.reset();
  }

  [[nodiscard]] QueueFolder here() const { return QueueFolder{ours_->path() / ".souschef/queue"}; }

  // The other machine, which stays and renders whatever is ordered.
  std::unique_ptr<RunnerProcess> other_machine() {
    const std::string command = "hostname elsewhere; export HOME='" + (folder_ / "home_there").string() +
                                "' NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME=+10m LD_PRELOAD='" +
                                fake_clock().string() + "' SOUSCHEF_DEVICES='" +
                                (folder_ / "devices_there").string() + "'; exec \"$0\" \"$@\"";
    std::vector<std::string> words = {"unshare",      "--mount",      "--uts", "--pid", "--fork",
                                      "--mount-proc", "--kill-child", "sh",    "-c",    command};
    return std::make_unique<RunnerProcess>(words, theirs_->path(), std::vector<std::string>{"watch", lease_});
  }

  Order order_from_here(const std::string& script, const std::string& frames) {
    const std::string name = "from_here" + std::to_string(++count_) + ".null";
    write(name, "output //render/" + std::to_string(count_) + "/n_\n" + script);
    Order order = new_order(name, frames);
    order.renderer = "null";
    const auto handed_in = core::submit(here(), make_order_request(order));
    EXPECT_TRUE(handed_in) << (handed_in ? "" : handed_in.error().line());
    return order;
  }
  void ask_from_here(RequestKind kind, const Order& order, Json arguments = Json::object()) {
    const auto asked = core::submit(here(), make_request(kind, order.id, std::move(arguments)));
    EXPECT_TRUE(asked) << (asked ? "" : asked.error().line());
  }
  std::optional<OrderView> seen(const Order& order) {
    auto read = read_order(here(), order.id);
    return read ? std::optional(std::move(*read)) : std::nullopt;
  }
  bool is(const Order& order, OrderState state) {
    const auto view = seen(order);
    return view && view->ledger.state() == state;
  }
  std::size_t done(const Order& order) {
    const auto view = seen(order);
    return view ? view->ledger.counts().done : 0;
  }
  fs::path outputs(int number) { return root() / "render" / std::to_string(number); }

  std::optional<Mount> ours_, theirs_;
  const bool patient_ = std::getenv("SOUSCHEF_STRESS") != nullptr;
  const std::string lease_ = patient_ ? "lease=0" : "lease=10";
  int count_ = 0;
};

TEST_F(TwoMachines, OneRendersWhatTheOtherOrdersAndTheOtherTakesOverWhenItDies) {
  auto other = other_machine();
  const Order first = order_from_here("", "1-10");
  ASSERT_TRUE(other->wait_until([&] { return is(first, OrderState::done); }));
  EXPECT_EQ(done(first), 10U);

  ask_from_here(RequestKind::redo, first, {{"frames", "3"}});
  ASSERT_TRUE(other->wait_until([&] {
    const auto view = seen(first);
    return view && view->ledger.state() == OrderState::done && view->ledger.frame(3)->attempt == 2;
  }));
  EXPECT_TRUE(fs::exists(outputs(1) / "older" / first.name / "n_0003.bmp"));

  const Order unwanted = order_from_here("* hang\n", "1-10");
  ASSERT_TRUE(other->wait_until([&] { return is(unwanted, OrderState::rendering); }));
  ask_from_here(RequestKind::cancel, unwanted);
  ASSERT_TRUE(other->wait_until([&] { return is(unwanted, OrderState::cancelled); }));

  const Order cut_short = order_from_here("* slow 0.2\n", "1-30");
  const Order untouched = order_from_here("", "1-5");
  ASSERT_TRUE(other->wait_until([&] { return done(cut_short) >= 5; }));
  const auto rows = list_orders(here());
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 4U);
  EXPECT_TRUE(other->kill());  // the machine, with everything on it

  const std::size_t before = done(cut_short);
  RenderOptions options;
  options.watch = true;
  options.lease_expiry = std::chrono::seconds(patient_ ? 0 : 10);
  options.stop = [&] {
    const bool over = listener_.count("waiting the queue is empty") > 0;
    return over ? StopWish::after_frames : StopWish::none;
  };
  const auto summary = render(*production_, options, listener_);
  ASSERT_TRUE(summary) << summary.error().line();
  EXPECT_EQ(listener_.lines.front().rfind("waiting standing by: ", 0), 0U) << listener_.text();
  EXPECT_NE(listener_.lines.front().find("elsewhere"), std::string::npos) << listener_.text();
  EXPECT_EQ(summary->frames_done, 30 - before + 5) << "nothing lost, nothing twice";
  EXPECT_TRUE(is(cut_short, OrderState::done) && is(untouched, OrderState::done)) << listener_.text();
  const OrderView view = *seen(cut_short);
  for (const FrameRecord& each : view.ledger.frames()) {
    const std::string picture = test::read_file(outputs(3) / each.files.at(0).path);
    EXPECT_EQ(picture.at(54), each.frame);
    EXPECT_EQ(static_cast<unsigned>(picture.at(56)), each.attempt);
  }
  EXPECT_FALSE(fs::exists(outputs(3) / "older"));
}

TEST_F(TwoMachines, RunnerWithoutWatchSaysWhoHoldsTheQueue) {
  auto other = other_machine();
  const Order first = order_from_here("", "1");
  ASSERT_TRUE(other->wait_until([&] { return is(first, OrderState::done); }));
  const auto refused = render(*production_, {}, listener_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::locked);
  EXPECT_NE(refused.error().line().find("elsewhere"), std::string::npos) << refused.error().line();
}

}  // namespace
}  // namespace souschef::core
