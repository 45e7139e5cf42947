// SPDX-License-Identifier: MIT
// Where the outputs of a scene go.
//
// A scene writes its render and, by File Output nodes, any number of other files, each to a path of its own.
// Three places matter for each of them:
//
//   natural      where Blender would write it: `//` is the folder of the .blend *in the production*
//   destination  the same, or below the order's output folder with the structure among the outputs kept
//   staged       where this attempt writes it: destination relative to `root`, the deepest folder that holds
//                all destinations. What is found at <staging>/x after the frame belongs to <root>/x.
//
//   //render/sh010_      -> /prod/shots/sh010/render/sh010_      -> sh010_
//   //render/comp/Image  -> /prod/shots/sh010/render/comp/Image  -> comp/Image
//                           root: /prod/shots/sh010/render
//
// An override moves what lies inside the production by its place below the outputs' common folder; what lies
// outside goes below "_elsewhere" with its whole path, so that nothing can meet. Nodes whose label says
// "ignore" stay at their natural place.
//
// {variables} in paths (Blender 4.5 and later) are filled in by Blender itself while it writes; {blend_dir}
// and {blend_name} are filled in here, since they would name the checkout. Files behind other variables are
// expected by pattern.
#include "plugins/blender/outputs.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "plugins/blender/frame_path.hpp"

namespace souschef::blender {
namespace {

struct Slot {
  std::string path;
  std::string format;  // empty: the node's
  bool linked = true;
};

struct Output {
  std::int64_t id = 0;
  bool is_node = false;
  bool fixed = false;  // not moved by an override
  bool extension = true;
  bool is_movie = false;  // the file says so
  std::string movie;      // where the movie goes that is made of the frames; its template
  std::string written;    // as it stands in the file
  std::string node, label;
  std::string path;       // absolute: the file's template, or the node's folder
  std::string file_name;  // Blender 5: before every slot's name
  std::string format, views_format;
  std::vector<Slot> slots;
  bool named_by_item = false;  // Blender 5
  [[nodiscard]] bool is_multilayer_node() const { return is_node && format == "OPEN_EXR_MULTILAYER"; }
};

struct Request {
  std::string entry, production, override_path;
  bool override_is_folder = false;
  bool as_movie = false;
  std::int64_t major = 0, minor = 0;  // of Blender; 0: not known
  std::int64_t last = 0;
  Json size;  // [width, height] or null
  std::vector<std::string> views;
  std::vector<Output> outputs;

