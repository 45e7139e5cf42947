// SPDX-License-Identifier: MIT
#include "plugins/blend/residual_rules.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

namespace souschef::blend {
namespace {

// "Struct.member". From the catalogue of Blender 3.4, with what later versions added.
constexpr std::string_view kExplained[] = {
    // inputs: read by the part for their datablock
    "CacheFile.filepath", "CacheFileLayer.filepath", "Camera.custom_filepath", "CustomDataExternal.filename",
    "FluidDomainSettings.cache_directory", "FluidsimSettings.surfdataPath", "Image.name",
    "ImageView.filepath", "Library.name", "MeshCacheModifierData.filepath", "MovieClip.name",
    "NodeShaderScript.filepath", "NodeShaderTexIES.filepath", "NodesModifierBake.directory",
    "NodesModifierData.simulation_bake_directory", "OceanModifierData.cachepath", "PluginSeq.name",
    "PluginTex.name", "PointCache.path", "Strip.dir", "StripElem.name", "Text.name", "VFont.name",
    "Volume.filepath", "VoxelData.source_path", "bSound.name",
    // not needed to render
    "Brush.icon_filepath", "Editing.proxy_dir", "LibraryWeakReference.library_filepath",
    "LibraryWeakReference.library_id_name", "MovieClipProxy.dir", "StripProxy.dir", "StripProxy.file",
    // outputs
    "BakeData.filepath", "DynamicPaintSurface.image_output_path", "DynamicPaintSurface.output_name",
    "DynamicPaintSurface.output_name2", "NodeCompositorFileOutput.directory",
    "NodeCompositorFileOutput.file_name", "NodeCompositorFileOutputItem.name", "NodeImageFile.name",
    "NodeImageMultiFile.base_path", "NodeImageMultiFileSocket.path", "RenderData.pic",
    // names of things in Blender's own folders
    "View3DShading.lookdev_light", "View3DShading.matcap", "View3DShading.studio_light",
    // copies that Blender keeps while it runs, and places where packed data came from
    "CacheFile.handle_filepath", "FileGlobal.filename", "ImagePackedFile.filepath", "Library.filepath_abs",
    "Library.filepath",
    // paths inside an archive or of a property
    "AnimOverride.rna_path", "CacheObjectPath.path", "DriverTarget.rna_path", "FCurve.rna_path",
    "IDOverrideLibraryProperty.rna_path", "KS_Path.rna_path", "MeshSeqCacheModifierData.object_path",
    "MeshSeqCacheModifierData.reader_object_path", "bTransformCacheConstraint.object_path",
    "bTransformCacheConstraint.reader_object_path", "IDOverrideLibraryPropertyOperation.subitem_local_name",
    "IDOverrideLibraryPropertyOperation.subitem_reference_name",
    // texts that are read as such, or are nobody's path
    "AssetMetaData.author", "AssetMetaData.copyright", "AssetMetaData.description", "AssetMetaData.license",
    "AssetWeakReference.asset_library_identifier", "AssetWeakReference.relative_asset_identifier",
    "AviCodecData.avicodecname", "ChannelDriver.expression", "Curve.str", "Editing.act_imagedir",
    "Editing.act_sounddir", "IDPropertyUIData.description", "IDPropertyUIDataString.default_value",
    "MovieTrackingStats.message", "NodeCryptomatte.matte_id", "NodeShaderScript.bytecode",
    "NodeShaderScript.bytecode_hash", "PointCache.cached_frames", "PointCache.info", "RenderData.stamp_udata",
    "TextLine.format", "TextLine.line", "TextVars.text", "TextVars.text_ptr", "Object.matbits",
    "bMotionPath.points"};

// Members that hold a name wherever they stand, unless there is room for a path.
constexpr std::uint32_t kRoomForAPath = 256;
constexpr std::string_view kNames[] = {"name",
                                       "idname",
                                       "identifier",
                                       "label",
                                       "description",
                                       "uvname",
                                       "rna_path",
                                       "attribute_name",
                                       "error",
                                       "prev_name",
                                       "info",
                                       "output_name",
                                       "colorname",
                                       "tooltip",
                                       "unit",
                                       "socket_type",
                                       "default_attribute_name",
                                       "namedVG_Mass",
                                       "layername",
                                       "engine",
                                       "view_transform",
                                       "look",
                                       "suffix"};

constexpr std::string_view kExtensions[] = {
    "abc",  "aif",  "aiff", "avi",  "avif", "blend", "bmp",  "btx",  "bphys", "cin", "csv", "dds",
    "dpx",  "dv",   "exr",  "fbx",  "flac", "flv",   "gif",  "glb",  "gltf",  "hdr", "ies", "j2c",
    "jp2",  "jpeg", "jpg",  "json", "m2ts", "m4a",   "m4v",  "mdd",  "mkv",   "mov", "mp3", "mp4",
    "mpeg", "mpg",  "mtl",  "obj",  "ogg",  "ogv",   "opus", "osl",  "oso",   "otf", "pc2", "ply",
    "png",  "psd",  "py",   "rgb",  "sgi",  "stl",   "tga",  "tif",  "tiff",  "ttf", "tx",  "txt",
    "usd",  "usda", "usdc", "usdz", "vdb",  "wav",   "webm", "webp", "wmv",   "xml"};

template <class List>
bool contains(const List& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

bool is_separator(char c) {
  return c == '/' || c == '\\';
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool has_known_extension(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || text.size() - dot > 6) return false;
  std::string extension(text.substr(dot + 1));
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return contains(kExtensions, extension);
}

}  // namespace

bool is_explained(std::string_view struct_name, std::string_view member, std::uint32_t size) {
  if (size < kRoomForAPath && contains(kNames, member)) return true;
  return std::any_of(std::begin(kExplained), std::end(kExplained), [&](std::string_view known) {
    return known.size() == struct_name.size() + 1 + member.size() && known.starts_with(struct_name) &&
           known.ends_with(member) && known[struct_name.size()] == '.';
  });
}

bool looks_like_path(std::string_view text, bool strict) {
  if (text.size() < 3) return false;
  if (text.starts_with("//") || text.starts_with("\\\\")) return !is_separator(text[2]) && text[2] != ' ';
  if (std::isalpha(static_cast<unsigned char>(text[0])) != 0 && text[1] == ':' && is_separator(text[2]))
    return true;
  if (text[0] == '/' && text.find('/', 1) != std::string_view::npos && text[1] != ' ') return true;
  if (strict) return false;
  return text.find_first_of("/\\") != std::string_view::npos && has_known_extension(text);
}

bool may_open_files(std::string_view code) {
  for (const std::string_view word :
       {"open(", "load(", "import_scene", "read(", "os.path", "pathlib", "'//", "\"//"})
    if (code.find(word) != std::string_view::npos) return true;
  return false;
}

bool is_simple_expression(std::string_view expression) {
  static constexpr std::string_view kFunctions[] = {
      "abs", "acos",    "asin",  "atan", "atan2",      "ceil", "clamp", "cos",  "degrees",
      "exp", "fabs",    "floor", "fmod", "int",        "lerp", "log",   "max",  "min",
      "pow", "radians", "round", "sin",  "smoothstep", "sqrt", "tan",   "trunc"};
  static constexpr std::string_view kPython[] = {"self", "lambda", "for", "in", "is", "bpy", "depsgraph"};
  for (std::size_t at = 0; at < expression.size();) {
    const char c = expression[at];
    if (c == ' ' || std::string_view("+-*/()<>=!,").find(c) != std::string_view::npos) {
      ++at;
      continue;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.') {
      const std::size_t start = at;
      while (at < expression.size() && (is_word(expression[at]) || expression[at] == '.')) ++at;
      if (std::isdigit(static_cast<unsigned char>(expression[at - 1])) == 0 && at - start == 1) return false;
      continue;
    }
    if (!is_word(c)) return false;
    const std::size_t start = at;
    while (at < expression.size() && is_word(expression[at])) ++at;
    const std::string_view word = expression.substr(start, at - start);
    if (contains(kPython, word)) return false;
    std::size_t after = at;
    while (after < expression.size() && expression[after] == ' ') ++after;
    if (after < expression.size() && expression[after] == '.') return false;
    static constexpr std::string_view kOperators[] = {"and", "or", "not", "if", "else"};
    if (after < expression.size() && expression[after] == '(' && !contains(kFunctions, word) &&
        !contains(kOperators, word))
      return false;
  }
  return true;
}

}  // namespace souschef::blend
