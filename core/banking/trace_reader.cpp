// SPDX-License-Identifier: MIT
#include "core/banking/trace_reader.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include <souschef/file_name.hpp>

#include "core/banking/lfs_pointer.hpp"
#include "core/base/file_view.hpp"
#include "core/plugin_host/plugin_catalog.hpp"
#include "core/production/production.hpp"
#include "store/scoped_timer.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::size_t kHeadBytes = 64;

Error not_a_blend(const std::string& path, std::span<const std::byte> start) {
  if (is_lfs_pointer(path)) return lfs_pointer_error(escape_name(path));
  const std::string what = escape_name(path) + " is not a .blend file";
  if (start.empty())
    return Error(ErrorCode::bad_input, what, "it is empty").next_step("restore an earlier snapshot of it");
  constexpr std::string_view kZip = "PK\3\4";
  if (std::string_view(reinterpret_cast<const char*>(start.data()), start.size()).starts_with(kZip))
    return Error(ErrorCode::bad_input, what, "it is a zip archive").next_step("unpack it first");
  return Error(ErrorCode::bad_input, what, "it does not begin as Blender's files do")
      .next_step("open it in Blender and save it again");
}

Error cannot_trace(const std::string& path, Error why) {
  Error error = std::move(why).in_context("cannot trace " + escape_name(path));
  const bool file_is_bad = error.code == ErrorCode::bad_input || error.code == ErrorCode::unsupported;
  if (error.next.empty() && file_is_bad)
    error.next = "open it in Blender and save it again, or restore an earlier snapshot";
  return error;
}

// A file's analysis, shared with the filter that will bank the file where that is the same plugin.
struct OpenedAnalysis {
  std::unique_ptr<Analysis> own;
  Analysis* analysis = nullptr;
};
Result<OpenedAnalysis> open_analysis(const PluginFaces& faces, PluginCatalog& plugins,
                                     std::span<const std::byte> head, store::SourceFile& source) {
  const store::FilterEntry* const filter = plugins.filters().accepting(head);
  OpenedAnalysis opened;
  if (filter != nullptr && filter->analyser == faces.analyser) {
    SOUSCHEF_TRY(opened.analysis, source.analysis(plugins.filters(), fs::temp_directory_path()));
  } else {
    SOUSCHEF_TRY(opened.own, faces.analyser->open(source, fs::temp_directory_path()));
    opened.analysis = opened.own.get();
  }
  return opened;
}

// So that no thread begins with a large file when the others are done.
std::vector<std::size_t> largest_first(const std::vector<std::string>& paths) {
  std::vector<std::pair<std::uintmax_t, std::size_t>> sizes;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    std::error_code code;
    const std::uintmax_t size = fs::file_size(paths[i], code);
    sizes.emplace_back(code ? 0 : size, i);
  }
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  std::vector<std::size_t> order;
  for (const auto& [size, i] : sizes) order.push_back(i);
  return order;
}

}  // namespace

std::vector<Result<TracedBlend>> TraceReader::read(const std::vector<std::string>& paths) {
  std::vector<std::optional<Result<TracedBlend>>> answers(paths.size());
  const auto one = [&](std::size_t i) { answers[i].emplace(read_one(paths[i])); };
  const auto plugins = production_.plugins();
  // A view may fetch its files while it is asked for them, one at a time.
  if (plugins && options_.view == nullptr && paths.size() > 1) {
    const std::vector<std::size_t> order = largest_first(paths);
    (*plugins)->pool().run(order.size(), [&](std::size_t i) { one(order[i]); });
  } else {
    for (std::size_t i = 0; i < paths.size(); ++i) one(i);
  }
  std::vector<Result<TracedBlend>> all;
  all.reserve(answers.size());
  for (auto& answer : answers) all.push_back(std::move(*answer));
  return all;
}

Result<TracedBlend> TraceReader::read_one(const std::string& path) {
  const store::ScopedTimer timer("trace", path);
  if (options_.cancelled && options_.cancelled()) return Error(ErrorCode::cancelled, "stopped");
  TracedBlend blend;
  blend.path = path;
  blend.job_path = job_path_of(production_, path);
  SOUSCHEF_TRY(const fs::path real, real_path(path));
  SOUSCHEF_TRY(std::shared_ptr<store::SourceFile> source, store::SourceFile::open(real));
  SOUSCHEF_CHECK(trace_bytes(blend, std::move(source)));
  return blend;
}

Status TraceReader::trace_bytes(TracedBlend& blend, std::shared_ptr<store::SourceFile> source) {
  std::array<std::byte, kHeadBytes> head{};
  const std::int64_t got = source->read_at(0, head);
  if (got < 0) return Error(ErrorCode::io, "cannot read " + escape_name(blend.path));
  const auto start = std::span<const std::byte>(head).first(static_cast<std::size_t>(got));
  SOUSCHEF_TRY(PluginCatalog* const plugins, production_.plugins());
  SOUSCHEF_TRY(const PluginFaces* const faces, plugins->tracer_for(start));
  if (faces == nullptr) return not_a_blend(blend.path, start);
  const std::string version = faces->id + "/" + std::to_string(faces->tracer->version()) + ":";
  if (from_cache(blend, fs::path(source->name()), version)) return {};

  auto opened = open_analysis(*faces, *plugins, start, *source);
  if (!opened) return cannot_trace(blend.path, std::move(opened.error()));
  if (opened->analysis == nullptr) return not_a_blend(blend.path, start);
  auto record = record_trace(*faces->tracer, *opened->analysis);
  if (!record) return cannot_trace(blend.path, std::move(record.error()));
  SOUSCHEF_CHECK(source->check_unchanged());
  blend.record = std::make_shared<TraceRecord>(std::move(*record));
  blend.cache_key = version;
  blend.stamp = source->stamp();
  if (options_.keep_open && may_stay_open(opened->analysis->content_size())) blend.source = std::move(source);
  return {};
}

Result<fs::path> TraceReader::real_path(const std::string& path) {
  if (options_.view != nullptr && options_.view->replaces(path)) return options_.view->file_for(path);
  std::error_code code;
  fs::path real = fs::canonical(path, code);
  if (code || (options_.view != nullptr && options_.view->hides(path))) {
    Error error(ErrorCode::not_found, "there is no " + escape_name(path));
    if (fs::is_symlink(path, code)) error.why.push_back("it is a symbolic link that leads nowhere");
    return error;
  }
  if (fs::is_directory(real, code))
    return Error(ErrorCode::bad_input, escape_name(path) + " is not a .blend file", "it is a folder")
        .next_step("name a .blend in it");
  return real;
}

bool TraceReader::from_cache(TracedBlend& blend, const fs::path& real, const std::string& version) {
  if (store_ == nullptr) return false;
  const auto stored = store_->known(real);
  if (!stored) return false;
  blend.content = stored->content;
  const auto cached = store_->memo(store::MemoTable::trace, version + stored->content.hex());
  if (!cached) return false;
  auto record = unpack_record(*cached);
  if (!record) return false;
  blend.record = std::make_shared<TraceRecord>(std::move(*record));
  return true;
}

// A file that stays open need not be unpacked again when it is banked; but libraries come by the hundred.
bool TraceReader::may_stay_open(std::uint64_t content_size) {
  constexpr std::uint64_t kMostBytes = 160U << 20;
  constexpr std::size_t kMostFiles = 64;
  const std::lock_guard lock(mutex_);
  if (open_files_ == kMostFiles || content_size > kMostBytes - open_bytes_) return false;
  ++open_files_;
  open_bytes_ += content_size;
  return true;
}

}  // namespace souschef::core
