// SPDX-License-Identifier: MIT
// What a render queue wants to know of a file before it opens Blender. Only what the file says: a setting
// that Blender stores only when it was changed (those of Cycles are) is null where it stands at its default,
// which differs from version to version.
#include "plugins/blend/scene_facts.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <souschef/file_name.hpp>

#include "plugins/blend/formats.hpp"
#include "plugins/blend/json.hpp"
#include "plugins/blend/outputs.hpp"

namespace souschef::blend {
namespace {

// RenderData.scemode
constexpr int kSequencer = 0, kAddExtension = 4, kSingleLayer = 9, kMultiview = 21;
// RenderData.mode
constexpr int kBorder = 9, kCrop = 11, kNoCameraSwitch = 12, kMotionBlur = 14, kFixedThreads = 19,
              kNoOverwrite = 22, kPlaceholder = 23, kSimplify = 24, kPersistentData = 26;

std::string shown(std::string_view text) {
  return escape_name(text);
}

// "OBCamera" -> "Camera"; null for none.
Json plain_name(const BlendFile& file, std::uint32_t datablock) {
  if (datablock == kNoDatablock) return nullptr;
  const std::string_view name = file.datablocks().name(datablock);
  return shown(name.size() > 2 ? name.substr(2) : name);
}

// 304 -> "3.4", 279 -> "2.79", 500 -> "5.0"
std::string version_text(std::int64_t number) {
  return std::to_string(number / 100) + "." + std::to_string(number % 100);
}

std::int64_t part_of(std::int64_t value, std::int64_t percentage) {
  return value * percentage / 100;
}

// A number stored as an ID property, whatever its type.
std::optional<double> number_of(const Record& property) {
  if (!property) return std::nullopt;
  const Record data = property.record("data");
  const auto value = static_cast<std::int32_t>(data.integer("val"));
  switch (property.integer("type", -1)) {
    case 1:   // INT
    case 10:  // BOOLEAN
      return value;
    case 2: {  // FLOAT: its bits
      float real = 0;
      std::memcpy(&real, &value, sizeof real);
      return real;
    }
    case 8: {  // DOUBLE: 8 bytes from val on
      const Sdna::Member* member = data.find("val");
      if (member == nullptr || member->offset + 8 > data.dna().struct_at(data.struct_index()).size)
        return std::nullopt;
      return load<double>(data.data() + member->offset, data.dna().order());
    }
    default:
      return std::nullopt;
  }
}

class SceneFacts {
 public:
  SceneFacts(const Unit& unit, std::uint32_t datablock)
      : unit_(unit), file_(*unit.file), scope_(file_, *unit.effort), datablock_(datablock) {
    scope_.enter_datablock(datablock);
    scene_ = scope_.head();
    render_ = scene_.record("r");
  }

  Json json(bool active) {
    Json facts = {{"name", plain_name(file_, datablock_)}, {"active", active}};
    add_time(facts);
    add_size(facts);
    add_camera(facts);
    add_layers(facts);
    add_output(facts);
    add_sampling(facts);
    facts["engine"] = shown(render_.text("engine"));
    facts["compositor"] = compositor_is_on(scene_);
    facts["node_labels"] = Json::object();
    for (const auto& [node, label] : file_output_labels(unit_, scope_, scene_))
      facts["node_labels"][escape_name(node)] = shown(label);
    facts["sequencer"] = render_.bit("scemode", kSequencer) && has_strips();
    facts["simplify"] = render_.bit("mode", kSimplify);
    facts["persistent_data"] = render_.bit("mode", kPersistentData);
    facts["motion_blur"] = render_.bit("mode", kMotionBlur);
    facts["threads"] = render_.bit("mode", kFixedThreads) ? Json(render_.integer("threads")) : Json(nullptr);
    facts["background_scene"] = plain_name(file_, scope_.datablock_at(scene_.pointer("set")));
    facts["stamp"] = render_.has("stamp") && (render_.integer("stamp") & kDrawStamp) != 0;
    facts["color"] = color();
    return facts;
  }

  // Suffixes of the views that are on, where the scene has several.
  std::vector<std::string> suffixes() {
    std::vector<std::string> all;
    if (!render_.bit("scemode", kMultiview)) return all;
    each_view([&](const Record& view) {
      if (!view.bit("viewflag", 0)) all.emplace_back(view.text("suffix"));
    });
    return all;
  }

