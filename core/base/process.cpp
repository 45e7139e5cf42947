// SPDX-License-Identifier: MIT
// Starting a child: fork, then only calls that are safe in a child of a process with threads, then exec. A
// pipe that closes by itself on exec tells the parent that it worked; if it did not, the number of the step
// and errno come through it.
//
// Descriptors: the child's ends are first moved above 100, so that putting one into its place cannot
// overwrite another, then to their final numbers; everything else closes on exec (close_range), whatever
// library opened it.
#include "core/base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/log.hpp"
#include "store/kernel_file.hpp"
#include "store/process_stat.hpp"

extern char** environ;

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// The command of a process, as the log has it.
std::string shown(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + word;
  return text;
}

constexpr int kAbove = 100;  // child ends wait here for their final places

enum Step : int { kFolder = 1, kDescriptors, kLimits, kExec, kOrphan, kGroup };

// Everything the child needs, made before fork: it must not allocate.
struct Plan {
  std::vector<std::string> words, variables;
  std::vector<char*> arguments, environment;
  std::vector<std::string> candidates;      // paths to try for exec
  std::vector<std::pair<int, int>> places;  // our descriptor -> the child's number
  std::string folder;
  std::string group_members;  // cgroup.procs of the group that it begins in; empty: ours
  int nice = 0;
  rlim_t data_limit = 0;
  pid_t parent = 0;
  int report_fd = -1;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment_of(const ProcessOptions& options) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      variables.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  for (const std::string& name : options.unset) variables.erase(name);
  for (const auto& [name, value] : options.environment) variables[name] = value;
  variables[kMarkVariable] = options.mark.empty() ? process_mark() : options.mark;
  std::vector<std::string> list;
  list.reserve(variables.size());
  for (const auto& [name, value] : variables) list.push_back(name + "=" + value);
  return list;
}

std::vector<std::string> candidates_of(const std::string& program) {
  if (program.find('/') != std::string::npos) return {program};
  const char* path = std::getenv("PATH");
  const std::string folders = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  std::vector<std::string> list;
  for (std::size_t at = 0; at <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    if (end > at) list.push_back(folders.substr(at, end - at) + "/" + program);
    at = end + 1;
  }
  return list;
}

[[noreturn]] void fail_in_child(const Plan& plan, Step step) {
  const std::array<int, 2> report = {step, errno};
  [[maybe_unused]] const ssize_t written = ::write(plan.report_fd, report.data(), sizeof report);
  ::_exit(127);
}

void reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void place_descriptors(Plan& plan) {
  for (auto& [ours, place] : plan.places) {
    ours = ::fcntl(ours, F_DUPFD_CLOEXEC, kAbove);
    if (ours < 0) fail_in_child(plan, kDescriptors);
  }
  const int report = ::fcntl(plan.report_fd, F_DUPFD_CLOEXEC, kAbove);
  if (report < 0) fail_in_child(plan, kDescriptors);
  plan.report_fd = report;
  constexpr unsigned kCloseOnExec = 4;  // CLOSE_RANGE_CLOEXEC
  ::syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);
  for (const auto& [ours, place] : plan.places)
    if (::dup2(ours, place) < 0) fail_in_child(plan, kDescriptors);
}

// 0 is whoever writes it. An ordinary folder, where one stands in for a group in a test, gets a file.
void enter_group(const Plan& plan) {
  const int members = ::open(plan.group_members.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (members < 0 || ::write(members, "0\n", 2) != 2) fail_in_child(plan, kGroup);
  ::close(members);
}

[[noreturn]] void run_child(Plan& plan) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) fail_in_child(plan, kOrphan);  // the parent died before prctl
  reset_signals();
  place_descriptors(plan);
  if (!plan.group_members.empty()) enter_group(plan);
  if (!plan.folder.empty() && ::chdir(plan.folder.c_str()) != 0) fail_in_child(plan, kFolder);
  if (plan.nice != 0) ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + plan.nice);
  if (plan.data_limit != 0) {
    const rlimit limit = {plan.data_limit, plan.data_limit};
    if (::setrlimit(RLIMIT_DATA, &limit) != 0) fail_in_child(plan, kLimits);
  }
  int reason = ENOENT;
  for (const std::string& program : plan.candidates) {
    ::execve(program.c_str(), plan.arguments.data(), plan.environment.data());
    if (errno != ENOENT && errno != ENOTDIR) reason = errno;
  }
  errno = reason;
  fail_in_child(plan, kExec);
}

Error system_error(std::string what, int number) {
  const ErrorCode code = number == ENOENT || number == ENOTDIR ? ErrorCode::not_found
                         : number == EACCES || number == EPERM ? ErrorCode::denied
                                                               : ErrorCode::io;
  return {code, std::move(what), std::strerror(number)};
}

