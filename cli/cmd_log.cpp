// SPDX-License-Identifier: MIT
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <souschef/file_name.hpp>
#include <souschef/frame_range.hpp>

#include "cli/arguments.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/queue_words.hpp"
#include "core/production/production.hpp"
#include "core/production/render_folders.hpp"
#include "core/queue/queue_reader.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {
namespace {

// "frame 17: attempt 2 failed: it wrote no file"
std::string event_text(const core::Json& event) {
  const auto text = [&](const char* member) {
    const auto found = event.find(member);
    return found == event.end() || found->is_null() ? std::string()
           : found->is_string()                     ? found->get<std::string>()
                                                    : found->dump();
  };
  const std::string kind = text("event");
  std::string line;
  if (!text("frame").empty()) line += "frame " + text("frame") + ": ";
  if (kind == "order") {
    line += text("what");
  } else if (kind == "stage") {
    line += "stage " + text("stage") + " " + text("what");
  } else if (kind == "start") {
    line += "attempt " + text("attempt") + " on " + text("slot");
  } else if (kind == "done") {
    line += "done in " + human_seconds(event.value("ms", 0.0) / 1000);
  } else if (kind == "note") {
    line += text("text");
  } else if (kind == "set") {
    line += text("by").empty() ? "ordered" : "moved";
    if (!text("priority").empty()) line += ", priority " + text("priority");
    if (text("urgent") == "true") line += ", urgent";
  } else if (kind == "opened") {
    line += "the scene is open, frames go to " + text("root");
  } else if (kind == "redo" || kind == "accept") {
    line += kind + " " + text("frames");
  } else {
    line += kind;
  }
  if (!text("why").empty()) line += ": " + text("why");
  if (!text("summary").empty()) line += ": " + text("summary");
  if (!text("by").empty()) line += "  (" + text("by") + ")";
  return line;
}

bool is_bookkeeping(const std::string& kind) {
  return kind == "begin" || kind == "account" || kind == "rows" || kind == "unsettled" || kind == "suspect" ||
         kind == "settled";
}

// One pass over the journal; returns how many lines there were. Lines up to `seen` are not printed again.
Result<std::uint64_t> print_history(Terminal& terminal, const NamedOrder& order, std::uint64_t seen) {
  std::uint64_t last = seen;
  SOUSCHEF_TRY(const auto position, core::read_journal(order.queue, order.id, [&](const core::Json& event) {
                 const std::uint64_t seq = event.value("seq", std::uint64_t{0});
                 if (seq <= seen) return Status();
                 last = seq;
                 core::Json record = event;
                 record["type"] = "event";
                 terminal.record(record);
                 const std::string kind = event.value("event", "");
                 if (!is_bookkeeping(kind))
                   terminal.print(minute_of(event.value("at", std::int64_t{0})) + "  " + event_text(event));
                 return Status();
               }));
  return std::max(last, position.seq);
}

// Prints what the file has beyond `from`; returns its new end.
std::uint64_t print_tail(Terminal& terminal, const fs::path& path, std::uint64_t from) {
  std::error_code ignored;
  if (fs::file_size(path, ignored) < from) from = 0;  // another attempt has begun it anew
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(from));
  std::string piece(1U << 16, '\0');
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto got = static_cast<std::size_t>(file.gcount());
    terminal.write(std::string_view(piece).substr(0, got));
    from += got;
  }
  return from;
}

constexpr std::chrono::milliseconds kLook{300};

}  // namespace

Result<ExitCode> cmd_log(Invocation& invocation) {
  std::string name, frame_text;
  bool follow = false;
  Arguments arguments(invocation);
  arguments.positional("ORDER", name, "by name");
  arguments.optional_positional("FRAME", frame_text,
                                "what Blender printed for this frame; else what has happened");
  arguments.flag("--follow", follow, "go on printing until Ctrl-C");
  SOUSCHEF_TRY(const Parsed parsed, arguments.parse());
  if (parsed == Parsed::help) return ExitCode::done;

  SOUSCHEF_TRY(const NamedOrder order, find_named_order(invocation, name));
  SOUSCHEF_TRY(core::Production* const production, invocation.production());
  Terminal& terminal = invocation.terminal();
  std::uint64_t seen = 0;
  if (frame_text.empty()) {
    SOUSCHEF_TRY(seen, print_history(terminal, order, 0));
    while (follow && !interrupted()) {
      std::this_thread::sleep_for(kLook);
      SOUSCHEF_TRY(seen, print_history(terminal, order, seen));
    }
    return ExitCode::done;
  }
  SOUSCHEF_TRY(const FrameRange frames, FrameRange::parse(frame_text));
  SOUSCHEF_TRY(const core::RenderFolders folders, core::RenderFolders::of(*production));
  for (const std::int32_t frame : frames.frames()) {
    const fs::path path = folders.frame_log(order.id, frame);
    std::error_code ignored;
    if (!fs::exists(path, ignored) && !follow)
      return Error(ErrorCode::not_found, "there is no log of frame " + std::to_string(frame) + " of " + name,
                   "it was not rendered yet, or on another machine")
          .next_step("souschef frames " + name);
    seen = print_tail(terminal, path, 0);
    while (follow && !interrupted()) {
      std::this_thread::sleep_for(kLook);
      seen = print_tail(terminal, path, seen);
    }
  }
  return ExitCode::done;
}

}  // namespace souschef::cli
