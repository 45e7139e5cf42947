// SPDX-License-Identifier: MIT
#include "core/verification/frame_check.hpp"

#include <algorithm>

#include <souschef/file_name.hpp>

#include "core/base/file_hash.hpp"
#include "core/base/json_text.hpp"
#include "core/verification/image_check.hpp"
#include "store/file_system.hpp"
#include "store/hasher.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

constexpr std::uint64_t kLargestInMemory = std::uint64_t{1}
                                           << 30;  // beyond that only the size and hash are taken
constexpr double kMuchMagenta = 0.02;

store::FileSystem& disk() {
  return store::FileSystem::real();
}

// Every file below a folder, by its path relative to it. Symbolic links and other things are named too: they
// are no files.
Status list_below(const fs::path& root, const fs::path& below, std::vector<std::string>& files,
                  std::vector<std::string>& others) {
  SOUSCHEF_TRY(const auto entries, disk().list(root / below));
  for (const store::FolderEntry& entry : entries) {
    const fs::path name = below / entry.name;
    if (entry.kind == store::FileKind::folder)
      SOUSCHEF_CHECK(list_below(root, name, files, others));
    else
      (entry.kind == store::FileKind::regular ? files : others).push_back(name.string());
  }
  return {};
}

struct Looked {
  FileRecord record;
  ImageFacts facts;
  std::string problem;  // empty: a whole image of this format
};

Result<Looked> look_at(const fs::path& folder, const std::string& name, const std::string& format) {
  SOUSCHEF_TRY(const auto file, disk().open(folder / name, store::Access::read));
  SOUSCHEF_TRY(const store::FileStatus status, file->status());
  Looked looked;
  looked.record.path = name;
  looked.record.size = status.size;
  if (status.size > kLargestInMemory) {
    SOUSCHEF_TRY(looked.record.hash, hash_of_file(*file, status.size));
    return looked;
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.size));
  SOUSCHEF_TRY(const std::size_t got, file->read_at(0, bytes));
  if (got != bytes.size()) return Error(ErrorCode::changed, "the file became shorter: " + name);
  looked.record.hash = store::hash_of(std::span<const std::byte>(bytes));
  auto facts = check_image(bytes, format);
  if (facts)
    looked.facts = *facts;
  else
    looked.problem = facts.error().line();
  return looked;
}

std::uint32_t flags_of(const ImageFacts& facts) {
  if (!facts.decoded) return 0;
  std::uint32_t flags = 0;
  if (facts.all_black) flags |= kAllBlack;
  if (facts.all_transparent) flags |= kAllTransparent;
  if (facts.magenta > kMuchMagenta) flags |= kMagenta;
  return flags;
}

// One run over one folder.
class Check {
 public:
  Check(const fs::path& folder, const std::vector<ExpectedFile>& expected)
      : folder_(folder), expected_(expected) {}

  Result<CheckedFrame> run() {
    std::vector<std::string> files, others;
    SOUSCHEF_CHECK(list_below(folder_, {}, files, others));
    for (const std::string& name : others) problems_.push_back(escape_name(name) + " is no file");
    std::vector<bool> found(expected_.size(), false);
    for (const std::string& name : files) SOUSCHEF_CHECK(take(name, found));
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      if (found[i]) continue;
      if (expected_[i].required)
        problems_.push_back(escape_name(expected_[i].path) + " was not written");
      else
        frame_.flags |= kMissingExtra;
    }
    if (problems_.empty()) return std::move(frame_);
    Error error(ErrorCode::bad_input, "the frame's files are not good");
    error.why = std::move(problems_);
    return error;
  }

 private:
  Status take(const std::string& name, std::vector<bool>& found) {
    const std::size_t which = expectation_for(name);
    const bool is_expected = which < expected_.size();
    SOUSCHEF_TRY(Looked looked,
                 look_at(folder_, name, is_expected ? expected_[which].format : std::string()));
    if (is_expected) {
      found[which] = true;
      check_against(expected_[which], name, looked);
      if (which == 0) frame_.flags |= flags_of(looked.facts);  // the render itself comes first
    } else {
      frame_.flags |= kExtraFiles;
    }
    frame_.files.push_back(std::move(looked.record));
    return {};
  }

  void check_against(const ExpectedFile& wanted, const std::string& name, const Looked& looked) {
    if (!looked.problem.empty()) problems_.push_back(escape_name(name) + ": " + looked.problem);
    const ImageFacts& facts = looked.facts;
    const bool other_size = wanted.width != 0 && facts.width != 0 &&
                            (facts.width != wanted.width || facts.height != wanted.height);
    if (other_size)
      problems_.push_back(escape_name(name) + " is " + size_text(facts.width, facts.height) +
                          ", ordered was " + size_text(wanted.width, wanted.height));
  }

  static std::string size_text(std::uint32_t width, std::uint32_t height) {
    return std::to_string(width) + "x" + std::to_string(height);
  }

  // Exact names before patterns. expected_.size(): nobody expects it.
  [[nodiscard]] std::size_t expectation_for(const std::string& name) const {
    for (const bool pattern : {false, true})
      for (std::size_t i = 0; i < expected_.size(); ++i)
        if (expected_[i].pattern == pattern &&
            (pattern ? matches_pattern(name, expected_[i].path) : name == expected_[i].path))
          return i;
    return expected_.size();
  }

  const fs::path& folder_;
  const std::vector<ExpectedFile>& expected_;
  CheckedFrame frame_;
  std::vector<std::string> problems_;
};

