// SPDX-License-Identifier: MIT
// Measured with Blender 3.4: an absolute library path opened from a copy of a production silently loads the
// *live* library, and re-pointing it at run time leaves the libraries inside it wrong, with no error. So
// .blend files with such paths are written anew into the checkout; all others are placed as they are.
#include "core/jobs/checkout.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <souschef/file_name.hpp>

#include "core/jobs/roots.hpp"
#include "core/jobs/trace_record.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/blend_path.hpp"
#include "store/file_system.hpp"
#include "store/lease.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class FileSink final : public ByteSink {
 public:
  explicit FileSink(store::OpenFile& file) : file_(file) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    status = file_.write_at(at_, data);
    at_ += data.size();
    return status.has_value();
  }
  Status status;

 private:
  store::OpenFile& file_;
  std::uint64_t at_ = 0;
};

// The folder, as a path inside the job, that a reference's relative path starts from.
std::string folder_in_job(const Manifest& manifest, const ManifestRemap& remap) {
  const std::string self = "/" + remap.file;
  if (remap.base == SOUSCHEF_BASE_ENTRY) return std::string(parent_of("/" + manifest.entry));
  if (remap.base.empty()) return std::string(parent_of(self));
  return std::string(parent_of(resolve_written(remap.base, parent_of(self), {}).path));
}

class Job {
 public:
  Job(Production& production, const CheckoutRequest& request) : production_(production), request_(request) {}

  Result<Checkout> run() {
    SOUSCHEF_TRY(store_, production_.store());
    SOUSCHEF_TRY(const auto reading, store_->begin_read("checkout", {keep_of(request_.job)}));
    SOUSCHEF_TRY(manifest_, JobStore(production_).load(request_.job));
    for (const ManifestRemap& remap : manifest_.remaps) remaps_[remap.file].push_back(&remap);
    checkout_.folder = request_.folder;
    if (!manifest_.entry.empty()) checkout_.entry = request_.folder / manifest_.entry;

    SOUSCHEF_CHECK(make_folders());
    SOUSCHEF_CHECK(place_files());

    // ---- from here every file that is used as it was banked is in its place

    for (const auto& [file, remaps] : remaps_) SOUSCHEF_CHECK(rewrite(file, remaps));
    SOUSCHEF_CHECK(make_links());
    return std::move(checkout_);
  }

 private:
  Status make_folders() {
    std::set<fs::path> folders = {request_.folder};
    for (const ManifestFile& file : manifest_.files)
      folders.insert((request_.folder / file.path).parent_path());
    for (const fs::path& folder : folders) {
      std::error_code code;
      fs::create_directories(folder, code);
      if (code)
        return store::system_error(code.value(), "cannot make the folder " + escape_name(folder.string()));
    }
    return {};
  }

  Status place_files() {
    std::vector<store::PlaceRequest> places;
    for (const ManifestFile& file : manifest_.files) {
      if (file.mode == FileMode::symlink || remaps_.contains(file.path)) continue;
      places.push_back(
          {file.content, file.blob, request_.folder / file.path, file.mode == FileMode::executable});
    }
    const bool shared = request_.use == CheckoutUse::shared;
    SOUSCHEF_TRY(const auto placed, shared ? store_->checkout(places, request_.progress, request_.cancelled)
                                           : store_->restore(places, store::Form::content, request_.progress,
                                                             request_.cancelled));
    for (const store::PlacedFile& file : placed) {
      ++checkout_.files;
      checkout_.bytes += file.size;
      checkout_.reflinks += file.placement == store::Placement::reflink ? 1 : 0;
      checkout_.hardlinks += file.placement == store::Placement::hardlink ? 1 : 0;
      checkout_.copies += file.placement == store::Placement::copy ? 1 : 0;
    }
    return {};
  }

  // The .blend `path` with its references pointed into the job.
  Status rewrite(const std::string& path, const std::vector<const ManifestRemap*>& remaps) {
    const ManifestFile* const file = manifest_.find(path);
    if (file == nullptr)
      return Error(ErrorCode::corrupt, "a remap of the job names a file that is not in it", path);
    const fs::path target = request_.folder / path;
    const fs::path original = target.parent_path() / (target.filename().string() + ".banked");
    const std::array<store::PlaceRequest, 1> place = {{{file->content, file->blob, original, false}}};
    SOUSCHEF_CHECK(store_->checkout(place, {}, request_.cancelled));
    Status status = rewrite_from(original, target, remaps);
    (void)store::FileSystem::real().remove_file(original);
    if (!status)
      return std::move(status.error()).in_context("cannot prepare " + escape_name(path) + " for rendering");
    checkout_.rewritten.push_back(path);
    return {};
  }

