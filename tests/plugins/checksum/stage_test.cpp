// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/run_program.hpp"
#include "store/hasher.hpp"
#include "tests/support/stage_bench.hpp"

namespace souschef {
namespace {

class ChecksumStage : public testing::Test {
 protected:
  // As a person would after a copy.
  bool checks(const std::string& program, const std::string& name) {
    core::ProcessOptions options;
    options.command = {program, "-c", "--strict", name};
    options.folder = bench_.folder / "out";
    const auto ran = core::run_program(std::move(options));
    return ran && ran->end.success();
  }
  test::StageBench bench_{"checksum"};
};

TEST_F(ChecksumStage, Blake3ComesFromTheVerification) {
  bench_.add_file(1, "0001.png", "one");
  bench_.add_file(2, "a\nb.png", "two");
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value()) << answer.error().line();
  EXPECT_EQ(answer->at("outputs"), core::Json({"fisk.b3"}));
  EXPECT_EQ(answer->at("summary"), "2 files");
  EXPECT_EQ(test::read_file(bench_.output("fisk.b3")),
            store::hash_of("one").hex() + "  ../render/0001.png\n\\" + store::hash_of("two").hex() +
                "  ../render/a\\nb.png\n");
}

TEST_F(ChecksumStage, Sha256sumAndMd5sumReadIt) {
  if (!test::have_program("sha256sum")) GTEST_SKIP() << "no sha256sum here";
  bench_.add_file(1, "0001.png", "one");
  bench_.add_file(2, "0002 \\ odd.png", std::string(3'000'000, 'x'));
  for (const char* algorithm : {"sha256", "md5"}) {
    bench_.request["settings"]["algorithm"] = algorithm;
    const auto answer = bench_.run();
    ASSERT_TRUE(answer.has_value()) << answer.error().line();
    EXPECT_TRUE(checks(std::string(algorithm) + "sum", std::string("fisk.") + algorithm)) << algorithm;
  }
}

TEST_F(ChecksumStage, WhatEarlierStagesMadeIsListed) {
  bench_.add_file(1, "0001.png", "one");
  const auto movie = bench_.folder.write("out/fisk.mp4", "movie");
  bench_.request["earlier"] = {
      {{"stage", "preview"},
       {"files", {{{"path", movie.string()}, {"size", 5}, {"hash", store::hash_of("movie").hex()}}}}}};
  ASSERT_TRUE(bench_.run().has_value());
  EXPECT_NE(test::read_file(bench_.output("fisk.b3")).find("  fisk.mp4\n"), std::string::npos);
  bench_.request["settings"]["earlier"] = false;
  ASSERT_TRUE(bench_.run().has_value());
  EXPECT_EQ(test::read_file(bench_.output("fisk.b3")).find("fisk.mp4"), std::string::npos);
}

TEST_F(ChecksumStage, FileThatChangedSinceFailsTheStage) {
  bench_.add_file(1, "0001.png", "one");
  bench_.folder.write("render/0001.png", "other");
  const auto answer = bench_.run();
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::changed);
  EXPECT_TRUE(std::filesystem::is_empty(bench_.folder / "out"));
}

TEST_F(ChecksumStage, MissingFrameIsAWarning) {
  bench_.add_file(1, "0001.png", "one");
  bench_.add_missing(2);
  const auto answer = bench_.run();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->at("warnings"), core::Json({"1 frame is missing"}));
}

TEST_F(ChecksumStage, NameMayNotLeadOut) {
  for (const char* name : {"../x", "/etc/x", "a/", ""}) {
    bench_.request["settings"]["name"] = name;
    EXPECT_EQ(bench_.describe().error().code, ErrorCode::bad_input) << name;
  }
}

}  // namespace
}  // namespace souschef
