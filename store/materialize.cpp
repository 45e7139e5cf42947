// SPDX-License-Identifier: MIT
#include "store/materialize.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include "store/file_sink.hpp"
#include "store/pantry.hpp"
#include "store/scoped_timer.hpp"

namespace souschef::store {

namespace {

using namespace std::chrono_literals;

constexpr auto kReport = 100ms;

// Runs one task for each file, the largest first; keeps the first error, tells progress, listens for a stop.
class ForEachFile {
 public:
  ForEachFile(StoreParts& parts, const ProgressFunction& progress, const CancelFunction& cancelled)
      : parts_(parts), progress_(progress), cancelled_(cancelled) {}

  // `work(i)` gives the bytes that it wrote.
  template <class Work>
  Status run(std::span<const std::pair<std::uint64_t, std::size_t>> sizes_and_indices, Work work) {
    total_.files_total = sizes_and_indices.size();
    for (const auto& [size, index] : sizes_and_indices) total_.bytes_total += size;
    {
      TaskGroup group(parts_.pool());
      for (const auto& [size, index] : sizes_and_indices)
        group.run_long([this, index = index, &work] {
          if (stopped_) return;
          Result<std::uint64_t> done = work(index);
          if (!done) return fail(std::move(done).error());
          bytes_done_ += *done;
          ++files_done_;
        });
      while (!group.wait_for(kReport)) {
        report();
        if (cancelled_ && cancelled_()) fail(Error(ErrorCode::cancelled, "stopped"));
      }
    }
    report();
    return status_;
  }

  [[nodiscard]] const std::atomic<bool>& stopped() const { return stopped_; }

 private:
  void fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (status_) status_ = Status(std::move(error));
    stopped_ = true;
  }
  void report() {
    if (!progress_) return;
    PutProgress now = total_;
    now.files_done = files_done_;
    now.bytes_done = bytes_done_;
    progress_(now);
  }

  StoreParts& parts_;
  const ProgressFunction& progress_;
  const CancelFunction& cancelled_;
  PutProgress total_;
  std::atomic<std::uint64_t> files_done_{0};
  std::atomic<std::uint64_t> bytes_done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  Status status_;
};

// Looks at the stop flag at every piece.
class StoppableSink final : public ByteSink {
 public:
  StoppableSink(ByteSink& out, const std::atomic<bool>& stopped) : out_(out), stopped_(stopped) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    return !stopped_.load(std::memory_order_relaxed) && out_.write(data);
  }

 private:
  ByteSink& out_;
  const std::atomic<bool>& stopped_;
};

// Sizes by the recipes, largest first. What cannot be found fails here, before anything is written.
Result<std::vector<std::pair<std::uint64_t, std::size_t>>> in_order(StoreParts& parts,
                                                                    std::span<const PlaceRequest> files) {
  std::vector<std::pair<std::uint64_t, std::size_t>> order(files.size());
  for (std::size_t i = 0; i < files.size(); ++i) {
    SOUSCHEF_TRY(const Recipe recipe, parts.rebuild->choose(files[i].content, files[i].blob));
    order[i] = {recipe.content_size, i};
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  return order;
}

Result<PlacedFile> restore_file(StoreParts& parts, const PlaceRequest& request, Form form,
                                const std::atomic<bool>& stopped) {
  SOUSCHEF_TRY(const auto file, FileSink::create(parts.disk, request.target.parent_path(), {}));
  StoppableSink sink(*file, stopped);
  const auto rebuilt = parts.rebuild->write(request.content, request.blob, form, Proof::file, sink);
  SOUSCHEF_CHECK(file->finish());
  if (!rebuilt) return rebuilt.error();
  if (request.executable) {
    // For everybody who may read it.
    SOUSCHEF_TRY(const FileStatus status, file->file().status());
    SOUSCHEF_CHECK(parts.disk.set_mode(file->file().path(), status.mode | ((status.mode & 0444U) >> 2)));
  }
  SOUSCHEF_CHECK(file->publish(request.target));
  return PlacedFile{Placement::copy, rebuilt->exact, rebuilt->size};
}

}  // namespace

Result<std::vector<PlacedFile>> restore_files(StoreParts& parts, std::span<const PlaceRequest> files,
                                              Form form, const ProgressFunction& progress,
                                              const CancelFunction& cancelled) {
  SOUSCHEF_TRY(const auto order, in_order(parts, files));
  std::vector<PlacedFile> placed(files.size());
  ForEachFile each(parts, progress, cancelled);
  SOUSCHEF_CHECK(each.run(order, [&](std::size_t i) -> Result<std::uint64_t> {
    const ScopedTimer timer("restore", files[i].target.native());
    SOUSCHEF_TRY(placed[i], restore_file(parts, files[i], form, each.stopped()));
    return placed[i].size;
  }));
  return placed;
}

Result<std::vector<PlacedFile>> check_out_files(StoreParts& parts, std::span<const PlaceRequest> files,
                                                const ProgressFunction& progress,
                                                const CancelFunction& cancelled) {
  // One content may stand under many names: it is shelved once, by one task, which places them all.
  std::map<std::pair<ContentId, bool>, std::vector<std::size_t>> names;
  for (std::size_t i = 0; i < files.size(); ++i) names[{files[i].content, files[i].executable}].push_back(i);
  std::vector<PlaceRequest> first;
  for (const auto& [key, indices] : names) first.push_back(files[indices.front()]);
  SOUSCHEF_TRY(const auto order, in_order(parts, first));

  Pantry pantry(parts);
  std::vector<PlacedFile> placed(files.size());
  ForEachFile each(parts, progress, cancelled);
  SOUSCHEF_CHECK(each.run(order, [&](std::size_t which) -> Result<std::uint64_t> {
    const PlaceRequest& request = first[which];
    SOUSCHEF_TRY(const Pantry::Shelved shelved, pantry.shelve(request.content, request.executable));
    for (const std::size_t i : names.at({request.content, request.executable})) {
      SOUSCHEF_TRY(placed[i].placement, pantry.place(shelved, files[i].target, files[i].executable));
      placed[i].size = shelved.size;
    }
    return shelved.size;
  }));
  return placed;
}

}  // namespace souschef::store
