// SPDX-License-Identifier: MIT
#include "core/production/blend_path.hpp"

#include <algorithm>
#include <cctype>

namespace souschef::core {
namespace {

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

std::string with_slashes(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\\', '/');
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
         });
}

// Windows roots are compared as Windows does; POSIX ones byte by byte.
bool has_prefix(std::string_view path, std::string_view prefix, bool windows) {
  if (path.size() < prefix.size()) return false;
  const std::string_view head = path.substr(0, prefix.size());
  if (windows ? !equal_ignoring_case(head, prefix) : head != prefix) return false;
  return path.size() == prefix.size() || path[prefix.size()] == '/' || prefix.ends_with('/');
}

}  // namespace

PathForm form_of(std::string_view written) {
  if (written.empty()) return PathForm::empty;
  if (written.starts_with("\\\\")) return PathForm::share;
  if (written.size() >= 3 && is_letter(written[0]) && written[1] == ':' &&
      (written[2] == '/' || written[2] == '\\'))
    return PathForm::windows;
  if (written.starts_with("//")) return PathForm::beside;
  if (written.starts_with("/")) return PathForm::absolute;
  return PathForm::loose;
}

std::string normalised(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string out;
  for (const std::string_view part : parts) {
    out += '/';
    out += part;
  }
  return out.empty() ? "/" : out;
}

ResolvedPath resolve_written(std::string_view written, std::string_view folder,
                             const std::vector<std::pair<std::string, std::string>>& prefixes) {
  ResolvedPath resolved;
  resolved.form = form_of(written);
  if (resolved.form == PathForm::empty) return resolved;
  const std::string slashed = with_slashes(written);
  const bool foreign = resolved.form == PathForm::windows || resolved.form == PathForm::share;
  if (foreign || resolved.form == PathForm::absolute) {
    std::size_t longest = 0;
    for (const auto& [from, to] : prefixes) {
      const std::string prefix = with_slashes(from);
      if (prefix.size() < longest || prefix.empty() || !has_prefix(slashed, prefix, foreign)) continue;
      longest = prefix.size();
      resolved.path = normalised(joined(to, slashed.substr(prefix.size())));
      resolved.mapped = true;
    }
    if (resolved.mapped) return resolved;
  }
  switch (resolved.form) {
    case PathForm::beside:
    case PathForm::loose: {
      const std::string_view rest =
          std::string_view(slashed).substr(std::min(slashed.find_first_not_of('/'), slashed.size()));
      resolved.path = normalised(joined(folder, rest));
      break;
    }
    case PathForm::absolute:
      resolved.path = normalised(slashed);
      break;
    case PathForm::windows: {
      // What Blender opens on POSIX for "C:\dir": "/c/dir".
      std::string posix = "/";
      posix += static_cast<char>(std::tolower(static_cast<unsigned char>(slashed[0])));
      resolved.path = normalised(posix + slashed.substr(2));
      break;
    }
    case PathForm::share:
    case PathForm::empty:
      break;
  }
  return resolved;
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view name_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string joined(std::string_view folder, std::string_view name) {
  std::string out(folder);
  if (!out.ends_with('/')) out += '/';
  while (name.starts_with('/')) name.remove_prefix(1);
  return out += name;
}

bool is_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::string relative_from(std::string_view target, std::string_view folder) {
  std::string up;
  while (!is_below(target, folder) && target != folder) {
    up += "../";
    if (folder == "/") break;
    folder = parent_of(folder);
  }
  std::string_view rest = target.substr(std::min(folder.size(), target.size()));
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return up + std::string(rest);
}

}  // namespace souschef::core
