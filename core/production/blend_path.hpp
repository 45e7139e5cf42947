// SPDX-License-Identifier: MIT
// Paths as .blend files hold them: bytes, from any operating system.
//
//   //tex/a.png       beside the file that refers      \\server\share\a.png  a Windows share
//   //..\tex\a.png    the same, written on Windows     C:\tex\a.png          a Windows drive
//   /mnt/lib/a.png    absolute                         tex/a.png             beside the current folder
//
// Normalising is textual: symbolic links are not looked at, as Blender does it (BLI_path_abs,
// BLI_path_normalize).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souschef::core {

enum class PathForm { empty, beside, absolute, windows, share, loose };

PathForm form_of(std::string_view written);

// "a//b/./c/../d" -> "a/b/d"; ".." at the root is dropped. `path` is absolute with '/' between.
std::string normalised(std::string_view path);

struct ResolvedPath {
  PathForm form = PathForm::empty;
  std::string path;     // absolute and normalised; empty where there is none on this system
  bool mapped = false;  // through the prefix map
};

// `folder`: of the file that refers, absolute. `prefixes`: foreign root -> root here, as trace.prefix_map has
// them.
ResolvedPath resolve_written(std::string_view written, std::string_view folder,
                             const std::vector<std::pair<std::string, std::string>>& prefixes);

std::string_view parent_of(std::string_view path);  // "/a/b" -> "/a"; "/a" -> "/"
std::string_view name_part(std::string_view path);  // "/a/b" -> "b"
std::string joined(std::string_view folder, std::string_view name);
// The path of `target` as seen from `folder`, both absolute and normalised: "../tex/a.png".
std::string relative_from(std::string_view target, std::string_view folder);
bool is_below(std::string_view path, std::string_view folder);

}  // namespace souschef::core
