// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_manifest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/base/json_text.hpp"

namespace souschef::core {
namespace {

constexpr std::size_t kMaxManifest = 256U << 10;  // the largest seen in practice is 6 KiB
constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxId = 64;
constexpr std::size_t kHead = 64;  // souschef_analyser.accepts gets this many bytes

constexpr std::array kKinds = {PluginKind::tracer, PluginKind::filter, PluginKind::renderer,
                               PluginKind::stage,  PluginKind::event,  PluginKind::inspect};
constexpr std::array kPermissions = {PluginPermission::network, PluginPermission::commands,
                                     PluginPermission::files};

#if defined(__APPLE__)
constexpr std::string_view kOperatingSystem = "macos";
#elif defined(_WIN32)
constexpr std::string_view kOperatingSystem = "windows";
#else
constexpr std::string_view kOperatingSystem = "linux";
#endif
#if defined(__aarch64__) || defined(_M_ARM64)
constexpr std::string_view kArchitecture = "arm64";
#else
constexpr std::string_view kArchitecture = "x86_64";
#endif

Error bad(std::string_view member, std::string why) {
  return Error(ErrorCode::bad_input, "plugin.json: \"" + std::string(member) + "\" is wrong", std::move(why))
      .next_step("docs/format/plugin-manifest.md");
}

Result<std::string> required_text(const Json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end()) return bad(member, "it is missing");
  if (!found->is_string() || found->get_ref<const std::string&>().empty())
    return bad(member, "a text is expected");
  return found->get<std::string>();
}

bool is_version(std::string_view text) {
  const std::size_t numbers = std::min(text.find_first_of("-+"), text.size());
  if (numbers == 0 || text.size() > kMaxId) return false;
  bool after_dot = true;
  for (const char c : text.substr(0, numbers)) {
    if (c == '.' && after_dot) return false;
    if (c != '.' && (c < '0' || c > '9')) return false;
    after_dot = c == '.';
  }
  return !after_dot;
}

template <class Value, std::size_t N>
Status read_words(const Json& object, const char* member, const std::array<Value, N>& known,
                  std::vector<Value>& into) {
  const auto found = object.find(member);
  if (found == object.end()) return {};
  if (!found->is_array()) return bad(member, "a list of words is expected");
  for (const Json& word : *found) {
    const auto match = std::find_if(known.begin(), known.end(), [&](Value value) {
      return word.is_string() && word.get_ref<const std::string&>() == name_of(value);
    });
    if (match == known.end()) return bad(member, "unknown word: " + json_text(word));
    if (std::find(into.begin(), into.end(), *match) == into.end()) into.push_back(*match);
  }
  return {};
}

Status read_abi(const Json& object, PluginManifest& manifest) {
  SOUSCHEF_TRY(const std::string text, required_text(object, "abi"));
  const char* end = text.data() + text.size();
  const auto major_part = std::from_chars(text.data(), end, manifest.abi_major);
  if (major_part.ec == std::errc() && major_part.ptr != end && *major_part.ptr == '.') {
    const auto minor_part = std::from_chars(major_part.ptr + 1, end, manifest.abi_minor);
    if (minor_part.ec == std::errc() && minor_part.ptr == end) return {};
  }
  return bad("abi", "\"major.minor\" is expected, like \"1.0\"");
}

// A relative path that stays inside the folder.
bool is_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != std::string_view::npos ||
      path.find('\0') != std::string_view::npos)
    return false;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (part == ".." || part.empty()) return false;
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
  return true;
}

Result<PluginProgram> read_program(const char* member, const Json& value, bool is_library) {
  PluginProgram program{is_library, {}};
  if (value.is_string()) {
    program.command.push_back(value.get<std::string>());
  } else if (value.is_array() && !is_library) {
    for (const Json& word : value) {
      if (!word.is_string()) return bad(member, "a command is a list of texts");
      program.command.push_back(word.get<std::string>());
    }
  }
  if (program.command.empty() || !is_inside(program.command.front()))
    return bad(member,
               "a file inside the plugin's folder is expected, or for \"run\" a list that begins with one");
  return program;
}

// "run" and "library": one entry a system; the closest to this one is taken.
Status read_programs(const Json& object, PluginManifest& manifest) {
  const std::string exact(system_name());
  for (const char* member : {"library", "run"}) {
    const auto found = object.find(member);
    if (found == object.end()) continue;
    if (!found->is_object() || found->empty())
      return bad(member,
                 "an object is expected, with a system as each key: \"" + exact + "\", \"linux\" or \"any\"");
    for (const auto& [system, value] : found->items()) {
      SOUSCHEF_TRY(PluginProgram program, read_program(member, value, std::string_view(member) == "library"));
      manifest.systems.push_back(system);
    }
    for (const std::string& system : {exact, std::string(kOperatingSystem), std::string("any")}) {
      if (manifest.program || !found->contains(system)) continue;
      SOUSCHEF_TRY(manifest.program,
                   read_program(member, found->at(system), std::string_view(member) == "library"));
    }
  }
  return {};
}

