// SPDX-License-Identifier: MIT
#include "plugins/blend/side_streams.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace souschef::blend {
namespace {

using Values = std::vector<std::uint64_t>;

struct Pages {
  std::vector<std::byte> values;
  std::vector<std::byte> shapes;
};

void put(std::vector<std::byte>& out, std::uint32_t& next, std::uint32_t column,
         const std::vector<std::byte>& bytes) {
  if (bytes.empty()) return;
  put_number(out, column - next);
  put_number(out, bytes.size());
  put_bytes(out, bytes);
  next = column + 1;
}

Pages coded(const std::vector<Values>& columns) {
  ColumnsWriter writer(static_cast<std::uint32_t>(columns.size()));
  for (std::uint32_t c = 0; c < columns.size(); ++c)
    for (const std::uint64_t value : columns[c]) writer.value(c, value);
  Pages pages;
  std::uint32_t next_value = 0;
  std::uint32_t next_shape = 0;
  writer.drain([&](std::uint32_t column, const auto& fresh, const auto& shape) {
    put(pages.values, next_value, column, fresh);
    put(pages.shapes, next_shape, column, shape);
  });
  return pages;
}

std::vector<Values> decoded(const Pages& pages, const std::vector<Values>& like) {
  ColumnsReader reader(static_cast<std::uint32_t>(like.size()));
  EXPECT_TRUE(reader.load_values(pages.values));
  EXPECT_TRUE(reader.load_shapes(pages.shapes));
  std::vector<Values> out(like.size());
  for (std::uint32_t c = 0; c < like.size(); ++c)
    for (std::size_t i = 0; i < like[c].size(); ++i) out[c].push_back(reader.value(c));
  EXPECT_FALSE(reader.failed());
  return out;
}

TEST(SideStreams, ZerosCostNothing) {
  const Pages pages = coded({Values(1000, 0), Values(5, 0)});
  EXPECT_TRUE(pages.values.empty());
  EXPECT_TRUE(pages.shapes.empty());
}

// Session numbers: another start, the same steps.
TEST(SideStreams, AnotherStartChangesTheValuesOnly) {
  Values first;
  Values second;
  for (std::uint64_t i = 0; i < 500; ++i) {
    first.push_back(7000 + i);
    second.push_back(123 + i);
  }
  const Pages a = coded({first});
  const Pages b = coded({second});
  EXPECT_EQ(a.shapes, b.shapes);
  EXPECT_NE(a.values, b.values);
  EXPECT_LT(a.values.size() + a.shapes.size(), 16U);
}

// Pointers to a few tables of the program, in an order that the file gives.
TEST(SideStreams, AFewValuesInAnyOrderAreFreshOnce) {
  std::mt19937_64 random(1);
  const std::uint64_t here[] = {0x7F1200, 0x7F1300, 0x7F1500, 0x7F1900};
  Values first;
  Values second;
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t value = here[random() % 4];
    first.push_back(value);
    second.push_back(value + 0x5500000);
  }
  const Pages a = coded({first});
  const Pages b = coded({second});
  EXPECT_EQ(a.shapes, b.shapes);
  EXPECT_LT(a.values.size(), 24U);
}

TEST(SideStreams, AnyValuesComeBack) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<Values> columns(1 + random() % 5);
    for (Values& column : columns) {
      std::uint64_t value = random();
      const std::uint64_t step = random() >> (random() % 64);
      for (std::size_t i = random() % 200; i > 0; --i) {
        switch (random() % 5) {
          case 0:
            value = random();
            break;
          case 1:
            value = random() % 3;
            break;
          case 2:
            value = 0;
            break;
          default:
            value += step;
        }
        column.push_back(value);
      }
    }
    ASSERT_EQ(decoded(coded(columns), columns), columns);
  }
}

TEST(SideStreams, AskingForMoreThanThereIsGivesZeros) {
  ColumnsReader reader(2);
  EXPECT_EQ(reader.value(1), 0U);
  EXPECT_FALSE(reader.failed());
}

TEST(SideStreams, AShapeWithoutItsValueFails) {
  const Pages pages = coded({{5, 900, 17}});
  ColumnsReader reader(1);
  ASSERT_TRUE(reader.load_values({}));
  ASSERT_TRUE(reader.load_shapes(pages.shapes));
  reader.value(0);
  EXPECT_TRUE(reader.failed());
}

TEST(SideStreams, ColumnsThatDoNotExistAreDamage) {
  const Pages pages = coded({{}, {}, {1, 2, 3}});
  ColumnsReader reader(2);
  EXPECT_FALSE(reader.load_values(pages.values));
}

}  // namespace
}  // namespace souschef::blend
