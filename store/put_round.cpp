// SPDX-License-Identifier: MIT
#include "store/put_round.hpp"

#include <algorithm>
#include <utility>

namespace souschef::store {

namespace {

constexpr std::size_t kMostFilesInBundle = 512;
constexpr std::size_t kHeadBytes = 64;

}  // namespace

Status PutRound::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

bool PutRound::failed() const {
  const std::lock_guard lock(mutex_);
  return !status_;
}

void PutRound::fail(Error error) {
  if (error.code == ErrorCode::changed) return;  // the caller sees that there is no result
  const std::lock_guard lock(mutex_);
  if (status_) status_ = Status(std::move(error));
}

void PutRound::keep(std::size_t index, const FileStamp& stamp, IngestedFile file) {
  Outcome& outcome = outcomes_[index];
  outcome.needs = std::move(file.needs);
  outcome.stored = StoredFile{file.content, file.blob, file.content_size, file.blob_size, stamp, true};
}

void PutRound::start(TaskGroup& group, std::span<const std::size_t> indices, bool first_try) {
  const std::uint64_t small_size = parts_.chunker.parameters().minimum;
  std::vector<Sized> large;
  std::vector<Sized> small;
  for (const std::size_t index : indices) {
    const PutRequest& request = requests_[index];
    const bool open = first_try && request.opened != nullptr;
    const auto status = open ? Result<FileStatus>(Error()) : parts_.disk.status(request.path);
    const std::uint64_t size = open ? request.opened->size() : status ? status->size : 0;
    // Opened files may have an analysis already: those go alone.
    (size <= small_size && !open ? small : large).push_back({index, size});
  }
  std::stable_sort(large.begin(), large.end(),
                   [](const Sized& a, const Sized& b) { return a.size > b.size; });
  for (const Sized& file : large) group.run_long([this, file, first_try] { put_one(file.index, first_try); });
  for (Bundle& bundle : bundles_of(std::move(small)))
    group.run_long([this, bundle = std::move(bundle)] { put_bundle(bundle); });
}

// Neighbours by kind: files of one sort compress each other.
std::vector<PutRound::Bundle> PutRound::bundles_of(std::vector<Sized> small) const {
  std::sort(small.begin(), small.end(), [this](const Sized& a, const Sized& b) {
    const auto& path_a = requests_[a.index].path;
    const auto& path_b = requests_[b.index].path;
    const int kinds = path_a.extension().native().compare(path_b.extension().native());
    return kinds != 0 ? kinds < 0 : path_a.native() < path_b.native();
  });
  std::vector<Bundle> bundles;
  std::uint64_t bytes = 0;
  for (const Sized& file : small) {
    if (bundles.empty() || bytes + file.size > kSlabBytes || bundles.back().size() >= kMostFilesInBundle) {
      bundles.emplace_back();
      bytes = 0;
    }
    bundles.back().push_back(file.index);
    bytes += file.size;
  }
  return bundles;
}

void PutRound::put_one(std::size_t index, bool first_try) {
  if (failed()) return;
  const PutRequest& request = requests_[index];
  std::unique_ptr<SourceFile> own;
  SourceFile* source = first_try ? request.opened : nullptr;
  if (source == nullptr) {
    auto opened = SourceFile::open(request.path);
    if (!opened) return fail(std::move(opened).error());
    own = std::move(*opened);
    source = own.get();
  }
  auto stored = ingest_.file(*source);
  // Whatever happened to it: a file that moved is read again, its errors say nothing.
  if (!source->check_unchanged()) return;
  if (!stored) return fail(std::move(stored).error());
  keep(index, source->stamp(), std::move(*stored));
  ++files_done_;
}

Result<bool> PutRound::add_to_slab(std::size_t index, Slab& slab, FileStamp& stamp) {
  SOUSCHEF_TRY(const auto source, SourceFile::open(requests_[index].path));
  stamp = source->stamp();
  if (stamp.size > slab.data.size() - slab.used) return false;
  const auto place = std::span(slab.data).subspan(slab.used, static_cast<std::size_t>(stamp.size));
  const std::int64_t count = source->read_at(0, place);
  if (count < 0) return Error(ErrorCode::io, "cannot read " + requests_[index].path.string());
  SOUSCHEF_CHECK(source->check_unchanged());
  if (static_cast<std::uint64_t>(count) != stamp.size ||
      ingest_.wants_filter(place.first(std::min(place.size(), kHeadBytes))))
    return false;
  slab.used += place.size();
  return true;
}

void PutRound::put_bundle(const Bundle& bundle) {
  if (failed()) return;
  const std::shared_ptr<Slab> slab = parts_.pool().take_slab();
  std::vector<std::uint32_t> ends;
  std::vector<std::pair<std::size_t, FileStamp>> members;
  std::vector<std::size_t> alone;
  for (const std::size_t index : bundle) {
    FileStamp stamp;
    const auto added = add_to_slab(index, *slab, stamp);
    if (!added) {
      fail(added.error());
      continue;
    }
    if (!*added) {
      alone.push_back(index);
      continue;
    }
    ends.push_back(static_cast<std::uint32_t>(slab->used));
    members.emplace_back(index, stamp);
  }
  auto stored = ingest_.small_files(*slab, ends);
  if (!stored) return fail(std::move(stored).error());
  for (std::size_t i = 0; i < members.size(); ++i)
    keep(members[i].first, members[i].second, std::move((*stored)[i]));
  files_done_ += members.size();
  for (const std::size_t index : alone) put_one(index, false);
}

}  // namespace souschef::store
