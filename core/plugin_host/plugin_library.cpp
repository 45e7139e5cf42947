// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_library.hpp"

#include <dlfcn.h>

#include <string>
#include <system_error>

#include <boost/dll/runtime_symbol_info.hpp>
#include <boost/dll/shared_library.hpp>

#include <souschef/abi.hpp>

namespace souschef::core {
namespace {

constexpr char kSymbol[] = "souschef_plugin_entry";
// An entry larger than this is not an entry: the symbol names something else.
constexpr std::uint32_t kMaxEntry = 4096;

std::string loader_reason() {
  const char* reason = dlerror();
  return reason == nullptr ? "the loader gave no reason" : reason;
}

std::string version_text(std::uint32_t major_number, std::uint32_t minor_number) {
  return std::to_string(major_number) + "." + std::to_string(minor_number);
}

}  // namespace

std::string abi_text() {
  return version_text(SOUSCHEF_ABI_MAJOR, SOUSCHEF_ABI_MINOR);
}

Status check_abi(std::uint32_t abi_major, std::uint32_t abi_minor) {
  if (abi_major == SOUSCHEF_ABI_MAJOR && abi_minor <= SOUSCHEF_ABI_MINOR) return {};
  const bool newer = abi_major > SOUSCHEF_ABI_MAJOR || abi_major == SOUSCHEF_ABI_MAJOR;
  return Error(ErrorCode::unsupported, "the plugin needs plugin ABI " + version_text(abi_major, abi_minor) +
                                           ", this program has " + abi_text())
      .next_step(newer ? "get a newer Sous Chef, or an older build of the plugin"
                       : "get a newer build of the plugin");
}

struct PluginLibrary::State {
  boost::dll::shared_library module;  // not loaded for an adopted entry
  const souschef_entry* entry = nullptr;
  const souschef_factory* factory = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (factory != nullptr) entry->deinit();
  }
};

PluginLibrary::PluginLibrary(std::unique_ptr<State> state) : state_(std::move(state)) {}
PluginLibrary::PluginLibrary(PluginLibrary&&) noexcept = default;
PluginLibrary& PluginLibrary::operator=(PluginLibrary&&) noexcept = default;
PluginLibrary::~PluginLibrary() = default;

const souschef_factory& PluginLibrary::factory() const {
  return *state_->factory;
}

Result<PluginLibrary> PluginLibrary::begin(std::unique_ptr<State> state,
                                           const std::filesystem::path& folder) {
  const souschef_entry& entry = *state->entry;
  if (entry.struct_size > kMaxEntry || !SOUSCHEF_HAS(&entry, factory) || entry.init == nullptr ||
      entry.deinit == nullptr || entry.factory == nullptr)
    return Error(ErrorCode::plugin, std::string(kSymbol) + " is not an entry of a plugin");
  SOUSCHEF_CHECK(check_abi(entry.abi_major, entry.abi_minor));
  const std::string folder_bytes = folder.string();
  if (entry.init(abi::bytes(std::string_view(folder_bytes))) == 0)
    return Error(ErrorCode::plugin, "the plugin says that it cannot work here", "its init() returned 0");
  state->factory = entry.factory();
  if (state->factory == nullptr) {
    entry.deinit();
    return Error(ErrorCode::plugin, "the plugin offers nothing", "its factory() returned NULL");
  }
  return PluginLibrary(std::move(state));
}

Result<PluginLibrary> PluginLibrary::adopt(const souschef_entry& entry, const std::filesystem::path& folder) {
  auto state = std::make_unique<State>();
  state->entry = &entry;
  return begin(std::move(state), folder);
}

Result<PluginLibrary> PluginLibrary::open(const std::filesystem::path& file,
                                          const std::filesystem::path& folder) {
  auto state = std::make_unique<State>();
  std::error_code failed;
  // rtld_now: a missing symbol shows here and not in the middle of a render.
  state->module.load(std::filesystem::absolute(file), failed, boost::dll::load_mode::rtld_now);
  if (failed) return Error(ErrorCode::plugin, "cannot load " + file.string(), loader_reason());
  if (!state->module.has(kSymbol))
    return Error(ErrorCode::plugin, file.string() + " is not a plugin",
                 std::string("it does not export ") + kSymbol)
        .next_step(
            "end the plugin's source with SOUSCHEF_PLUGIN(...) and build it with souschef_add_plugin()");
  state->entry = &state->module.get<const souschef_entry>(kSymbol);
  return begin(std::move(state), folder);
}

Result<PluginLibrary> PluginLibrary::open_program() {
  std::error_code failed;
  const std::filesystem::path program = boost::dll::program_location(failed);
  if (!failed) {
    auto opened = open(program, program);
    if (opened) return opened;
  }
  // Without /proc, or after the program's file was replaced by an update, nobody can name the file; the
  // symbol is in this process all the same.
  const void* symbol = dlsym(RTLD_DEFAULT, kSymbol);
  if (symbol == nullptr)
    return Error(ErrorCode::plugin, "the program does not find its own plugins", loader_reason());
  return adopt(*static_cast<const souschef_entry*>(symbol), program);
}

}  // namespace souschef::core
