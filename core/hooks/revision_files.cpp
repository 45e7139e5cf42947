// SPDX-License-Identifier: MIT
// A record may claim a revision only if the job holds that revision's bytes (invariant 33). Comparing the
// working copy with the revision would not do: between that look and the banking the artist may save. So the
// other way round: the job is fixed first, with the BLAKE3 of every file as it was read; then the revision's
// own bytes are hashed, straight from the repository's objects, and the two are compared.
//
//   job               shots/a.blend -> 7c01..    tex/wall.png -> 99ab..
//   revision 4b825d   shots/a.blend -> 7c01..    tex/wall.png -> 0e11..     modified: tex/wall.png
//
// A revision's file never changes, so its hash is remembered, by what the repository calls its version: a
// commit costs the hashing of what it changed. What cannot be read from the repository counts as modified.
#include "core/hooks/revision_files.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>

#include <souschef/file_name.hpp>

#include "core/base/ulid.hpp"
#include "core/production/blend_path.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel

// Rows carry a hash of themselves: what it does not fit was not written here.
std::string memo_key(std::string_view system, const FileAt& file) {
  store::Hasher hasher;
  for (const std::string_view part : {system, std::string_view(file.version), std::string_view(file.path)}) {
    hasher.update(part);
    hasher.update(std::string_view("\0", 1));
  }
  return "revision:" + hasher.finish().hex();
}
std::string memo_value(const std::string& key, const Hash& hash) {
  const std::string hex = hash.hex();
  return hex + store::hash_of(key + hex).hex();
}
std::optional<Hash> hash_in(const std::string& key, const std::optional<std::string>& value) {
  if (!value || value->size() != 4 * Hash::kSize) return std::nullopt;
  const auto hash = BlobId::from_hex(std::string_view(*value).substr(0, 2 * Hash::kSize));
  if (!hash || memo_value(key, hash->hash) != *value) return std::nullopt;
  return hash->hash;
}

// Files that are fetched from the repository as they are asked for, into a folder that goes with the view.
class RevisionView final : public FileView {
 public:
  RevisionView(RevisionFiles& revision, std::set<std::string> replaced, std::set<std::string> hidden,
               fs::path folder)
      : FileView(std::move(replaced), std::move(hidden)), revision_(revision), folder_(std::move(folder)) {}
  ~RevisionView() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  RevisionView(const RevisionView&) = delete;
  RevisionView& operator=(const RevisionView&) = delete;

  Result<fs::path> file_for(const std::string& path) override {
    const auto known = made_.find(path);
    if (known != made_.end()) return known->second;
    const std::string name = revision_.path_of(path);
    const auto tracked = revision_.files().find(name);
    if (tracked == revision_.files().end())
      return Error(ErrorCode::not_found, "the revision has no " + escape_name(name));
    // The name's ending says what kind of file it is; the number keeps equal names apart.
    const fs::path file = folder_ / (std::to_string(made_.size()) + "-" + std::string(name_part(path)));
    std::ofstream out(file, std::ios::binary);
    bool whole = false;
    FileSink sink;
    sink.piece = [&](std::size_t, std::span<const std::byte> piece) -> Status {
      out.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
      return {};
    };
    sink.end = [&](std::size_t) -> Status {
      whole = true;
      return {};
    };
    SOUSCHEF_CHECK(
        revision_.repository().read(revision_.revision().id, {{name, tracked->second.version}}, sink));
    out.close();
    if (!out) return Error(ErrorCode::io, "cannot write " + file.string());
    if (!whole)
      return Error(ErrorCode::not_found, escape_name(name) + " of revision " + revision_.revision().id,
                   "its bytes are not on this machine")
          .next_step(revision_.repository().system() == "git" ? "git lfs fetch --all" : "hg pull");
    made_[path] = file;
    return file;
  }

 private:
  RevisionFiles& revision_;
  fs::path folder_;
  std::map<std::string, fs::path> made_;
};

}  // namespace

Result<std::unique_ptr<RevisionFiles>> RevisionFiles::load(Production& production, Repository& repository,
                                                           Revision revision) {
  auto files = std::unique_ptr<RevisionFiles>(new RevisionFiles(production, repository, std::move(revision)));
  SOUSCHEF_TRY(files->files_, repository.files(files->revision_.id));
  return files;
}

std::string RevisionFiles::path_of(const std::string& absolute) const {
  const std::string top = repository_.top().string();
  if (!is_below(absolute, top)) return {};
  return absolute.substr(top == "/" ? 1 : top.size() + 1);
}

std::string RevisionFiles::absolute(const std::string& path) const {
  return joined(repository_.top().string(), path);
}