  bool writes_sound() {
    const Record movie = render_.record("ffcodecdata");
    return image_format(render_.record("im_format"), movie).name == "FFMPEG" &&
           movie.integer("audio_codec") != 0;
  }

 private:
  static constexpr std::int64_t kDrawStamp = 1 << 11;

  void add_time(Json& facts) {
    constexpr int kPreviewRange = 0;  // RenderData.flag
    facts["frame_start"] = render_.integer("sfra", 1);
    facts["frame_end"] = render_.integer("efra", 1);
    facts["frame_step"] = std::max<std::int64_t>(render_.integer("frame_step", 1), 1);
    facts["frame_current"] = render_.integer("cfra", 1);
    facts["preview_range"] = render_.bit("flag", kPreviewRange)
                                 ? Json{render_.integer("psfra"), render_.integer("pefra")}
                                 : Json(nullptr);
    facts["fps"] = render_.integer("frs_sec", 25);
    facts["fps_base"] = render_.real("frs_sec_base", 1);
    facts["frame_map"] = {render_.integer("framapto", 100), render_.integer("images", 100)};
  }

  void add_size(Json& facts) {
    const std::int64_t x = render_.integer("xsch"), y = render_.integer("ysch");
    const std::int64_t percentage = render_.integer("size", 100);
    facts["resolution"] = {x, y};
    facts["percentage"] = percentage;
    facts["size"] = {part_of(x, percentage), part_of(y, percentage)};
    facts["pixel_aspect"] = {render_.real("xasp", 1), render_.real("yasp", 1)};
    const Record border = render_.record("border");
    facts["border"] = render_.bit("mode", kBorder) ? Json{{"left", border.real("xmin")},
                                                          {"right", border.real("xmax")},
                                                          {"bottom", border.real("ymin")},
                                                          {"top", border.real("ymax")},
                                                          {"crop", render_.bit("mode", kCrop)}}
                                                   : Json(nullptr);
  }

  void add_camera(Json& facts) {
    facts["camera"] = plain_name(file_, scope_.datablock_at(scene_.pointer("camera")));
    Json markers = Json::array();
    scope_.each(
        scene_, "markers",
        [&](const Record& marker) {
          const std::uint32_t camera = scope_.datablock_at(marker.pointer("camera"));
          if (camera != kNoDatablock)
            markers.push_back({{"frame", marker.integer("frame")}, {"camera", plain_name(file_, camera)}});
        },
        "TimeMarker");
    facts["camera_markers"] = std::move(markers);
    facts["camera_markers_used"] = !render_.bit("mode", kNoCameraSwitch);
  }

  void add_layers(Json& facts) {
    Json layers = Json::array();
    scope_.each(
        scene_, "view_layers",
        [&](const Record& layer) {
          layers.push_back({{"name", shown(layer.text("name"))}, {"use", layer.bit("flag", 0)}});
        },
        "ViewLayer");
    // Up to 2.79 they are the render layers of RenderData; bit 31 of layflag takes one out.
    if (layers.empty())
      scope_.each(
          render_, "layers",
          [&](const Record& layer) {
            layers.push_back({{"name", shown(layer.text("name"))}, {"use", !layer.bit("layflag", 31)}});
          },
          "SceneRenderLayer");
    facts["view_layers"] = std::move(layers);
    facts["single_layer"] = render_.bit("scemode", kSingleLayer);

    Json views = Json::array();
    each_view([&](const Record& view) {
      views.push_back({{"name", shown(view.text("name"))},
                       {"suffix", shown(view.text("suffix"))},
                       {"use", !view.bit("viewflag", 0)}});
    });
    facts["multiview"] = render_.bit("scemode", kMultiview);
    facts["views_format"] = render_.integer("views_format") == 0 ? "STEREO_3D" : "MULTIVIEW";
    facts["views"] = std::move(views);
  }

  template <class Use>
  void each_view(Use&& use) {
    scope_.each(render_, "views", static_cast<Use&&>(use), "SceneRenderView");
  }

