// SPDX-License-Identifier: MIT
// The architecture as a test: which room may include which, and that a third party's headers are included in
// one file pair of a room.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fs = std::filesystem;

namespace {

struct Include {
  std::string file;    // "core/banking/snapshot.cpp"
  std::string target;  // "store/store.hpp", "souschef/hash.hpp", "lmdb.h"
  bool quoted = false;
};

std::string room_of(const std::string& path) {
  return path.substr(0, path.find('/'));
}

bool is_source(const fs::path& path) {
  static const std::set<std::string> kEndings = {".hpp", ".cpp", ".h", ".c"};
  return kEndings.contains(path.extension().string());
}

std::vector<Include> includes_below(const std::string& room) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  const fs::path root = SOUSCHEF_SOURCE_FOLDER;
  std::vector<Include> found;
  for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
    if (!entry.is_regular_file() || !is_source(entry.path())) continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (std::regex_search(line, match, kInclude))
        found.push_back({fs::relative(entry.path(), root).generic_string(), match[2], match[1] == "\""});
    }
  }
  return found;
}

const std::set<std::string> kRooms = {"sdk", "store", "core", "plugins", "cli", "tests"};

// What each room may include of the house. The arrow points at what may be included.
const std::map<std::string, std::set<std::string>> kArrows = {
    {"sdk", {}},
    {"store", {"store"}},
    {"core", {"store", "core"}},
    {"plugins", {"plugins"}},
    {"cli", {"core", "cli"}},
};

// cli looks into the store only where it shows what is on disk.
bool cli_may_see_store(const std::string& file) {
  for (const char* name : {"cli/cmd_check.", "cli/cmd_repair.", "cli/cmd_debug"})
    if (file.rfind(name, 0) == 0) return true;
  return false;
}

TEST(IncludeRules, ArrowsPointOneWay) {
  for (const auto& [room, allowed] : kArrows)
    for (const Include& include : includes_below(room)) {
      const std::string target_room = room_of(include.target);
      if (!kRooms.contains(target_room) || target_room == include.target) continue;
      if (room == "cli" && target_room == "store" && cli_may_see_store(include.file)) continue;
      EXPECT_TRUE(allowed.contains(target_room)) << include.file << " includes " << include.target;
    }
}

// core is too large for one room. Each of these may include itself and those before it; docs/architecture.md
// says what each is for.
const std::vector<std::string> kFloorsOfCore = {"base",  "events",    "plugin_host", "production",
                                                "queue", "jobs",      "banking",     "verification",
                                                "slots", "rendering", "hooks"};

// Which floor a path like "core/queue/order.hpp" is on; as many as there are for one that is on none.
std::size_t floor_of(const std::string& path) {
  const std::string below = path.substr(std::string("core/").size());
  const auto found = std::find(kFloorsOfCore.begin(), kFloorsOfCore.end(), room_of(below));
  return static_cast<std::size_t>(found - kFloorsOfCore.begin());
}

TEST(IncludeRules, FloorsOfCoreIncludeOnlyThoseBelow) {
  for (const Include& include : includes_below("core")) {
    const std::size_t floor = floor_of(include.file);
    EXPECT_LT(floor, kFloorsOfCore.size()) << include.file << " is in no room of core";
    if (room_of(include.target) != "core") continue;
    EXPECT_LE(floor_of(include.target), floor) << include.file << " includes " << include.target;
  }
}

TEST(IncludeRules, PluginsSeeOnlyThemselvesAndTheSdk) {
  for (const Include& include : includes_below("plugins")) {
    if (room_of(include.target) != "plugins") continue;
    const auto own = include.file.substr(0, include.file.find('/', std::string("plugins/").size()) + 1);
    EXPECT_EQ(include.target.rfind(own, 0), 0U) << include.file << " includes " << include.target;
  }
}

TEST(IncludeRules, HouseHeadersAreQuotedFromTheRoom) {
  for (const auto& [room, unused] : kArrows)
    for (const Include& include : includes_below(room)) {
      if (room == "sdk" || !include.quoted) continue;
      EXPECT_TRUE(kRooms.contains(room_of(include.target)))
          << include.file << " includes \"" << include.target << "\"";
    }
}

TEST(IncludeRules, SdkNeedsOnlyTheStandardLibrary) {
  for (const Include& include : includes_below("sdk")) {
    if (include.file.rfind("sdk/include/", 0) != 0) continue;
    const bool ours = include.target.rfind("souschef/", 0) == 0;
    const bool standard = include.target.find('/') == std::string::npos &&
                          (include.target.find('.') == std::string::npos || include.target == "stddef.h" ||
                           include.target == "stdint.h");
    EXPECT_TRUE(ours || standard) << include.file << " includes " << include.target;
  }
}

// Header prefix of a third party -> the file stems that may include it.
const std::map<std::string, std::set<std::string>> kThirdParties = {
    {"lmdb.h", {"store/lmdb_env"}},
    {"blake3.h", {"store/hasher"}},
    {"zstd", {"store/zstd_codec", "plugins/blend/zstd_stream"}},
    {"zlib.h", {"plugins/blend/gzip_stream", "core/base/inflate"}},
    {"boost/dll", {"core/plugin_host/plugin_library"}},
    {"nlohmann/",
     {"core/base/json", "plugins/blend/json", "plugins/blender/json", "plugins/ffmpeg/json",
      "plugins/notify/json", "plugins/exec/json", "plugins/null/json", "plugins/contact_sheet/json",
      "plugins/checksum/json"}},
    {"spdlog/", {"core/base/log"}},
    {"fmt/", {"core/base/log"}},
    {"toml++/", {"core/base/toml_file"}},
    {"CLI/", {"cli/arguments"}},
    {"OpenImageIO/", {"plugins/oiio/decode"}},
    {"curl/", {"plugins/notify/curl_library"}},
};

TEST(IncludeRules, ThirdPartiesAreIncludedInOneFilePair) {
  for (const auto& [room, unused] : kArrows)
    for (const Include& include : includes_below(room))
      for (const auto& [prefix, stems] : kThirdParties) {
        if (include.target.rfind(prefix, 0) != 0) continue;
        const std::string stem = include.file.substr(0, include.file.rfind('.'));
        EXPECT_TRUE(stems.contains(stem)) << include.file << " includes " << include.target;
      }
}

TEST(IncludeRules, EveryIncludeOfAnotherLibraryIsKnown) {
  static const std::set<std::string> kSystem = {"sys/", "linux/", "arpa/", "netinet/", "bits/"};
  for (const auto& [room, unused] : kArrows)
    for (const Include& include : includes_below(room)) {
      const std::string& target = include.target;
      const bool house =
          kRooms.contains(room_of(target)) || target.rfind("souschef/", 0) == 0 || include.quoted;
      const bool system = target.find('/') == std::string::npos;
      bool known = house || system;
      for (const std::string& prefix : kSystem) known = known || target.rfind(prefix, 0) == 0;
      for (const auto& [prefix, stems] : kThirdParties) known = known || target.rfind(prefix, 0) == 0;
      EXPECT_TRUE(known) << include.file << " includes " << target;
    }
}

TEST(IncludeRules, FixedTopLevel) {
  static const std::set<std::string> kTop = {
      "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "cli",   "core",
      "docs",           "plugins",           "sdk",     "store",     "tests", "build"};
  for (const auto& entry : fs::directory_iterator(SOUSCHEF_SOURCE_FOLDER)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name.front() == '.' || kTop.contains(name)) << name;
  }
}

}  // namespace
