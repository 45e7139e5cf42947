// SPDX-License-Identifier: MIT
// What a .blend needs, libraries included: breadth-first over what the tracer says of each file's bytes, with
// paths resolved on this machine, now. The bytes' part is cached by content; the resolving runs every time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/banking/file_comparison.hpp"
#include "core/banking/folder_listing.hpp"
#include "core/base/json.hpp"
#include "core/jobs/manifest.hpp"
#include "core/jobs/trace_record.hpp"
#include "store/store.hpp"

namespace souschef::core {

class FileView;
class Production;

enum class DependencyState : std::uint8_t {
  found,
  found_here,  // an absolute path from elsewhere whose tail exists in this production
  wrong_case,  // exists under another spelling: Windows and macOS find it, Linux does not
  outside,     // exists, not below the production
  missing,
  late,       // an order in the queue is going to write it: core/banking/late_inputs
  not_needed  // a cache that is not there, a thing that a render does not look at
};

struct Dependency {
  std::size_t blend = 0;           // which traced file refers: index into Trace::blends
  std::uint32_t reference = 0;     // which of its record's references
  std::string resolved;            // absolute; for a sequence the path as written, resolved
  std::vector<std::string> files;  // absolute paths of what there is
  DependencyState state = DependencyState::missing;
  std::string note;  // for people: why it is missing, what was taken instead
};

// One .blend of the trace.
struct TracedBlend {
  std::string path;      // absolute, as referred to
  std::string job_path;  // where it is in a job: relative to the production, or below _outside
  std::shared_ptr<const TraceRecord> record;
  std::optional<store::FileStamp> stamp;      // of the file whose bytes had to be read
  std::shared_ptr<store::SourceFile> source;  // that file, if it was kept open for who banks it
  ContentId content;                          // where the stat cache knew it
  std::string cache_key;                      // of the tracer; empty: the record came from the cache
  std::vector<bool> reached;                  // by datablock: what the entry uses

  [[nodiscard]] bool is_reached(std::uint32_t datablock) const {
    return datablock >= reached.size() || reached[datablock];
  }
};

struct Trace {
  std::vector<TracedBlend> blends;  // [0] is the entry
  std::vector<Dependency> dependencies;
  std::vector<std::string> problems;   // for people: a library that could not be read, a loop of packed files
  FolderListings listings;             // what was looked at
  std::vector<ComparedFile> compared;  // what was taken from here, or not, for its bytes

  // Whether jumping to a frame gives what playing to it gives: baked, and the baked frames are there.
  [[nodiscard]] bool is_baked(std::size_t blend, const TracedSimulation& simulation) const;
  [[nodiscard]] const TracedReference& reference(const Dependency& dependency) const {
    return blends[dependency.blend].record->references[dependency.reference];
  }
};

struct TraceOptions {
  bool include_unused = false;          // follow everything in a library
  bool keep_open = false;               // for who banks the files next: TracedBlend::source
  FileView* view = nullptr;             // files that stand in for some of the disk's; borrowed
  const store::Clock* clock = nullptr;  // for tests; null: the real one. Borrowed
  std::function<void(const std::string& file)> progress;
  store::CancelFunction cancelled;
};

// Traces `entry` (absolute). Nothing is stored but caches. Errors: not_found, bad_input (not a .blend, cut
// short), denied, io. Missing dependencies are no error here.
Result<Trace> trace_blend(Production& production, const std::filesystem::path& entry,
                          const TraceOptions& options);

// Every file to bank: absolute path -> path in the job.
std::map<std::string, std::string> files_to_bank(const Production& production, const Trace& trace);
// Remembers what was traced from bytes, now that the contents have names. `contents`: by absolute path.
void remember_traces(store::Store& store, const Trace& trace,
                     const std::map<std::string, ContentId>& contents);

// Where an absolute path goes in a job.
std::string job_path_of(const Production& production, std::string_view absolute);

// The references that a checkout must point elsewhere, and what is missing, as the manifest keeps them.
std::vector<ManifestRemap> remaps_of(const Production& production, const Trace& trace);
std::vector<ManifestMissing> missing_of(const Production& production, const Trace& trace);

// The object that `trace --json` prints (docs/format/trace.md).
Json trace_json(const Production& production, const Trace& trace);

std::string_view name_of(DependencyState state);

}  // namespace souschef::core
