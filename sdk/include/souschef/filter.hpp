// SPDX-License-Identifier: MIT
// The C++ faces of SOUSCHEF_FILTER and SOUSCHEF_WRAPPER: content -> a stream that deduplicates -> content,
// and the compressed wrapper around it. plugin.h has the rules.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/analysis.hpp>

namespace souschef {

inline constexpr std::size_t kMaxSlice = 8U << 20;
inline constexpr std::size_t kMaxChunk = 4U << 20;

// Takes slices of a stream with the places where chunks end. False: stop.
class SliceSink {
 public:
  virtual ~SliceSink() = default;
  virtual bool emit(std::span<const std::byte> slice, std::span<const std::uint32_t> cuts) = 0;
};

// A transformation that is fed from the front and gives its output to a sink as soon as it is known. finish()
// once at the end; an object that is destroyed before has been abandoned. One thread at a time.
class PushTransform {
 public:
  virtual ~PushTransform() = default;
  virtual Status push(std::span<const std::byte> data) = 0;
  virtual Status finish() = 0;
};

enum class Encoded { done, declined };

class Filter {
 public:
  virtual ~Filter() = default;
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  [[nodiscard]] virtual std::uint32_t oldest_version() const = 0;
  // `declined` comes before the first slice or not at all.
  virtual Result<Encoded> encode(Analysis& analysis, SliceSink& sink) = 0;
  // `out` outlives the transform.
  virtual Result<std::unique_ptr<PushTransform>> decode(std::uint32_t version, std::uint64_t content_size,
                                                        ByteSink& out) = 0;
};

enum class WrapperKind : std::uint32_t {
  none = SOUSCHEF_WRAPPER_NONE,
  gzip = SOUSCHEF_WRAPPER_GZIP,
  zstd = SOUSCHEF_WRAPPER_ZSTD
};

class Wrapper {
 public:
  virtual ~Wrapper() = default;
  [[nodiscard]] virtual std::string encoder(WrapperKind kind) const = 0;
  [[nodiscard]] virtual WrapperKind kind(Analysis& analysis) const = 0;
  // Empty: it cannot be made again.
  virtual Result<std::string> describe(Analysis& analysis) = 0;
  // Empty `parameters`: a fresh wrapper. `out` outlives the transform.
  virtual Result<std::unique_ptr<PushTransform>> wrap(WrapperKind kind, std::string_view parameters,
                                                      ByteSink& out) = 0;
};

}  // namespace souschef

struct souschef_decoder {
  souschef::abi::ImportedSink sink;
  std::unique_ptr<souschef::PushTransform> transform;
};
struct souschef_wrapping {
  souschef::abi::ImportedSink sink;
  std::unique_ptr<souschef::PushTransform> transform;
};

namespace souschef::abi {

class ImportedSliceSink final : public SliceSink {
 public:
  explicit ImportedSliceSink(const souschef_slice_sink& sink) : sink_(sink) {}
  bool emit(std::span<const std::byte> slice, std::span<const std::uint32_t> cuts) override {
    return sink_.emit(sink_.context, reinterpret_cast<const std::uint8_t*>(slice.data()), slice.size(),
                      cuts.data(), cuts.size()) == 0;
  }

