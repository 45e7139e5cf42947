// SPDX-License-Identifier: MIT
#include "core/jobs/checkout.hpp"

#include <sys/stat.h>

#include "core/banking/trace.hpp"
#include "tests/core/banking/production_fixture.hpp"

namespace fs = std::filesystem;

namespace souschef::core {
namespace {

class CheckoutTest : public ProductionFixture {
 protected:
  Result<Checkout> check_out_job(JobId job, CheckoutUse use = CheckoutUse::shared) {
    return check_out(*production_, {.job = job,
                                    .folder = folder_ / ("checkout" + std::to_string(++number_)),
                                    .use = use,
                                    .progress = {},
                                    .cancelled = {}});
  }
  // What a .blend in a checkout refers to, resolved there.
  std::vector<std::string> references(const fs::path& blend_file) {
    auto lone = Production::lone(blend_file.parent_path());
    auto trace = trace_blend(**lone, blend_file, {});
    EXPECT_TRUE(trace) << trace.error().line();
    std::vector<std::string> list;
    for (const Dependency& dependency : trace->dependencies) {
      EXPECT_FALSE(dependency.files.empty()) << dependency.resolved;
      for (const std::string& file : dependency.files) list.push_back(file);
    }
    return list;
  }
  int number_ = 0;
};

TEST_F(CheckoutTest, AbsolutePathsTwoDeepLeadIntoTheCheckout) {
  const auto texture = write("tex/wood.png", "wood");
  const auto outside = folder_.write("elsewhere/stone.png", "stone");
  const auto prop = write("lib/prop.blend", blend({texture.string(), outside.string()}, {}, "OBProp"));
  const auto set = write("lib/set.blend", blend({"//../tex/wood.png"}, {{prop.string(), "OBProp"}}, "OBSet"));
  write("shots/a.blend", blend({}, {{set.string(), "OBSet"}}));
  const auto banked = bank("shots/a.blend", {.allow_outside = true});
  ASSERT_TRUE(banked) << banked.error().line();
  const auto checkout = check_out_job(banked->job);
  ASSERT_TRUE(checkout) << checkout.error().line();
  EXPECT_EQ(checkout->entry, checkout->folder / "shots/a.blend");
  EXPECT_EQ(checkout->rewritten.size(), 3U);
  for (const std::string& file : references(checkout->entry))
    EXPECT_EQ(file.rfind(checkout->folder.string(), 0), 0U) << file;
  EXPECT_EQ(references(checkout->entry).size(), 5U);
}

TEST_F(CheckoutTest, FilesAreReadOnlyAndSharedWithTheNextOne) {
  write("a.blend", blend({"//a.png"}));
  write("a.png", std::string(1 << 20, 'x'));
  const auto banked = bank("a.blend");
  const auto first = check_out_job(banked->job);
  const auto second = check_out_job(banked->job);
  ASSERT_TRUE(first && second);
  struct stat one {
  }, two{};
  ASSERT_EQ(::stat((first->folder / "a.png").c_str(), &one), 0);
  ASSERT_EQ(::stat((second->folder / "a.png").c_str(), &two), 0);
  EXPECT_EQ(one.st_mode & 0777U, 0444U);
  if (second->hardlinks > 0) {
    EXPECT_EQ(one.st_ino, two.st_ino);
  }
  EXPECT_EQ(second->files, second->reflinks + second->hardlinks + second->copies);
}

TEST_F(CheckoutTest, WritableCheckoutIsPrivate) {
  write("a.blend", blend({"//a.png"}));
  write("a.png", "x");
  const auto banked = bank("a.blend");
  const auto checkout = check_out_job(banked->job, CheckoutUse::writable);
  ASSERT_TRUE(checkout) << checkout.error().line();
  folder_.write(fs::relative(checkout->folder / "a.png", folder_.path()), "changed");
  const auto other = check_out_job(banked->job);
  EXPECT_EQ(test::read_file(other->folder / "a.png"), "x");
}

TEST_F(CheckoutTest, FolderThatHoldsSomethingIsRefusedAndKept) {
  write("a.blend", blend({}));
  const auto banked = bank("a.blend");
  folder_.write("mine/file", "mine");
  const auto checkout = check_out(
      *production_, {.job = banked->job, .folder = folder_ / "mine", .progress = {}, .cancelled = {}});
  ASSERT_FALSE(checkout);
  EXPECT_EQ(checkout.error().code, ErrorCode::exists);
  EXPECT_EQ(test::read_file(folder_ / "mine/file"), "mine");
}

TEST_F(CheckoutTest, SequencesKeepTheirNumbersWhenTheyMove) {
  folder_.write("elsewhere/seq_0001.png", "1");
  folder_.write("elsewhere/seq_0002.png", "2");
  test::BlendWriter writer;
  test::BlendNode image = writer.datablock("IM", "Image", "IMseq")
                              .set("name", (folder_ / "elsewhere/seq_0001.png").string())
                              .set("source", 2);
  test::BlendNode object = writer.datablock("OB", "Object", "OBx").set("type", 1);
  object.point("mat", object.pointers({image}));
  write("a.blend", writer.bytes());
  const auto banked = bank("a.blend", {.allow_outside = true});
  ASSERT_TRUE(banked) << banked.error().line();
  const auto checkout = check_out_job(banked->job);
  ASSERT_TRUE(checkout) << checkout.error().line();
  EXPECT_EQ(references(checkout->entry).size(), 2U);
}

}  // namespace
}  // namespace souschef::core
