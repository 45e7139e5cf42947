// SPDX-License-Identifier: MIT
#include "plugins/blend/skim.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace souschef::blend {
namespace {

namespace fs = std::filesystem;

// A content in pieces of any size, also of none, which counts how often each is unpacked.
class CountedPieces final : public Pieces {
 public:
  CountedPieces(const std::string& content, const std::vector<std::size_t>& sizes, std::vector<int>& loads)
      : content_(content), loads_(loads) {
    for (std::size_t at = 0, i = 0; at < content.size(); ++i) {
      const std::size_t size = std::min(sizes[i % sizes.size()], content.size() - at);
      offsets_.push_back(at);
      sizes_.push_back(size);
      at += size;
    }
    loads_.assign(sizes_.size(), 0);
  }
  [[nodiscard]] std::size_t count() const override { return sizes_.size(); }
  [[nodiscard]] std::uint64_t offset(std::size_t piece) const override { return offsets_[piece]; }
  [[nodiscard]] std::uint64_t size(std::size_t piece) const override { return sizes_[piece]; }
  [[nodiscard]] std::size_t piece_at(std::uint64_t offset) const override {
    return static_cast<std::size_t>(std::upper_bound(offsets_.begin(), offsets_.end(), offset) -
                                    offsets_.begin()) -
           1;
  }
  Status load(std::size_t piece, std::span<std::byte> target) const override {
    if (piece == damaged) return Error(ErrorCode::bad_input, "damaged");
    ++loads_[piece];
    std::memcpy(target.data(), content_.data() + offsets_[piece], target.size());
    return {};
  }

  std::size_t damaged = static_cast<std::size_t>(-1);

 private:
  const std::string& content_;
  std::vector<int>& loads_;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::uint64_t> sizes_;
};

class SkimTest : public testing::Test {
 protected:
  explicit SkimTest(std::size_t size = 100000) {
    std::mt19937 random(1);
    for (std::size_t i = 0; i < size; ++i) text_ += static_cast<char>(random());
  }
  Content content(const std::vector<std::size_t>& sizes, std::size_t damaged = static_cast<std::size_t>(-1)) {
    auto pieces = std::make_unique<CountedPieces>(text_, sizes, loads_);
    pieces->damaged = damaged;
    auto room = Scratch::create(text_.size(), in_memory_ ? text_.size() : 0, fs::temp_directory_path());
    return Content(std::move(pieces), std::move(*room), text_.size(), Host(nullptr));
  }
  [[nodiscard]] bool is_right(std::span<const std::byte> bytes, std::size_t offset, std::size_t size) const {
    return bytes.size() == size && std::memcmp(bytes.data(), text_.data() + offset, size) == 0;
  }
  [[nodiscard]] int most_loads() const { return *std::max_element(loads_.begin(), loads_.end()); }

  std::string text_;
  std::vector<int> loads_;
  bool in_memory_ = false;
};

struct Block {
  std::size_t offset = 0, size = 0;
  bool kept = false;
};

// Heads of 24 bytes with data behind each, as a walk meets them.
std::vector<Block> walk(Skim& skim, std::size_t end, std::mt19937& random,
                        const std::function<void(std::span<const std::byte>, std::size_t)>& look) {
  std::vector<Block> blocks;
  for (std::size_t at = 0; at + 24 <= end;) {
    look(skim.bytes(at, 24), at);
    const std::size_t size =
        std::min<std::size_t>(random() % 4 == 0 ? random() % 3000 : random() % 60, end - at - 24);
    const bool kept = random() % 3 != 0;
    if (kept) skim.keep(at, 24 + size);
    blocks.push_back({at, 24 + size, kept});
    at += 24 + size;
  }
  return blocks;
}

TEST_F(SkimTest, WhatIsKeptIsThereAndNothingIsUnpackedTwiceForIt) {
  const std::vector<std::vector<std::size_t>> shapes = {{1},       {0, 1, 0, 0, 7}, {23, 25}, {100},
                                                        {5000, 3}, {0, 1 << 20},    {4096}};
  for (const auto& sizes : shapes) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      std::mt19937 random(seed);
      const Content content = this->content(sizes);
      std::vector<Block> blocks;
      {
        Skim skim(content, Reading::skim, {});
        blocks = walk(skim, text_.size(), random,
                      [&](auto bytes, std::size_t at) { ASSERT_TRUE(is_right(bytes, at, 24)) << at; });
        skim.finish();
      }
      ASSERT_TRUE(content.status());
      EXPECT_LE(most_loads(), 2) << "at most once more, for what stands across a window's end";
      const std::vector<int> before = loads_;
      for (const Block& block : blocks) {
        if (!block.kept) continue;
        ASSERT_TRUE(is_right(content.bytes(block.offset, block.size), block.offset, block.size));
      }
      EXPECT_EQ(loads_, before);
      for (const Block& block : blocks)
        ASSERT_TRUE(is_right(content.bytes(block.offset, block.size), block.offset, block.size));
      ASSERT_TRUE(is_right(content.bytes(0, text_.size()), 0, text_.size()));
    }
  }
}

TEST_F(SkimTest, PiecesWithinWhatIsPassedAreNotUnpacked) {
  const Content content = this->content({1000});
  Skim skim(content, Reading::skim, {});
  EXPECT_TRUE(is_right(skim.bytes(0, 24), 0, 24));
  EXPECT_TRUE(is_right(skim.bytes(90000, 24), 90000, 24));
  skim.finish();
  EXPECT_GE(std::count(loads_.begin(), loads_.end(), 0), 90);
}

TEST_F(SkimTest, EndOfTheContentIsTheEnd) {
  const Content content = this->content({1000});
  Skim skim(content, Reading::skim, {});
  EXPECT_TRUE(skim.bytes(text_.size() - 10, 24).empty());
  EXPECT_TRUE(is_right(skim.bytes(text_.size() - 10, 10), text_.size() - 10, 10));
  EXPECT_TRUE(skim.bytes(text_.size() + 1, 1).empty());
  EXPECT_TRUE(content.status());
}

TEST_F(SkimTest, DamagedPieceIsAFailureOfTheContent) {
  const Content content = this->content({1000}, 50);
  Skim skim(content, Reading::skim, {});
  EXPECT_TRUE(is_right(skim.bytes(49000, 24), 49000, 24));
  skim.keep(49000, 2000);
  EXPECT_TRUE(skim.bytes(51000, 24).empty());
  skim.finish();
  EXPECT_FALSE(content.status());
  EXPECT_TRUE(content.bytes(49000, 24).empty()) << "nothing of a damaged content is believed";
}

TEST_F(SkimTest, WhatFitsIntoMemoryIsUnpackedOnce) {
  in_memory_ = true;
  const Content content = this->content({1000});
  Skim skim(content, Reading::skim, {});
  EXPECT_TRUE(is_right(skim.bytes(0, 24), 0, 24));
  skim.finish();
  EXPECT_TRUE(is_right(content.bytes(0, text_.size()), 0, text_.size()));
  EXPECT_EQ(most_loads(), 1);
}

TEST_F(SkimTest, ReadingTheWholeUnpacksEachPieceOnce) {
  const Content content = this->content({1000});
  Skim skim(content, Reading::whole, {});
  EXPECT_TRUE(is_right(skim.bytes(0, 24), 0, 24));
  skim.keep(0, 24);
  skim.finish();
  EXPECT_TRUE(is_right(content.bytes(0, text_.size()), 0, text_.size()));
  EXPECT_EQ(most_loads(), 1);
}

}  // namespace
}  // namespace souschef::blend
