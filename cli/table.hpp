// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace souschef::cli {

enum class Align { left, right };

// Columns that line up, two spaces between; widths as terminals count them, colours included for free.
class Table {
 public:
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // One line a row, without line ends and without trailing spaces.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace souschef::cli
