// SPDX-License-Identifier: MIT
// The one promise: what encode() accepts, decode() gives back bit for bit. Files that were damaged at random,
// and real ones where they are at hand.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/plugins/blend/filter_files.hpp"
#include "tests/plugins/blend/filtered.hpp"
#include "tests/support/blend_wrap.hpp"

namespace souschef::blend {
namespace {

namespace fs = std::filesystem;
using test::BlendStyle;

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(in)), {}};
}

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  std::string done_to(std::string file) {
    for (std::size_t n = 1 + below(4); n > 0 && file.size() > 200; --n) once(file);
    return file;
  }

 private:
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  void once(std::string& file) {
    const std::size_t at = below(file.size() - 64);
    const std::size_t word = at / 4 * 4;
    switch (below(8)) {
      case 0:  // a bit
        file[at] = static_cast<char>(file[at] ^ (1 << below(8)));
        return;
      case 1:  // the end
        file.resize(200 + below(file.size() - 200));
        return;
      case 2:  // a word that means something
      {
        const std::uint64_t words[] = {0,     1,          2,          0x8000000000000000ULL,
                                       ~0ULL, 0x7FFFFFFF, 0x80000000, random_()};
        file.replace(word, 8, reinterpret_cast<const char*>(&words[below(8)]), 8);
        return;
      }
      case 3:  // something copied over something else: addresses twice, heads in data
      {
        const std::size_t size = 1 + below(64);
        const std::string piece = file.substr(below(file.size() - 64), size);
        file.replace(std::min(word, file.size() - size), size, piece);
        return;
      }
      case 4:  // two pieces change places
        for (std::size_t i = 0, other = below(file.size() - 64); i < 24; ++i)
          std::swap(file[word + i], file[other + i]);
        return;
      case 5:  // something taken out
        file.erase(at, 1 + below(200));
        return;
      case 6:  // something put in
        file.insert(at, std::string(1 + below(200), static_cast<char>(random_())));
        return;
      default:  // a length or count near a code
        if (const std::size_t code = file.find("DATA", at);
            code != std::string::npos && code + 32 < file.size())
          file[code + 4 + below(28)] = static_cast<char>(random_());
    }
  }

  std::mt19937_64 random_;
};

void damage_and_compare(const std::string& file, std::uint64_t seed, int rounds) {
  int accepted = 0;
  for (int round = 0; round < rounds; ++round) {
    Damage damage(seed * 100'003 + static_cast<std::uint64_t>(round));
    const Filtered filtered(damage.done_to(file));
    if (!filtered.done()) continue;
    ++accepted;
    ASSERT_TRUE(comes_back(filtered, round % 3 == 0 ? 4'093 : SIZE_MAX))
        << "seed " << seed << ", round " << round;
  }
  // Else nothing was tested.
  EXPECT_GT(accepted, rounds / 20);
}

TEST(FilterProperty, DamagedFilesOfEveryEraComeBackOrAreDeclined) {
  std::uint64_t seed = 1;
  for (const bool big : {false, true})
    for (const int width : {4, 8})
      damage_and_compare(
          file_of({.style = {.version = 279, .pointer_size = width, .big_endian = big}, .objects = 4}),
          seed++, 150);
  damage_and_compare(file_of({.style = {.version = 500, .format = 1}, .objects = 4}), seed, 150);
}

// Real files, where they are at hand (as in bat_files_test): nothing of them is needed to build or to pass.
std::vector<fs::path> corpus() {
  const char* const named = std::getenv("SOUSCHEF_BAT_FILES");
  std::vector<fs::path> found;
  for (const fs::path& folder :
       {named != nullptr ? fs::path(named) : fs::path(SOUSCHEF_SOURCE_FOLDER) / "../shared/bat-blendfiles"}) {
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error))
      if (entry.path().extension() == ".blend" && fs::file_size(entry.path()) < (4U << 20))
        found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(FilterProperty, RealFilesComeBack) {
  const auto files = corpus();
  if (files.empty()) GTEST_SKIP() << "no corpus here";
  for (const fs::path& path : files) {
    const Filtered filtered(read_all(path));
    EXPECT_TRUE(!filtered.done() || comes_back(filtered)) << path;
  }
}

TEST(FilterProperty, DamagedRealFilesComeBackOrAreDeclined) {
  const auto files = corpus();
  if (files.empty()) GTEST_SKIP() << "no corpus here";
  std::uint64_t seed = 100;
  for (std::size_t i = 0; i < files.size(); i += 4) {
    const std::string file = read_all(files[i]);
    if (Filtered(file).done()) damage_and_compare(Filtered(file).content(), seed++, 12);
  }
}

}  // namespace
}  // namespace souschef::blend
