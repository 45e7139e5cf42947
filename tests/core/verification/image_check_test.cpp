// SPDX-License-Identifier: MIT
// The images in tests/data/images are Blender 3.4's own: 20 x 12 pixels in every format that it writes.
#include "core/verification/image_check.hpp"

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/inflate.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

std::string data(const std::string& name) {
  return test::read_file(fs::path(SOUSCHEF_SOURCE_FOLDER) / "tests/data/images" / name);
}

Result<ImageFacts> check(const std::string& bytes, const std::string& format) {
  return check_image(std::as_bytes(std::span(bytes)), format);
}

struct Sample {
  const char* name;
  const char* format;
  bool has_size;
};

constexpr Sample kSamples[] = {{"rgb8.png", "PNG", true},
                               {"rgba16.png", "PNG", true},
                               {"grey8.png", "PNG", true},
                               {"photo.jpg", "JPEG", true},
                               {"zip_half.exr", "OPEN_EXR", true},
                               {"zips_float.exr", "OPEN_EXR", true},
                               {"plain.exr", "OPEN_EXR", true},
                               {"piz.exr", "OPEN_EXR", true},
                               {"layers.exr", "OPEN_EXR_MULTILAYER", true},
                               {"lzw.tif", "TIFF", true},
                               {"deflate16.tif", "TIFF", true},
                               {"small.bmp", "BMP", true},
                               {"small_raw.tga", "TARGA_RAW", true},
                               {"movie0001-0003.mp4", "FFMPEG", false},
                               {"movie0001-0003.mkv", "FFMPEG", false}};

class Images : public ::testing::TestWithParam<Sample> {};

TEST_P(Images, OfBlenderAreGood) {
  const auto facts = check(data(GetParam().name), GetParam().format);
  ASSERT_TRUE(facts) << facts.error().line();
  if (GetParam().has_size) {
    EXPECT_EQ(facts->width, 20U);
    EXPECT_EQ(facts->height, 12U);
  }
  EXPECT_FALSE(facts->all_black);
  EXPECT_FALSE(facts->all_transparent);
}

TEST_P(Images, CutShortAnywhereAreDamaged) {
  const std::string whole = data(GetParam().name);
  std::string still_good;
  for (std::size_t length = 0; length < whole.size(); ++length)
    if (check(whole.substr(0, length), GetParam().format)) still_good += std::to_string(length) + " ";
  EXPECT_EQ(still_good, "");
}

TEST_P(Images, EmptyIsDamaged) {
  EXPECT_FALSE(check("", GetParam().format));
}

INSTANTIATE_TEST_SUITE_P(All, Images, ::testing::ValuesIn(kSamples), [](const auto& sample) {
  std::string name = sample.param.name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});

TEST(ImageCheck, OtherFormatsOfBlenderAreKnown) {
  for (const auto& [name, format] :
       std::vector<std::pair<std::string, std::string>>{{"small.hdr", "HDR"},
                                                        {"small.tga", "TARGA"},
                                                        {"small.dpx", "DPX"},
                                                        {"small.cin", "CINEON"},
                                                        {"small.rgb", "IRIS"},
                                                        {"small.webp", "WEBP"}}) {
    const auto facts = check(data(name), format);
    EXPECT_TRUE(facts) << name << ": " << facts.error().line();
    EXPECT_FALSE(check(data(name).substr(0, 8), format)) << name;
  }
}

TEST(ImageCheck, MovieThatWasNotFinishedIsDamaged) {
  std::string movie = data("movie0001-0003.mkv");
  const std::size_t segment = movie.find("\x18\x53\x80\x67");
  ASSERT_NE(segment, std::string::npos);
  movie.replace(segment + 4, 8, "\x01\xff\xff\xff\xff\xff\xff\xff");  // as ffmpeg writes it at first
  const auto facts = check(movie, "FFMPEG");
  ASSERT_FALSE(facts);
  EXPECT_NE(facts.error().line().find("not finished"), std::string::npos) << facts.error().line();
}

TEST(ImageCheck, AnotherFormatThanOrderedIsNotGood) {
  const auto facts = check(data("rgb8.png"), "OPEN_EXR");
  ASSERT_FALSE(facts);
  EXPECT_NE(facts.error().line().find("OPEN_EXR was ordered, this is PNG"), std::string::npos);
}

TEST(ImageCheck, TextIsNoImage) {
  EXPECT_FALSE(check("hello, I am a traceback", ""));
}

