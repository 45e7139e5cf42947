// SPDX-License-Identifier: MIT
// What the queue and the runner cost, each beside its limit; `of_limit` above 1 is too much.
//
//   cmake --preset bench && cmake --build build/bench --target bench_queue && build/bench/bin/bench_queue
//
//   Frame       from one frame to the next, with a renderer (plugins/null) whose own work of about a
//               millisecond is counted too: 2 ms
//   List        `souschef list` of 10 000 orders, as a process: 50 ms; beside it `list --all`, `list --json`
//               and `status`
//   ListOrders  the same without the process
//   LookAhead   what an order costs that looks for its inputs among what 2 000 and 10 000 open orders are
//   going
//               to write: 20 ms
//   Journal     bytes a frame of an order of 100 000 frames, once it is done: 100
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <souschef/plugin.hpp>

#include "core/banking/future_files.hpp"
#include "core/base/process.hpp"
#include "core/base/ulid.hpp"
#include "core/production/init_production.hpp"
#include "core/queue/queue_reader.hpp"
#include "core/queue/queue_writer.hpp"
#include "core/rendering/render.hpp"

SOUSCHEF_ENTRY();

namespace souschef::core {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr double kFrameLimitMs = 2, kListLimitMs = 50, kLookAheadLimitMs = 20, kJournalLimit = 100;

template <class Value>
Value must(Result<Value> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().line().c_str());
    std::abort();
  }
  return std::move(*result);
}
void must(const Status& status) {
  if (!status) {
    std::fprintf(stderr, "%s\n", status.error().line().c_str());
    std::abort();
  }
}

// A production with a renderer that does nothing, gone with this object.
class Room {
 public:
  Room() {
    // In memory: filling the room is not what is measured.
    const fs::path base = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    std::string name = (base / "souschef-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    root_ = fs::canonical(name);
    ::setenv("SOUSCHEF_DEVICES", (root_ / "devices").c_str(), 1);
    must(init_production(root_, {}));
    // The user's own config, which needs no trust.
    fs::create_directories(root_ / "home/souschef");
    ::setenv("XDG_CONFIG_HOME", (root_ / "home").c_str(), 1);
    write("home/souschef/config.toml", "[[target]]\nname = \"null\"\npath = \"/bin/sh\"\n");
    must(make_queue_folder(queue()));
  }
  ~Room() { fs::remove_all(root_); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(root_ / name) << text; }
  [[nodiscard]] const fs::path& root() const { return root_; }
  [[nodiscard]] QueueFolder queue() const { return QueueFolder{root_ / ".souschef/queue"}; }
  [[nodiscard]] static Order order(int number, int frames) {
    Order order;
    order.id = new_ulid();
    order.name = "order" + std::to_string(number);
    order.entry = "shots/sequence/shot_" + std::to_string(number % 100) + ".null";
    order.target = "null";
    order.renderer = "null";
    order.user = "somebody";
    order.host = "workstation";
    order.frames = FrameRange::span(1, frames);
    return order;
  }

 private:
  fs::path root_;
};

// What goes wrong is said, not measured.
class Complaints final : public RenderObserver {
 public:
  void order_ended(const OrderNow& now) override {
    if (now.ledger.state() != OrderState::done) say(now.ledger.why());
  }
  void frame_failed(const AttemptNow&, std::string_view why, bool, std::string_view) override { say(why); }

