// SPDX-License-Identifier: MIT
#include "core/base/archive.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/plugin_folder.hpp"
#include "tests/support/temp_folder.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

using testing::HasSubstr;

ArchiveEntry file(const std::string& name) {
  return {.name = name, .kind = ArchiveEntry::Kind::file, .executable = false, .content = {}};
}
ArchiveEntry folder(const std::string& name) {
  return {.name = name, .kind = ArchiveEntry::Kind::folder, .executable = false, .content = {}};
}
ArchiveEntry link(const std::string& name, std::string_view target) {
  const auto bytes = std::as_bytes(std::span(target));
  return {.name = name,
          .kind = ArchiveEntry::Kind::link,
          .executable = false,
          .content = {bytes.begin(), bytes.end()}};
}
std::string judged(const std::vector<ArchiveEntry>& entries) {
  const Status status = judge_entries(entries);
  return status ? "good" : status.error().line();
}

TEST(ArchiveEntries, OrdinaryOnesPass) {
  EXPECT_EQ(judged({folder("./"), folder("a/"), file("a/plugin.json"), file("./a//b c"),
                    link("a/l", "plugin.json"), link("m", "a/plugin.json")}),
            "good");
}

TEST(ArchiveEntries, NamesThatLeadOutAreRefused) {
  for (const char* name : {"/etc/passwd", "../x", "a/../../x", "a/..", "", "."})
    EXPECT_THAT(judged({file(name)}), HasSubstr("outside of the plugin's folder")) << name;
}

TEST(ArchiveEntries, LinksThatLeadOutAreRefused) {
  for (const char* target : {"/etc/passwd", "../x", "a/../../x", ""})
    EXPECT_THAT(judged({link("l", target)}), HasSubstr("link out of")) << target;
  EXPECT_EQ(judged({link("a/b/l", "../../x")}), "good");
  EXPECT_THAT(judged({link("a/b/l", "../../../x")}), HasSubstr("link out of"));
}

TEST(ArchiveEntries, NothingLiesBelowALinkOrAFile) {
  EXPECT_THAT(judged({link("a", "b"), file("a/x")}), HasSubstr("is no folder"));
  EXPECT_THAT(judged({file("a/b/x"), file("a")}), HasSubstr("is no folder"));
}

TEST(ArchiveEntries, NoneIsThereTwice) {
  EXPECT_THAT(judged({file("a"), file("./a")}), HasSubstr("twice"));
  EXPECT_THAT(judged({file("a"), link("a", "b")}), HasSubstr("twice"));
}

// Archives as Python makes them: `script` fills `a`, a TarFile or ZipFile.
class Archives : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::have_python()) GTEST_SKIP() << "no python3 here";
  }
  fs::path make(const std::string& name, const std::string& script) {
    folder_.write("make.py", R"(import io, sys, tarfile, zipfile
path = sys.argv[1]
def entry(name, data=b"", **more):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in more.items(): setattr(info, key, value)
    a.addfile(info, io.BytesIO(data))
def zipped(name, data=b"", mode=0o100644):
    info = zipfile.ZipInfo(name)
    info.external_attr, info.create_system = mode << 16, 3
    a.writestr(info, data, zipfile.ZIP_DEFLATED)
a = zipfile.ZipFile(path, "w") if path.endswith(".zip") else tarfile.open(path, "w:" + {"gz": "gz", "xz": "xz", "z2": "bz2"}.get(path[-2:], ""))
)" + script + "\na.close()\n");
    const fs::path archive = folder_ / name;
    const std::string command = "python3 '" + (folder_ / "make.py").string() + "' '" + archive.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return archive;
  }
  Status unpack(const fs::path& archive) {
    fs::remove_all(folder_ / "out");
    fs::create_directories(folder_ / "out");
    return unpack_archive(archive, folder_ / "out");
  }
  bool nothing_written() {
    return fs::is_empty(folder_ / "out") && !fs::exists(folder_ / "escaped") &&
           !fs::exists("/tmp/souschef-escaped");
  }
  test::TempFolder folder_;
};