Status read_limits(const Json& object, PluginLimits& limits) {
  const auto found = object.find("limits");
  if (found == object.end()) return {};
  if (!found->is_object()) return bad("limits", "an object is expected");
  struct Row {
    const char* name;
    std::int64_t* value;
    std::int64_t most;
  };
  const Row rows[] = {{"seconds", &limits.seconds, 30 * 86'400},
                      {"silence_seconds", &limits.silence_seconds, 86'400},
                      {"memory_mib", &limits.memory_mib, 1 << 20},
                      {"output_mib", &limits.output_mib, 4'096}};
  for (const auto& [name, value] : found->items()) {
    const auto row = std::find_if(std::begin(rows), std::end(rows),
                                  [&wanted = name](const Row& r) { return wanted == r.name; });
    if (row == std::end(rows)) return bad("limits", "unknown limit: " + name);
    if (!value.is_number_integer() || value < 1 || value > row->most)
      return bad("limits", name + " is a whole number from 1 to " + std::to_string(row->most));
    *row->value = value.get<std::int64_t>();
  }
  return {};
}

Result<std::string> bytes_of_hex(const Json& value) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  if (!value.is_string()) return bad("accepts", "\"hex\" is a text of hexadecimal digits");
  const auto& text = value.get_ref<const std::string&>();
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (digit(text[i]) < 0 || digit(text[i + 1]) < 0) break;
    bytes += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  if (bytes.empty() || bytes.size() * 2 != text.size())
    return bad("accepts", "\"hex\" has an even number of hexadecimal digits");
  return bytes;
}

Status read_accepts(const Json& object, PluginManifest& manifest) {
  const auto found = object.find("accepts");
  if (found == object.end()) return {};
  if (!found->is_array()) return bad("accepts", "a list is expected");
  for (const Json& item : *found) {
    if (!item.is_object() || !item.contains("hex"))
      return bad("accepts", R"(each is {"offset": 0, "hex": "424c"})");
    const Json offset = item.value("offset", Json(0));
    SOUSCHEF_TRY(std::string bytes, bytes_of_hex(item.at("hex")));
    const auto last_start = static_cast<std::int64_t>(kHead) - static_cast<std::int64_t>(bytes.size());
    if (!offset.is_number_integer() || offset < 0 || offset > last_start)
      return bad("accepts", "only the first " + std::to_string(kHead) + " bytes of a file are looked at");
    manifest.accepts.push_back({offset.get<std::size_t>(), std::move(bytes)});
  }
  return {};
}

void note_unknown(const Json& object, PluginManifest& manifest) {
  static const std::set<std::string> kMembers = {"id",     "version", "summary",    "kinds",
                                                 "abi",    "run",     "library",    "settings",
                                                 "limits", "accepts", "permissions"};
  for (const auto& [name, value] : object.items())
    if (!kMembers.contains(name)) manifest.unknown.push_back(name);
}

}  // namespace

std::string_view name_of(PluginKind kind) {
  switch (kind) {
    case PluginKind::tracer:
      return "tracer";
    case PluginKind::filter:
      return "filter";
    case PluginKind::renderer:
      return "renderer";
    case PluginKind::stage:
      return "stage";
    case PluginKind::event:
      return "event";
    case PluginKind::inspect:
      return "inspect";
  }
  return "";
}

std::string_view name_of(PluginPermission permission) {
  switch (permission) {
    case PluginPermission::network:
      return "network";
    case PluginPermission::commands:
      return "commands";
    case PluginPermission::files:
      return "files";
  }
  return "";
}

std::string_view system_name() {
  static const std::string kName = std::string(kOperatingSystem) + "-" + std::string(kArchitecture);
  return kName;
}

bool is_plugin_id(std::string_view id) {
  if (id.empty() || id.size() > kMaxId || id.front() == '-' || id.front() == '_') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool PluginManifest::is(PluginKind kind) const {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Result<PluginManifest> PluginManifest::parse(std::string_view text) {
  auto read = parse_json(text, {kMaxManifest, kMaxDepth});
  if (!read) return std::move(read.error()).in_context("plugin.json cannot be read");
  const Json& object = *read;
  if (!object.is_object()) return Error(ErrorCode::bad_input, "plugin.json is not a JSON object");

  PluginManifest manifest;
  SOUSCHEF_TRY(manifest.id, required_text(object, "id"));
  if (!is_plugin_id(manifest.id))
    return bad("id", "lower-case letters, digits, '-' and '_', at most " + std::to_string(kMaxId));
  SOUSCHEF_TRY(manifest.version, required_text(object, "version"));
  if (!is_version(manifest.version)) return bad("version", "numbers with dots are expected, like 1.2.0");
  SOUSCHEF_TRY(manifest.summary, required_text(object, "summary"));
  SOUSCHEF_CHECK(read_words(object, "kinds", kKinds, manifest.kinds));
  if (manifest.kinds.empty()) return bad("kinds", "at least one is needed");
  SOUSCHEF_CHECK(read_abi(object, manifest));
  SOUSCHEF_CHECK(read_programs(object, manifest));
  if (const auto settings = object.find("settings"); settings != object.end()) manifest.settings = *settings;
  SOUSCHEF_CHECK(read_words(object, "permissions", kPermissions, manifest.permissions));
  SOUSCHEF_CHECK(read_limits(object, manifest.limits));
  SOUSCHEF_CHECK(read_accepts(object, manifest));
  note_unknown(object, manifest);
  return manifest;
}

}  // namespace souschef::core
