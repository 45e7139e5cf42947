// SPDX-License-Identifier: MIT
// How to know, over a shared folder and without a common clock, whether somebody still works.
//
// A lease is a small file `<role>.<n>`. Its holder raises a counter in it every so often. A reader who wants
// to know whether the holder lives compares what it reads now with what it read before: a file that stood
// still for the expiry time *by the reader's own clock* belongs to the dead. Clocks of two machines are never
// compared, nor is a modification time ever read.
//
//   holder A                     reader B (its own clock)
//   writes counter 41
//                                00:00 reads 41               first seen
//   is stopped (power, SIGSTOP)
//                                00:20 reads 41               20 s of silence
//                                00:30 reads 41               30 s: dead. B creates <role>.<n+1>
//   wakes up, looks: n+1 exists, or its own counter is too old by its own clock: it stops
//
// The number is the fence. Taking over *creates* n+1 exclusively, so that of two who take over one wins, and
// the highest number holds whatever a sleeper believes. A holder asks check() before each step that cannot be
// taken back; what lies between that question and the step is the reason why everything that the step makes
// carries the number too (journals), or can be undone (trash).
//
// A holder gives up *before* others may take over: at three quarters of the expiry time since it last raised
// its counter. A machine that slept notices by the boot-time clock, which goes on in sleep.
//
// On the same machine nobody need wait: equal boot id, pid namespace, pid and start time, and the kernel says
// whether the process runs.
//
// Every heartbeat opens the file by name, makes sure that it is still the same inode, writes and closes:
// network file systems send at close what was written, and show at open what others wrote.
//
// Presences (writers, readers) are roles of their own with number 1; ending a dead one is removing its file.
// Roles keep their last file when they are let go, marked released: a number must never come back.
#include "store/lease.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <utility>

#include "store/atomic_file.hpp"
#include "store/hasher.hpp"
#include "store/unique_id.hpp"

namespace fs = std::filesystem;