Error wrong_outputs() {
  return {ErrorCode::plugin, "the renderer plugin does not say which files to expect"};
}

Result<ExpectedFile> expected_file(const Json& json) {
  auto path = json.is_object() ? unescape_name(text_at(json, "path")) : std::nullopt;
  if (!path || path->empty()) return wrong_outputs();
  ExpectedFile file{.path = std::move(*path), .format = text_at(json, "format")};
  file.pattern = json.value("pattern", false);
  file.required = json.value("required", true);
  file.output = json.value("output", 0);
  file.slot = text_at(json, "slot");
  const auto size = json.find("size");
  if (size != json.end() && size->is_array() && size->size() == 2 && (*size)[0].is_number_unsigned() &&
      (*size)[1].is_number_unsigned()) {
    file.width = (*size)[0].get<std::uint32_t>();
    file.height = (*size)[1].get<std::uint32_t>();
  }
  return file;
}

void name_output(const Json& reply, ExpectedFile& file) {
  const auto outputs = reply.find("outputs");
  if (outputs == reply.end() || !outputs->is_array()) return;
  for (const Json& output : *outputs) {
    if (!output.is_object() || output.value("id", -1) != file.output) continue;
    file.kind = text_at(output, "kind");
    file.node = text_at(output, "node");
  }
}

}  // namespace

bool matches_pattern(std::string_view path, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return path == pattern;
  if (!path.starts_with(pattern.substr(0, star))) return false;
  path.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (std::size_t next = pattern.find('*'); next != std::string_view::npos; next = pattern.find('*')) {
    const std::size_t found = path.find(pattern.substr(0, next));
    if (found == std::string_view::npos) return false;
    path.remove_prefix(found + next);
    pattern.remove_prefix(next + 1);
  }
  return path.ends_with(pattern);
}

Result<std::vector<std::vector<ExpectedFile>>> expected_files(const Json& reply) {
  const auto frames = reply.find("frames");
  if (frames == reply.end() || !frames->is_array() || frames->empty()) return wrong_outputs();
  std::vector<std::vector<ExpectedFile>> list;
  for (const Json& frame : *frames) {
    const auto files = frame.is_object() ? frame.find("files") : frame.end();
    if (files == frame.end() || !files->is_array()) return wrong_outputs();
    std::vector<ExpectedFile>& expected = list.emplace_back();
    for (const Json& each : *files) {
      SOUSCHEF_TRY(ExpectedFile file, expected_file(each));
      name_output(reply, file);
      expected.push_back(std::move(file));
    }
  }
  return list;
}

Result<CheckedFrame> check_frame(const fs::path& folder, const std::vector<ExpectedFile>& expected) {
  return Check(folder, expected).run();
}

Status recheck_files(const fs::path& root, const std::vector<FileRecord>& files) {
  for (const FileRecord& record : files) {
    const auto file = disk().open(root / record.path, store::Access::read);
    const auto status = file ? (*file)->status() : Result<store::FileStatus>(file.error());
    const auto hash = status && status->size == record.size ? hash_of_file(**file, record.size)
                                                            : Result<Hash>(Error(ErrorCode::changed, ""));
    if (!hash || *hash != record.hash)
      return Error(ErrorCode::changed, "not as it was when it was rendered: " + escape_name(record.path));
  }
  return {};
}

}  // namespace souschef::core
