// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/core/rendering/rendering_fixture.hpp"

namespace souschef::core {

// Orders of scenes that are scripts: plugins/null.
class NullRenderer : public RenderingFixture {
 protected:
  void SetUp() override {
    RenderingFixture::SetUp();
    configure_slots("");
  }
  void configure_slots(const std::string& more) {
    configure("[[target]]\nname = \"lts\"\npath = \"/bin/sh\"\n" + more);
  }
  // A live order of a scene that is this script.
  Order scene(const std::string& script, const std::string& frames, Order order = {}) {
    const std::string name = "shot" + std::to_string(++scenes_) + ".null";
    write(name, script);
    const Order fresh = new_order(name, frames);
    order.id = fresh.id;
    order.name = fresh.name;
    order.entry = fresh.entry;
    order.target = fresh.target;
    order.renderer = "null";
    order.frames = fresh.frames;
    submit(order);
    return order;
  }
  // "2 after GATE": frame 2 is rendered when the test opens the gate, however fast or slow this machine is.
  [[nodiscard]] std::string after_gate() const { return "after " + (folder_ / "gate").string() + "\n"; }
  void open_gate() const { folder_.write("gate", ""); }
  FrameRecord frame(const Order& order, std::int32_t number) { return *view(order).ledger.frame(number); }
  // Which attempt made the picture that lies there.
  int attempt_of(const std::string& path) const { return test::read_file(root() / path).at(56); }

 private:
  int scenes_ = 0;
};

// A runner in a process of its own, which is killed with this object at the latest.
class RunnerProcess {
 public:
  // `options`: of runner_main.cpp.
  explicit RunnerProcess(const std::filesystem::path& root, const std::vector<std::string>& options = {});
  // Started by these words, to which the program and its own are added: another machine, for example.
  RunnerProcess(std::vector<std::string> words, const std::filesystem::path& root,
                const std::vector<std::string>& options);
  ~RunnerProcess();
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;

  // Looks again and again; false where it took more than a minute, or the runner ended before.
  bool wait_until(const std::function<bool()>& condition);
  // Lets it work for so long; false where it ended before.
  bool let_work(std::chrono::milliseconds time);
  // kill -9; false where it had ended before.
  bool kill();
  // Waits for its end; its exit code, or -1 where it was killed.
  int wait();

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  bool ended();
  pid_t pid_ = 0;
  bool over_ = false;  // and `status_` is known
  int status_ = 0;
};

}  // namespace souschef::core
