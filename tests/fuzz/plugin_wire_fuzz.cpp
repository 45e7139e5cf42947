// SPDX-License-Identifier: MIT
// A line from a plugin, and one to it, as whoever is on the other side may write them. What is understood is
// written again and has to be understood as the same.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/json_text.hpp"
#include "core/base/line_buffer.hpp"
#include "core/plugin_host/plugin_trace.hpp"
#include "core/plugin_host/plugin_wire.hpp"

using namespace souschef;
using namespace souschef::core;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

std::string_view without_end(const std::string& line) {
  demand(!line.empty() && line.back() == '\n' && line.find('\n') == line.size() - 1);
  return std::string_view(line).substr(0, line.size() - 1);
}

struct Nothing final : TraceSink {
  bool datablock(const TracedDatablock&) override { return true; }
  bool uses(std::uint32_t, std::span<const std::uint32_t>) override { return true; }
  bool reference(const TracedReference&) override { return true; }
  bool output(const TracedOutput&) override { return true; }
  bool simulation(const TracedSimulation&) override { return true; }
  bool facts(std::string_view) override { return true; }
  bool warning(const TraceWarning&) override { return true; }
};

void from_plugin(std::string_view line) {
  const auto message = read_from_plugin(line);
  if (!message) return;
  if (const auto* answer = std::get_if<WireAnswer>(&*message)) {
    const std::string again = answer_line(answer->id, json_text(answer->result));
    const auto read = read_from_plugin(without_end(again));
    demand(read.has_value() && std::get<WireAnswer>(*read).id == answer->id);
    Nothing sink;
    (void)replay_trace(answer->result, sink);
  } else if (const auto* failure = std::get_if<WireFailure>(&*message)) {
    const auto read = read_from_plugin(without_end(failure_line(failure->id, failure->error)));
    demand(read.has_value() && std::get<WireFailure>(*read).error.code == failure->error.code);
  } else if (const auto* progress = std::get_if<WireProgress>(&*message)) {
    demand(std::isfinite(progress->fraction) && progress->fraction <= 1);
    demand(read_from_plugin(without_end(progress_line(progress->fraction, progress->message))).has_value());
  } else {
    const auto& log = std::get<WireLog>(*message);
    demand(read_from_plugin(without_end(log_line(log.level, log.message))).has_value());
  }
}

void to_plugin(std::string_view line) {
  const auto message = read_to_plugin(line);
  if (!message) return;
  if (const auto* request = std::get_if<WireRequest>(&*message)) {
    const std::string again = request_line(request->id, request->method, json_text(request->params));
    const auto read = read_to_plugin(without_end(again));
    demand(read.has_value() && std::get<WireRequest>(*read).method == request->method);
  } else {
    const auto read = read_to_plugin(without_end(cancel_line(std::get<WireCancel>(*message).id)));
    demand(read.has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In pieces, as pipes give them; the first byte says how large.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  LineBuffer lines(1 << 16);
  const std::size_t piece = size == 0 ? 1 : 1 + data[0];
  for (std::size_t at = 0; at < size; at += piece) {
    lines.add(text.substr(at, piece));
    while (const auto line = lines.take()) {
      from_plugin(*line);
      to_plugin(*line);
    }
  }
  from_plugin(text);
  to_plugin(text);
  return 0;
}