 private:
  souschef_slice_sink sink_;
};

inline souschef_slice_sink export_slice_sink(SliceSink& sink) {
  return {sizeof(souschef_slice_sink), &sink,
          [](void* context, const std::uint8_t* data, std::size_t size, const std::uint32_t* cuts,
             std::size_t count) -> std::int32_t {
            try {
              return static_cast<SliceSink*>(context)->emit({reinterpret_cast<const std::byte*>(data), size},
                                                            {cuts, count})
                         ? 0
                         : 1;
            } catch (...) {
              return 1;
            }
          }};
}

template <class Handle>
souschef_status push_to(Handle* handle, const std::uint8_t* data, std::size_t size, souschef_error* error) {
  return guarded(error, [&] {
    return status_of(error, handle->transform->push({reinterpret_cast<const std::byte*>(data), size}));
  });
}
template <class Handle>
souschef_status finish_and_free(Handle* handle, souschef_error* error) {
  const std::unique_ptr<Handle> owned(handle);
  return guarded(error, [&] { return status_of(error, owned->transform->finish()); });
}

// The plugin's side, for a class `P` that has `Filter& filter()`, kFilterVersion and kOldestFilterVersion.
template <class P>
const souschef_filter* exported_filter() {
  static const souschef_filter kTable = {
      sizeof(souschef_filter),
      P::kFilterVersion,
      P::kOldestFilterVersion,
      [](const souschef_plugin* plugin, souschef_analysis* analysis, const souschef_slice_sink* sink,
         souschef_error* error) {
        return guarded(error, [&]() -> souschef_status {
          ImportedSliceSink imported(*sink);
          auto encoded = static_cast<P*>(plugin->self)->filter().encode(*analysis->analysis, imported);
          if (!encoded) return fail(error, encoded.error());
          return *encoded == Encoded::done ? SOUSCHEF_OK : SOUSCHEF_DECLINED;
        });
      },
      [](const souschef_plugin* plugin, std::uint32_t version, std::uint64_t content_size,
         const souschef_byte_sink* out, souschef_decoder** decoder, souschef_error* error) {
        return guarded(error, [&]() -> souschef_status {
          auto handle = std::unique_ptr<souschef_decoder>(new souschef_decoder{ImportedSink(*out), nullptr});
          auto begun = static_cast<P*>(plugin->self)->filter().decode(version, content_size, handle->sink);
          if (!begun) return fail(error, begun.error());
          handle->transform = std::move(*begun);
          *decoder = handle.release();
          return SOUSCHEF_OK;
        });
      },
      [](const souschef_plugin*, souschef_decoder* decoder, const std::uint8_t* data, std::size_t size,
         souschef_error* error) { return push_to(decoder, data, size, error); },
      [](const souschef_plugin*, souschef_decoder* decoder, souschef_error* error) {
        return finish_and_free(decoder, error);
      },
      [](const souschef_plugin*, souschef_decoder* decoder) { delete decoder; }};
  return &kTable;
}

// The plugin's side, for a class `P` that has `Wrapper& wrapper()`.
template <class P>
const souschef_wrapper* exported_wrapper() {
  static const souschef_wrapper kTable = {
      sizeof(souschef_wrapper),
      [](const souschef_plugin* plugin, std::uint32_t kind) -> const char* {
        static thread_local std::string name;
        name = static_cast<P*>(plugin->self)->wrapper().encoder(static_cast<WrapperKind>(kind));
        return name.c_str();
      },
      [](const souschef_plugin* plugin, souschef_analysis* analysis) {
        return static_cast<std::uint32_t>(static_cast<P*>(plugin->self)->wrapper().kind(*analysis->analysis));
      },
      [](const souschef_plugin* plugin, souschef_analysis* analysis, const souschef_byte_sink* out,
         souschef_error* error) {
        return guarded(error, [&]() -> souschef_status {
          auto described = static_cast<P*>(plugin->self)->wrapper().describe(*analysis->analysis);
          if (!described) return fail(error, described.error());
          if (described->empty()) return SOUSCHEF_DECLINED;
          return out->write(out->context, described->data(), described->size()) == 0 ? SOUSCHEF_OK
                                                                                     : SOUSCHEF_CANCELLED;
        });
      },
      [](const souschef_plugin* plugin, std::uint32_t kind, souschef_bytes parameters,
         const souschef_byte_sink* out, souschef_wrapping** wrapping, souschef_error* error) {
        return guarded(error, [&]() -> souschef_status {
          auto handle =
              std::unique_ptr<souschef_wrapping>(new souschef_wrapping{ImportedSink(*out), nullptr});
          auto begun = static_cast<P*>(plugin->self)
                           ->wrapper()
                           .wrap(static_cast<WrapperKind>(kind), view(parameters), handle->sink);
          if (!begun) return fail(error, begun.error());
          handle->transform = std::move(*begun);
          *wrapping = handle.release();
          return SOUSCHEF_OK;
        });
      },
      [](const souschef_plugin*, souschef_wrapping* wrapping, const std::uint8_t* data, std::size_t size,
         souschef_error* error) { return push_to(wrapping, data, size, error); },
      [](const souschef_plugin*, souschef_wrapping* wrapping, souschef_error* error) {
        return finish_and_free(wrapping, error);
      },
      [](const souschef_plugin*, souschef_wrapping* wrapping) { delete wrapping; }};
  return &kTable;
}

// The host's side of a begun decoder or wrapping: the three functions of its C table, bound to the handle.
template <class Table, class Handle>
class ImportedTransform final : public PushTransform {
 public:
  using Push = souschef_status (*)(const souschef_plugin*, Handle*, const std::uint8_t*, std::size_t,
                                   souschef_error*);
  using Finish = souschef_status (*)(const souschef_plugin*, Handle*, souschef_error*);
  using Abandon = void (*)(const souschef_plugin*, Handle*);

