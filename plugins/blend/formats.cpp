// SPDX-License-Identifier: MIT
#include "plugins/blend/formats.hpp"

#include <algorithm>
#include <iterator>

namespace souschef::blend {
namespace {

struct Row {
  std::int64_t number;
  std::string_view name;
  std::string_view extension;
};

constexpr Row kImages[] = {
    {0, "TARGA", ".tga"},      {1, "IRIS", ".rgb"},      {4, "JPEG", ".jpg"},
    {14, "TARGA_RAW", ".tga"}, {15, "AVI_RAW", ".avi"},  {16, "AVI_JPEG", ".avi"},
    {17, "PNG", ".png"},       {20, "BMP", ".bmp"},      {21, "HDR", ".hdr"},
    {22, "TIFF", ".tif"},      {23, "OPEN_EXR", ".exr"}, {24, "FFMPEG", ""},
    {26, "CINEON", ".cin"},    {27, "DPX", ".dpx"},      {28, "OPEN_EXR_MULTILAYER", ".exr"},
    {29, "DDS", ".dds"},       {30, "JPEG2000", ".jp2"}, {31, "FFMPEG", ""},
    {32, "FFMPEG", ""},        {33, "FFMPEG", ""},       {34, "PSD", ".psd"},
    {35, "WEBP", ".webp"},     {36, "FFMPEG", ""},       {37, "AVIF", ".avif"}};
constexpr std::int64_t kJpeg2000 = 30;

constexpr Row kContainers[] = {{0, "MPEG1", ".mpg"}, {1, "MPEG2", ".dvd"},     {2, "MPEG4", ".mp4"},
                               {3, "AVI", ".avi"},   {4, "QUICKTIME", ".mov"}, {5, "DV", ".dv"},
                               {6, "H264", ".avi"},  {7, "XVID", ".avi"},      {8, "FLASH", ".flv"},
                               {9, "MKV", ".mkv"},   {10, "OGG", ".ogv"},      {12, "WEBM", ".webm"},
                               {13, "AV1", ".mp4"}};

// FFmpeg's own numbers.
constexpr Row kCodecs[] = {{0, "NONE", ""},    {1, "MPEG1", ""},    {2, "MPEG2", ""},    {12, "MPEG4", ""},
                           {21, "FLASH", ""},  {24, "DV", ""},      {25, "HUFFYUV", ""}, {27, "H264", ""},
                           {30, "THEORA", ""}, {33, "FFV1", ""},    {55, "QTRLE", ""},   {61, "PNG", ""},
                           {99, "DNXHD", ""},  {147, "PRORES", ""}, {167, "WEBM", ""},   {173, "H265", ""},
                           {226, "AV1", ""}};
constexpr Row kAudioCodecs[] = {{0, "NONE", ""},       {65536, "PCM", ""},  {86016, "MP2", ""},
                                {86017, "MP3", ""},    {86018, "AAC", ""},  {86019, "AC3", ""},
                                {86021, "VORBIS", ""}, {86028, "FLAC", ""}, {86076, "OPUS", ""}};
constexpr Row kQualities[] = {{-1, "NONE", ""},    {0, "LOSSLESS", ""}, {17, "PERC_LOSSLESS", ""},
                              {20, "HIGH", ""},    {23, "MEDIUM", ""},  {26, "LOW", ""},
                              {29, "VERYLOW", ""}, {32, "LOWEST", ""},  {128, "CUSTOM", ""}};
constexpr Row kDepths[] = {{2, "8", ""}, {4, "10", ""}, {8, "12", ""}, {16, "16", ""}, {64, "32", ""}};
constexpr Row kPlanes[] = {{8, "BW", ""}, {24, "RGB", ""}, {32, "RGBA", ""}};
constexpr Row kExrCodecs[] = {{0, "NONE", ""}, {1, "PXR24", ""}, {2, "ZIP", ""}, {3, "PIZ", ""},
                              {4, "RLE", ""},  {5, "ZIPS", ""},  {6, "B44", ""}, {7, "B44A", ""},
                              {8, "DWAA", ""}, {9, "DWAB", ""}};

template <class Table>
const Row* find(const Table& table, std::int64_t number) {
  const auto* row =
      std::find_if(std::begin(table), std::end(table), [&](const Row& r) { return r.number == number; });
  return row == std::end(table) ? nullptr : row;
}

template <class Table>
std::string name_in(const Table& table, std::int64_t number) {
  const Row* row = find(table, number);
  return row == nullptr ? std::to_string(number) : std::string(row->name);
}

bool is_movie(std::string_view name) {
  return name == "FFMPEG" || name == "AVI_RAW" || name == "AVI_JPEG";
}

}  // namespace

ImageFormat image_format(const Record& settings, const Record& ffmpeg) {
  constexpr int kJ2k = 1;  // ImageFormatData.jp2_codec
  const std::int64_t number = settings.integer("imtype", 255);
  const Row* row = find(kImages, number);
  if (row == nullptr) return {std::to_string(number), "", false};
  ImageFormat format{std::string(row->name), std::string(row->extension), is_movie(row->name)};
  if (format.name == "FFMPEG") {
    const Row* container = find(kContainers, ffmpeg.integer("type", -1));
    if (container != nullptr) format.extension = container->extension;
  }
  if (number == kJpeg2000 && settings.integer("jp2_codec") == kJ2k) format.extension = ".j2c";
  return format;
}

std::string container_name(std::int64_t container) {
  return name_in(kContainers, container);
}
std::string codec_name(std::int64_t codec) {
  return name_in(kCodecs, codec);
}
std::string audio_codec_name(std::int64_t codec) {
  return name_in(kAudioCodecs, codec);
}
std::string quality_name(std::int64_t crf) {
  return name_in(kQualities, crf);
}
std::string depth_name(std::int64_t depth) {
  return name_in(kDepths, depth);
}
std::string planes_name(std::int64_t planes) {
  return name_in(kPlanes, planes);
}
std::string exr_codec_name(std::int64_t codec) {
  return name_in(kExrCodecs, codec);
}

}  // namespace souschef::blend
