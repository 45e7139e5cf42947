// SPDX-License-Identifier: MIT
// One loaded module with its entry symbol. The built-in plugins take the same road: the program itself is
// loaded.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <souschef/plugin.h>
#include <souschef/result.hpp>

namespace souschef::core {

// Owns the module; entry.init has been called, entry.deinit is called at the end. Whatever came out of the
// factory must be gone by then. One thread at a time. Loading runs the module's own start-up code in this
// process: only for the program itself, for a plugin-host process, and for filters that the store allows.
class PluginLibrary {
 public:
  // The running program, for the built-in plugins.
  static Result<PluginLibrary> open_program();
  // A shared library. `folder`: the plugin's, told to it. Errors, all `plugin`: cannot be loaded (with the
  // loader's own reason), exports no entry, speaks another ABI (`unsupported`, with both numbers), init said
  // no.
  static Result<PluginLibrary> open(const std::filesystem::path& file, const std::filesystem::path& folder);
  // For an entry that is linked in: tests, and systems where the program cannot be loaded again.
  static Result<PluginLibrary> adopt(const souschef_entry& entry, const std::filesystem::path& folder);

  PluginLibrary(PluginLibrary&&) noexcept;
  PluginLibrary& operator=(PluginLibrary&&) noexcept;
  ~PluginLibrary();

  [[nodiscard]] const souschef_factory& factory() const;

 private:
  struct State;
  explicit PluginLibrary(std::unique_ptr<State> state);
  static Result<PluginLibrary> begin(std::unique_ptr<State> state, const std::filesystem::path& folder);

  std::unique_ptr<State> state_;
};

// "1.1": the plugin ABI of this program, and with it the plugin protocol.
std::string abi_text();

// Fails with `unsupported` and both numbers where this host cannot load what was built for that ABI.
Status check_abi(std::uint32_t abi_major, std::uint32_t abi_minor);

}  // namespace souschef::core
