// SPDX-License-Identifier: MIT
// Leases: who works here, and whether that one is still alive. The .cpp teaches the protocol;
// docs/format/lease.md has the bytes.
//
// Two uses of one mechanism:
//   - a *role* that one process holds at a time (gc, the runner): LeaseFolder::acquire;
//   - a *presence* of which there may be many (writers, readers): LeaseFolder::enter.
//
// Threads: LeaseFolder and Lease are thread-safe.
// Durability: none, on purpose. A lease says something about a living process; a power cut ends them all.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <souschef/result.hpp>

#include "store/clock.hpp"
#include "store/file_system.hpp"
#include "store/process_identity.hpp"

namespace souschef::store {

inline constexpr std::chrono::seconds kLocalLeaseExpiry{30};
// Attribute caches of network file systems can freeze a counter for a minute.
inline constexpr std::chrono::seconds kRemoteLeaseExpiry{120};

enum class LeaseState { held, released };

// What a lease file says.
struct LeaseRecord {
  std::string role;          // "gc", "runner", "write-01hf…"
  std::uint64_t number = 0;  // the fence: the highest number of a role holds it
  ProcessIdentity holder;
  std::string purpose;             // for people: "snapshot"
  std::vector<std::string> keeps;  // names of what the holder reads or is about to refer to; gc's roots
  std::uint64_t counter = 0;       // raised as long as the holder lives
  LeaseState state = LeaseState::held;
  bool presence = false;        // one of many, not a role
  std::string unreadable;       // why the file makes no sense to this program; only role and number hold then
  std::uint64_t text_hash = 0;  // of the file: changes with every sign of life, readable or not

  [[nodiscard]] std::string id() const { return role + "." + std::to_string(number); }
};

std::string serialize(const LeaseRecord& record);
// Errors: corrupt; unsupported (a newer version).
Result<LeaseRecord> parse_lease(std::string_view text);
// Splits a file's name ("gc.12"); nothing if it is not a lease's.
struct LeaseName {
  std::string role;
  std::uint64_t number = 0;
};
std::optional<LeaseName> parse_lease_name(std::string_view name);

enum class Verdict {
  alive,  // or not yet known to be dead
  dead,
  released
};

class Lease;

struct LeaseOptions {
  std::chrono::nanoseconds expiry = kLocalLeaseExpiry;
  // Raise the counter from a thread of the lease; false: the owner calls renew() (tests).
  bool keep_alive = true;
};

// The folder that holds leases, and what this process has seen of other holders' counters.
class LeaseFolder {
 public:
  // `disk` and `clock` are borrowed. The folder is made where there is none.
  static Result<std::unique_ptr<LeaseFolder>> open(const std::filesystem::path& folder,
                                                   const LeaseOptions& options = {},
                                                   FileSystem& disk = FileSystem::real(),
                                                   const Clock& clock = Clock::real());

  // Takes a role. `locked`, naming the holder, while another process has it or may have it: never waits. To
  // take over from a dead holder on another machine, ask again later: this object must have seen its counter
  // stand still for the expiry time. `at_least`: the new number is no smaller (journals of earlier holders
  // may exist although their leases are gone).
  Result<std::unique_ptr<Lease>> acquire(std::string_view role, std::string_view purpose,
                                         std::uint64_t at_least = 1);
  // Takes a role of its own: `kind` and a unique word. Never `locked`.
  Result<std::unique_ptr<Lease>> enter(std::string_view kind, std::string_view purpose,
                                       std::vector<std::string> keeps = {});

  // The highest lease of every role, released ones included. What this program cannot read (a newer version,
  // a damaged file) is listed too and judged by whether its bytes change.
  Result<std::vector<LeaseRecord>> list();
  // Watches: `dead` only where it is certain or the counter stood still, in front of this object, for the
  // expiry time. Read the record again (list) and call again later for holders that are `alive`.
  Verdict judge(const LeaseRecord& record);
  // Ends a dead presence for good: its holder, should it wake, finds its file gone. `locked` if it is not
  // known to be dead. (A dead role is ended by taking it: acquire.)
  Status remove_dead(const LeaseRecord& record);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::chrono::nanoseconds expiry() const { return options_.expiry; }

 private:
  friend class Lease;
  struct Observation {
    std::uint64_t text_hash = 0;
    std::chrono::nanoseconds since{};
  };

  LeaseFolder(std::filesystem::path folder, const LeaseOptions& options, FileSystem& disk, const Clock& clock)
      : folder_(std::move(folder)), options_(options), disk_(disk), clock_(clock) {}
  Result<std::unique_ptr<Lease>> create(LeaseRecord record);
  Result<LeaseRecord> read(const LeaseName& name);
  // All numbers of a role that have a file, ascending.
  Result<std::vector<std::uint64_t>> numbers_of(std::string_view role);
  void remove_below(std::string_view role, std::uint64_t number);

  std::filesystem::path folder_;
  LeaseOptions options_;
  FileSystem& disk_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Observation> seen_;  // by lease id
};

// A lease held by this process; let go by the destructor. The LeaseFolder outlives it.
class Lease {
 public:
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] std::string id() const { return record_.id(); }
  [[nodiscard]] const LeaseRecord& record() const { return record_; }

  // Succeeds while nobody else can have taken over: the counter was raised in time by this machine's own
  // clock, the file is ours, no higher number exists. `locked` for ever after otherwise: stop at once. Ask
  // before every step that cannot be taken back. Costs two look-ups of a name.
  Status check();
  // Raises the counter, then checks.
  Status renew();
  // Lets go. A role's file stays, marked released, so that its number is not given out again.
  void release();

 private:
  friend class LeaseFolder;
  Lease(LeaseFolder& folder, LeaseRecord record, std::uint64_t inode, std::chrono::nanoseconds made);
  // These expect the mutex to be held.
  Status look();                  // is the file still ours and the highest?
  Status write_head(LeaseState);  // counter and state, into the file that is ours
  Status lost(std::string why);
  void keep_alive(const std::stop_token& stop);

  LeaseFolder& folder_;
  const LeaseRecord record_;  // as it was at the beginning; the counter goes on in counter_
  const std::filesystem::path path_;
  const std::uint64_t inode_;
  std::mutex mutex_;
  std::uint64_t counter_;
  std::chrono::nanoseconds renewed_;
  std::string lost_because_;  // empty: held
  std::condition_variable_any wake_;
  std::jthread heart_;  // last: it stops before the rest goes
};

}  // namespace souschef::store