  Status rewrite_from(const fs::path& original, const fs::path& target,
                      const std::vector<const ManifestRemap*>& remaps) {
    SOUSCHEF_TRY(const auto source, store::SourceFile::open(original));
    std::array<std::byte, 64> head{};
    const std::int64_t got = source->read_at(0, head);
    if (got < 0) return Error(ErrorCode::io, "cannot read it");
    SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
    SOUSCHEF_TRY(const PluginFaces* const faces,
                 plugins->tracer_for(std::span<const std::byte>(head).first(static_cast<std::size_t>(got))));
    if (faces == nullptr) return Error(ErrorCode::unsupported, "no tracer knows this kind of file");
    SOUSCHEF_TRY(const auto analysis, faces->analyser->open(*source, fs::temp_directory_path()));
    if (analysis == nullptr) return Error(ErrorCode::unsupported, "the tracer does not take this file");
    SOUSCHEF_TRY(const TraceRecord record, record_trace(*faces->tracer, *analysis));
    const auto changes = changes_for(record, remaps);

    auto& disk = store::FileSystem::real();
    SOUSCHEF_TRY(const auto out, disk.create(target, 0644));
    FileSink sink(*out);
    Status written = faces->tracer->rewrite(*analysis, changes, sink);
    if (!sink.status) return sink.status;
    SOUSCHEF_CHECK(written);
    ++checkout_.files;
    ++checkout_.copies;
    SOUSCHEF_TRY(const auto status, out->status());
    checkout_.bytes += status.size;
    return request_.use == CheckoutUse::shared ? disk.set_mode(target, 0444) : Status();
  }

  std::vector<PathChange> changes_for(const TraceRecord& record,
                                      const std::vector<const ManifestRemap*>& remaps) const {
    std::map<std::pair<std::string, std::string>, const ManifestRemap*> wanted;
    for (const ManifestRemap* remap : remaps) wanted[{remap->written, remap->base}] = remap;
    std::vector<PathChange> changes;
    for (std::uint32_t i = 0; i < record.references.size(); ++i) {
      const TracedReference& reference = record.references[i];
      const auto found = wanted.find({reference.path, reference.base});
      if (!reference.rewritable || found == wanted.end()) continue;
      const ManifestRemap& remap = *found->second;
      changes.push_back({i, "//" + relative_from("/" + remap.path, folder_in_job(manifest_, remap))});
    }
    return changes;
  }

  // Only those that stay inside: a link of a banked folder may point anywhere, a checkout may not.
  Status make_links() {
    for (const ManifestFile& file : manifest_.files) {
      if (file.mode != FileMode::symlink || file.target.starts_with('/')) continue;
      const std::string inside = normalised(joined(parent_of("/" + file.path), file.target));
      const std::string climbed =
          (fs::path(file.path).parent_path() / file.target).lexically_normal().string();
      if (climbed.starts_with("..") || inside == "/") continue;
      std::error_code code;
      fs::create_symlink(file.target, request_.folder / file.path, code);
      if (code) return store::system_error(code.value(), "cannot make the link " + escape_name(file.path));
    }
    return {};
  }

  Production& production_;
  const CheckoutRequest& request_;
  Manifest manifest_;
  store::Store* store_ = nullptr;
  std::map<std::string, std::vector<const ManifestRemap*>> remaps_;
  Checkout checkout_;
};

}  // namespace

Result<Checkout> check_out(Production& production, const CheckoutRequest& request) {
  std::error_code code;
  if (fs::exists(request.folder, code) && !fs::is_empty(request.folder, code))
    return Error(ErrorCode::exists, escape_name(request.folder.string()) + " holds something already");
  auto checkout = Job(production, request).run();
  if (!checkout) (void)store::remove_tree(store::FileSystem::real(), request.folder);
  return checkout;
}

}  // namespace souschef::core