  [[nodiscard]] bool at_least(std::int64_t a, std::int64_t b) const {
    return major > a || (major == a && minor >= b);
  }
};

std::string replaced_all(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string absolute_path(const Request& request, std::string path) {
  if (request.at_least(4, 5)) {
    std::string name(name_of_path(request.entry));
    if (name.ends_with(".blend")) name.resize(name.size() - 6);
    path = replaced_all(std::move(path), "{blend_name}", name);
    path = replaced_all(std::move(path), "{blend_dir}", folder_of(request.entry));
  }
  std::replace(path.begin(), path.end(), '\\', '/');
  const std::string folder(folder_of(request.entry));
  if (path.starts_with("//")) return clean_path(join(folder, path.substr(2)));
  const bool absolute = path.starts_with('/') || (path.size() > 2 && path[1] == ':' && path[2] == '/');
  // Blender takes other paths from its working folder, which means nothing here: they count from the .blend.
  return clean_path(absolute ? path : join(folder, path));
}

Result<Output> read_output(const Request& request, const Json& from) {
  Output output;
  const auto id = integer_at(from, "id");
  if (!id) return Error(ErrorCode::bad_input, "an output has no id");
  output.id = *id;
  output.is_node = text_at(from, "kind") == "node";
  output.node = text_at(from, "node");
  output.label = text_at(from, "label");
  output.fixed = lower(output.label).find("ignore") != std::string::npos;
  output.extension = flag_at(from, "extension", true);
  output.format = text_at(from, "format");
  output.views_format = text_at(from, "views_format", "INDIVIDUAL");
  SOUSCHEF_TRY(output.written, path_at(from, output.is_node ? "base" : "path"));
  output.named_by_item = from.contains("file_name");
  SOUSCHEF_TRY(output.file_name, path_at(from, "file_name"));
  output.path = absolute_path(request, output.written);
  output.is_movie = flag_at(from, "movie");
  for (const Json& slot : list_at(from, "slots")) {
    Slot read;
    SOUSCHEF_TRY(read.path, path_at(slot, "path"));
    read.format = text_at(slot, "format");
    read.linked = flag_at(slot, "linked", true);
    output.slots.push_back(std::move(read));
  }
  return output;
}

Result<Request> read_request(const Json& from) {
  Request request;
  SOUSCHEF_TRY(request.entry, path_at(from, "entry"));
  SOUSCHEF_TRY(request.production, path_at(from, "production"));
  SOUSCHEF_TRY(request.override_path, path_at(from, "override"));
  request.override_is_folder = flag_at(from, "override_is_folder");
  request.as_movie = flag_at(from, "as_movie");
  request.last = integer_at(from, "last").value_or(0);
  const Json& version = list_at(from, "blender");
  if (version.size() >= 2 && version[0].is_number_integer() && version[1].is_number_integer()) {
    request.major = version[0].get<std::int64_t>();
    request.minor = version[1].get<std::int64_t>();
  }
  request.size = from.contains("size") ? from["size"] : Json();
  for (const Json& view : list_at(from, "views"))
    if (view.is_string()) request.views.push_back(view.get<std::string>());
  if (!request.entry.starts_with('/')) return Error(ErrorCode::bad_input, "entry is not an absolute path");
  for (const Json& output : list_at(from, "outputs")) {
    SOUSCHEF_TRY(Output read, read_output(request, output));
    request.outputs.push_back(std::move(read));
  }
  return request;
}

// ------------------------------------------------------------------------------------ destinations

// Without the part that Blender fills in while it writes: folders above the first {variable} or # only.
std::string known_folder(const std::string& path) {
  const std::size_t open = path.find_first_of("{#");
  return std::string(folder_of(open == std::string::npos ? path : std::string_view(path).substr(0, open)));
}

// Every folder that the output can write into, as far as it is known beforehand.
std::vector<std::string> folders_of(const Output& output) {
  if (!output.is_node || output.is_multilayer_node()) return {known_folder(output.path)};
  std::vector<std::string> folders = {known_folder(join(output.path, "x"))};
  for (const Slot& slot : output.slots) {
    const bool beside = slot.path.empty() && output.file_name.empty();  // may write comp0001.png beside comp/
    folders.push_back(beside ? std::string(folder_of(folders.front()))
                             : known_folder(clean_path(join(output.path, output.file_name + slot.path))));
  }
  return folders;
}

std::string common_of(const std::vector<std::string>& folders) {
  std::string common = folders.front();
  for (const std::string& folder : folders) common = common_folder(common, folder);
  return common;
}

bool is_inside_production(const Request& request, const Output& output) {
  return !request.production.empty() && is_below(output.path, request.production);
}

// The folder below which the override keeps the structure: the deepest that holds the render and all nodes
// that lie in the production with it.
std::string moved_from(const Request& request) {
  std::vector<std::string> folders;
  for (const Output& output : request.outputs) {
    if (output.fixed || !is_inside_production(request, output)) continue;
    for (std::string& folder : folders_of(output)) folders.push_back(std::move(folder));
  }
  return folders.empty() ? std::string() : common_of(folders);
}

void apply_override(Request& request) {
  if (request.override_path.empty()) return;
  std::string target = clean_path(request.override_path);
  const bool has_nodes = std::any_of(request.outputs.begin(), request.outputs.end(),
                                     [](const Output& output) { return output.is_node && !output.fixed; });
  const bool names_files = name_of_path(target).find('#') != std::string_view::npos;
  const bool is_folder = target.ends_with('/') || (!names_files && (has_nodes || request.override_is_folder));
  const std::string folder = is_folder ? join(target, "/") : std::string(folder_of(target));
  const std::string from = moved_from(request);
  for (Output& output : request.outputs) {
    if (output.fixed) continue;
    if (!output.is_node && !is_folder) {
      output.path = target;
    } else if (from.empty() || !is_below(output.path, from)) {
      const bool only_name = !output.is_node;  // the render itself never goes elsewhere
      output.path =
          only_name ? join(folder, name_of_path(output.path)) : join(folder, "_elsewhere" + output.path);
    } else {
      output.path = join(folder, relative_to(output.path, from));
    }
    output.path = clean_path(output.path);
  }
}

// The frames of a movie are images in a folder beside it: img -> img.frames/0001.png
void make_room_for_frames(Request& request) {
  for (Output& output : request.outputs) {
    if (!output.is_movie || request.as_movie) continue;
    output.movie = output.path;
    std::erase(output.path, '#');
    output.path += output.path.ends_with('/') ? "frames/" : ".frames/";
  }
}

std::string root_of(const Request& request) {
  std::vector<std::string> folders;
  for (const Output& output : request.outputs)
    for (std::string& folder : folders_of(output)) folders.push_back(std::move(folder));
  return folders.empty() ? std::string("/") : common_of(folders);
}

// ---------------------------------------------------------------------------------- expected files

class Expectation {
 public:
  Expectation(const Request& request, std::string root, std::int64_t frame)
      : request_(request), root_(std::move(root)), frame_(frame) {}

  Json files() {
    for (const Output& output : request_.outputs) {
      if (!output.is_node || output.is_multilayer_node())
        whole(output);
      else
        for (const Slot& slot : output.slots)
          if (slot.linked) slotted(output, slot);
    }
    return std::move(files_);
  }

 private:
  void whole(const Output& output) {
    const bool any_linked =
        std::any_of(output.slots.begin(), output.slots.end(), [](const Slot& s) { return s.linked; });
    if (output.is_node && !any_linked) return;
    std::string path = output.path;
    if (output.named_by_item) path = join(path, output.file_name);
    if (output.is_movie && request_.as_movie) {
      add(output, "", output.format, with_frame_range(path, frame_, request_.last) + "*", "");
      return;
    }
    each_view(output, output.format, "", path);
  }

  void slotted(const Output& output, const Slot& slot) {
    const std::string& format = slot.format.empty() ? output.format : slot.format;
    if (output.named_by_item) {
      // How Blender 5 joins the two names has changed between its versions.
      each_view(output, format, slot.path, join(output.path, output.file_name + "*" + slot.path + "*"));
    } else if (slot.path.empty()) {
      // Before 4.2 beside the folder, since then inside it.
      std::string folder = output.path;
      while (folder.ends_with('/')) folder.pop_back();
      each_view(output, format, slot.path, folder + "*");
    } else {
      each_view(output, format, slot.path, clean_path(join(output.path, slot.path)));
    }
  }

  void each_view(const Output& output, const std::string& format, const std::string& slot,
                 const std::string& path) {
    const bool one_file = request_.views.empty() || output.views_format != "INDIVIDUAL";
    if (one_file) return add(output, slot, format, with_frame(path, frame_), "");
    for (const std::string& view : request_.views) add(output, slot, format, with_frame(path, frame_), view);
  }

  void add(const Output& output, const std::string& slot, const std::string& format, std::string path,
           const std::string& view) {
    if (!view.empty()) path = with_suffix(path, view);
    if (output.extension && extension_is_ours(output)) path = with_extension(path, format);
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{', open)) {
      const std::size_t close = path.find('}', open);
      path.replace(open, close == std::string::npos ? path.size() - open : close - open + 1, "*");
    }
    const bool pattern = path.find('*') != std::string::npos;
    // Since 4.2 a slot that holds one value everywhere writes no file.
    const bool required = !output.is_node || output.is_multilayer_node() || !request_.at_least(4, 2);
    files_.push_back({{"output", output.id},
                      {"slot", escape_name(slot)},
                      {"path", escape_name(relative_to(path, root_))},
                      {"pattern", pattern},
                      {"required", required},
                      {"format", format},
                      {"size", output.is_node ? Json() : request_.size}});
  }

  // A movie's extension is chosen by its container; the pattern leaves it open.
  [[nodiscard]] bool extension_is_ours(const Output& output) const {
    return !(output.is_movie && request_.as_movie);
  }

  const Request& request_;
  std::string root_;
  std::int64_t frame_;
  Json files_ = Json::array();
};

}  // namespace

Result<Json> outputs(const Json& from) {
  SOUSCHEF_TRY(Request request, read_request(from));
  std::vector<std::string> natural;
  for (const Output& output : request.outputs) natural.push_back(output.path);
  apply_override(request);
  make_room_for_frames(request);
  const std::string root = root_of(request);

  Json reply = {{"root", escape_name(root)}, {"outputs", Json::array()}, {"frames", Json::array()}};
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const Output& output = request.outputs[i];
    reply["outputs"].push_back({{"id", output.id},
                                {"path", escape_name(relative_to(output.path, root))},
                                {"kind", output.is_node ? "node" : "render"},
                                {"node", output.node},
                                {"written", escape_name(output.written)},
                                {"natural", escape_name(natural[i])},
                                {"destination", escape_name(output.path)},
                                {"movie", output.movie.empty() ? Json() : Json(escape_name(output.movie))}});
  }
  for (const Json& frame : list_at(from, "frames")) {
    if (!frame.is_number_integer()) return Error(ErrorCode::bad_input, "a frame is not a whole number");
    const auto number = frame.get<std::int64_t>();
    reply["frames"].push_back({{"frame", number}, {"files", Expectation(request, root, number).files()}});
  }
  return reply;
}

}  // namespace souschef::blender
