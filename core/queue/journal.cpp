// SPDX-License-Identifier: MIT
// A line carries its number and a checksum, so that three things can be told apart:
//
//   the last bytes of a segment are torn      a power cut: as if they had never been written
//   a line in the middle is damaged           corrupt: somebody must look
//   good lines beyond what the next segment   written by a holder who did not know yet that it had been
//   succeeded: has seen                                  ignored
//
// The checksum covers the text before it, so that reading needs no second rendering of the JSON.
#include "core/queue/journal.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/json_text.hpp"
#include "store/atomic_file.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::string_view kSumBegin = ",\"sum\":\"";
constexpr std::size_t kSumDigits = 16;
constexpr std::size_t kSumLength = kSumBegin.size() + kSumDigits + 2;  // ..."}
constexpr std::uint64_t kLargestSegment = std::uint64_t{2} << 30;

std::string sum_of(std::string_view text) {
  return store::hash_of(text).hex().substr(0, kSumDigits);
}

Error damaged(std::string_view why) {
  return {ErrorCode::corrupt, "a journal line is damaged", std::string(why)};
}

struct Segment {
  std::uint64_t number = 0;
  std::vector<Json> events;
  std::uint64_t bytes = 0;
  std::uint64_t after = 0;  // the last line of the earlier ones that counts
  bool complete = false;    // nothing before it is needed
};

// The good lines of a segment. Numbers must rise by one.
Result<Segment> parse_segment(std::uint64_t number, std::string_view text, const fs::path& path) {
  Segment segment;
  segment.number = number;
  std::optional<std::size_t> first_bad;
  std::size_t line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const bool whole = end != std::string_view::npos;
    auto event =
        whole ? parse_journal_line(text.substr(at, end - at)) : Result<Json>(damaged("it has no end"));
    at = whole ? end + 1 : text.size();
    ++line_number;
    const bool in_order = event && (segment.events.empty() ||
                                    (*event)["seq"] == segment.events.back()["seq"].get<std::uint64_t>() + 1);
    if (event && first_bad)
      return Error(ErrorCode::corrupt, "a journal is damaged: " + path.string(),
                   "line " + std::to_string(*first_bad) + " cannot be read, but later ones can")
          .next_step("souschef repair");
    if (!in_order) {
      first_bad = first_bad.value_or(line_number);
      continue;
    }
    segment.events.push_back(std::move(*event));
    segment.bytes = at;
  }
  if (segment.events.empty() || segment.events.front().value("event", "") != "begin")
    return Error(ErrorCode::corrupt, "a journal does not begin as it should: " + path.string());
  const Json& begin = segment.events.front();
  segment.after = begin.value("after", std::uint64_t{0});
  segment.complete = begin.value("complete", false) || number == 1;
  return segment;
}

Result<std::map<std::uint64_t, fs::path>> segments_of(const QueueFolder& queue, std::string_view id) {
  std::map<std::uint64_t, fs::path> found;
  SOUSCHEF_TRY(const auto entries, queue.disk->list(queue.order_folder(id)));
  for (const store::FolderEntry& entry : entries) {
    constexpr std::string_view kBegin = "journal.", kEnd = ".jsonl";
    const std::string_view name = entry.name;
    if (!name.starts_with(kBegin) || !name.ends_with(kEnd) || name.size() <= kBegin.size() + kEnd.size())
      continue;
    const std::string digits(name.substr(kBegin.size(), name.size() - kBegin.size() - kEnd.size()));
    if (digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos) continue;
    found.emplace(std::stoull(digits), queue.order_folder(id) / entry.name);
  }
  return found;
}

// The segments that count, oldest first: from the newest complete one on.
Result<std::vector<Segment>> read_segments(const QueueFolder& queue, std::string_view id) {
  SOUSCHEF_TRY(const auto paths, segments_of(queue, id));
  std::vector<Segment> segments;
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    SOUSCHEF_TRY(const std::string text, store::read_file(*queue.disk, path->second, kLargestSegment));
    SOUSCHEF_TRY(Segment segment, parse_segment(path->first, text, path->second));
    const bool gap = !segments.empty() && segments.back().number != segment.number + 1;
    if (gap) return Error(ErrorCode::corrupt, "a journal lacks a part: " + queue.order_folder(id).string());
    segments.push_back(std::move(segment));
    if (segments.back().complete) break;
  }
  if (segments.empty())
    return Error(ErrorCode::not_found, "no journal in " + queue.order_folder(id).string());
  if (!segments.back().complete)
    return Error(ErrorCode::corrupt, "a journal lacks its beginning: " + queue.order_folder(id).string());
  std::reverse(segments.begin(), segments.end());
  return segments;
}

}  // namespace

