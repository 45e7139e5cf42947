// SPDX-License-Identifier: MIT
#include "core/plugin_host/plugin_template.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/plugin_host/plugin_library.hpp"
#include "core/plugin_host/plugin_templates.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

// frame_times -> FrameTimes; ids may begin with a digit, classes may not.
std::string class_name(const std::string& id) {
  std::string name;
  bool upper = true;
  for (const char c : id) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter) name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = !letter;
  }
  return std::isdigit(static_cast<unsigned char>(name.front())) != 0 ? "Plugin" + name : name;
}

std::string filled(std::string text, const std::string& id) {
  const std::pair<std::string_view, std::string> fields[] = {
      {"@NAME@", id}, {"@CLASS@", class_name(id)}, {"@ABI@", abi_text()}};
  for (const auto& [field, value] : fields)
    for (std::size_t at = text.find(field); at != std::string::npos; at = text.find(field, at + value.size()))
      text.replace(at, field.size(), value);
  return text;
}

Status write_file(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (out) return {};
  return Error(ErrorCode::io, "cannot write " + file.string());
}

}  // namespace

Status make_plugin_folder(const fs::path& folder, PluginKind kind, const std::string& id,
                          PluginLanguage language) {
  if (!is_plugin_id(id))
    return Error(ErrorCode::usage, "a plugin cannot be called \"" + id + "\"",
                 "an id has lower-case letters, digits, '-' and '_', and begins with a letter or digit");
  const std::string wanted =
      std::string(name_of(kind)) + (language == PluginLanguage::python ? "_python" : "_cpp");
  const auto is_wanted = [&](const PluginTemplateFile& file) { return file.set == wanted; };
  if (std::none_of(std::begin(kPluginTemplates), std::end(kPluginTemplates), is_wanted))
    return Error(ErrorCode::unsupported,
                 "there is no template for a " + std::string(name_of(kind)) + " plugin",
                 kind == PluginKind::filter
                     ? "what a filter has stored can be read only with it: a store takes one only by name"
                     : "")
        .next_step("souschef plugin new stage NAME  or another of tracer, renderer, event, inspect");
  std::error_code failed;
  if (fs::exists(fs::symlink_status(folder)))
    return Error(ErrorCode::exists, "there is something at " + folder.string() + " already")
        .next_step("choose another name");
  fs::create_directories(folder, failed);
  if (failed) return Error(ErrorCode::io, "cannot make " + folder.string(), failed.message());
  for (const PluginTemplateFile& file : kPluginTemplates)
    if (is_wanted(file))
      SOUSCHEF_CHECK(
          write_file(folder / filled(std::string(file.name), id), filled(std::string(file.text), id)));
  if (language == PluginLanguage::python)
    SOUSCHEF_CHECK(write_file(folder / "souschef_plugin.py", std::string(kPythonModule)));
  return {};
}

}  // namespace souschef::core
