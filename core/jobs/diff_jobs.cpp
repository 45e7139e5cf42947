// SPDX-License-Identifier: MIT
#include "core/jobs/diff_jobs.hpp"

#include <algorithm>
#include <map>

#include <souschef/file_name.hpp>

#include "core/base/file_hash.hpp"
#include "core/jobs/file_outline.hpp"
#include "core/jobs/job_store.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// One side of a file.
struct Side {
  const ManifestFile* banked = nullptr;  // else the working file
  fs::path working;
};

class Diff {
 public:
  Diff(Production& production, const DiffRequest& request) : production_(production), request_(request) {}

  Result<JobDiff> run() {
    JobStore jobs(production_);
    SOUSCHEF_TRY(const Manifest before, jobs.load(request_.before));
    if (!request_.after) {
      SOUSCHEF_CHECK(against_working_files(before));
      return std::move(diff_);
    }
    SOUSCHEF_TRY(const Manifest after, jobs.load(*request_.after));
    SOUSCHEF_CHECK(against(before, after));
    return std::move(diff_);
  }

 private:
  // Both lists are sorted by path.
  Status against(const Manifest& before, const Manifest& after) {
    auto a = before.files.begin();
    auto b = after.files.begin();
    while (a != before.files.end() || b != after.files.end()) {
      if (b == after.files.end() || (a != before.files.end() && a->path < b->path)) {
        diff_.files.push_back({ChangeKind::removed, a->path, a->size, 0, {}, {}});
        ++a;
      } else if (a == before.files.end() || b->path < a->path) {
        diff_.files.push_back({ChangeKind::added, b->path, 0, b->size, {}, {}});
        ++b;
      } else {
        SOUSCHEF_CHECK(compare(*a++, *b++));
      }
    }
    return {};
  }

  Status compare(const ManifestFile& a, const ManifestFile& b) {
    if (a.content == b.content && a.mode == b.mode && a.target == b.target) {
      ++diff_.same;
      return {};
    }
    FileChange change{ChangeKind::changed, a.path, a.size, b.size, {}, {}};
    if (b.mode == FileMode::symlink)
      change.note = "link to " + escape_name(b.target);
    else if (a.mode != b.mode)
      change.note = b.mode == FileMode::executable ? "may be executed now" : "may not be executed any more";
    if (a.content != b.content && a.mode != FileMode::symlink && b.mode != FileMode::symlink)
      SOUSCHEF_CHECK(look_inside({&a, {}}, {&b, {}}, change));
    diff_.files.push_back(std::move(change));
    return {};
  }

  Status against_working_files(const Manifest& before) {
    const std::string outside = std::string(kOutsideFolder) + "/";
    for (const ManifestFile& file : before.files) {
      const fs::path path = file.path.starts_with(outside) ? fs::path(file.path.substr(outside.size() - 1))
                                                           : production_.root() / file.path;
      SOUSCHEF_CHECK(compare(file, path));
    }
    return {};
  }

  Status compare(const ManifestFile& file, const fs::path& path) {
    std::error_code code;
    if (file.mode == FileMode::symlink) {
      const fs::path target = fs::read_symlink(path, code);
      if (!code && target == file.target)
        ++diff_.same;
      else
        diff_.files.push_back({code ? ChangeKind::removed : ChangeKind::changed,
                               file.path,
                               0,
                               0,
                               code ? std::string() : "link to " + escape_name(target.string()),
                               {}});
      return {};
    }
    const fs::path real = fs::canonical(path, code);
    if (code || !fs::is_regular_file(real, code)) {
      diff_.files.push_back({ChangeKind::removed, file.path, file.size, 0, {}, {}});
      return {};
    }
    const std::uint64_t size = fs::file_size(real, code);
    SOUSCHEF_TRY(store::Store* const store, production_.store());
    const auto known = store->known(real);
    bool same = known && known->content == file.content;
    if (!known && !same && size == file.blob_size) {
      SOUSCHEF_TRY(const Hash hash, hash_of_file(real));
      same = hash == file.blob.hash || hash == file.content.hash;
    }
    if (same) {
      ++diff_.same;
      return {};
    }
    FileChange change{ChangeKind::changed, file.path, file.size, known ? known->content_size : size, {}, {}};
    SOUSCHEF_CHECK(look_inside({&file, {}}, {nullptr, real}, change));
    diff_.files.push_back(std::move(change));
    return {};
  }

  Result<std::optional<FileOutline>> outline(const Side& side) {
    return side.banked != nullptr ? outline_of_content(production_, side.banked->content)
                                  : outline_of_file(production_, side.working);
  }

  // Files that cannot be looked into have changed all the same.
  Status look_inside(const Side& before, const Side& after, FileChange& change) {
    if (!request_.parts) return {};
    const auto a = outline(before);
    const auto b =
        a && *a ? outline(after) : Result<std::optional<FileOutline>>(std::optional<FileOutline>());
    for (const auto* side : {&a, &b})
      if (!*side) {
        change.note = side->error().line();
        return {};
      }
    if (!*a || !*b) return {};
    for (const auto& [key, item] : **a) {
      const auto other = (*b)->find(key);
      if (other == (*b)->end())
        change.parts.push_back({ChangeKind::removed, item.kind, item.name, item.detail, {}});
      else if (other->second.digest != item.digest || other->second.detail != item.detail)
        change.parts.push_back({ChangeKind::changed, item.kind, item.name,
                                other->second.detail == item.detail ? std::string() : item.detail,
                                other->second.detail == item.detail ? std::string() : other->second.detail});
    }
    for (const auto& [key, item] : **b)
      if (!(*a)->contains(key))
        change.parts.push_back({ChangeKind::added, item.kind, item.name, {}, item.detail});
    if (change.parts.empty()) change.note = "nothing that matters inside";
    return {};
  }

  Production& production_;
  const DiffRequest& request_;
  JobDiff diff_;
};

}  // namespace

std::string_view name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added:
      return "added";
    case ChangeKind::removed:
      return "removed";
    case ChangeKind::changed:
      return "changed";
  }
  return "?";
}

Result<JobDiff> diff_jobs(Production& production, const DiffRequest& request) {
  return Diff(production, request).run();
}

}  // namespace souschef::core