Result<RevisionFiles::Followed> RevisionFiles::follow(std::string path) {
  for (int links = 0; links < kMaxLinks; ++links) {
    std::size_t end = 0;
    auto found = files_.end();
    while (found == files_.end() && end != std::string::npos) {
      end = path.find('/', end == 0 ? 0 : end + 1);
      found = files_.find(path.substr(0, end));
    }
    if (found == files_.end()) return Followed{};
    if (found->second.is_closed) return Followed{path, true};
    if (!found->second.is_symlink) return end == std::string::npos ? Followed{path} : Followed{};
    const auto [target, fresh] = link_targets_.try_emplace(found->first);
    if (fresh) {
      SOUSCHEF_TRY(target->second,
                   repository_.link_target(revision_.id, {found->first, found->second.version}));
    }
    const std::string rest = end == std::string::npos ? std::string() : path.substr(end);
    const std::string from(parent_of(absolute(found->first)));
    const std::string& written = target->second;
    path = path_of(normalised((written.starts_with('/') ? written : joined(from, written)) + rest));
    if (path.empty()) return Followed{};
  }
  return Followed{};
}

Result<std::string> RevisionFiles::tracked(const std::string& absolute) {
  SOUSCHEF_TRY(Followed followed, follow(path_of(absolute)));
  return std::move(followed.path);
}

Result<std::map<std::string, Hash>> RevisionFiles::hashes(const std::vector<std::string>& paths) {
  std::map<std::string, Hash> known;
  std::vector<FileAt> wanted;
  SOUSCHEF_TRY(store::Store* const store, production_.store());
  for (const std::string& path : paths) {
    const FileAt file{path, files_.at(path).version};
    const std::string key = memo_key(repository_.system(), file);
    if (const auto hash = hash_in(key, store->memo(store::MemoTable::unchanged, key))) {
      known[path] = *hash;
    } else {
      wanted.push_back(file);
    }
  }
  store::Hasher hasher;
  std::size_t current = wanted.size();
  FileSink sink;
  sink.piece = [&](std::size_t file, std::span<const std::byte> piece) -> Status {
    if (file != current) hasher.reset();
    current = file;
    hasher.update(piece);
    return {};
  };
  sink.end = [&](std::size_t file) -> Status {
    if (file != current) hasher.reset();  // an empty one
    current = wanted.size();
    const Hash hash = hasher.finish();
    hasher.reset();
    const std::string key = memo_key(repository_.system(), wanted[file]);
    store->set_memo(store::MemoTable::unchanged, key, memo_value(key, hash));
    known[wanted[file].path] = hash;
    return {};
  };
  SOUSCHEF_CHECK(repository_.read(revision_.id, wanted, sink));
  return known;
}

Result<RevisionClaim> RevisionFiles::compare(const Manifest& manifest) {
  RevisionClaim claim;
  std::map<std::string, std::string> tracked;  // job path -> repository path
  std::vector<std::string> paths;
  for (const ManifestFile& file : manifest.files) {
    const bool outside = file.path.starts_with(std::string(kOutsideFolder) + "/");
    const std::string place =
        outside ? file.path.substr(kOutsideFolder.size()) : joined(production_.root().string(), file.path);
    SOUSCHEF_TRY(const Followed followed, follow(path_of(place)));
    if (followed.closed) {
      claim.modified.push_back(file.path);
    } else if (followed.path.empty()) {
      ++claim.untracked;
    } else {
      tracked[file.path] = followed.path;
      paths.push_back(followed.path);
    }
  }
  SOUSCHEF_TRY(const auto known, hashes(paths));
  for (const ManifestFile& file : manifest.files) {
    const auto name = tracked.find(file.path);
    if (name == tracked.end()) continue;
    const auto hash = known.find(name->second);
    if (hash == known.end() || hash->second != file.blob.hash) claim.modified.push_back(file.path);
  }
  // A file that the job is without although the revision has it is as much another state.
  for (const ManifestMissing& missing : manifest.missing) {
    if (missing.path.empty() || form_of(missing.path) != PathForm::loose) continue;
    const std::string path = path_of(normalised(joined(production_.root().string(), missing.path)));
    if (files_.contains(path)) claim.modified.push_back(missing.path);
  }
  std::sort(claim.modified.begin(), claim.modified.end());
  return claim;
}

Result<std::unique_ptr<FileView>> RevisionFiles::view() {
  SOUSCHEF_TRY(const auto differences, repository_.differing(revision_.id));
  std::set<std::string> replaced, hidden;
  for (const Difference& each : differences) {
    const auto tracked = files_.find(each.path);
    // Links are left alone: what they lead to is compared in its own place.
    if (tracked != files_.end() && (tracked->second.is_symlink || tracked->second.is_closed)) continue;
    (each.in_revision && tracked != files_.end() ? replaced : hidden).insert(absolute(each.path));
  }
  const fs::path folder = production_.paths().temporary() / ("revision-" + new_ulid());
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) return store::system_error(code.value(), "cannot make " + folder.string());
  return std::unique_ptr<FileView>(
      std::make_unique<RevisionView>(*this, std::move(replaced), std::move(hidden), folder));
}

}  // namespace souschef::core
