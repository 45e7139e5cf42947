// SPDX-License-Identifier: MIT
// Any bytes are a .blend: traced, shown, and where they can be traced, rewritten and traced again. Whatever
// the trace says must hang together: a host follows its numbers without looking.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/blend_tracer.hpp"
#include "plugins/blend/inspector.hpp"
#include "plugins/blend/json.hpp"
#include "tests/fuzz/blend_mutator.hpp"
#include "tests/support/memory_file.hpp"

namespace {

using namespace souschef;
using namespace souschef::blend;

void require(bool holds) {
  if (!holds) std::abort();
}

class CheckedSink final : public TraceSink {
 public:
  bool datablock(const TracedDatablock& datablock) override {
    libraries_.push_back(datablock.library);
    return true;
  }
  bool uses(std::uint32_t from, std::span<const std::uint32_t> to) override {
    require(from < libraries_.size());
    for (const std::uint32_t target : to) require(target < libraries_.size());
    return true;
  }
  bool reference(const TracedReference& reference) override {
    require(is_datablock(reference.datablock));
    references.push_back(reference);
    return true;
  }
  bool output(const TracedOutput& output) override { return require(is_datablock(output.datablock)), true; }
  bool simulation(const TracedSimulation& simulation) override {
    require(is_datablock(simulation.datablock));
    require(simulation.cache == kNone || simulation.cache < references.size());
    return true;
  }
  bool facts(std::string_view json) override { return require(Json::accept(json)), true; }
  bool warning(const TraceWarning& warning) override {
    return require(is_datablock(warning.datablock)), true;
  }

  void finish() const {
    for (const std::uint32_t library : libraries_) require(is_datablock(library));
  }

  std::vector<TracedReference> references;

 private:
  [[nodiscard]] bool is_datablock(std::uint32_t number) const {
    return number == kNone || number < libraries_.size();
  }
  std::vector<std::uint32_t> libraries_;
};

class IgnoreOutline final : public OutlineSink {
 public:
  bool item(const OutlineItem&) override { return true; }
};

std::unique_ptr<Analysis> opened(const InputFile& file) {
  auto analysis = BlendAnalyser(Host(nullptr)).open(file, std::filesystem::temp_directory_path());
  return analysis ? std::move(*analysis) : nullptr;
}

void rewrite(Analysis& analysis, const std::vector<TracedReference>& references) {
  std::vector<PathChange> changes;
  for (std::uint32_t i = 0; i < references.size(); ++i)
    if (references[i].rewritable && references[i].path.size() < 64)
      changes.push_back({i, "//moved/" + references[i].path.substr(0, references[i].path.find('/'))});
  StringSink out;
  if (!BlendTracer().rewrite(analysis, changes, out)) return;
  const test::MemoryFile file(std::move(out.text));
  const auto again = opened(file);
  require(again != nullptr);
  CheckedSink sink;
  (void)BlendTracer().trace(*again, sink);
}

void show(Analysis& analysis) {
  IgnoreOutline outline;
  (void)BlendInspector().outline(analysis, outline);
  for (const char* command : {"blend-header", "blend-blocks", "blend-struct", "blend-paths"}) {
    StringSink out;
    (void)BlendInspector().run(command, "[]", analysis, out);
  }
}

// What does not fit into memory is skimmed: its blocks are the same as those of a file that was read as a
// whole.
void skim(const std::string& bytes) {
  constexpr std::uint64_t kMost = 4U << 20;
  const test::MemoryFile file(bytes, test::MemoryFile::Access::read_only);
  const auto folder = std::filesystem::temp_directory_path();
  const auto whole = Container::open(file, folder, Host(nullptr));
  const auto parts = Container::open(file, folder, Host(nullptr), 0);
  if (!whole || !parts || *whole == nullptr || (*whole)->content().size() > kMost) return;
  const auto all = BlendFile::read((*whole)->content(), folder, Reading::whole);
  const auto some = BlendFile::read((*parts)->content(), folder, Reading::skim);
  if (!all || !some) return;
  require((*all)->blocks().size() == (*some)->blocks().size());
  for (std::uint32_t block = 0; block < (*all)->blocks().size(); ++block) {
    const auto expected = (*all)->data(block);
    const auto found = (*some)->data(block);
    if (!(*whole)->content().status() || !(*parts)->content().status()) return;
    require(std::equal(expected.begin(), expected.end(), found.begin(), found.end()));
  }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const std::string before(reinterpret_cast<const char*>(data), size);
  const std::string after = fuzz::mutated_blend(before, seed);
  if (after == before || after.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, after.data(), after.size());
  return after.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const test::MemoryFile file(std::string(reinterpret_cast<const char*>(bytes), size));
  const auto analysis = opened(file);
  if (analysis == nullptr) return 0;
  CheckedSink sink;
  const Status traced = BlendTracer().trace(*analysis, sink);
  sink.finish();
  if (traced) rewrite(*analysis, sink.references);
  show(*analysis);
  skim(std::string(reinterpret_cast<const char*>(bytes), size));
  return 0;
}