  void add_output(Json& facts) {
    const Record settings = render_.record("im_format");
    const Record movie = render_.record("ffcodecdata");
    const ImageFormat format = image_format(settings, movie);
    static constexpr std::string_view kViewsFormats[] = {"INDIVIDUAL", "STEREO_3D", "MULTIVIEW"};
    const auto views = static_cast<std::size_t>(settings.integer("views_format"));
    facts["output"] = {
        {"path", shown(render_.text("pic"))},
        {"format", format.name},
        {"extension", format.extension},
        {"use_extension", render_.bit("scemode", kAddExtension)},
        {"is_movie", format.movie},
        {"depth", depth_name(settings.integer("depth"))},
        {"mode", planes_name(settings.integer("planes"))},
        {"quality", settings.integer("quality")},
        {"compression", settings.integer("compress")},
        {"exr_codec", exr_codec_name(settings.integer("exr_codec") & 0x0F)},
        {"views_format", views < std::size(kViewsFormats) ? kViewsFormats[views] : kViewsFormats[0]},
        {"overwrite", !render_.bit("mode", kNoOverwrite)},
        {"placeholder", render_.bit("mode", kPlaceholder)}};
    facts["movie"] = nullptr;
    if (format.name == "FFMPEG")
      facts["movie"] = {{"container", container_name(movie.integer("type"))},
                        {"codec", codec_name(movie.integer("codec"))},
                        {"audio_codec", audio_codec_name(movie.integer("audio_codec"))},
                        {"audio_bitrate", movie.integer("audio_bitrate")},
                        {"bitrate", movie.integer("video_bitrate")},
                        {"gop", movie.integer("gop_size")},
                        {"crf", quality_name(movie.integer("constant_rate_factor", -1))}};
  }

  void add_sampling(Json& facts) {
    const std::string_view engine = render_.text("engine");
    const Record cycles = cycles_settings();
    const auto value = [&](std::string_view name) -> Json {
      const auto number = number_of(property_in(cycles, name));
      return number ? Json(*number) : Json(nullptr);
    };
    const auto integer = [&](std::string_view name) -> Json {
      const auto number = number_of(property_in(cycles, name));
      return number ? Json(static_cast<std::int64_t>(*number)) : Json(nullptr);
    };
    const auto flag = [&](std::string_view name) -> Json {
      const auto number = number_of(property_in(cycles, name));
      return number ? Json(*number != 0) : Json(nullptr);
    };
    facts["cycles"] = nullptr;
    if (engine == "CYCLES") {
      const auto device = number_of(property_in(cycles, "device"));
      facts["cycles"] = {{"device", device && *device == 1 ? "GPU" : "CPU"},
                         {"samples", integer("samples")},
                         {"adaptive", flag("use_adaptive_sampling")},
                         {"adaptive_threshold", value("adaptive_threshold")},
                         {"time_limit", value("time_limit")},
                         {"denoise", flag("use_denoising")},
                         {"seed", integer("seed")}};
    }
    facts["samples"] = nullptr;
    if (engine == "CYCLES") facts["samples"] = integer("samples");
    const Record eevee = scene_.record("eevee");
    if (engine.starts_with("BLENDER_EEVEE") && eevee.has("taa_render_samples"))
      facts["samples"] = eevee.integer("taa_render_samples");
    const Record display = scene_.record("display");
    if (engine == "BLENDER_WORKBENCH" && display.has("render_aa"))
      facts["samples"] = display.integer("render_aa");
  }

  // The group of ID properties in which the add-on Cycles keeps its settings.
  Record cycles_settings() {
    const Record id = scene_.record("id");
    const Record system = property_in(scope_.follow(id, "system_properties"), "cycles");  // from 5.0 on
    return system ? system : property_in(scope_.follow(id, "properties"), "cycles");
  }

  Record property_in(const Record& group, std::string_view name) {
    Record found;
    scope_.each_of(
        group.record("data").record("group"),
        [&](const Record& property) {
          if (!found && property.text("name") == name) found = property;
        },
        "IDProperty");
    return found;
  }

  bool has_strips() { return scope_.follow(scene_, "ed").record("seqbase").pointer("first") != 0; }

  Json color() {
    const Record view = scene_.record("view_settings");
    if (!view) return nullptr;
    return {{"display", shown(scene_.record("display_settings").text("display_device"))},
            {"view", shown(view.text("view_transform"))},
            {"look", shown(view.text("look"))}};
  }

