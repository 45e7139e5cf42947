// SPDX-License-Identifier: MIT
#include "core/base/detached.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "store/file_system.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// Made before fork: afterwards only calls that are safe in a child of a process with threads.
struct Prepared {
  std::vector<std::string> environment;
  std::vector<char*> arguments, variables;
  const char* folder = nullptr;
  int nice = 0;
};

[[noreturn]] void become(const Prepared& prepared) {
  const int null = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {0, 1, 2})
    if (null >= 0) ::dup2(null, descriptor);
  ::close_range(3, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) ::signal(signal, SIG_DFL);
  if (prepared.nice > 0 && ::nice(prepared.nice) == -1) errno = 0;
  if (::chdir(prepared.folder) == 0)
    ::execve(prepared.arguments.front(), prepared.arguments.data(), prepared.variables.data());
  ::_exit(127);
}

bool is_unset(std::string_view variable, const std::vector<std::string>& unset) {
  const std::string_view name = variable.substr(0, variable.find('='));
  return std::find(unset.begin(), unset.end(), name) != unset.end();
}

}  // namespace

Status start_detached(const DetachedOptions& options) {
  std::vector<std::string> words = options.command;
  const std::string folder = options.folder.string();
  Prepared prepared;
  for (char** at = environ; *at != nullptr; ++at)
    if (!is_unset(*at, options.unset)) prepared.environment.emplace_back(*at);
  for (std::string& word : words) prepared.arguments.push_back(word.data());
  for (std::string& variable : prepared.environment) prepared.variables.push_back(variable.data());
  prepared.arguments.push_back(nullptr);
  prepared.variables.push_back(nullptr);
  prepared.folder = folder.c_str();
  prepared.nice = options.nice;
  const pid_t child = ::fork();
  if (child < 0) return store::system_error(errno, "cannot start " + options.command.front());
  if (child > 0) {
    int ignored = 0;
    while (::waitpid(child, &ignored, 0) < 0 && errno == EINTR) {
    }
    return {};
  }
  // A session of its own before anybody is told that it runs: whoever ends the session of the program that
  // called us, which is over the moment we return, must not find it there. Once more, so that nobody has to
  // wait.
  ::setsid();
  const pid_t grandchild = ::fork();
  if (grandchild == 0) become(prepared);
  ::_exit(grandchild < 0 ? 1 : 0);
}

Result<fs::path> own_program() {
  std::error_code code;
  fs::path program = fs::read_symlink("/proc/self/exe", code);
  if (code) return store::system_error(code.value(), "cannot find this program's own file");
  // Replaced by a newer one while this one runs: the newer one has the name.
  constexpr std::string_view kGone = " (deleted)";
  if (const std::string name = program.string(); name.ends_with(kGone))
    program = name.substr(0, name.size() - kGone.size());
  return program;
}

}  // namespace souschef::core