namespace souschef::store {

namespace {

constexpr std::string_view kMagic = "souschef lease 1\n";
constexpr std::string_view kCounterKey = "counter ";
constexpr std::size_t kCounterDigits = 20;
constexpr std::string_view kStateKey = "state ";
constexpr std::size_t kStateWidth = 8;
constexpr std::uint64_t kMostBytes = 1U << 20;

// The part that changes: fixed width, at a fixed place.
std::string head_of(std::uint64_t counter, LeaseState state) {
  std::array<char, kCounterDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%020llu", static_cast<unsigned long long>(counter));
  std::string word = state == LeaseState::held ? "held" : "released";
  word.resize(kStateWidth, ' ');
  return std::string(kCounterKey) + digits.data() + "\n" + std::string(kStateKey) + word + "\n";
}

// Values stand on one line: what people typed must not make a second one.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return line;
}

Error damaged(std::string why) {
  return Error(ErrorCode::corrupt, "not a lease", std::move(why));
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end && !text.empty();
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "key value" of the fixed part. Unknown keys are a newer program's business.
bool read_field(std::string_view key, std::string_view value, LeaseRecord& record) {
  if (key == "role") record.role = value;
  if (key == "number") return read_number(value, record.number);
  if (key == "presence") record.presence = value == "yes";
  if (key == "host") record.holder.host = value;
  if (key == "boot") record.holder.boot_id = value;
  if (key == "pid-namespace") return read_number(value, record.holder.pid_namespace);
  if (key == "pid") return read_number(value, record.holder.pid);
  if (key == "start-time") return read_number(value, record.holder.start_time);
  if (key == "purpose") record.purpose = value;
  if (key == "keep") record.keeps.emplace_back(value);
  return true;
}

std::string checksum(std::string_view text) {
  return hash_of(text).hex().substr(0, 16);
}

}  // namespace

std::string serialize(const LeaseRecord& record) {
  std::string fixed;
  const auto line = [&fixed](std::string_view key, std::string_view value) {
    fixed += std::string(key) + " " + one_line(value) + "\n";
  };
  line("role", record.role);
  line("number", std::to_string(record.number));
  line("presence", record.presence ? "yes" : "no");
  line("host", record.holder.host);
  line("boot", record.holder.boot_id);
  line("pid-namespace", std::to_string(record.holder.pid_namespace));
  line("pid", std::to_string(record.holder.pid));
  line("start-time", std::to_string(record.holder.start_time));
  line("purpose", record.purpose);
  for (const std::string& keep : record.keeps) line("keep", keep);
  return std::string(kMagic) + head_of(record.counter, record.state) + fixed + "end " + checksum(fixed) +
         "\n";
}

Result<LeaseRecord> parse_lease(std::string_view text) {
  LeaseRecord record;
  record.text_hash = std::hash<std::string_view>{}(text);
  if (!text.starts_with(kMagic)) {
    if (text.starts_with("souschef lease "))
      return Error(ErrorCode::unsupported, "a lease of a newer version", std::string(take_line(text)));
    return damaged("it begins otherwise");
  }
  if (!text.ends_with('\n')) return damaged("it ends too early");
  text.remove_prefix(kMagic.size());

  std::string_view line = take_line(text);
  if (!line.starts_with(kCounterKey) || line.size() != kCounterKey.size() + kCounterDigits ||
      !read_number(line.substr(kCounterKey.size()), record.counter))
    return damaged("no counter");
  line = take_line(text);
  const std::string_view state = trimmed(line.substr(std::min(line.size(), kStateKey.size())));
  if (!line.starts_with(kStateKey) || (state != "held" && state != "released")) return damaged("no state");
  record.state = state == "held" ? LeaseState::held : LeaseState::released;

  const std::string_view fixed = text;
  for (;;) {
    const std::size_t place = fixed.size() - text.size();
    if (text.empty()) return damaged("it ends too early");
    line = take_line(text);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return damaged("a line without a value");
    const std::string_view key = line.substr(0, space);
    const std::string_view value = line.substr(space + 1);
    if (key == "end") {
      if (value != checksum(fixed.substr(0, place)) || !text.empty()) return damaged("a wrong checksum");
      break;
    }
    if (!read_field(key, value, record)) return damaged("not a number: " + std::string(key));
  }
  if (record.role.empty() || record.number == 0) return damaged("without a name");
  return record;
}

std::optional<LeaseName> parse_lease_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (is_temporary(name) || dot == std::string_view::npos || dot == 0) return std::nullopt;
  LeaseName parsed{std::string(name.substr(0, dot)), 0};
  const std::string_view digits = name.substr(dot + 1);
  if (digits.starts_with('0') || !read_number(digits, parsed.number)) return std::nullopt;
  return parsed;
}

// -------------------------------------------------------------------------------------- the folder

Result<std::unique_ptr<LeaseFolder>> LeaseFolder::open(const fs::path& folder, const LeaseOptions& options,
                                                       FileSystem& disk, const Clock& clock) {
  SOUSCHEF_CHECK(make_folders(disk, folder));
  return std::unique_ptr<LeaseFolder>(new LeaseFolder(folder, options, disk, clock));
}

