// SPDX-License-Identifier: MIT
// Follows what Blender 3.4 was seen to do (tests/plugins/blender/frame_path_test.cpp has the table). Later
// versions add {variables} to paths; those are the business of outputs.cpp.
#include "plugins/blender/frame_path.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace souschef::blender {
namespace {

struct Format {
  std::string_view name;
  std::string_view extension;
  std::string_view also;  // kept as it is where it already stands
};

constexpr std::array kFormats = {
    Format{"PNG", ".png", ""},       Format{"JPEG", ".jpg", ".jpeg"},
    Format{"OPEN_EXR", ".exr", ""},  Format{"OPEN_EXR_MULTILAYER", ".exr", ""},
    Format{"TIFF", ".tif", ".tiff"}, Format{"BMP", ".bmp", ""},
    Format{"TARGA", ".tga", ""},     Format{"TARGA_RAW", ".tga", ""},
    Format{"IRIS", ".rgb", ""},      Format{"JPEG2000", ".jp2", ".j2c"},
    Format{"CINEON", ".cin", ""},    Format{"DPX", ".dpx", ""},
    Format{"HDR", ".hdr", ""},       Format{"WEBP", ".webp", ""},
    Format{"AVIF", ".avif", ""},
};

// Where another image's extension stands, Blender replaces it.
constexpr std::array<std::string_view, 20> kImageExtensions = {
    ".png", ".tga", ".bmp", ".jpg", ".jpeg", ".sgi", ".rgb", ".rgba", ".tif", ".tiff",
    ".jp2", ".j2c", ".hdr", ".dds", ".dpx",  ".cin", ".exr", ".psd",  ".psb", ".webp"};

bool ends_with_ignoring_case(std::string_view text, std::string_view ending) {
  if (ending.empty() || text.size() < ending.size()) return false;
  return std::equal(ending.begin(), ending.end(), text.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

std::string padded(std::int64_t frame, std::size_t width) {
  std::string digits = std::to_string(frame < 0 ? -frame : frame);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return frame < 0 ? "-" + digits : digits;
}

struct Run {
  std::size_t begin = 0, length = 0;  // length 0: none
};

Run last_hashes(std::string_view path) {
  const std::size_t name_begin = path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1;
  const std::size_t end = path.rfind('#');
  if (end == std::string_view::npos || end < name_begin) return {};
  std::size_t begin = end;
  while (begin > name_begin && path[begin - 1] == '#') --begin;
  return {begin, end - begin + 1};
}

std::string replaced(std::string_view path, const Run& run, const std::string& by) {
  return std::string(path.substr(0, run.begin)) + by + std::string(path.substr(run.begin + run.length));
}

}  // namespace

std::string_view extension_of(std::string_view format) {
  for (const Format& each : kFormats)
    if (each.name == format) return each.extension;
  return {};
}

std::string with_frame(std::string_view path, std::int64_t frame) {
  const Run run = last_hashes(path);
  if (run.length == 0) return std::string(path) + padded(frame, 4);
  return replaced(path, run, padded(frame, run.length));
}

std::string with_frame_range(std::string_view path, std::int64_t first, std::int64_t last) {
  const Run run = last_hashes(path);
  const std::size_t width = run.length == 0 ? 4 : run.length;
  const std::string range = padded(first, width) + "-" + padded(last, width);
  return run.length == 0 ? std::string(path) + range : replaced(path, run, range);
}

std::string with_suffix(std::string_view path, std::string_view suffix) {
  const std::size_t dot = path.rfind('.');
  const std::size_t slash = path.rfind('/');
  const bool has_extension =
      dot != std::string_view::npos && (slash == std::string_view::npos || dot > slash);
  const std::size_t at = has_extension ? dot : path.size();
  return std::string(path.substr(0, at)) + std::string(suffix) + std::string(path.substr(at));
}

std::string with_extension(std::string_view path, std::string_view format) {
  for (const Format& each : kFormats) {
    if (each.name != format) continue;
    if (ends_with_ignoring_case(path, each.extension) || ends_with_ignoring_case(path, each.also))
      return std::string(path);
    for (const std::string_view other : kImageExtensions)
      if (ends_with_ignoring_case(path, other)) {
        path.remove_suffix(other.size());
        break;
      }
    return std::string(path) + std::string(each.extension);
  }
  return std::string(path);
}

std::string clean_path(std::string_view path) {
  std::string text(path);
  std::replace(text.begin(), text.end(), '\\', '/');
  if (text.size() >= 3 && std::isalpha(static_cast<unsigned char>(text[0])) != 0 && text[1] == ':' &&
      text[2] == '/')
    text.erase(0, 2);
  const bool absolute = text.starts_with('/');
  const bool trailing = text.ends_with('/');
  std::vector<std::string_view> parts;
  const std::string_view view(text);
  for (std::size_t at = 0; at <= view.size();) {
    const std::size_t end = std::min(view.find('/', at), view.size());
    const std::string_view part = view.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    const bool up = part == ".." && !parts.empty() && parts.back() != "..";
    if (up)
      parts.pop_back();
    else if (part != ".." || !absolute)
      parts.push_back(part);
  }
  std::string clean = absolute ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) clean.append(i > 0 ? "/" : "").append(parts[i]);
  if (trailing && !clean.ends_with('/') && !clean.empty()) clean += '/';
  return clean;
}

std::string join(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  if (name.empty()) return std::string(folder);
  const bool slash = folder.ends_with('/') || name.starts_with('/');
  return std::string(folder) + (slash ? "" : "/") + std::string(name);
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return path.substr(0, std::max<std::size_t>(slash, 1));
}

std::string_view name_of_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_below(std::string_view path, std::string_view folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  if (folder == "/") return path.starts_with('/');
  return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

std::string relative_to(std::string_view path, std::string_view folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  if (folder == "/") return std::string(path.substr(1));
  if (path == folder) return {};
  return std::string(path.substr(folder.size() + 1));
}

std::string common_folder(std::string_view a, std::string_view b) {
  std::string folder(a);
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  while (!is_below(b, folder)) folder = std::string(folder_of(folder));
  return folder;
}

}  // namespace souschef::blender