 private:
  static void say(std::string_view line) { std::cerr << line << '\n'; }
};

void frame(benchmark::State& state) {
  const int frames = 2000;
  double seconds = 0;
  for (auto _ : state) {
    const Room room;
    fs::create_directories(room.root() / "shots/sequence");
    room.write("shots/sequence/shot_0.null", "");
    must(drop_request(room.queue(), make_order_request(Room::order(0, frames))));
    const auto production = must(Production::open(room.root()));
    Complaints complaints;
    const auto began = Steady::now();
    const RenderSummary summary = must(render(*production, {}, complaints));
    const std::chrono::duration<double> took = Steady::now() - began;
    if (summary.frames_done != static_cast<std::size_t>(frames)) std::abort();
    state.SetIterationTime(took.count());
    seconds += took.count();
  }
  const double ms = seconds * 1000 / static_cast<double>(state.iterations()) / frames;
  state.counters["ms_a_frame"] = ms;
  state.counters["of_limit"] = ms / kFrameLimitMs;
}
BENCHMARK(frame)->Name("Frame")->UseManualTime()->Iterations(3)->Unit(benchmark::kSecond);

// 10 000 orders: most of them over, some hundred waiting.
const Room& room_of_many() {
  static const Room room;
  static const bool filled = [] {
    const auto door = must(QueueDoor::open(room.queue()));
    const auto writer = must(door->acquire("benchmark"));
    for (int number = 0; number < 10'000; ++number) {
      const Order order = Room::order(number, 250);
      must(writer->add(order, new_ulid()));
      if (number % 20 == 0) continue;
      OpenOrder* const open = must(writer->open(order.id));
      const bool unwanted = number % 20 == 1;
      if (unwanted) must(writer->record(*open, OrderEvent::cancel, "nobody wants it"));
      for (const OrderEvent event : {OrderEvent::prepare, OrderEvent::finish, OrderEvent::complete})
        if (!unwanted) must(writer->record(*open, event));
      must(writer->close(order.id));
    }
    return true;
  }();
  if (!filled) std::abort();
  return room;
}

void list_in_process(benchmark::State& state) {
  const Room& room = room_of_many();
  double seconds = 0;
  for (auto _ : state) {
    const auto began = Steady::now();
    if (must(list_orders(room.queue())).size() != 10'000) std::abort();
    seconds += std::chrono::duration<double>(Steady::now() - began).count();
  }
  state.counters["of_limit"] = seconds * 1000 / static_cast<double>(state.iterations()) / kListLimitMs;
}
BENCHMARK(list_in_process)->Name("ListOrders")->Iterations(20)->Unit(benchmark::kMillisecond);

// A whole command, by the clock on the wall.
void command(benchmark::State& state, const std::vector<std::string>& words) {
  const Room& room = room_of_many();
  double seconds = 0, shortest = 1e9;
  for (auto _ : state) {
    ProcessOptions options;
    options.command = {SOUSCHEF_PROGRAM};
    options.command.insert(options.command.end(), words.begin(), words.end());
    options.folder = room.root();
    const auto began = Steady::now();
    const auto process = must(Process::start(options));
    const auto& end = process->wait_for(std::chrono::minutes(1));
    const std::chrono::duration<double> took = Steady::now() - began;
    if (!end || !end->success()) std::abort();
    state.SetIterationTime(took.count());
    seconds += took.count();
    shortest = std::min(shortest, took.count());
  }
  state.counters["of_limit"] = seconds * 1000 / static_cast<double>(state.iterations()) / kListLimitMs;
  // What the command costs where nobody else wants the processor.
  state.counters["shortest_of_limit"] = shortest * 1000 / kListLimitMs;
}
BENCHMARK_CAPTURE(command, List, std::vector<std::string>{"list"})
    ->Name("List")
    ->UseManualTime()
    ->Iterations(20)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(command, ListAll, std::vector<std::string>{"list", "--all"})
    ->Name("ListAll")
    ->UseManualTime()
    ->Iterations(20)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(command, ListJson, std::vector<std::string>{"list", "--json"})
    ->Name("ListJson")
    ->UseManualTime()
    ->Iterations(20)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(command, Status, std::vector<std::string>{"status"})
    ->Name("Status")
    ->UseManualTime()
    ->Iterations(20)
    ->Unit(benchmark::kMillisecond);

// A shot with two hundred textures and ten frames of a shot that is still to be rendered.
void look_ahead(benchmark::State& state) {
  const Room room;
  const auto orders = static_cast<int>(state.range(0));
  {
    const auto door = must(QueueDoor::open(room.queue()));
    const auto writer = must(door->acquire("benchmark"));
    for (int number = 0; number < orders; ++number) {
      Order order = Room::order(number, 250);
      const std::string shot = "renders/sequence/shot_" + std::to_string(number);
      order.writes = {shot + "/beauty/0001.exr", shot + "/aov/0001.exr", shot + "/beauty/preview.mp4"};
      order.facts = {{"scenes", {{{"name", "Scene"}, {"notes", std::string(3000, 'x')}}}}};
      must(writer->add(order, new_ulid()));
    }
  }
  double seconds = 0;
  for (auto _ : state) {
    const auto began = Steady::now();
    FutureFiles future = must(FutureFiles::of_queue(room.queue()));
    for (int number = 0; number < 200; ++number)
      if (future.writer_of("textures/wood_" + std::to_string(number) + ".png") != nullptr) std::abort();
    for (int frame = 101; frame <= 110; ++frame)
      if (future.writer_of("renders/sequence/shot_7/beauty/0" + std::to_string(frame) + ".exr") == nullptr)
        std::abort();
    seconds += std::chrono::duration<double>(Steady::now() - began).count();
  }
  state.counters["of_limit"] = seconds * 1000 / static_cast<double>(state.iterations()) / kLookAheadLimitMs;
}
BENCHMARK(look_ahead)
    ->Name("LookAhead")
    ->Arg(2'000)
    ->Arg(10'000)
    ->Iterations(10)
    ->Unit(benchmark::kMillisecond);

void journal(benchmark::State& state) {
  constexpr int kFrames = 100'000;
  double bytes = 0;
  for (auto _ : state) {
    const Room room;
    const auto door = must(QueueDoor::open(room.queue()));
    const auto writer = must(door->acquire("benchmark"));
    const Order order = Room::order(0, kFrames);
    must(writer->add(order, new_ulid()));
    OpenOrder* const open = must(writer->open(order.id));
    must(writer->record(*open, OrderEvent::prepare));
    must(writer->record(*open, OrderEvent::render));
    for (int number = 1; number <= kFrames; ++number) {
      must(writer->record(*open,
                          Json{{"event", "start"}, {"frame", number}, {"attempt", 1}, {"slot", "gpu-0"}}));
      char name[64];
      std::snprintf(name, sizeof name, "sequence_shot_%06d.exr", number);
      Hash hash;  // no two alike: equal ones would be cheaper
      for (std::size_t i = 0; i < hash.bytes.size(); ++i)
        hash.bytes[i] = static_cast<std::byte>(static_cast<unsigned>(number) * 2654435761U >> (i % 24));
      const FileRecord file{.path = name, .size = 4'000'000U + static_cast<unsigned>(number), .hash = hash};
      must(writer->record(*open, Json{{"event", "done"},
                                      {"frame", number},
                                      {"attempt", 1},
                                      {"ms", 60'000 + number % 9999},
                                      {"mib", 4000},
                                      {"flags", 0},
                                      {"files", files_json({file})}}));
    }
    must(writer->record(*open, Json{{"event", "settled"}}));
    must(writer->record(*open, OrderEvent::finish));
    must(writer->record(*open, OrderEvent::complete));
    must(writer->close(order.id));
    bytes = 0;
    for (const auto& entry : fs::directory_iterator(room.queue().order_folder(order.id)))
      if (entry.path().filename().string().starts_with("journal."))
        bytes += static_cast<double>(entry.file_size());
    if (must(read_order(room.queue(), order.id)).ledger.counts().done != kFrames) std::abort();
  }
  state.counters["bytes_a_frame"] = bytes / kFrames;
  state.counters["of_limit"] = bytes / kFrames / kJournalLimit;
}
BENCHMARK(journal)->Name("Journal")->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace souschef::core

BENCHMARK_MAIN();