  ImportedTransform(const souschef_plugin* plugin, ByteSink& out, Push push_in, Finish finish_in,
                    Abandon abandon_in)
      : plugin_(plugin), sink(export_sink(out)), push_(push_in), finish_(finish_in), abandon_(abandon_in) {}
  ~ImportedTransform() override {
    if (handle != nullptr) abandon_(plugin_, handle);
  }
  ImportedTransform(const ImportedTransform&) = delete;
  ImportedTransform& operator=(const ImportedTransform&) = delete;

  Status push(std::span<const std::byte> data) override {
    souschef_error error = empty_error();
    const souschef_status status =
        push_(plugin_, handle, reinterpret_cast<const std::uint8_t*>(data.data()), data.size(), &error);
    return status == SOUSCHEF_OK ? Status() : Status(to_error(status, error));
  }
  Status finish() override {
    souschef_error error = empty_error();
    const souschef_status status = finish_(plugin_, std::exchange(handle, nullptr), &error);
    return status == SOUSCHEF_OK ? Status() : Status(to_error(status, error));
  }

 private:
  const souschef_plugin* plugin_;

 public:
  souschef_byte_sink sink;
  Handle* handle = nullptr;

 private:
  Push push_;
  Finish finish_;
  Abandon abandon_;
};

class ImportedFilter final : public Filter {
 public:
  ImportedFilter(const souschef_plugin* plugin, const souschef_filter* table)
      : plugin_(plugin), table_(table) {}
  [[nodiscard]] std::uint32_t version() const override { return table_->version; }
  [[nodiscard]] std::uint32_t oldest_version() const override { return table_->oldest_version; }
  Result<Encoded> encode(Analysis& analysis, SliceSink& sink) override {
    souschef_error error = empty_error();
    const souschef_slice_sink exported = export_slice_sink(sink);
    const souschef_status status = table_->encode(plugin_, handle_of(analysis), &exported, &error);
    if (status == SOUSCHEF_DECLINED) return Encoded::declined;
    if (status != SOUSCHEF_OK) return to_error(status, error);
    return Encoded::done;
  }
  Result<std::unique_ptr<PushTransform>> decode(std::uint32_t version, std::uint64_t content_size,
                                                ByteSink& out) override {
    auto transform = std::make_unique<ImportedTransform<souschef_filter, souschef_decoder>>(
        plugin_, out, table_->decode_push, table_->decode_finish, table_->decode_abandon);
    souschef_error error = empty_error();
    const souschef_status status =
        table_->decode_begin(plugin_, version, content_size, &transform->sink, &transform->handle, &error);
    if (status != SOUSCHEF_OK) return to_error(status, error);
    return std::unique_ptr<PushTransform>(std::move(transform));
  }

 private:
  const souschef_plugin* plugin_;
  const souschef_filter* table_;
};

class ImportedWrapper final : public Wrapper {
 public:
  ImportedWrapper(const souschef_plugin* plugin, const souschef_wrapper* table)
      : plugin_(plugin), table_(table) {}
  [[nodiscard]] std::string encoder(WrapperKind kind) const override {
    const char* name = table_->encoder(plugin_, static_cast<std::uint32_t>(kind));
    return name == nullptr ? "" : name;
  }
  [[nodiscard]] WrapperKind kind(Analysis& analysis) const override {
    return static_cast<WrapperKind>(table_->kind(plugin_, handle_of(analysis)));
  }
  Result<std::string> describe(Analysis& analysis) override {
    StringSink parameters;
    const souschef_byte_sink sink = export_sink(parameters);
    souschef_error error = empty_error();
    const souschef_status status = table_->describe(plugin_, handle_of(analysis), &sink, &error);
    if (status == SOUSCHEF_DECLINED) return std::string();
    if (status != SOUSCHEF_OK) return to_error(status, error);
    return std::move(parameters.text);
  }
  Result<std::unique_ptr<PushTransform>> wrap(WrapperKind kind, std::string_view parameters,
                                              ByteSink& out) override {
    auto transform = std::make_unique<ImportedTransform<souschef_wrapper, souschef_wrapping>>(
        plugin_, out, table_->wrap_push, table_->wrap_finish, table_->wrap_abandon);
    souschef_error error = empty_error();
    const souschef_status status =
        table_->wrap_begin(plugin_, static_cast<std::uint32_t>(kind), bytes(parameters), &transform->sink,
                           &transform->handle, &error);
    if (status != SOUSCHEF_OK) return to_error(status, error);
    return std::unique_ptr<PushTransform>(std::move(transform));
  }

 private:
  const souschef_plugin* plugin_;
  const souschef_wrapper* table_;
};

}  // namespace souschef::abi
