// SPDX-License-Identifier: MIT
#include "core/rendering/worker_list.hpp"

#include "core/base/json_text.hpp"
#include "core/base/process.hpp"
#include "core/base/process_identity.hpp"
#include "store/atomic_file.hpp"

namespace souschef::core {
namespace {

constexpr std::uint64_t kLongest = 64 << 10;

}  // namespace

Status note_workers(const QueueFolder& queue) {
  const Json note = {{"mark", process_mark()}, {"boot", boot_id()}, {"process", own_identity().text()}};
  return store::replace_file(*queue.disk, queue.workers(), json_text(note) + "\n");
}

Status end_leftover_workers(const QueueFolder& queue) {
  const auto text = store::read_file(*queue.disk, queue.workers(), kLongest);
  if (!text) return text.error().code == ErrorCode::not_found ? Status() : Status(text.error());
  const auto note = parse_json(*text);
  if (!note || !note->is_object()) return {};  // a torn file says nothing: PDEATHSIG has done the work
  const std::string mark = note->value("mark", ""), boot = note->value("boot", "");
  if (boot == boot_id() && mark != process_mark() && mark.size() == process_mark().size())
    end_leftovers(mark);
  return {};
}

}  // namespace souschef::core
