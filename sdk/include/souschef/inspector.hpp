// SPDX-License-Identifier: MIT
// The C++ face of SOUSCHEF_INSPECTOR: what `diff` and `debug` show of a file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <souschef/analysis.hpp>

namespace souschef {

struct OutlineItem {
  std::string kind;
  std::string name;
  std::array<std::uint8_t, 16> digest{};
  std::string detail;
};

class OutlineSink {
 public:
  virtual ~OutlineSink() = default;
  virtual bool item(const OutlineItem& item) = 0;  // false: stop
};

class Inspector {
 public:
  virtual ~Inspector() = default;
  virtual Status outline(Analysis& analysis, OutlineSink& sink) = 0;
  // A JSON array: [{"name", "arguments", "summary"}].
  [[nodiscard]] virtual std::string commands() const = 0;
  // `arguments`: a JSON array of strings. Plain text comes out.
  virtual Status run(std::string_view command, std::string_view arguments, Analysis& analysis,
                     ByteSink& out) = 0;
};

namespace abi {

inline souschef_outline_sink export_outline_sink(OutlineSink& sink) {
  return {sizeof(souschef_outline_sink), &sink,
          [](void* context, const souschef_outline_item* i) -> std::int32_t {
            OutlineItem item{
                std::string(view(i->kind)), std::string(view(i->name)), {}, std::string(view(i->detail))};
            std::copy(std::begin(i->digest), std::end(i->digest), item.digest.begin());
            return static_cast<OutlineSink*>(context)->item(item) ? 0 : 1;
          }};
}

class ImportedOutlineSink final : public OutlineSink {
 public:
  explicit ImportedOutlineSink(const souschef_outline_sink& sink) : sink_(sink) {}
  bool item(const OutlineItem& item) override {
    souschef_outline_item out{
        sizeof out, text(item.kind), bytes(std::string_view(item.name)), {}, text(item.detail)};
    std::copy(item.digest.begin(), item.digest.end(), std::begin(out.digest));
    return sink_.item(sink_.context, &out) == 0;
  }

 private:
  souschef_outline_sink sink_;
};

// The plugin's side, for a class `P` that has `Inspector& inspector()`.
template <class P>
const souschef_inspector* exported_inspector() {
  static const souschef_inspector kTable = {
      sizeof(souschef_inspector),
      [](const souschef_plugin* plugin, souschef_analysis* analysis, const souschef_outline_sink* sink,
         souschef_error* error) {
        return guarded(error, [&] {
          ImportedOutlineSink imported(*sink);
          return status_of(error,
                           static_cast<P*>(plugin->self)->inspector().outline(*analysis->analysis, imported));
        });
      },
      [](const souschef_plugin* plugin) -> const char* {
        static const std::string kCommands = static_cast<P*>(plugin->self)->inspector().commands();
        return kCommands.c_str();
      },
      [](const souschef_plugin* plugin, souschef_text command, souschef_text arguments,
         souschef_analysis* analysis, const souschef_byte_sink* out, souschef_error* error) {
        return guarded(error, [&] {
          ImportedSink sink(*out);
          return status_of(error, static_cast<P*>(plugin->self)
                                      ->inspector()
                                      .run(view(command), view(arguments), *analysis->analysis, sink));
        });
      }};
  return &kTable;
}

class ImportedInspector final : public Inspector {
 public:
  ImportedInspector(const souschef_plugin* plugin, const souschef_inspector* table)
      : plugin_(plugin), table_(table) {}
  Status outline(Analysis& analysis, OutlineSink& sink) override {
    souschef_error error = empty_error();
    const souschef_outline_sink exported = export_outline_sink(sink);
    const souschef_status status = table_->outline(plugin_, handle_of(analysis), &exported, &error);
    return status == SOUSCHEF_OK ? Status() : Status(to_error(status, error));
  }
  [[nodiscard]] std::string commands() const override { return table_->commands(plugin_); }
  Status run(std::string_view command, std::string_view arguments, Analysis& analysis,
             ByteSink& out) override {
    souschef_error error = empty_error();
    const souschef_byte_sink sink = export_sink(out);
    const souschef_status status =
        table_->run(plugin_, text(command), text(arguments), handle_of(analysis), &sink, &error);
    return status == SOUSCHEF_OK ? Status() : Status(to_error(status, error));
  }

 private:
  const souschef_plugin* plugin_;
  const souschef_inspector* table_;
};

}  // namespace abi
}  // namespace souschef
