// SPDX-License-Identifier: MIT
#include "core/production/blend_path.hpp"

#include <gtest/gtest.h>

namespace souschef::core {
namespace {

std::string resolved(std::string_view written, std::string_view folder = "/prod/shots",
                     const std::vector<std::pair<std::string, std::string>>& prefixes = {}) {
  return resolve_written(written, folder, prefixes).path;
}

TEST(BlendPath, FormsAreToldApart) {
  EXPECT_EQ(form_of(""), PathForm::empty);
  EXPECT_EQ(form_of("//tex/a.png"), PathForm::beside);
  EXPECT_EQ(form_of("//..\\tex\\a.png"), PathForm::beside);
  EXPECT_EQ(form_of("/abs/a.png"), PathForm::absolute);
  EXPECT_EQ(form_of("C:\\dir\\a.png"), PathForm::windows);
  EXPECT_EQ(form_of("c:/dir/a.png"), PathForm::windows);
  EXPECT_EQ(form_of("\\\\srv\\share\\a.png"), PathForm::share);
  EXPECT_EQ(form_of("tex/a.png"), PathForm::loose);
}

TEST(BlendPath, BesideIsRelativeToTheFolderOfTheFile) {
  EXPECT_EQ(resolved("//tex/a.png"), "/prod/shots/tex/a.png");
  EXPECT_EQ(resolved("//../tex/a.png"), "/prod/tex/a.png");
  EXPECT_EQ(resolved("//..\\tex\\a.png"), "/prod/tex/a.png");
}
TEST(BlendPath, DotsAreTextualAndStopAtTheRoot) {
  EXPECT_EQ(resolved("//link/../a"), "/prod/shots/a");
  EXPECT_EQ(resolved("//../../../../../a"), "/a");
  EXPECT_EQ(resolved("/a/./b//c"), "/a/b/c");
}
TEST(BlendPath, WindowsDriveIsWhatBlenderOpensOnPosix) {
  EXPECT_EQ(resolved("C:\\proj\\tex\\w.png"), "/c/proj/tex/w.png");
}
TEST(BlendPath, ShareIsNotBesideTheFile) {
  EXPECT_EQ(resolved("\\\\srv\\share\\u.png"), "");
}

TEST(BlendPath, PrefixMapTranslatesForeignRoots) {
  const std::vector<std::pair<std::string, std::string>> map = {{"R:/lib", "/mnt/lib"},
                                                                {"\\\\nas\\prod", "/mnt/prod"},
                                                                {"/Users/ana/prod", "/prod"},
                                                                {"R:/lib/old", "/mnt/old"}};
  EXPECT_EQ(resolved("r:\\LIB\\wood.png", "/x", map), "/mnt/lib/wood.png");
  EXPECT_EQ(resolved("R:/lib/old/wood.png", "/x", map), "/mnt/old/wood.png") << "the longest prefix wins";
  EXPECT_EQ(resolved("R:/library/wood.png", "/x", map), "/r/library/wood.png") << "a prefix ends at a slash";
  EXPECT_EQ(resolved("\\\\NAS\\prod\\a.png", "/x", map), "/mnt/prod/a.png");
  EXPECT_EQ(resolved("/Users/ana/prod/a.png", "/x", map), "/prod/a.png");
}

TEST(BlendPath, BytesThatAreNotUtf8Stay) {
  EXPECT_EQ(resolved("//caf\xe9.png"), "/prod/shots/caf\xe9.png");
}

TEST(BlendPath, RelativeFromClimbsAndDescends) {
  EXPECT_EQ(relative_from("/prod/tex/a.png", "/prod/shots/sc010"), "../../tex/a.png");
  EXPECT_EQ(relative_from("/prod/shots/a.png", "/prod/shots"), "a.png");
  EXPECT_EQ(relative_from("/other/a.png", "/prod"), "../other/a.png");
  EXPECT_EQ(relative_from("/a.png", "/"), "a.png");
}

TEST(BlendPath, BelowNeedsASlash) {
  EXPECT_TRUE(is_below("/prod/a", "/prod"));
  EXPECT_FALSE(is_below("/production/a", "/prod"));
  EXPECT_FALSE(is_below("/prod", "/prod"));
}

}  // namespace
}  // namespace souschef::core
