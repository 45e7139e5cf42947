// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "tests/core/rendering/null_fixture.hpp"

namespace souschef::core {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{60};
constexpr useconds_t kLook = 2000;

}  // namespace

RunnerProcess::RunnerProcess(const std::filesystem::path& root, const std::vector<std::string>& options)
    : RunnerProcess({}, root, options) {}

RunnerProcess::RunnerProcess(std::vector<std::string> words, const std::filesystem::path& root,
                             const std::vector<std::string>& options) {
  words.insert(words.end(), {RUNNER_PROGRAM, root.string()});
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
}

RunnerProcess::~RunnerProcess() {
  kill();
}

bool RunnerProcess::ended() {
  if (!over_) over_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
  return over_;
}

bool RunnerProcess::wait_until(const std::function<bool()>& condition) {
  const auto end = Steady::now() + kPatience;
  while (Steady::now() < end) {
    if (condition()) return true;
    if (ended()) return condition();
    ::usleep(kLook);
  }
  return false;
}

bool RunnerProcess::let_work(std::chrono::milliseconds time) {
  const auto end = Steady::now() + time;
  while (Steady::now() < end && !ended()) ::usleep(kLook);
  return !over_;
}

bool RunnerProcess::kill() {
  if (ended()) return false;
  ::kill(pid_, SIGKILL);
  wait();
  return WIFSIGNALED(status_);
}

int RunnerProcess::wait() {
  if (!over_) over_ = ::waitpid(pid_, &status_, 0) == pid_;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

}  // namespace souschef::core
