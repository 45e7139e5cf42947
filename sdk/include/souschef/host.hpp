// SPDX-License-Identifier: MIT
// The C++ face of souschef_host: what the program offers to a plugin.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <souschef/abi.hpp>
#include <souschef/calls.hpp>

namespace souschef {

// A JSON document read by the host. Paths are JSON pointers.
class HostJson {
 public:
  HostJson(const souschef_host* host, const souschef_host_json* table, souschef_json* document)
      : host_(host), table_(table), document_(document) {}
  ~HostJson() {
    if (document_ != nullptr) table_->close(host_, document_);
  }
  HostJson(HostJson&& other) noexcept
      : host_(other.host_), table_(other.table_), document_(std::exchange(other.document_, nullptr)) {}
  HostJson(const HostJson&) = delete;
  HostJson& operator=(const HostJson&) = delete;
  HostJson& operator=(HostJson&&) = delete;

  explicit operator bool() const { return document_ != nullptr; }
  [[nodiscard]] std::string text(const char* pointer, std::string_view otherwise = "") const {
    return std::string(abi::view(table_->text(document_, pointer, abi::text(otherwise))));
  }
  [[nodiscard]] std::int64_t integer(const char* pointer, std::int64_t otherwise = 0) const {
    return table_->integer(document_, pointer, otherwise);
  }
  [[nodiscard]] double number(const char* pointer, double otherwise = 0) const {
    return table_->number(document_, pointer, otherwise);
  }
  [[nodiscard]] bool boolean(const char* pointer, bool otherwise = false) const {
    return table_->boolean(document_, pointer, otherwise ? 1 : 0) != 0;
  }
  [[nodiscard]] std::size_t count(const char* pointer) const { return table_->count(document_, pointer); }
  [[nodiscard]] souschef_json_type type(const char* pointer) const {
    return static_cast<souschef_json_type>(table_->type(document_, pointer));
  }
  // The names of the members of the object at `pointer`, in the order of their bytes.
  [[nodiscard]] std::vector<std::string> keys(const char* pointer) const {
    std::vector<std::string> names;
    if (type(pointer) != SOUSCHEF_JSON_OBJECT) return names;
    for (std::size_t i = 0; i < count(pointer); ++i)
      names.emplace_back(abi::view(table_->key(document_, pointer, i, abi::text(""))));
    return names;
  }
  // What is at `pointer` as JSON; empty where there is nothing.
  [[nodiscard]] std::string json(const char* pointer) const {
    StringSink out;
    const souschef_byte_sink sink = abi::export_sink(out);
    return table_->write(document_, pointer, &sink) == SOUSCHEF_OK ? std::move(out.text) : std::string();
  }

 private:
  const souschef_host* host_;
  const souschef_host_json* table_;
  souschef_json* document_;
};

// A program to run, and what becomes of it.
struct Program {
  std::vector<std::string> words;  // the first: a path, or a name that is looked up in PATH
  std::string folder;              // where it works; empty: where the host does
  std::vector<std::pair<std::string, std::string>> variables;  // on top of the host's environment
  std::string input;                                           // its standard input
  std::uint64_t time_limit_ms = 0;                             // 0: none
  std::uint64_t silence_limit_ms = 0;                          // without a byte of output; 0: none
  std::function<void(std::string_view)> output, errors;        // what it prints, in pieces as they come
};
struct ProgramEnd {
  int exit_code = -1;  // -1: ended by a signal
  int signal = 0;

  [[nodiscard]] bool success() const { return exit_code == 0; }
  [[nodiscard]] std::string text() const {
    return signal == 0 ? "exit code " + std::to_string(exit_code)
                       : "killed by signal " + std::to_string(signal);
  }
};

// Borrowed; thread-safe.
class Host {
 public:
  explicit Host(const souschef_host* host) : host_(host) {}

  void log(LogLevel level, std::string_view message) const {
    if (host_ != nullptr) host_->log(host_, static_cast<std::int32_t>(level), abi::text(message));
  }
  // False where the text is not JSON or the host offers no reader.
  [[nodiscard]] HostJson json(std::string_view text) const {
    const auto* table = static_cast<const souschef_host_json*>(extension(SOUSCHEF_HOST_JSON));
    return HostJson(host_, table, table == nullptr ? nullptr : table->parse(host_, abi::text(text)));
  }
  // `text` as a JSON string with its quotes; without a host that can, empty.
  [[nodiscard]] std::string quoted(std::string_view text) const {
    const auto* table = static_cast<const souschef_host_json*>(extension(SOUSCHEF_HOST_JSON));
    if (table == nullptr) return {};
    StringSink out;
    const souschef_byte_sink sink = abi::export_sink(out);
    table->quote(host_, abi::text(text), &sink);
    return std::move(out.text);
  }
  // Runs task(0) .. task(count - 1), on several threads where the host has them; returns when all are done.
  // `task` must not throw.
  void parallel(std::size_t count, const std::function<void(std::size_t)>& task) const {
    const auto* table = static_cast<const souschef_host_parallel*>(extension(SOUSCHEF_HOST_PARALLEL));
    if (table == nullptr) {
      for (std::size_t i = 0; i < count; ++i) task(i);
      return;
    }
    table->run(
        host_, count,
        [](void* context, std::size_t index) {
          (*static_cast<const std::function<void(std::size_t)>*>(context))(index);
        },
        const_cast<std::function<void(std::size_t)>*>(&task));
  }
  // Runs a program to its end, or until `context` is cancelled; what it started ends with it. Its exit code
  // is no error. Errors: not_found, denied, io; timed_out, cancelled; unsupported without a host that can.
  [[nodiscard]] Result<ProgramEnd> run(CallContext& context, const Program& program) const {
    const auto* table = static_cast<const souschef_host_process*>(extension(SOUSCHEF_HOST_PROCESS));
    if (table == nullptr) return Error(ErrorCode::unsupported, "this host runs no programs");
    std::vector<souschef_bytes> words, variables;
    std::vector<std::string> texts;
    for (const auto& [name, value] : program.variables) texts.push_back(name + "=" + value);
    for (const std::string& word : program.words) words.push_back(abi::bytes(std::string_view(word)));
    for (const std::string& text : texts) variables.push_back(abi::bytes(std::string_view(text)));
    struct Watching {
      CallContext& call;
      const Program& program;
    } watching{context, program};
    souschef_program out{
        sizeof out,
        words.data(),
        words.size(),
        abi::bytes(std::string_view(program.folder)),
        variables.data(),
        variables.size(),
        abi::bytes(std::string_view(program.input)),
        program.time_limit_ms,
        program.silence_limit_ms,
        &watching,
        [](void* self, const void* data, std::size_t size) {
          const auto& tell = static_cast<Watching*>(self)->program.output;
          if (tell) tell({static_cast<const char*>(data), size});
        },
        [](void* self, const void* data, std::size_t size) {
          const auto& tell = static_cast<Watching*>(self)->program.errors;
          if (tell) tell({static_cast<const char*>(data), size});
        },
        [](void* self) -> std::int32_t { return static_cast<Watching*>(self)->call.cancelled() ? 1 : 0; },
        -1,
        0};
    souschef_error error = abi::empty_error();
    const souschef_status status = table->run(host_, &out, &error);
    if (status != SOUSCHEF_OK) return abi::to_error(status, error);
    return ProgramEnd{out.exit_code, out.signal};
  }
  [[nodiscard]] const void* extension(const char* id) const {
    return host_ == nullptr ? nullptr : host_->extension(host_, id);
  }

 private:
  const souschef_host* host_;
};

}  // namespace souschef
