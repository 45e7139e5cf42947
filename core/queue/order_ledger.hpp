// SPDX-License-Identifier: MIT
// What has become of an order: the sum of its journal's events. Holds no file; docs/format/journal.md lists
// the events.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "core/base/json.hpp"
#include "core/queue/order.hpp"
#include "core/queue/order_state.hpp"

namespace souschef::core {

// The numbers stand in journals: never reuse one.
enum class FrameState : std::uint8_t { todo = 0, done = 1, failed = 2, skipped = 3, running = 4 };
std::string_view name_of(FrameState state);
std::optional<FrameState> frame_state_named(std::string_view name);

// Remarks about a good frame; a bit each. The numbers stand in journals.
enum FrameFlag : std::uint32_t {
  kAllBlack = 1,
  kAllTransparent = 2,
  kMagenta = 4,        // a large share: the colour of missing textures
  kSizeOutlier = 8,    // much smaller or larger than its neighbours
  kAccepted = 16,      // failed, and a person said that it will do
  kWarned = 32,        // its log has a warning
  kExtraFiles = 64,    // it wrote files that nobody expected
  kMissingExtra = 128  // a file that is not required is missing
};
std::vector<std::string> names_of_flags(std::uint32_t flags);

struct FileRecord {
  std::string path;  // bytes, relative to OrderLedger::root()
  std::uint64_t size = 0;
  Hash hash;
  bool operator==(const FileRecord&) const = default;
};

struct FrameRecord {
  std::int32_t frame = 0;
  FrameState state = FrameState::todo;
  std::uint32_t attempt = 0;  // number of the last attempt; never goes back
  std::uint32_t tries = 0;    // since a person last asked for the frame
  std::uint32_t ms = 0;       // the good attempt, from hand-out to verified
  std::uint32_t mib = 0;      // peak memory
  std::uint32_t flags = 0;
  std::string slot;  // of the last attempt
  std::string why;   // of the last failure
  std::vector<FileRecord> files;
  bool operator==(const FrameRecord&) const = default;
};

struct StageRecord {
  std::string name;
  std::string state;  // "running", "done", "failed"
  std::uint32_t attempt = 0;
  std::string why, summary;
  std::vector<FileRecord> outputs;  // paths absolute
  std::uint32_t ms = 0;
  bool operator==(const StageRecord&) const = default;
};

struct FrameCounts {
  std::size_t todo = 0, running = 0, done = 0, failed = 0, skipped = 0;
  [[nodiscard]] std::size_t total() const { return todo + running + done + failed + skipped; }
  [[nodiscard]] std::size_t left() const { return todo + running; }
  bool operator==(const FrameCounts&) const = default;
};

// One thread at a time. Copying costs as much as the order has frames.
class OrderLedger {
 public:
  explicit OrderLedger(const Order& order);

  // Events that mean nothing here (an unknown kind, a frame that the order does not have, a transition that
  // the table does not know) change nothing. Errors: corrupt, where members are missing.
  Status apply(const Json& event);

  [[nodiscard]] OrderState state() const { return state_; }
  [[nodiscard]] const std::string& why() const { return why_; }  // of the last transition; may be empty
  [[nodiscard]] int priority() const { return priority_; }
  [[nodiscard]] std::int64_t position() const { return position_; }
  [[nodiscard]] bool urgent() const { return urgent_; }
  [[nodiscard]] bool proof_passed() const { return proof_passed_; }
  [[nodiscard]] std::int64_t changed_ms() const { return changed_ms_; }  // of the last transition
  [[nodiscard]] std::int64_t started_ms() const { return started_ms_; }  // of the first attempt; 0: none yet
  [[nodiscard]] bool answered(const std::string& request) const { return requests_.contains(request); }

  // What the renderer said when it opened the scene; null before.
  [[nodiscard]] const Json& opened() const { return opened_; }
  // The folder that the frames' files are relative to; empty before the first worker has opened the scene.
  [[nodiscard]] std::string root() const;

  [[nodiscard]] const std::vector<FrameRecord>& frames() const { return frames_; }  // ascending by number
  [[nodiscard]] const FrameRecord* frame(std::int32_t number) const;
  [[nodiscard]] const FrameCounts& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t spent_ms() const { return spent_ms_; }  // over the frames that are done
  [[nodiscard]] const std::vector<StageRecord>& stages() const { return stages_; }
  // Done, but their files may not have reached the disk yet ("settled" says that they have).
  [[nodiscard]] const std::set<std::int32_t>& unsettled() const { return unsettled_; }
  // The same, and the machine that wrote them has been started again since, or is another one: they must be
  // looked at.
  [[nodiscard]] const std::set<std::int32_t>& suspect() const { return suspect_; }
  // To be removed as soon as nobody works on it.
  [[nodiscard]] bool doomed() const { return doomed_; }

  // A complete account: applied to a new ledger of the same order they give an equal one. At most 100 bytes a
  // frame with one output.
  [[nodiscard]] std::vector<Json> events() const;

  bool operator==(const OrderLedger& other) const;

 private:
  FrameRecord* find(const Json& event);
  void set_state(FrameRecord& frame, FrameState state);
  void forget_doubt(const FrameRecord& frame);
  void each_of(const Json& event, const std::function<void(FrameRecord&)>& change);

  void apply_order(const Json& event);
  void apply_attempt(std::string_view kind, const Json& event);
  void apply_done(const Json& event, std::vector<FileRecord> files);
  void apply_redo(const Json& event);
  void apply_accept(const Json& event);
  void apply_stage(const Json& event);
  void apply_account(const Json& event);
  void apply_rows(const Json& event);

  OrderState state_ = OrderState::queued;
  std::string why_;
  int priority_ = kDefaultPriority;
  std::int64_t position_ = 0;
  bool urgent_ = false, proof_passed_ = false, doomed_ = false;
  std::int64_t changed_ms_ = 0, started_ms_ = 0;
  std::string boot_;  // of the machine whose events are being read
  std::set<std::string> requests_;
  Json opened_;
  std::vector<FrameRecord> frames_;
  std::unordered_map<std::int32_t, std::size_t> index_;
  FrameCounts counts_;
  std::uint64_t spent_ms_ = 0;
  std::vector<StageRecord> stages_;
  std::set<std::int32_t> unsettled_, suspect_;
};

// Files as events hold them.
Json files_json(const std::vector<FileRecord>& files);

// Of the frames that are done and their contents: the same as long as no frame is rendered again.
Hash frames_fingerprint(const OrderLedger& ledger);

}  // namespace souschef::core
