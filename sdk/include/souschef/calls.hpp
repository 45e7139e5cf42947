// SPDX-License-Identifier: MIT
// The C++ face of SOUSCHEF_CALLS: renderers, stages and event plugins, whose calls are a method name and a
// JSON object in, a JSON object out. Methods and fields: docs/format/plugin-protocol.md.
#pragma once

#include <string>
#include <string_view>

#include <souschef/abi.hpp>

namespace souschef {

enum class LogLevel : std::int32_t { debug = 0, info = 1, warning = 2, error = 3 };

// The caller's side of one running call. Thread-safe.
class CallContext {
 public:
  virtual ~CallContext() = default;
  [[nodiscard]] virtual bool cancelled() const = 0;
  // 0 to 1, below 0 when it is not known.
  virtual void progress(double fraction, std::string_view message) = 0;
  virtual void log(LogLevel level, std::string_view message) = 0;
};

// For calls that nobody watches.
class QuietCall final : public CallContext {
 public:
  [[nodiscard]] bool cancelled() const override { return false; }
  void progress(double, std::string_view) override {}
  void log(LogLevel, std::string_view) override {}
};

class Calls {
 public:
  virtual ~Calls() = default;
  // An unknown method is `unsupported`.
  virtual Result<std::string> call(CallContext& context, std::string_view method,
                                   std::string_view request) = 0;
};

namespace abi {

inline souschef_call export_call(CallContext& context) {
  return {sizeof(souschef_call), &context,
          [](void* self) -> std::int32_t { return static_cast<CallContext*>(self)->cancelled() ? 1 : 0; },
          [](void* self, double fraction, souschef_text message) {
            static_cast<CallContext*>(self)->progress(fraction, view(message));
          },
          [](void* self, std::int32_t level, souschef_text message) {
            static_cast<CallContext*>(self)->log(static_cast<LogLevel>(level), view(message));
          }};
}

class ImportedCall final : public CallContext {
 public:
  explicit ImportedCall(const souschef_call& call) : call_(call) {}
  [[nodiscard]] bool cancelled() const override { return call_.cancelled(call_.context) != 0; }
  void progress(double fraction, std::string_view message) override {
    call_.progress(call_.context, fraction, text(message));
  }
  void log(LogLevel level, std::string_view message) override {
    call_.log(call_.context, static_cast<std::int32_t>(level), text(message));
  }

 private:
  souschef_call call_;
};

// The plugin's side, for a class `P` that has `Calls& calls()`.
template <class P>
const souschef_calls* exported_calls() {
  static const souschef_calls kTable = {
      sizeof(souschef_calls),
      [](const souschef_plugin* plugin, const souschef_call* call, souschef_text method,
         souschef_text request, const souschef_byte_sink* reply, souschef_error* error) {
        return guarded(error, [&]() -> souschef_status {
          ImportedCall context(*call);
          auto result = static_cast<P*>(plugin->self)->calls().call(context, view(method), view(request));
          if (!result) return fail(error, result.error());
          return reply->write(reply->context, result->data(), result->size()) == 0 ? SOUSCHEF_OK
                                                                                   : SOUSCHEF_CANCELLED;
        });
      }};
  return &kTable;
}

class ImportedCalls final : public Calls {
 public:
  ImportedCalls(const souschef_plugin* plugin, const souschef_calls* table)
      : plugin_(plugin), table_(table) {}
  Result<std::string> call(CallContext& context, std::string_view method, std::string_view request) override {
    StringSink reply;
    const souschef_byte_sink sink = export_sink(reply);
    const souschef_call exported = export_call(context);
    souschef_error error = empty_error();
    const souschef_status status =
        table_->call(plugin_, &exported, text(method), text(request), &sink, &error);
    if (status != SOUSCHEF_OK) return to_error(status, error);
    return std::move(reply.text);
  }

 private:
  const souschef_plugin* plugin_;
  const souschef_calls* table_;
};

}  // namespace abi
}  // namespace souschef
