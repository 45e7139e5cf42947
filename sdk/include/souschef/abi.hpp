// SPDX-License-Identifier: MIT
// Small bridges between the C structs of plugin.h and C++ values. Used by the faces (analysis.hpp,
// tracer.hpp, ...); plugin authors rarely need it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <souschef/plugin.h>
#include <souschef/result.hpp>

namespace souschef::abi {

inline souschef_text text(std::string_view value) {
  return {value.data(), value.size()};
}
inline souschef_bytes bytes(std::string_view value) {
  return {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()};
}
inline souschef_bytes bytes(std::span<const std::byte> value) {
  return {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()};
}
inline std::string_view view(souschef_text value) {
  return value.size == 0 ? std::string_view() : std::string_view(value.data, value.size);
}
inline std::string_view view(souschef_bytes value) {
  return value.size == 0 ? std::string_view()
                         : std::string_view(reinterpret_cast<const char*>(value.data), value.size);
}
inline std::span<const std::byte> span(souschef_bytes value) {
  return {reinterpret_cast<const std::byte*>(value.data), value.size};
}

// True where the struct at `s` is long enough to hold `member`: the rule for structs from an older other
// side.
#define SOUSCHEF_HAS(s, member) \
  ((s)->struct_size >= offsetof(std::remove_cvref_t<decltype(*(s))>, member) + sizeof((s)->member))

template <std::size_t N>
void copy_text(char (&target)[N], std::string_view source) {
  const std::size_t count = std::min(source.size(), N - 1);
  std::memcpy(target, source.data(), count);
  target[count] = '\0';
}

inline souschef_status fail(souschef_error* error, const Error& from) {
  const auto status = static_cast<souschef_status>(from.code);
  if (error != nullptr) {
    error->status = status;
    copy_text(error->what, from.what);
    std::string why;
    for (const std::string& cause : from.why) why += (why.empty() ? "" : "\n") + cause;
    copy_text(error->why, why);
    copy_text(error->next, from.next);
  }
  return status;
}

inline souschef_error empty_error() {
  souschef_error error{};
  error.struct_size = sizeof error;
  return error;
}

inline Error to_error(souschef_status status, const souschef_error& from) {
  Error error(status > 0 && status <= static_cast<souschef_status>(ErrorCode::no_production)
                  ? static_cast<ErrorCode>(status)
                  : ErrorCode::plugin,
              from.what[0] != '\0' ? from.what : "the plugin gave no reason");
  std::string_view why = from.why;
  while (!why.empty()) {
    const std::size_t end = std::min(why.find('\n'), why.size());
    error.why.emplace_back(why.substr(0, end));
    why.remove_prefix(std::min(end + 1, why.size()));
  }
  error.next = from.next;
  return error;
}

// Runs plugin code at the border: no exception passes.
template <class Body>
souschef_status guarded(souschef_error* error, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::bad_alloc&) {
    return fail(error, Error(ErrorCode::failed, "out of memory"));
  } catch (const std::exception& exception) {
    return fail(error, Error(ErrorCode::plugin, "the plugin has a bug", exception.what()));
  } catch (...) {
    return fail(error, Error(ErrorCode::plugin, "the plugin has a bug", "an unknown exception"));
  }
}

inline souschef_status status_of(souschef_error* error, const Status& result) {
  return result ? SOUSCHEF_OK : fail(error, result.error());
}

}  // namespace souschef::abi

namespace souschef {

// Where bytes go. Borrowed for the time of a call.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // False: stop, no more is wanted.
  virtual bool write(std::span<const std::byte> data) = 0;
  bool write(std::string_view text) { return write(std::as_bytes(std::span(text))); }
};

class StringSink final : public ByteSink {
 public:
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    text.append(reinterpret_cast<const char*>(data.data()), data.size());
    return true;
  }
  std::string text;
};

namespace abi {

// A C++ sink as the C side sees it; valid while `sink` is.
inline souschef_byte_sink export_sink(ByteSink& sink) {
  return {
      sizeof(souschef_byte_sink), &sink,
      [](void* context, const void* data, std::size_t size) -> std::int32_t {
        try {
          return static_cast<ByteSink*>(context)->write({static_cast<const std::byte*>(data), size}) ? 0 : 1;
        } catch (...) {
          return 1;
        }
      }};
}

class ImportedSink final : public ByteSink {
 public:
  explicit ImportedSink(const souschef_byte_sink& sink) : sink_(sink) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    return sink_.write(sink_.context, data.data(), data.size()) == 0;
  }

 private:
  souschef_byte_sink sink_;
};

inline Error stopped() {
  return Error(ErrorCode::cancelled, "stopped by the caller");
}

}  // namespace abi
}  // namespace souschef