  const Unit& unit_;
  const BlendFile& file_;
  Scope scope_;
  std::uint32_t datablock_;
  Record scene_;
  Record render_;
};

bool is_of(const BlendFile& file, std::uint32_t datablock, std::string_view code) {
  return file.blocks().groups()[file.datablocks().group(datablock)].code == code_of(code);
}

// The struct FileGlobal, or an empty record.
Record global_of(const BlendFile& file) {
  const std::uint32_t group = file.blocks().find_group(kGlobal);
  if (group == kNoBlock) return {};
  const std::uint32_t block = file.blocks().groups()[group].first;
  return Record(file.dna(), file.blocks().struct_index(block), file.data(block), file.blocks().offset(block));
}

Json file_facts(const BlendAnalysis& analysis, const BlendFile& file) {
  static constexpr std::string_view kWrappers[] = {"none", "gzip", "zstd"};
  const FileHeader& header = file.header();
  const Record global = global_of(file);
  const auto end = file.blocks().end();
  Json facts = {{"version", version_text(header.version)},
                {"version_number", header.version},
                {"format", header.format},
                {"pointer_size", header.pointer_size},
                {"big_endian", header.order == ByteOrder::big},
                {"wrapper", kWrappers[static_cast<std::size_t>(analysis.container().wrapper())]},
                {"complete", end == Blocks::End::marker},
                {"blocks", file.blocks().size()},
                {"subversion", nullptr},
                {"min_version", nullptr},
                {"min_version_number", nullptr},
                {"min_subversion", nullptr}};
  if (global) {
    facts["subversion"] = global.integer("subversion");
    facts["min_version"] = version_text(global.integer("minversion"));
    facts["min_version_number"] = global.integer("minversion");
    facts["min_subversion"] = global.integer("minsubversion");
  }
  return facts;
}

// What would run, or be blocked, when the file is opened.
Json script_facts(const Unit& unit, const FileNotes& notes) {
  constexpr int kRunsAtLoad = 4;  // Text.flags
  const BlendFile& file = *unit.file;
  Json drivers = Json::array();
  for (const ScriptedDriver& driver : notes.drivers)
    drivers.push_back({{"datablock", shown(file.datablocks().name(driver.datablock))},
                       {"expression", shown(driver.expression)}});
  Json texts = Json::array();
  for (std::uint32_t d = 0; d < file.datablocks().size(); ++d)
    if (is_of(file, d, "TX") && file.record_of(d).bit("flags", kRunsAtLoad))
      texts.push_back(plain_name(file, d));
  return {
      {"drivers", notes.all_drivers}, {"python_drivers", std::move(drivers)}, {"texts", std::move(texts)}};
}

}  // namespace

std::string scene_facts(const BlendAnalysis& analysis, const Unit& unit, const FileNotes& notes) {
  const BlendFile& file = *unit.file;
  std::uint32_t active = file.datablocks().at(global_of(file).pointer("curscene"));
  std::vector<std::uint32_t> all;
  for (std::uint32_t d = 0; d < file.datablocks().size(); ++d)
    if (is_of(file, d, "SC")) all.push_back(d);
  if (std::find(all.begin(), all.end(), active) == all.end())
    active = all.empty() ? kNoDatablock : all.front();

  Json scenes = Json::array();
  for (const std::uint32_t scene : all) scenes.push_back(SceneFacts(unit, scene).json(scene == active));
  const Json facts = {{"file", file_facts(analysis, file)},
                      {"active_scene", plain_name(file, active)},
                      {"scenes", std::move(scenes)},
                      {"scripts", script_facts(unit, notes)}};
  return facts.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void note_scenes(const Unit& unit, FileNotes& notes) {
  const BlendFile& file = *unit.file;
  std::vector<std::string> suffixes;
  bool any = false;
  bool heard = false;
  for (std::uint32_t d = 0; d < file.datablocks().size(); ++d) {
    if (!is_of(file, d, "SC")) continue;
    any = true;
    SceneFacts scene(unit, d);
    heard = heard || scene.writes_sound();
    for (std::string& suffix : scene.suffixes())
      if (std::find(suffixes.begin(), suffixes.end(), suffix) == suffixes.end())
        suffixes.push_back(std::move(suffix));
  }
  notes.sound_is_heard = heard || !any;
  if (suffixes.size() < 2) return;
  notes.view_suffixes.clear();
  for (const std::string& suffix : suffixes)
    notes.view_suffixes += (notes.view_suffixes.empty() ? "" : "\n") + suffix;
}

}  // namespace souschef::blend
