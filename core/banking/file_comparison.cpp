// SPDX-License-Identifier: MIT
// An absolute path that leads out of the production is taken from here if the file here has the same bytes
// (docs/decisions/0002). A library of 100 MB takes 50 ms to compare, each time that a shot is traced, so the
// answer is remembered under the paths and stamps of both files.
//
// When that may be believed. The stat cache's rules hold here too (store/stat_cache.cpp): a file that was
// written less than a tick before it was read can be written again without a trace in its times, so only
// files that have been left alone for two seconds, the coarsest tick there is, are remembered. Both must be
// on local file systems: there ctime cannot be set back, and this machine's clock is the one that stamps.
// Others are compared every time.
#include "core/banking/file_comparison.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "core/base/file_view.hpp"
#include "core/production/blend_path.hpp"
#include "store/file_system_kind.hpp"
#include "store/hasher.hpp"

namespace souschef::core {
namespace {

constexpr std::int64_t kCoarsestTick = 2'000'000'000;
// What is remembered is the question with the answer behind it.
constexpr std::string_view kSame = " same", kDifferent = " different";

std::string memo_key(const ComparedFile& a, const ComparedFile& b) {
  store::Hasher hash;
  for (const ComparedFile* file : {&a, &b}) {
    const store::FileStamp& stamp = file->stamp;
    const std::array<std::uint64_t, 5> numbers = {file->path.size(), stamp.size,
                                                  static_cast<std::uint64_t>(stamp.mtime_ns),
                                                  static_cast<std::uint64_t>(stamp.ctime_ns), stamp.inode};
    hash.update(file->path);
    hash.update(std::as_bytes(std::span(numbers)));
  }
  return "same bytes:" + hash.finish().hex();
}

bool same_bytes(const std::string& a, const std::string& b) {
  std::ifstream first(a, std::ios::binary), second(b, std::ios::binary);
  std::vector<char> one(1U << 18), other(1U << 18);
  while (first && second) {
    first.read(one.data(), static_cast<std::streamsize>(one.size()));
    second.read(other.data(), static_cast<std::streamsize>(other.size()));
    if (first.gcount() != second.gcount()) return false;
    if (std::memcmp(one.data(), other.data(), static_cast<std::size_t>(first.gcount())) != 0) return false;
  }
  return first.eof() && second.eof();
}

}  // namespace

bool FileComparison::same(const std::string& a, const std::string& b) {
  const auto [answer, first] = answers_.try_emplace({a, b}, false);
  if (first) answer->second = ask(a, b);
  return answer->second;
}

bool FileComparison::ask(const std::string& a, const std::string& b) {
  const auto one = look(a), other = look(b);
  if (!one || !other || one->stamp.size != other->stamp.size) return false;
  const bool lasting = store_ != nullptr && one->settled && other->settled;
  const std::string key = lasting ? memo_key(*one, *other) : std::string();
  if (lasting)
    if (const auto known = store_->memo(store::MemoTable::unchanged, key); known && known->starts_with(key))
      return known->ends_with(kSame);
  ++pairs_read_;
  const bool same = same_bytes(one->path, other->path);
  if (lasting && store::stamp_of(one->path) == one->stamp && store::stamp_of(other->path) == other->stamp)
    store_->set_memo(store::MemoTable::unchanged, key, key + std::string(same ? kSame : kDifferent));
  return same;
}

std::optional<ComparedFile> FileComparison::look(const std::string& path) {
  ComparedFile file;
  file.path = path;
  const bool viewed = view_ != nullptr && view_->replaces(path);
  if (viewed) {
    const auto real = view_->file_for(path);
    if (!real) return std::nullopt;
    file.path = real->string();
  }
  const auto stamp = store::stamp_of(file.path);
  if (!stamp) return std::nullopt;
  file.stamp = *stamp;
  const std::int64_t newest = std::max(stamp->mtime_ns, stamp->ctime_ns);
  file.settled = !viewed && newest < clock_.since_1970().count() - kCoarsestTick &&
                 is_local(std::string(parent_of(file.path)));
  compared_.push_back(file);
  return file;
}

bool FileComparison::is_local(const std::string& folder) {
  const auto known = local_folders_.find(folder);
  if (known != local_folders_.end()) return known->second;
  const auto kind = store::file_system_kind(folder);
  return local_folders_[folder] = kind && kind->nearness == store::Nearness::local;
}

}  // namespace souschef::core
