// SPDX-License-Identifier: MIT
// plugin.json: what a plugin says of itself, readable without running it. The law:
// docs/format/plugin-manifest.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <souschef/result.hpp>

#include "core/base/json.hpp"

namespace souschef::core {

enum class PluginKind : std::uint8_t { tracer, filter, renderer, stage, event, inspect };
std::string_view name_of(PluginKind kind);

enum class PluginPermission : std::uint8_t { network, commands, files };
std::string_view name_of(PluginPermission permission);

// How long a plugin's process may take and how much it may use; the manifest asks, `plugin info` shows.
struct PluginLimits {
  std::int64_t seconds = 86'400;       // one stage.run, one tracer.trace
  std::int64_t silence_seconds = 900;  // without progress, a log line or an answer
  std::int64_t memory_mib = 8'192;     // of the process and what it started
  std::int64_t output_mib = 64;        // progress and log lines of one call together
};

// What runs, for one operating system: a library, or a program with its arguments.
struct PluginProgram {
  bool is_library = false;
  // The first is a file in the plugin's folder (relative, no "..") or a bare word to be looked up in PATH; a
  // library has only that one.
  std::vector<std::string> command;
};

// The first bytes of a file that a tracer or inspector wants.
struct PluginMagic {
  std::size_t offset = 0;
  std::string bytes;
};

// A value; immutable once read.
struct PluginManifest {
  std::string id;       // lower-case letters, digits, '-', '_'; begins with a letter or digit; at most 64
  std::string version;  // "1.2.0"
  std::string summary;  // one sentence
  std::vector<PluginKind> kinds;
  std::uint32_t abi_major = 0, abi_minor = 0;
  std::optional<PluginProgram>
      program;                       // for this system; none for built-ins and where it was not built for it
  std::vector<std::string> systems;  // the systems that it was built for
  Json settings = Json::object();    // the schema: core/plugin_host/settings_schema.hpp
  std::vector<PluginPermission> permissions;
  PluginLimits limits;
  std::vector<PluginMagic> accepts;
  std::vector<std::string>
      unknown;  // members that this program does not know: ignored, shown by `plugin check`

  // Errors: bad_input naming the member. The ABI is not judged here.
  static Result<PluginManifest> parse(std::string_view text);

  [[nodiscard]] bool is(PluginKind kind) const;
};

// "linux-x86_64": this program's own system.
std::string_view system_name();
// True for a well-formed id.
bool is_plugin_id(std::string_view id);

}  // namespace souschef::core
