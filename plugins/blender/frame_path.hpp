// SPDX-License-Identifier: MIT
// How Blender makes file names: frame numbers, view suffixes, extensions. Nothing but text goes in and out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souschef::blender {

// ".png" for "PNG"; empty for a format that is not known. `codec` matters for JPEG2000 only.
std::string_view extension_of(std::string_view format);

// `path` with the frame's number: the last run of # in its last component, or four digits at its end.
//   a_## , 7 -> a_07      a , 7 -> a0007      a_## , -7 -> a_-07      a_##_## , 7 -> a_##_07
std::string with_frame(std::string_view path, std::int64_t frame);

// The same for a range, as movies are named: a, 1, 250 -> a0001-0250; a.mp4 for MPEG-4 stays as it is.
std::string with_frame_range(std::string_view path, std::int64_t first, std::int64_t last);

// `suffix` before the extension: a_07.png, _L -> a_07_L.png.
std::string with_suffix(std::string_view path, std::string_view suffix);

// Adds the format's extension; keeps one that belongs to the format, takes the place of another image's.
std::string with_extension(std::string_view path, std::string_view format);

// '/' for '\', no "." and "..", no double '/'; a drive letter of Windows falls away. A trailing '/' stays.
std::string clean_path(std::string_view path);
// "a/b" + "c" -> "a/b/c"; not cleaned.
std::string join(std::string_view folder, std::string_view name);
// Up to the last '/', without it; "/" for "/a".
std::string_view folder_of(std::string_view path);
std::string_view name_of_path(std::string_view path);
// The deepest folder that holds both folders; both absolute and clean.
std::string common_folder(std::string_view a, std::string_view b);
// `path` below `folder`, or nothing: relative_to("/a/b/c", "/a") == "b/c".
std::string relative_to(std::string_view path, std::string_view folder);
bool is_below(std::string_view path, std::string_view folder);

}  // namespace souschef::blender
