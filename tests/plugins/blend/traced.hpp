// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/blend_tracer.hpp"
#include "tests/support/blend_wrap.hpp"
#include "tests/support/blend_writer.hpp"
#include "tests/support/memory_file.hpp"

namespace souschef::blend {

using test::BlendNode;
using test::BlendStyle;
using test::BlendWriter;
using test::MemoryFile;

// Everything that the tracer says of some bytes.
class Traced final : public TraceSink {
 public:
  explicit Traced(std::string bytes, MemoryFile::Access access = MemoryFile::Access::mapped)
      : file_(std::move(bytes), access) {
    BlendAnalyser analyser{Host(nullptr)};
    auto opened = analyser.open(file_, std::filesystem::temp_directory_path());
    if (!opened) {
      failure = opened.error().line();
    } else if (*opened == nullptr) {
      failure = "declined";
    } else {
      analysis = std::move(*opened);
      const Status done = BlendTracer().trace(*analysis, *this);
      if (!done) failure = done.error().line();
    }
  }
  explicit Traced(const BlendWriter& writer) : Traced(writer.bytes()) {}

  std::string failure;  // empty: the trace is complete
  std::vector<TracedDatablock> datablocks;
  std::vector<std::vector<std::uint32_t>> used;  // by datablock
  std::vector<TracedReference> references;
  std::vector<TracedOutput> outputs;
  std::vector<TracedSimulation> simulations;
  std::vector<TraceWarning> warnings;
  std::string facts_json;
  std::unique_ptr<Analysis> analysis;

  // The paths of all references, in order.
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const TracedReference& reference : references) all.push_back(reference.path);
    return all;
  }
  // The reference with this path; a failure and an empty one if there is none or more than one.
  [[nodiscard]] TracedReference at(const std::string& path) const {
    std::vector<TracedReference> found;
    for (const TracedReference& reference : references)
      if (reference.path == path) found.push_back(reference);
    EXPECT_EQ(found.size(), 1U) << path;
    return found.empty() ? TracedReference() : found.front();
  }
  [[nodiscard]] std::uint32_t number_of(const std::string& path) const {
    for (std::uint32_t i = 0; i < references.size(); ++i)
      if (references[i].path == path) return i;
    ADD_FAILURE() << "no reference " << path;
    return kNone;
  }
  [[nodiscard]] std::uint32_t datablock_named(const std::string& name) const {
    for (std::uint32_t i = 0; i < datablocks.size(); ++i)
      if (datablocks[i].name == name) return i;
    ADD_FAILURE() << "no datablock " << name;
    return kNone;
  }
  [[nodiscard]] bool uses_edge(const std::string& from, const std::string& to) const {
    const auto& targets = used.at(datablock_named(from));
    return std::find(targets.begin(), targets.end(), datablock_named(to)) != targets.end();
  }
  [[nodiscard]] bool warns(const std::string& code) const {
    return std::any_of(warnings.begin(), warnings.end(),
                       [&](const TraceWarning& w) { return w.code == code; });
  }

  bool datablock(const TracedDatablock& d) override {
    datablocks.push_back(d);
    used.emplace_back();
    return true;
  }
  bool uses(std::uint32_t from, std::span<const std::uint32_t> to) override {
    EXPECT_LT(from, datablocks.size());
    used[from].assign(to.begin(), to.end());
    return true;
  }
  bool reference(const TracedReference& r) override { return references.push_back(r), true; }
  bool output(const TracedOutput& o) override { return outputs.push_back(o), true; }
  bool simulation(const TracedSimulation& s) override { return simulations.push_back(s), true; }
  bool facts(std::string_view json) override { return facts_json = json, true; }
  bool warning(const TraceWarning& w) override { return warnings.push_back(w), true; }

 private:
  MemoryFile file_;
};

}  // namespace souschef::blend
