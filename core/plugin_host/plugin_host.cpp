// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_host.hpp"

#include <algorithm>
#include <charconv>
#include <new>

#include <souschef/abi.hpp>

#include "core/base/json_text.hpp"
#include "core/base/run_program.hpp"
#include "core/base/version.hpp"

// What stands behind a document that a plugin reads.
struct souschef_json {
  souschef::core::Json root;
};

namespace souschef::core {
namespace {

const PluginHost& host_of(const souschef_host* host) {
  return *static_cast<const PluginHost*>(host->context);
}

// RFC 6901, without exceptions: null where nothing is there or the pointer is no pointer.
const Json* at_pointer(const Json& root, std::string_view pointer) {
  const Json* value = &root;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    if (value->is_array()) {
      std::size_t index = 0;
      const auto [end, failed] = std::from_chars(token.data(), token.data() + token.size(), index);
      if (failed != std::errc() || end != token.data() + token.size() || index >= value->size())
        return nullptr;
      value = &(*value)[index];
      continue;
    }
    std::string name;
    for (std::size_t i = 0; i < token.size(); ++i) {
      const bool escaped = token[i] == '~' && i + 1 < token.size();
      name += escaped ? (token[++i] == '1' ? '/' : '~') : token[i];
    }
    const auto found = value->is_object() ? value->find(name) : value->end();
    if (!value->is_object() || found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

const Json* at(const souschef_json* document, const char* pointer) {
  if (document == nullptr || pointer == nullptr) return nullptr;
  try {
    return at_pointer(document->root, pointer);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

souschef_json* parse(const souschef_host*, souschef_text text) {
  try {
    auto parsed = parse_json(abi::view(text));
    return parsed ? new souschef_json{std::move(*parsed)} : nullptr;
  } catch (...) {
    return nullptr;
  }
}

void close(const souschef_host*, souschef_json* document) {
  delete document;
}

souschef_text text_at(const souschef_json* document, const char* pointer, souschef_text otherwise) {
  const Json* value = at(document, pointer);
  return value != nullptr && value->is_string() ? abi::text(value->get_ref<const std::string&>()) : otherwise;
}

std::int64_t integer_at(const souschef_json* document, const char* pointer, std::int64_t otherwise) {
  const Json* value = at(document, pointer);
  if (value == nullptr || !value->is_number_integer()) return otherwise;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return otherwise;
  return value->get<std::int64_t>();
}

double number_at(const souschef_json* document, const char* pointer, double otherwise) {
  const Json* value = at(document, pointer);
  return value != nullptr && value->is_number() ? value->get<double>() : otherwise;
}

std::int32_t boolean_at(const souschef_json* document, const char* pointer, std::int32_t otherwise) {
  const Json* value = at(document, pointer);
  return value != nullptr && value->is_boolean() ? (value->get<bool>() ? 1 : 0) : otherwise;
}

std::size_t count_at(const souschef_json* document, const char* pointer) {
  const Json* value = at(document, pointer);
  return value != nullptr && value->is_structured() ? value->size() : 0;
}

std::int32_t type_at(const souschef_json* document, const char* pointer) {
  const Json* value = at(document, pointer);
  if (value == nullptr) return SOUSCHEF_JSON_NOTHING;
  switch (value->type()) {
    case Json::value_t::boolean:
      return SOUSCHEF_JSON_BOOLEAN;
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return SOUSCHEF_JSON_INTEGER;
    case Json::value_t::number_float:
      return SOUSCHEF_JSON_NUMBER;
    case Json::value_t::string:
      return SOUSCHEF_JSON_TEXT;
    case Json::value_t::array:
      return SOUSCHEF_JSON_ARRAY;
    case Json::value_t::object:
      return SOUSCHEF_JSON_OBJECT;
    default:
      return SOUSCHEF_JSON_NULL;
  }
}

souschef_text key_at(const souschef_json* document, const char* pointer, std::size_t index,
                     souschef_text otherwise) {
  const Json* value = at(document, pointer);
  if (value == nullptr || !value->is_object() || index >= value->size()) return otherwise;
  return abi::text(std::next(value->begin(), static_cast<std::ptrdiff_t>(index)).key());
}

souschef_status write_text(const Json& value, const souschef_byte_sink* out) {
  try {
    const std::string text = json_text(value);
    return out->write(out->context, text.data(), text.size()) == 0 ? SOUSCHEF_OK : SOUSCHEF_CANCELLED;
  } catch (...) {
    return SOUSCHEF_FAILED;
  }
}

souschef_status write_at(const souschef_json* document, const char* pointer, const souschef_byte_sink* out) {
  const Json* value = at(document, pointer);
  return value == nullptr ? SOUSCHEF_NOT_FOUND : write_text(*value, out);
}

souschef_status quote(const souschef_host*, souschef_text text, const souschef_byte_sink* out) {
  try {
    return write_text(Json(abi::view(text)), out);
  } catch (...) {
    return SOUSCHEF_FAILED;
  }
}

constexpr souschef_host_json kJson = {sizeof(souschef_host_json),
                                      parse,
                                      close,
                                      text_at,
                                      integer_at,
                                      number_at,
                                      boolean_at,
                                      count_at,
                                      type_at,
                                      key_at,
                                      write_at,
                                      quote};

constexpr souschef_host_parallel kParallel = {
    sizeof(souschef_host_parallel),
    [](const souschef_host* host, std::size_t count, void (*task)(void*, std::size_t), void* context) {
      host_of(host).pool().run(count, [&](std::size_t index) { task(context, index); });
    }};

std::string text_of(souschef_bytes bytes) {
  return std::string(abi::view(bytes));
}

ProcessOptions process_options(const souschef_program& program) {
  ProcessOptions options;
  for (std::size_t i = 0; i < program.word_count; ++i) options.command.push_back(text_of(program.words[i]));
  options.folder = text_of(program.folder);
  for (std::size_t i = 0; i < program.variable_count; ++i) {
    const std::string text = text_of(program.variables[i]);
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos && equals > 0)
      options.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return options;
}

RunOptions run_options(const souschef_program& program) {
  // "None" for a clock: longer than any machine stays up.
  constexpr auto kNever = std::chrono::hours(24 * 365 * 10);
  RunOptions options;
  options.limits.time = kNever;
  if (program.time_limit_ms != 0)
    options.limits.time = std::min<std::chrono::milliseconds>(
        kNever, std::chrono::milliseconds(
                    static_cast<std::int64_t>(std::min<std::uint64_t>(program.time_limit_ms, INT64_MAX))));
  options.limits.silence = std::chrono::milliseconds(static_cast<std::int64_t>(
      std::min<std::uint64_t>(program.silence_limit_ms, static_cast<std::uint64_t>(INT32_MAX))));
  options.limits.output = 0;  // the plugin keeps what it wants
  options.input = text_of(program.input);
  if (program.output != nullptr)
    options.on_output = [&program](std::string_view piece) {
      program.output(program.context, piece.data(), piece.size());
    };
  if (program.errors != nullptr)
    options.on_errors = [&program](std::string_view piece) {
      program.errors(program.context, piece.data(), piece.size());
    };
  if (program.cancelled != nullptr)
    options.cancelled = [&program] { return program.cancelled(program.context) != 0; };
  return options;
}

souschef_status run(const souschef_host*, souschef_program* program, souschef_error* error) {
  return abi::guarded(error, [&]() -> souschef_status {
    if (!SOUSCHEF_HAS(program, signal) || program->word_count == 0)
      return abi::fail(error, Error(ErrorCode::bad_input, "no program to run"));
    const auto ran = run_program(process_options(*program), run_options(*program));
    if (!ran) return abi::fail(error, ran.error());
    program->exit_code = ran->end.exit_code;
    program->signal = ran->end.signal;
    return SOUSCHEF_OK;
  });
}

constexpr souschef_host_process kProcess = {sizeof(souschef_host_process), run};

const void* extension(const souschef_host*, const char* id) {
  const std::string_view wanted = id == nullptr ? "" : id;
  if (wanted == SOUSCHEF_HOST_JSON) return &kJson;
  if (wanted == SOUSCHEF_HOST_PARALLEL) return &kParallel;
  if (wanted == SOUSCHEF_HOST_PROCESS) return &kProcess;
  return nullptr;
}

void log_line(const souschef_host* host, std::int32_t level, souschef_text message) {
  try {
    host_of(host).log(static_cast<LogLevel>(std::clamp(level, 0, 3)), abi::view(message));
  } catch (...) {  // NOLINT(bugprone-empty-catch): a lost log line is no reason to cross the border with an
                   // exception
  }
}

}  // namespace

PluginHost::PluginHost(std::string plugin, WorkerPool& pool, PluginLog log)
    : host_{sizeof(souschef_host),
            SOUSCHEF_ABI_MAJOR,
            SOUSCHEF_ABI_MINOR,
            "souschef",
            nullptr,
            this,
            extension,
            log_line},
      plugin_(std::move(plugin)),
      version_(product_version()),
      pool_(pool),
      log_(std::move(log)) {
  host_.version = version_.c_str();
}

void PluginHost::log(LogLevel level, std::string_view message) const {
  if (log_) log_(plugin_, level, message);
}

}  // namespace souschef::core
