// SPDX-License-Identifier: MIT
// The C++ face of a plugin: derive a class from Plugin and one or more of the mix-ins, register it, done.
//
//   class Slate final : public souschef::Plugin, public souschef::Calls {
//    public:
//     static constexpr souschef_descriptor kDescriptor = souschef::descriptor("slate", "1.0.0");
//     explicit Slate(souschef::Host host) : Plugin(host) {}
//     souschef::Calls& calls() { return *this; }
//     souschef::Result<std::string> call(souschef::CallContext&, std::string_view method, std::string_view)
//     override;
//   };
//   SOUSCHEF_PLUGIN(Slate)
//
// Which extensions a class offers is read off its members at compile time: analyser(), tracer(), filter(),
// wrapper(), inspector(), calls().
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/analysis.hpp>
#include <souschef/calls.hpp>
#include <souschef/filter.hpp>
#include <souschef/host.hpp>
#include <souschef/inspector.hpp>
#include <souschef/tracer.hpp>

namespace souschef {

constexpr souschef_descriptor descriptor(const char* id, const char* version,
                                         const char* manifest_json = nullptr) {
  return {sizeof(souschef_descriptor), id, version, manifest_json};
}

class Plugin {
 public:
  explicit Plugin(Host host) : host_(host) {}
  virtual ~Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  // `settings`: a JSON object that fits the schema of plugin.json.
  virtual Status start(std::string_view settings) {
    (void)settings;
    return {};
  }
  virtual void stop() {}

 protected:
  [[nodiscard]] const Host& host() const { return host_; }

 private:
  Host host_;
};

namespace abi {

// How to make one kind of plugin; built-ins keep these in a list, a module has one or more of its own.
struct Registration {
  const souschef_descriptor* descriptor;
  const souschef_plugin* (*create)(const souschef_host* host);
};

// One plugin object: the C struct that the host sees, with the C++ object behind it.
template <class P>
struct Instance {
  souschef_plugin c{};
  P plugin;

  explicit Instance(const souschef_host* host) : plugin(Host(host)) {
    c.struct_size = sizeof c;
    c.descriptor = &P::kDescriptor;
    c.self = &plugin;
    c.start = [](const souschef_plugin* self, souschef_text settings, souschef_error* error) {
      return guarded(error,
                     [&] { return status_of(error, static_cast<P*>(self->self)->start(view(settings))); });
    };
    c.stop = [](const souschef_plugin* self) {
      try {
        static_cast<P*>(self->self)->stop();
      } catch (...) {  // NOLINT(bugprone-empty-catch): nothing crosses the border
      }
    };
    c.extension = [](const souschef_plugin*, const char* id) { return extension_of(id); };
    c.destroy = [](const souschef_plugin* self) {
      delete reinterpret_cast<Instance*>(const_cast<souschef_plugin*>(self));
    };
  }

  static const void* extension_of(std::string_view id) {
    if constexpr (requires(P & p) { p.analyser(); })
      if (id == SOUSCHEF_ANALYSER) return exported_analyser<P>();
    if constexpr (requires(P & p) { p.tracer(); })
      if (id == SOUSCHEF_TRACER) return exported_tracer<P>();
    if constexpr (requires(P & p) { p.filter(); })
      if (id == SOUSCHEF_FILTER) return exported_filter<P>();
    if constexpr (requires(P & p) { p.wrapper(); })
      if (id == SOUSCHEF_WRAPPER) return exported_wrapper<P>();
    if constexpr (requires(P & p) { p.inspector(); })
      if (id == SOUSCHEF_INSPECTOR) return exported_inspector<P>();
    if constexpr (requires(P & p) { p.calls(); })
      if (id == SOUSCHEF_CALLS) return exported_calls<P>();
    return nullptr;
  }
};

template <class P>
Registration registration() {
  return {&P::kDescriptor, [](const souschef_host* host) -> const souschef_plugin* {
            try {
              return &(new Instance<P>(host))->c;
            } catch (...) {
              return nullptr;
            }
          }};
}

// The registrations of this module. Built-in plugins are listed by the program's own entry instead.
inline std::vector<Registration>& registrations() {
  static std::vector<Registration> list;
  return list;
}

inline const souschef_factory* factory() {
  static const souschef_factory kFactory = {
      sizeof(souschef_factory),
      [](const souschef_factory*) { return static_cast<std::uint32_t>(registrations().size()); },
      [](const souschef_factory*, std::uint32_t index) -> const souschef_descriptor* {
        return index < registrations().size() ? registrations()[index].descriptor : nullptr;
      },
      [](const souschef_factory*, const souschef_host* host, const char* id) -> const souschef_plugin* {
        for (const Registration& registration : registrations())
          if (std::string_view(registration.descriptor->id) == id) return registration.create(host);
        return nullptr;
      }};
  return &kFactory;
}

}  // namespace abi
}  // namespace souschef

// The entry symbol: once per module, in one source file.
#define SOUSCHEF_ENTRY()                                                    \
  extern "C" SOUSCHEF_EXPORT const souschef_entry souschef_plugin_entry = { \
      sizeof(souschef_entry),                                               \
      SOUSCHEF_ABI_MAJOR,                                                   \
      SOUSCHEF_ABI_MINOR,                                                   \
      [](souschef_bytes) -> int32_t { return 1; },                          \
      []() {},                                                              \
      []() { return souschef::abi::factory(); }}

// Registers a class; expands the entry symbol only when a module is built (SOUSCHEF_MODULE), because the
// program has its own entry, which lists the built-ins.
#define SOUSCHEF_REGISTER(Class)                                                    \
  [[maybe_unused]] static const bool souschef_registered_##Class = [] {             \
    souschef::abi::registrations().push_back(souschef::abi::registration<Class>()); \
    return true;                                                                    \
  }()
#if defined(SOUSCHEF_MODULE)
#define SOUSCHEF_PLUGIN(Class) \
  SOUSCHEF_REGISTER(Class);    \
  SOUSCHEF_ENTRY();
#else
#define SOUSCHEF_PLUGIN(Class) SOUSCHEF_REGISTER(Class);
#endif
