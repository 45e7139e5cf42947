// SPDX-License-Identifier: MIT
// What an artist and a runner wait for, on a production of 120 MB: a shot that uses 119 textures.
//
//   unchanged   a snapshot when nothing changed   `of_limit`: its time as a share of 15 ms
//   check_out   a job whose assets another        `of_copy`: its time as a share of copying the same files
//               checkout shares already           (the limit is 0.05); `new_kib`: what the disk gave for it
//
//   cmake --preset bench && cmake --build build/bench --target bench_banking && build/bench/bin/bench_banking
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "core/banking/snapshot.hpp"
#include "core/jobs/checkout.hpp"
#include "core/production/init_production.hpp"
#include "tests/support/blend_writer.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::core {
namespace {

namespace fs = std::filesystem;

constexpr int kTextures = 119;

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// Made once: banked and checked out.
class Banked {
 public:
  Banked() {
    ::setenv("HOME", (folder_ / "home").c_str(), 1);
    fs::create_directories(root());
    test::BlendWriter writer;
    writer.datablock("SC", "Scene", "SCScene");
    test::BlendNode object = writer.datablock("OB", "Object", "OBThing").set("type", 1);
    std::vector<test::BlendNode> images;
    for (int i = 0; i < kTextures; ++i) {
      const std::string name = "t" + std::to_string(i) + ".exr";
      folder_.write("prod/" + name, test::random_bytes(1U << 20, static_cast<std::uint64_t>(i)));
      images.push_back(
          writer.datablock("IM", "Image", "IM" + name).set("name", "//" + name).set("source", 1));
    }
    object.point("mat", object.pointers(images));
    folder_.write("prod/shot.blend", writer.bytes());
    if (!init_production(root(), {})) fail("init");
    open();
    job_ = bank();
    (void)check_out_as("first");
  }

  JobId bank() {
    SnapshotRequest request;
    request.path = root() / "shot.blend";
    const auto banked = take_snapshot(*production_, request);
    if (!banked) fail(banked.error().line());
    return banked->job;
  }
  Checkout check_out_as(const std::string& name) {
    auto checkout =
        check_out(*production_, {.job = job_, .folder = folder_ / name, .progress = {}, .cancelled = {}});
    if (!checkout) fail(checkout.error().line());
    return std::move(*checkout);
  }
  void open() {
    auto opened = Production::open(root());
    if (!opened) fail(opened.error().line());
    production_ = std::move(*opened);
  }
  [[nodiscard]] fs::path root() const { return folder_ / "prod"; }
  [[nodiscard]] fs::path place(const std::string& name) const { return folder_ / name; }

 private:
  [[noreturn]] static void fail(const std::string& why) {
    std::cerr << why << "\n";
    std::abort();
  }
  test::TempFolder folder_;
  std::unique_ptr<Production> production_;
  JobId job_;
};

Banked& banked() {
  static Banked one;
  return one;
}

void unchanged(benchmark::State& state) {
  banked();
  const auto began = std::chrono::steady_clock::now();
  for (auto each : state) {
    banked().open();  // as a new process does
    benchmark::DoNotOptimize(banked().bank());
  }
  state.counters["of_limit"] = seconds_since(began) / static_cast<double>(state.iterations()) / 0.015;
}
BENCHMARK(unchanged)->Unit(benchmark::kMillisecond)->UseRealTime();

void check_out(benchmark::State& state) {
  Banked& one = banked();
  double ours = 1e9, copy = 1e9;
  std::int64_t used = 0;
  for (auto each : state) {
    const auto before = fs::space(one.root()).available;
    auto began = std::chrono::steady_clock::now();
    (void)one.check_out_as("second");
    ours = std::min(ours, seconds_since(began));
    used = static_cast<std::int64_t>(before) - static_cast<std::int64_t>(fs::space(one.root()).available);
    began = std::chrono::steady_clock::now();
    fs::create_directories(one.place("copy"));
    for (const auto& entry : fs::directory_iterator(one.place("second")))
      fs::copy(entry.path(), one.place("copy") / entry.path().filename());
    copy = std::min(copy, seconds_since(began));
    fs::remove_all(one.place("second"));
    fs::remove_all(one.place("copy"));
  }
  state.counters["of_copy"] = ours / copy;
  state.counters["new_kib"] = static_cast<double>(used) / 1024;
}
BENCHMARK(check_out)->Iterations(7)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace souschef::core

BENCHMARK_MAIN();
