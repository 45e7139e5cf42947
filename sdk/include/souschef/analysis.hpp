// SPDX-License-Identifier: MIT
// The C++ face of SOUSCHEF_ANALYSER: opening a file once for the tracer, the filter and the inspector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <souschef/abi.hpp>

namespace souschef {

// A file that somebody else holds open. Borrowed; read_at from any thread.
class InputFile {
 public:
  virtual ~InputFile() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;  // for messages
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  // The whole file in memory, or an empty span where it could not be mapped.
  [[nodiscard]] virtual std::span<const std::byte> map() const = 0;
  // Bytes read, fewer than asked only at the end of the file; -1 on a failure.
  [[nodiscard]] virtual std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const = 0;
};

// One walk of one file. One thread at a time.
class Analysis {
 public:
  virtual ~Analysis() = default;
  // The content: the file without a compressed wrapper.
  [[nodiscard]] virtual std::uint64_t content_size() const = 0;
  // At most `size` bytes from `offset`, valid until the next call; empty at the end or on a failure.
  [[nodiscard]] virtual std::span<const std::byte> content(std::uint64_t offset, std::size_t size) = 0;
};

class Analyser {
 public:
  virtual ~Analyser() = default;
  // `head`: the first 64 bytes, or all of a shorter file.
  [[nodiscard]] virtual bool accepts(std::span<const std::byte> head) const = 0;
  // Null: declined. `file` outlives the analysis.
  [[nodiscard]] virtual Result<std::unique_ptr<Analysis>> open(
      const InputFile& file, const std::filesystem::path& temporary_folder) = 0;
};

namespace abi {

inline souschef_file export_file(const InputFile& file) {
  return {sizeof(souschef_file),
          const_cast<InputFile*>(&file),
          bytes(file.name()),
          file.size(),
          reinterpret_cast<const std::uint8_t*>(file.map().data()),
          [](void* context, std::uint64_t offset, void* buffer, std::size_t size) -> std::int64_t {
            return static_cast<const InputFile*>(context)->read_at(offset,
                                                                   {static_cast<std::byte*>(buffer), size});
          }};
}

class ImportedFile final : public InputFile {
 public:
  explicit ImportedFile(const souschef_file& file) : file_(file), name_(view(file.name)) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::uint64_t size() const override { return file_.size; }
  [[nodiscard]] std::span<const std::byte> map() const override {
    if (file_.map == nullptr) return {};
    return {reinterpret_cast<const std::byte*>(file_.map), static_cast<std::size_t>(file_.size)};
  }
  [[nodiscard]] std::int64_t read_at(std::uint64_t offset, std::span<std::byte> buffer) const override {
    return file_.read_at(file_.context, offset, buffer.data(), buffer.size());
  }

 private:
  souschef_file file_;
  std::string name_;
};

}  // namespace abi
}  // namespace souschef

// What stands behind the opaque handle of plugin.h when the plugin is written with these faces.
struct souschef_analysis {
  souschef::abi::ImportedFile file;
  std::unique_ptr<souschef::Analysis> analysis;
};

namespace souschef::abi {

// The plugin's side: one static struct of function pointers for a class `P` that has `Analyser& analyser()`.
template <class P>
const souschef_analyser* exported_analyser() {
  static const souschef_analyser kTable = {
      sizeof(souschef_analyser),
      [](const souschef_plugin* plugin, souschef_bytes head) -> std::int32_t {
        try {
          return static_cast<P*>(plugin->self)->analyser().accepts(span(head)) ? 1 : 0;
        } catch (...) {
          return 0;
        }
      },
      [](const souschef_plugin* plugin, const souschef_file* file, souschef_bytes folder,
         souschef_analysis** out, souschef_error* error) {
        return guarded(error, [&]() -> souschef_status {
          auto handle =
              std::unique_ptr<souschef_analysis>(new souschef_analysis{ImportedFile(*file), nullptr});
          auto opened = static_cast<P*>(plugin->self)
                            ->analyser()
                            .open(handle->file, std::filesystem::path(view(folder)));
          if (!opened) return fail(error, opened.error());
          if (*opened == nullptr) return SOUSCHEF_DECLINED;
          handle->analysis = std::move(*opened);
          *out = handle.release();
          return SOUSCHEF_OK;
        });
      },
      [](const souschef_plugin*, souschef_analysis* analysis) { delete analysis; },
      [](const souschef_plugin*, souschef_analysis* analysis) { return analysis->analysis->content_size(); },
      [](const souschef_plugin*, souschef_analysis* analysis, std::uint64_t offset, std::size_t size) {
        try {
          return bytes(analysis->analysis->content(offset, size));
        } catch (...) {
          return souschef_bytes{nullptr, 0};
        }
      }};
  return &kTable;
}

// The host's side: a C table as a C++ object. `plugin` and the table outlive it.
class ImportedAnalysis final : public Analysis {
 public:
  ImportedAnalysis(const souschef_plugin* plugin, const souschef_analyser* table, const InputFile& file)
      : plugin_(plugin), table_(table), file_(export_file(file)) {}
  ~ImportedAnalysis() override {
    if (handle != nullptr) table_->close(plugin_, handle);
  }
  ImportedAnalysis(const ImportedAnalysis&) = delete;
  ImportedAnalysis& operator=(const ImportedAnalysis&) = delete;

  souschef_status open(souschef_bytes folder, souschef_error* error) {
    return table_->open(plugin_, &file_, folder, &handle, error);
  }
  [[nodiscard]] std::uint64_t content_size() const override { return table_->content_size(plugin_, handle); }
  [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override {
    return span(table_->content(plugin_, handle, offset, size));
  }

  souschef_analysis* handle = nullptr;

 private:
  const souschef_plugin* plugin_;
  const souschef_analyser* table_;
  souschef_file file_;
};

class ImportedAnalyser final : public Analyser {
 public:
  ImportedAnalyser(const souschef_plugin* plugin, const souschef_analyser* table)
      : plugin_(plugin), table_(table) {}
  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override {
    return table_->accepts(plugin_, bytes(head)) != 0;
  }
  [[nodiscard]] Result<std::unique_ptr<Analysis>> open(
      const InputFile& file, const std::filesystem::path& temporary_folder) override {
    auto analysis = std::make_unique<ImportedAnalysis>(plugin_, table_, file);
    souschef_error error = empty_error();
    const std::string folder = temporary_folder.string();
    const souschef_status status = analysis->open(bytes(std::string_view(folder)), &error);
    if (status == SOUSCHEF_DECLINED) return std::unique_ptr<Analysis>();
    if (status != SOUSCHEF_OK) return to_error(status, error);
    return std::unique_ptr<Analysis>(std::move(analysis));
  }

 private:
  const souschef_plugin* plugin_;
  const souschef_analyser* table_;
};

// The C handle behind an analysis that came through ImportedAnalyser.
inline souschef_analysis* handle_of(Analysis& analysis) {
  return static_cast<ImportedAnalysis&>(analysis).handle;
}

}  // namespace souschef::abi