TEST_F(Archives, TarComesOutWholeHoweverItIsPacked) {
  const std::string longest(180, 'n');
  for (const char* name : {"p.tar", "p.tar.gz", "p.tgz", "p.tar.xz", "p.tar.bz2"}) {
    const Status done = unpack(make(name,
                                    "entry('p', type=tarfile.DIRTYPE)\nentry('p/plugin.json', b'{}')\n"
                                    "entry('p/run', b'#!', mode=0o755)\nentry('p/" +
                                        longest +
                                        "/x', b'long')\n"
                                        "entry('p/l', type=tarfile.SYMTYPE, linkname='run')\n"));
    ASSERT_TRUE(done) << name << ": " << done.error().line();
    EXPECT_EQ(test::read_file(folder_ / "out/p/plugin.json"), "{}") << name;
    EXPECT_EQ(test::read_file(folder_ / ("out/p/" + longest + "/x")), "long") << name;
    EXPECT_EQ(test::read_file(folder_ / "out/p/l"), "#!") << name;
    EXPECT_NE(fs::status(folder_ / "out/p/run").permissions() & fs::perms::owner_exec, fs::perms::none);
    EXPECT_EQ(fs::status(folder_ / "out/p/plugin.json").permissions() & fs::perms::owner_exec,
              fs::perms::none);
  }
}

TEST_F(Archives, ZipComesOutWhole) {
  const Status done = unpack(make("p.zip",
                                  "zipped('p/plugin.json', b'{}' * 1000)\nzipped('p/run', b'#!', 0o100755)\n"
                                  "zipped('p/l', b'run', 0o120777)\na.comment = b'PK\\5\\6 says nothing'\n"));
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(test::read_file(folder_ / "out/p/plugin.json").size(), 2000U);
  EXPECT_TRUE(fs::is_symlink(folder_ / "out/p/l"));
  EXPECT_EQ(test::read_file(folder_ / "out/p/l"), "#!");
}

TEST_F(Archives, HostileOnesAreRefusedAndWriteNothing) {
  const std::pair<const char*, const char*> hostile[] = {
      {"entry('ok', b'x')\nentry('../escaped', b'x')", "outside"},
      {"entry('ok', b'x')\nentry('/tmp/souschef-escaped', b'x')", "outside"},
      {"entry('l', type=tarfile.SYMTYPE, linkname='..')\nentry('l/escaped', b'x')", "link out of"},
      {"entry('l', type=tarfile.SYMTYPE, linkname='/tmp')", "link out of"},
      {"entry('h', type=tarfile.LNKTYPE, linkname='/etc/passwd')", "neither a file"},
      {"entry('d', type=tarfile.CHRTYPE)", "neither a file"},
      {"entry('f', type=tarfile.FIFOTYPE)", "neither a file"}};
  for (const auto& [script, word] : hostile) {
    const Status refused = unpack(make("p.tar", script));
    ASSERT_FALSE(refused) << script;
    EXPECT_THAT(refused.error().line(), HasSubstr(word)) << script;
    EXPECT_TRUE(nothing_written()) << script;
  }
  const Status zip = unpack(make("p.zip", "zipped('ok')\nzipped('a/../../escaped')"));
  ASSERT_FALSE(zip);
  EXPECT_THAT(zip.error().line(), HasSubstr("outside"));
  EXPECT_TRUE(nothing_written());
}

TEST_F(Archives, BombsAreRefused) {
  const Status tar = unpack(make("p.tar.gz", "entry('big', bytes(300 << 20))"));
  ASSERT_FALSE(tar);
  EXPECT_THAT(tar.error().line(), HasSubstr("more than a plugin may have"));
  const Status zip = unpack(make("p.zip", "zipped('big', bytes(300 << 20))"));
  ASSERT_FALSE(zip);
  EXPECT_THAT(zip.error().line(), HasSubstr("more than a plugin may have"));
  EXPECT_TRUE(nothing_written());
}

TEST_F(Archives, DamagedOnesSayThatTheyAre) {
  const fs::path zip = make("p.zip", "zipped('plugin.json', b'{}' * 100)");
  std::string bytes = test::read_file(zip);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
    folder_.write("cut.zip", bytes.substr(0, cut));
    EXPECT_FALSE(unpack(folder_ / "cut.zip")) << cut;
  }
  bytes[45] = static_cast<char>(bytes[45] ^ 1);
  folder_.write("flipped.zip", bytes);
  EXPECT_EQ(unpack(folder_ / "flipped.zip").error().code, ErrorCode::corrupt);
  folder_.write("not.tar", std::string(2000, 'x'));
  EXPECT_EQ(unpack(folder_ / "not.tar").error().code, ErrorCode::corrupt);
  folder_.write("not.tar.gz", "x");
  EXPECT_EQ(unpack(folder_ / "not.tar.gz").error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace souschef::core