Result<std::vector<std::uint64_t>> LeaseFolder::numbers_of(std::string_view role) {
  SOUSCHEF_TRY(const auto entries, disk_.list(folder_));
  std::vector<std::uint64_t> numbers;
  for (const FolderEntry& entry : entries)
    if (const auto name = parse_lease_name(entry.name); name && name->role == role)
      numbers.push_back(name->number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<LeaseRecord> LeaseFolder::read(const LeaseName& name) {
  SOUSCHEF_TRY(const std::string text,
               read_file(disk_, folder_ / (name.role + "." + std::to_string(name.number)), kMostBytes));
  auto parsed = parse_lease(text);
  if (parsed && parsed->role == name.role && parsed->number == name.number) return parsed;
  LeaseRecord record;
  record.role = name.role;
  record.number = name.number;
  record.text_hash = std::hash<std::string_view>{}(text);
  record.unreadable = parsed ? "it names itself " + parsed->id() : parsed.error().line();
  return record;
}

Result<std::vector<LeaseRecord>> LeaseFolder::list() {
  SOUSCHEF_TRY(const auto entries, disk_.list(folder_));
  std::map<std::string, std::uint64_t> highest;
  for (const FolderEntry& entry : entries)
    if (const auto name = parse_lease_name(entry.name))
      highest[name->role] = std::max(highest[name->role], name->number);

  std::vector<LeaseRecord> records;
  for (const auto& [role, number] : highest) {
    auto record = read({role, number});
    if (record)
      records.push_back(std::move(*record));
    else if (record.error().code != ErrorCode::not_found)  // let go while we were reading
      return std::move(record).error();
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(seen_, [&](const auto& seen) {
    return std::none_of(records.begin(), records.end(),
                        [&](const LeaseRecord& record) { return record.id() == seen.first; });
  });
  return records;
}

Verdict LeaseFolder::judge(const LeaseRecord& record) {
  if (record.unreadable.empty()) {
    if (record.state == LeaseState::released) return Verdict::released;
    if (is_running(record.holder) == Running::no) return Verdict::dead;
  }
  const std::chrono::nanoseconds now = clock_.since_boot();
  const std::lock_guard lock(mutex_);
  const auto [seen, is_new] = seen_.try_emplace(record.id(), Observation{record.text_hash, now});
  if (!is_new && seen->second.text_hash != record.text_hash)
    seen->second = Observation{record.text_hash, now};
  return now - seen->second.since >= options_.expiry ? Verdict::dead : Verdict::alive;
}

Status LeaseFolder::remove_dead(const LeaseRecord& record) {
  if (!record.presence && record.unreadable.empty())
    return Error(ErrorCode::usage, "a role is ended by taking it: " + record.id());
  auto now = read({record.role, record.number});
  if (!now) return now.error().code == ErrorCode::not_found ? Status() : Status(now.error());
  if (judge(*now) == Verdict::alive)
    return Error(ErrorCode::locked, "still in use: " + record.id(), record.purpose);
  const Status removed = disk_.remove_file(folder_ / record.id());
  return removed || removed.error().code == ErrorCode::not_found ? Status() : removed;
}

void LeaseFolder::remove_below(std::string_view role, std::uint64_t number) {
  const auto numbers = numbers_of(role);
  if (!numbers) return;  // old files are in nobody's way
  for (const std::uint64_t old : *numbers)
    if (old < number)
      static_cast<void>(
          disk_.remove_file(folder_ / (std::string(role) + "." + std::to_string(old))).has_value());
}

Result<std::unique_ptr<Lease>> LeaseFolder::create(LeaseRecord record) {
  record.holder = this_process();
  const std::chrono::nanoseconds made = clock_.since_boot();
  const fs::path path = folder_ / record.id();
  const std::string owner = record.id();
  WriteOptions options;
  options.durability = Durability::none;
  options.owner = owner;
  SOUSCHEF_TRY(const Published published, publish_file(disk_, path, serialize(record), options));
  if (published == Published::already_there) return Error(ErrorCode::exists, "the lease is taken: " + owner);
  SOUSCHEF_TRY(const FileStatus status, disk_.status(path));
  return std::unique_ptr<Lease>(new Lease(*this, std::move(record), status.inode, made));
}

Result<std::unique_ptr<Lease>> LeaseFolder::acquire(std::string_view role, std::string_view purpose,
                                                    std::uint64_t at_least) {
  const auto locked = [&](const LeaseRecord& holder) {
    std::string who = holder.unreadable.empty()
                          ? holder.purpose + " (process " + std::to_string(holder.holder.pid) + " on " +
                                holder.holder.host + ")"
                          : "by a program that this one cannot read: " + holder.unreadable;
    return Error(ErrorCode::locked, std::string(role) + " is in use", std::move(who));
  };

  SOUSCHEF_TRY(const auto numbers, numbers_of(role));
  LeaseRecord record;
  record.role = role;
  record.purpose = purpose;
  record.number = std::max<std::uint64_t>(1, at_least);
  if (!numbers.empty()) {
    auto holder = read({std::string(role), numbers.back()});
    if (holder && judge(*holder) == Verdict::alive) return locked(*holder);
    if (!holder && holder.error().code != ErrorCode::not_found) return std::move(holder).error();
    record.number = std::max(record.number, numbers.back() + 1);
  }
  const std::uint64_t number = record.number;
  auto lease = create(std::move(record));
  if (!lease) {
    if (lease.error().code != ErrorCode::exists) return lease;
    auto winner = read({std::string(role), number});
    return winner ? locked(*winner) : Error(ErrorCode::locked, std::string(role) + " is in use");
  }
  // Somebody who knew of a higher number may have come at the same time: the highest holds.
  if (const Status highest = (*lease)->check(); !highest) return highest.error();
  remove_below(role, number);
  return lease;
}

Result<std::unique_ptr<Lease>> LeaseFolder::enter(std::string_view kind, std::string_view purpose,
                                                  std::vector<std::string> keeps) {
  LeaseRecord record;
  record.role = std::string(kind) + "-" + new_ulid(clock_);
  record.number = 1;
  record.presence = true;
  record.purpose = purpose;
  record.keeps = std::move(keeps);
  return create(std::move(record));
}

// --------------------------------------------------------------------------------------- one lease

Lease::Lease(LeaseFolder& folder, LeaseRecord record, std::uint64_t inode, std::chrono::nanoseconds made)
    : folder_(folder),
      record_(std::move(record)),
      path_(folder.folder_ / record_.id()),
      inode_(inode),
      counter_(record_.counter),
      renewed_(made) {
  if (folder_.options_.keep_alive)
    heart_ = std::jthread([this](const std::stop_token& stop) { keep_alive(stop); });
}

Lease::~Lease() {
  if (heart_.joinable()) {
    heart_.request_stop();
    heart_.join();
  }
  release();
}

void Lease::keep_alive(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stop, folder_.options_.expiry / 6, [&] { return stop.stop_requested(); })) {
    lock.unlock();
    static_cast<void>(renew().has_value());  // a failure is found by the next check()
    lock.lock();
  }
}

Status Lease::lost(std::string why) {
  if (lost_because_.empty()) lost_because_ = std::move(why);
  return Error(ErrorCode::locked, "lost the lease " + record_.id(), lost_because_);
}

Status Lease::look() {
  if (!lost_because_.empty()) return lost({});
  const auto own = folder_.disk_.status(path_);
  if (!own) {
    if (own.error().code == ErrorCode::not_found) return lost("its file was removed: somebody took over");
    return own.error();
  }
  if (own->inode != inode_) return lost("its file was replaced: somebody took over");
  if (!record_.presence) {
    SOUSCHEF_TRY(const auto numbers, folder_.numbers_of(record_.role));
    if (!numbers.empty() && numbers.back() > record_.number)
      return lost("somebody took over as number " + std::to_string(numbers.back()));
  }
  if (folder_.clock_.since_boot() - renewed_ > folder_.options_.expiry * 3 / 4)
    return lost("this machine slept, or could not write, for too long");
  return {};
}

Status Lease::write_head(LeaseState state) {
  SOUSCHEF_TRY(const auto file, folder_.disk_.open(path_, Access::read_write));
  SOUSCHEF_TRY(const FileStatus status, file->status());
  if (status.inode != inode_) return lost("its file was replaced: somebody took over");
  const std::string head = head_of(counter_, state);
  return file->write_at(kMagic.size(), std::as_bytes(std::span(head)));
}

Status Lease::check() {
  const std::lock_guard lock(mutex_);
  return look();
}

Status Lease::renew() {
  const std::lock_guard lock(mutex_);
  const std::chrono::nanoseconds now = folder_.clock_.since_boot();
  SOUSCHEF_CHECK(look());
  ++counter_;
  SOUSCHEF_CHECK(write_head(LeaseState::held));
  renewed_ = now;
  return look();
}

// Where it was lost by time alone the file is ours still: its holder has stopped, and nobody need wait until
// it counts as dead.
void Lease::release() {
  const std::lock_guard lock(mutex_);
  const auto own = folder_.disk_.status(path_);
  const bool ours = own && own->inode == inode_;
  if (ours && record_.presence) static_cast<void>(folder_.disk_.remove_file(path_).has_value());
  if (ours && !record_.presence) static_cast<void>(write_head(LeaseState::released).has_value());
  if (lost_because_.empty()) lost_because_ = "it was let go";
}

}  // namespace souschef::store