TEST(ImageCheck, BlackAndTransparentAreSeen) {
  EXPECT_TRUE(check(data("black.png"), "PNG")->all_black);
  EXPECT_TRUE(check(data("black.exr"), "OPEN_EXR")->all_black);
  EXPECT_FALSE(check(data("black.exr"), "OPEN_EXR")->all_transparent);
  EXPECT_TRUE(check(data("clear.png"), "PNG")->all_transparent);
  EXPECT_TRUE(check(data("clear.exr"), "OPEN_EXR")->all_transparent);
}

TEST(PngCheck, EveryFlippedBitIsSeen) {
  const std::string whole = data("rgba16.png");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_FALSE(check(damaged, "PNG")) << at;
  }
}

TEST(ExrCheck, FlippedBitInCompressedPixelsIsSeen) {
  const std::string whole = data("zip_half.exr");
  for (std::size_t at = whole.size() - 48; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] =
        static_cast<char>(damaged[at] ^ 0x01);  // the high bits of a stream's last byte mean nothing
    EXPECT_FALSE(check(damaged, "OPEN_EXR")) << at;
  }
}

// A PNG of one colour, made by hand: 8 bit RGB, stored blocks.
std::string plain_png(std::uint32_t width, std::uint32_t height, const std::string& pixel) {
  const auto be = [](std::uint32_t n) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>((n >> shift) & 255);
    return text;
  };
  const auto chunk = [&](const std::string& type, const std::string& content) {
    const std::string covered = type + content;
    return be(static_cast<std::uint32_t>(content.size())) + covered +
           be(crc32_of(std::as_bytes(std::span(covered))));
  };
  std::string rows;
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';
    for (std::uint32_t x = 0; x < width; ++x) rows += pixel;
  }
  std::uint32_t a = 1, b = 0;
  for (const char c : rows) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  const auto size = static_cast<std::uint16_t>(rows.size());
  std::string stream = "\x78\x01\x01";
  stream += static_cast<char>(size & 255);
  stream += static_cast<char>(size >> 8);
  stream += static_cast<char>(~size & 255);
  stream += static_cast<char>((~size >> 8) & 255);
  stream += rows + be((b << 16) | a);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", be(width) + be(height) + std::string("\x08\x02\0\0\0", 5)) +
         chunk("IDAT", stream) + chunk("IEND", "");
}

TEST(PngCheck, MagentaIsMeasured) {
  EXPECT_DOUBLE_EQ(check(plain_png(4, 4, "\xff\x01\xff"), "PNG")->magenta, 1.0);
  EXPECT_DOUBLE_EQ(check(plain_png(4, 4, "\xff\x80\xff"), "PNG")->magenta, 0.0);
}

TEST(PngCheck, FewerRowsThanPromisedAreDamage) {
  std::string short_rows = plain_png(4, 4, "abc");
  const std::string header = plain_png(4, 5, "abc").substr(0, 33);
  short_rows.replace(0, 33, header);
  const auto facts = check(short_rows, "PNG");
  ASSERT_FALSE(facts);
  EXPECT_NE(facts.error().line().find("rows are missing"), std::string::npos);
}

TEST(PngCheck, MoreRowsThanPromisedAreDamage) {
  std::string long_rows = plain_png(4, 4, "abc");
  long_rows.replace(0, 33, plain_png(4, 3, "abc").substr(0, 33));
  EXPECT_FALSE(check(long_rows, "PNG"));
}

TEST(PngCheck, AbsurdSizesAreRefusedBeforeAnythingIsAllocated) {
  std::string huge = plain_png(4, 4, "abc");
  huge.replace(0, 33,
               plain_png(4, 4, "abc").substr(0, 16) + "\x7f\xff\xff\xff\x7f\xff\xff\xff" +
                   std::string("\x08\x02\0\0\0", 5) + "xxxx");
  EXPECT_FALSE(check(huge, "PNG"));
}

TEST(Inflate, ExactlyMeansExactly) {
  const std::string png = plain_png(4, 4, "abc");
  const std::string stream = png.substr(41, png.size() - 41 - 4 - 12);
  std::vector<std::byte> out(52);
  EXPECT_TRUE(inflate_exactly(std::as_bytes(std::span(stream)), out));
  out.resize(51);
  EXPECT_FALSE(inflate_exactly(std::as_bytes(std::span(stream)), out));
  out.resize(53);
  EXPECT_FALSE(inflate_exactly(std::as_bytes(std::span(stream)), out));
}

}  // namespace
}  // namespace souschef::core
