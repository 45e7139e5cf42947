// SPDX-License-Identifier: MIT
#include "core/jobs/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/hasher.hpp"

namespace souschef::core {
namespace {

using testing::HasSubstr;

Manifest sample() {
  Manifest manifest;
  manifest.entry = "shots/a.blend";
  for (const char* name : {"tex/w\xf6.png", "shots/a.blend"})
    manifest.files.push_back({.path = name,
                              .content = ContentId(store::hash_of(name)),
                              .size = 17,
                              .blob = BlobId(store::hash_of(name)),
                              .blob_size = 17});
  manifest.files.push_back({.path = "link", .mode = FileMode::symlink, .target = "tex"});
  manifest.missing.push_back({"tex/b.png", "image", "shots/a.blend"});
  manifest.remaps.push_back({"shots/a.blend", "/abs/w.png", "", "tex/w.png"});
  EXPECT_TRUE(manifest.normalise());
  return manifest;
}

TEST(Manifest, JsonComesBack) {
  const Manifest manifest = sample();
  const auto back = manifest_from_json(manifest_json(manifest));
  ASSERT_TRUE(back) << back.error().line();
  EXPECT_EQ(back->files, manifest.files);
  EXPECT_EQ(back->missing, manifest.missing);
  EXPECT_EQ(back->remaps, manifest.remaps);
  EXPECT_EQ(job_id(*back), job_id(manifest));
}

TEST(Manifest, IdentityFormIsGolden) {
  std::string text;
  identity_form(sample(), [&](std::string_view piece) { text += piece; });
  EXPECT_EQ(text,
            "{\"entry\":\"shots/a.blend\",\"version\":1}\n"
            "{\"mode\":\"link\",\"path\":\"link\",\"target\":\"tex\"}\n"
            "{\"content\":\"" +
                store::hash_of("shots/a.blend").hex() +
                "\",\"mode\":\"file\",\"path\":\"shots/a.blend\",\"size\":17}\n"
                "{\"content\":\"" +
                store::hash_of("tex/w\xf6.png").hex() +
                "\",\"mode\":\"file\",\"path\":\"tex/w\\\\xf6.png\",\"size\":17}\n"
                "{\"missing\":{\"from\":\"shots/a.blend\",\"kind\":\"image\",\"path\":\"tex/b.png\"}}\n"
                "{\"remap\":{\"base\":\"\",\"file\":\"shots/a.blend\",\"path\":\"tex/w.png\",\"written\":\"/"
                "abs/w.png\"}}\n");
}

TEST(Manifest, HowAFileWasCompressedIsNoPartOfTheId) {
  Manifest manifest = sample();
  const JobId before = job_id(manifest);
  manifest.files[1].blob = BlobId(store::hash_of("compressed"));
  manifest.files[1].blob_size = 5;
  EXPECT_EQ(job_id(manifest), before);
  EXPECT_EQ(manifest_from_json(manifest_json(manifest))->files[1].blob, manifest.files[1].blob);
}

TEST(Manifest, EveryOtherChangeIsAnotherJob) {
  const JobId before = job_id(sample());
  Manifest other = sample();
  other.files[1].mode = FileMode::executable;
  EXPECT_NE(job_id(other), before);
  other = sample();
  other.missing.clear();
  EXPECT_NE(job_id(other), before);
  other = sample();
  other.excluded.emplace_back("*.blend1");
  EXPECT_NE(job_id(other), before);
}

TEST(Manifest, PathsThatLeadOutAreRefused) {
  for (const char* path : {"../a", "/etc/passwd", "a/../b", "a//b", "", ".", "a/."}) {
    Manifest manifest = sample();
    manifest.files[1].path = path;
    EXPECT_FALSE(manifest.normalise()) << path;
  }
  Json json = manifest_json(sample());
  json["files"][0]["path"] = "../../x";
  EXPECT_FALSE(manifest_from_json(json));
}

TEST(Manifest, DamagedJsonIsCorruptAndNeverCrashes) {
  const std::string good = manifest_json(sample()).dump();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x15);
    const Json json = Json::parse(bad, nullptr, false);
    if (json.is_discarded()) continue;
    const auto manifest = manifest_from_json(json);
    if (manifest && job_id(*manifest) == job_id(sample())) {
      EXPECT_THAT(bad, HasSubstr("version")) << "only what is no part of the identity may differ";
    }
  }
  EXPECT_EQ(manifest_from_json(Json::parse(R"({"version":2})")).error().code, ErrorCode::unsupported);
}

TEST(Manifest, FileTableComesBackAndCutsAreLocal) {
  Manifest manifest;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "tex/" + std::to_string(i) + ".png";
    manifest.files.push_back({.path = name,
                              .content = ContentId(store::hash_of(name)),
                              .size = 1,
                              .blob = BlobId(store::hash_of(name)),
                              .blob_size = 1});
  }
  ASSERT_TRUE(manifest.normalise());
  const FileTable table = file_table(manifest);
  EXPECT_EQ(table.cuts.back(), table.lines.size());
  const auto files = file_table_from(table.lines);
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, manifest.files);

  // One file changes: all chunks but one are the same.
  Manifest changed = manifest;
  changed.files[1500].content = ContentId(store::hash_of("other"));
  changed.files[1500].blob = BlobId(store::hash_of("other"));
  const FileTable after = file_table(changed);
  ASSERT_EQ(after.cuts.size(), table.cuts.size());
  std::size_t differing = 0, start = 0;
  for (std::size_t i = 0; i < table.cuts.size(); ++i) {
    differing +=
        table.lines.substr(start, table.cuts[i] - start) != after.lines.substr(start, after.cuts[i] - start)
            ? 1
            : 0;
    start = table.cuts[i];
  }
  EXPECT_EQ(differing, 1U);
}

}  // namespace
}  // namespace souschef::core