std::string journal_line(const Json& event, std::uint64_t seq) {
  Json numbered = event;
  numbered["seq"] = seq;
  std::string text = json_text(numbered);
  const std::string sum = sum_of(text);
  text.pop_back();  // the closing brace
  text.append(kSumBegin).append(sum).append("\"}");
  return text;
}

Result<Json> parse_journal_line(std::string_view line) {
  if (line.size() < kSumLength + 2) return damaged("it is too short");
  const std::string_view end = line.substr(line.size() - kSumLength);
  if (!end.starts_with(kSumBegin) || !end.ends_with("\"}")) return damaged("it has no checksum");
  const std::string text = std::string(line.substr(0, line.size() - kSumLength)) + "}";
  if (sum_of(text) != end.substr(kSumBegin.size(), kSumDigits)) return damaged("its checksum is another");
  Json event = Json::parse(text, nullptr, false);
  if (!event.is_object() || !event.contains("seq") || !event["seq"].is_number_unsigned() ||
      !event.contains("event") || !event["event"].is_string())
    return damaged("it is no event");
  return event;
}

Result<JournalPosition> read_journal(const QueueFolder& queue, std::string_view order_id,
                                     const std::function<Status(const Json&)>& visit) {
  SOUSCHEF_TRY(const std::vector<Segment> segments, read_segments(queue, order_id));
  JournalPosition position;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    const bool is_last = i + 1 == segments.size();
    if (i > 0 && segment.events.front()["seq"] != segment.after + 1)
      return Error(ErrorCode::corrupt,
                   "a journal's parts do not fit: " + queue.order_folder(order_id).string());
    for (const Json& event : segment.events) {
      const auto seq = event["seq"].get<std::uint64_t>();
      if (!is_last && seq > segments[i + 1].after) break;  // written after its writer had been succeeded
      SOUSCHEF_CHECK(visit(event));
      position.seq = seq;
      ++position.lines;
    }
    if (!is_last && position.seq != segments[i + 1].after)
      return Error(ErrorCode::corrupt,
                   "a journal has lost its last lines: " + queue.order_folder(order_id).string());
    position.segment = segment.number;
    position.bytes += segment.bytes;
  }
  return position;
}

Result<std::unique_ptr<JournalWriter>> JournalWriter::begin(const QueueFolder& queue,
                                                            std::string_view order_id,
                                                            const JournalPosition& previous,
                                                            const SegmentHead& head,
                                                            const std::vector<Json>* state) {
  std::unique_ptr<JournalWriter> writer(new JournalWriter);
  JournalPosition& position = writer->position_;
  position = previous;
  position.segment = previous.segment + 1;
  Json header = {{"event", "begin"},
                 {"at", head.now_ms},
                 {"after", previous.seq},
                 {"lease", head.lease},
                 {"boot", head.boot}};
  if (state != nullptr) header["complete"] = true;
  std::string text = journal_line(header, ++position.seq) + "\n";
  if (state != nullptr)
    for (const Json& event : *state) text += journal_line(event, ++position.seq) + "\n";

  if (state == nullptr && previous.segment > 0) {
    // What the new segment builds on must not be lost while the new segment stays.
    SOUSCHEF_TRY(const auto earlier,
                 queue.disk->open(queue.segment(order_id, previous.segment), store::Access::append));
    SOUSCHEF_CHECK(earlier->sync());
  }
  const fs::path path = queue.segment(order_id, position.segment);
  auto published = store::publish_file(*queue.disk, path, text);
  if (!published && published.error().code == ErrorCode::exists)
    return Error(ErrorCode::locked, "another runner has taken the queue over", path.string());
  if (!published) return std::move(published.error());
  if (*published == store::Published::already_there)
    return Error(ErrorCode::locked, "another runner has taken the queue over", path.string());
  SOUSCHEF_TRY(writer->file_, queue.disk->open(path, store::Access::append));
  position.bytes = state == nullptr ? previous.bytes + text.size() : text.size();
  position.lines = state == nullptr ? previous.lines + 1 : state->size() + 1;

  if (state != nullptr) {
    SOUSCHEF_TRY(const auto paths, segments_of(queue, order_id));
    // Newest first: if this stops half-way, what is left still hangs together.
    for (auto old = paths.rbegin(); old != paths.rend(); ++old)
      if (old->first < position.segment) SOUSCHEF_CHECK(queue.disk->remove_file(old->second));
  }
  return writer;
}

Status JournalWriter::append(const Json& event) {
  const std::string text = journal_line(event, position_.seq + 1) + "\n";
  SOUSCHEF_CHECK(file_->append(std::as_bytes(std::span(text))));
  ++position_.seq;
  ++position_.lines;
  position_.bytes += text.size();
  synced_ = false;
  return {};
}

Status JournalWriter::sync() {
  if (synced_) return {};
  SOUSCHEF_CHECK(file_->sync());
  synced_ = true;
  return {};
}

}  // namespace souschef::core
