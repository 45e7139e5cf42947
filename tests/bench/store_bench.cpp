// SPDX-License-Identifier: MIT
// The parts through which every banked byte goes, each beside the limit that it is held against, measured on
// the same bytes in the same run:
//
//   hash          BLAKE3                     `of_copy`: its speed as a share of copying memory
//   cut           the chunker                `of_hash`: its speed as a multiple of hashing
//   frame         choosing and compressing   `of_zstd`: its time as a multiple of one plain zstd -1
//   look_up       one object in the index    `of_limit`: its time as a share of 2 us
//   write_file    bank 64 MB, durable        `of_write`: its time as a multiple of a plain write and fsync
//
//   cmake --preset bench && cmake --build build/bench --target bench_store && build/bench/bin/bench_store
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>

#include "store/chunker.hpp"
#include "store/frame.hpp"
#include "store/hasher.hpp"
#include "store/object_index.hpp"
#include "store/store.hpp"
#include "store/zstd_codec.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::store {
namespace {

constexpr std::size_t kBytes = 8U << 20;

// Half of it repeats, half does not: between a texture and a mesh.
const std::string& sample() {
  static const std::string bytes = test::random_words(kBytes / 2, 1) + test::random_bytes(kBytes / 2, 2);
  return bytes;
}
std::span<const std::byte> sample_bytes() {
  return std::as_bytes(std::span(sample()));
}

// Seconds of one call, the fastest of several.
double fastest(const std::function<void()>& call, int rounds = 7) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const auto began = std::chrono::steady_clock::now();
    call();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    best = std::min(best, took.count());
  }
  return best;
}

double copy_seconds() {
  static const double seconds = fastest([copy = std::string(kBytes, '\0')]() mutable {
    std::memcpy(copy.data(), sample().data(), kBytes);
    benchmark::DoNotOptimize(copy.data());
  });
  return seconds;
}

void hash(benchmark::State& state) {
  const double limit = copy_seconds();
  for (auto each : state) benchmark::DoNotOptimize(hash_of(sample_bytes()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
  state.counters["of_copy"] = limit / fastest([] { benchmark::DoNotOptimize(hash_of(sample_bytes())); });
}
BENCHMARK(hash);

void cut_all(const Chunker& chunker) {
  for (auto rest = sample_bytes(); !rest.empty();) rest = rest.subspan(chunker.first_cut(rest));
}

void cut(benchmark::State& state) {
  const Chunker chunker(ChunkerParameters{});
  for (auto each : state) cut_all(chunker);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
  state.counters["of_hash"] =
      fastest([] { benchmark::DoNotOptimize(hash_of(sample_bytes())); }) / fastest([&] { cut_all(chunker); });
}
BENCHMARK(cut);

// `pieces` objects of 1 MB in all.
void frame(benchmark::State& state) {
  const auto raw = sample_bytes().first(1U << 20);
  const auto pieces = static_cast<std::size_t>(state.range(0));
  std::vector<ObjectRow> rows(pieces,
                              {ObjectKind::chunk, {}, static_cast<std::uint32_t>(raw.size() / pieces), 0});
  std::vector<std::byte> out(compress_bound(raw.size()));
  const auto encode = [&] { benchmark::DoNotOptimize(encode_frame(raw, rows, 1)); };
  for (auto each : state) encode();
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(raw.size()));
  state.counters["of_zstd"] =
      fastest(encode) / fastest([&] { benchmark::DoNotOptimize(compress(raw, out, 1)); });
}
BENCHMARK(frame)->Arg(1)->Arg(16)->Arg(64);

void look_up(benchmark::State& state) {
  const test::TempFolder folder;
  auto index = ObjectIndex::open(folder.path(), {"uuid", "fs", "/path"});
  if (!index) return state.SkipWithError(index.error().line().c_str());
  std::vector<Hash> ids;
  PlacedFrame placed;
  for (int i = 0; i < state.range(0); ++i) {
    ids.push_back(hash_of(std::to_string(i)));
    placed.header.rows.push_back({ObjectKind::chunk, ids.back(), 1, 0});
  }
  const std::vector<PlacedFrame> frames = {placed};
  if (!(*index)->add_pack({PackId(hash_of("pack")), 1, frames, {}})) return state.SkipWithError("no pack");
  std::size_t next = 0, found = 0;
  const auto began = std::chrono::steady_clock::now();
  for (auto each : state) {
    const auto reader = (*index)->read();
    next = (next + 7919) % ids.size();
    found += reader && reader->find(ObjectKind::chunk, ids[next]) ? 1 : 0;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (found != static_cast<std::size_t>(state.iterations())) state.SkipWithError("an object was not found");
  state.counters["of_limit"] = took.count() / static_cast<double>(state.iterations()) / 2e-6;
}
BENCHMARK(look_up)->Arg(100'000);

void write_file(benchmark::State& state) {
  const test::TempFolder folder;
  const std::string bytes = test::random_bytes(64U << 20, 3);
  const auto source = folder.write("source", bytes);
  double plain = 1e9, ours = 1e9;
  for (auto each : state) {
    std::filesystem::remove_all(folder / "store");
    if (!Store::create(folder / "store")) return state.SkipWithError("cannot make a store");
    plain =
        std::min(plain, fastest(
                            [&] {
                              auto file = FileSystem::real().create(folder / "plain");
                              if (file)
                                benchmark::DoNotOptimize(
                                    (*file)->write_at(0, std::as_bytes(std::span(bytes))) && (*file)->sync());
                              file = Error();
                              std::filesystem::remove(folder / "plain");
                            },
                            1));
    auto store = Store::open(folder / "store", {});
    if (!store) return state.SkipWithError(store.error().line().c_str());
    ours = std::min(ours, fastest(
                              [&] {
                                auto session = (*store)->begin_write("bench");
                                const std::vector<PutRequest> wanted = {{source, nullptr}};
                                if (!session || !(*session)->put_files(wanted) || !(*session)->seal())
                                  state.SkipWithError("cannot bank");
                              },
                              1));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
  state.counters["of_write"] = ours / plain;
}
BENCHMARK(write_file)->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace souschef::store

BENCHMARK_MAIN();