Error start_error(const ProcessOptions& options, int step, int number) {
  const std::string& program = options.command.front();
  if (step == kFolder)
    return system_error("cannot start " + program + " in " + options.folder.string(), number);
  Error error = system_error("cannot start " + program, number);
  if (step == kGroup) error.why.push_back("it cannot enter its control group");
  if (step == kLimits) error.why.push_back("the memory limit could not be set");
  if (error.code == ErrorCode::not_found && program.find('/') == std::string::npos)
    error.why = {"no folder in PATH has it"};
  return error;
}

struct PipeEnds {
  FileDescriptor read, write;
};

Result<PipeEnds> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("cannot make a pipe", errno);
  return PipeEnds{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

void set_nonblocking(const FileDescriptor& fd) {
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

// Makes the child's descriptors: `plan.places` names them, `ours` keeps our ends, `theirs` keeps the child's
// ends open until it has them.
class Wiring {
 public:
  explicit Wiring(Plan& plan) : plan_(plan) {}

  // The child reads (direction to_child) or writes at `place`.
  Result<FileDescriptor> pipe(int place, Channel direction) {
    SOUSCHEF_TRY(PipeEnds ends, make_pipe());
    const bool to_child = direction == Channel::to_child;
    FileDescriptor ours = std::move(to_child ? ends.write : ends.read);
    set_nonblocking(ours);
    theirs_.push_back(std::move(to_child ? ends.read : ends.write));
    plan_.places.emplace_back(theirs_.back().get(), place);
    return ours;
  }

  Result<FileDescriptor> stream(Stream kind, int place) {
    switch (kind) {
      case Stream::pipe:
        return pipe(place, place == STDIN_FILENO ? Channel::to_child : Channel::from_child);
      case Stream::inherited:
        plan_.places.emplace_back(place, place);
        return FileDescriptor();
      case Stream::output:
        for (const auto& [ours, taken] : plan_.places)
          if (taken == STDOUT_FILENO) return same(ours, place);
        [[fallthrough]];
      case Stream::null:
        break;
    }
    FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) return system_error("cannot open /dev/null", errno);
    plan_.places.emplace_back(null.get(), place);
    theirs_.push_back(std::move(null));
    return FileDescriptor();
  }

 private:
  Result<FileDescriptor> same(int ours, int place) {
    plan_.places.emplace_back(ours, place);
    return FileDescriptor();
  }

  Plan& plan_;
  std::vector<FileDescriptor> theirs_;
};

void ignore_broken_pipes() {
  struct sigaction action {};
  if (::sigaction(SIGPIPE, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) return;
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

int pidfd_of(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

ProcessEnd end_of(int status, const rusage& usage) {
  ProcessEnd end;
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  const auto milliseconds = [](const timeval& time) {
    return std::chrono::milliseconds(time.tv_sec * 1000 + time.tv_usec / 1000);
  };
  end.cpu_time = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
  end.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return end;
}

// "VmHWM:    1234 kB" of /proc/<pid>/status, in bytes.
std::uint64_t status_bytes(pid_t pid, std::string_view field) {
  std::istringstream in(store::read_kernel_file("/proc/" + std::to_string(pid) + "/status"));
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field)) return std::strtoull(line.c_str() + field.size(), nullptr, 10) * 1024;
  return 0;
}

Plan plan_of(const ProcessOptions& options) {
  Plan plan;
  plan.words = options.command;
  plan.variables = environment_of(options);
  plan.candidates = candidates_of(options.command.front());
  plan.folder = options.folder.string();
  plan.nice = options.nice;
  plan.data_limit = options.data_limit;
  if (!options.control_group.empty()) plan.group_members = options.control_group / "cgroup.procs";
  plan.parent = ::getpid();
  return plan;
}

}  // namespace

const std::string& process_mark() {
  static const std::string kMark = [] {
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
    return text;
  }();
  return kMark;
}

std::string ProcessEnd::text() const {
  if (signal == 0) return "exit code " + std::to_string(exit_code);
  return "killed by signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

Result<std::unique_ptr<Process>> Process::start(const ProcessOptions& options) {
  if (options.command.empty() || options.command.front().empty())
    return Error(ErrorCode::bad_input, "cannot start a program without a name");
  ignore_broken_pipes();
  std::unique_ptr<Process> process(new Process);
  Plan plan = plan_of(options);
  plan.arguments = pointers(plan.words);
  plan.environment = pointers(plan.variables);

  Wiring wiring(plan);
  SOUSCHEF_TRY(process->input, wiring.stream(options.input, STDIN_FILENO));
  SOUSCHEF_TRY(process->output, wiring.stream(options.output, STDOUT_FILENO));
  SOUSCHEF_TRY(process->errors, wiring.stream(options.errors, STDERR_FILENO));
  for (const ExtraPipe& extra : options.pipes) {
    SOUSCHEF_TRY(FileDescriptor ours, wiring.pipe(extra.child_fd, extra.direction));
    process->pipes.push_back(std::move(ours));
  }
  SOUSCHEF_TRY(PipeEnds report, make_pipe());
  plan.report_fd = report.write.get();

  const pid_t pid = ::fork();
  if (pid < 0) return system_error("cannot start " + options.command.front(), errno);
  if (pid == 0) run_child(plan);
  report.write.reset();

  std::array<int, 2> failure{};
  ssize_t got = 0;
  do got = ::read(report.read.get(), failure.data(), sizeof failure);
  while (got < 0 && errno == EINTR);
  if (got == static_cast<ssize_t>(sizeof failure)) {
    ::waitpid(pid, nullptr, 0);
    return start_error(options, failure[0], failure[1]);
  }
  process->pidfd_.reset(pidfd_of(pid));
  process->identity_ = identify_process(pid).value_or(ProcessIdentity{pid, 0, boot_id(), ""});
  if (log::wants(LogLevel::debug))
    log::debug("process", "started", {{"pid", std::to_string(pid)}, {"command", shown(options.command)}});
  return process;
}

Process::~Process() {
  if (!end_ && identity_.pid > 0) kill();
}

const std::optional<ProcessEnd>& Process::poll() {
  if (end_) return end_;
  siginfo_t info{};
  const bool known =
      ::waitid(P_PID, static_cast<id_t>(identity_.pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  if (known && info.si_pid == 0) return end_;
  // It has ended. What it left running in its session ends now, while the session's number is still taken.
  end_session();
  int status = 0;
  rusage usage{};
  pid_t got = 0;
  do got = ::wait4(identity_.pid, &status, WNOHANG, &usage);
  while (got < 0 && errno == EINTR);
  // Where somebody else has waited for it, nothing is known about its end.
  end_ = got == identity_.pid ? end_of(status, usage) : ProcessEnd{};
  if (log::wants(LogLevel::debug))
    log::debug("process", "ended", {{"pid", std::to_string(identity_.pid)}, {"how", end_->text()}});
  return end_;
}

const std::optional<ProcessEnd>& Process::wait_for(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (!poll()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    pollfd wait = {pidfd_.get(), POLLIN, 0};
    ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1 << 30)));
  }
  return end_;
}

void Process::send_signal(int signal) {
  if (!poll()) ::kill(-identity_.pid, signal);
}

// A process can start another one before the signal reaches it: look again until all of them stand still, and
// once more, for one that was started after the last look.
std::vector<pid_t> Process::stop_all() const {
  constexpr int kRounds = 50;
  constexpr useconds_t kPause = 1000;
  std::vector<pid_t> members, before;  // before: stood still
  for (int round = 0; round < kRounds; ++round) {
    members = processes_of_session(identity_.pid);
    std::sort(members.begin(), members.end());
    for (const pid_t member : members) ::kill(member, SIGSTOP);
    if (!std::all_of(members.begin(), members.end(), stands_still)) {
      ::usleep(kPause);
      continue;
    }
    if (members == before) break;
    before = members;
  }
  return members;
}

void Process::suspend() {
  if (poll()) return;
  stop_all();
  suspended_ = true;
}

void Process::resume() {
  if (poll()) return;
  for (const pid_t member : processes_of_session(identity_.pid)) ::kill(member, SIGCONT);
  suspended_ = false;
}

const std::optional<ProcessEnd>& Process::kill(std::chrono::milliseconds patience) {
  if (poll()) return end_;
  end_session();
  return wait_for(patience);
}

// All are stopped before the first of them is ended: a process whose parent has gone, and that has made a
// session of its own, belongs to nobody any more. The child is waited for only afterwards: until then its
// number, and with it the session's, belongs to nobody else.
void Process::end_session() const {
  for (int round = 0; round < 10; ++round) {  // where they do not stand still in time
    const auto members = stop_all();
    for (const pid_t member : members) ::kill(member, SIGKILL);
    if (members.empty()) break;
  }
}

std::uint64_t Process::memory() const {
  return end_ ? 0 : status_bytes(identity_.pid, "VmRSS:");
}

std::uint64_t Process::peak_memory() const {
  return end_ ? end_->peak_memory : status_bytes(identity_.pid, "VmHWM:");
}

std::chrono::milliseconds Process::cpu_time() const {
  if (end_) return end_->cpu_time;
  const auto stat = store::read_process_stat(identity_.pid);
  const auto ticks = static_cast<std::int64_t>(stat ? stat->ticks : 0);
  return std::chrono::milliseconds(ticks * 1000 / ::sysconf(_SC_CLK_TCK));
}

void Process::reset_peak_memory() const {
  if (!end_) std::ofstream("/proc/" + std::to_string(identity_.pid) + "/clear_refs") << "5\n";
}

}  // namespace souschef::core
