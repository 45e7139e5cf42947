// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "store/store_paths.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temp_folder.hpp"

namespace souschef::store {

// A production in a temporary folder: files in work/, the store in .souschef/store.
class StoreFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    const Status created = Store::create(store_folder());
    ASSERT_TRUE(created) << created.error().line();
    store_ = open();
  }

  [[nodiscard]] std::filesystem::path store_folder() const { return folder_ / ".souschef/store"; }
  [[nodiscard]] std::filesystem::path work(const std::string& name) const { return folder_ / "work" / name; }
  [[nodiscard]] StorePaths paths() const { return StorePaths(store_folder()); }

  std::unique_ptr<Store> open(OpenOptions options = {}) const {
    if (options.threads == 0) options.threads = 2;
    auto store = Store::open(store_folder(), options);
    EXPECT_TRUE(store) << store.error().line();
    return store ? std::move(*store) : nullptr;
  }

  std::filesystem::path write(const std::string& name, std::string_view content) const {
    return folder_.write(std::filesystem::path("work") / name, content);
  }

  // Puts and seals; results in order.
  static std::vector<StoredFile> put(Store& store, const std::vector<std::filesystem::path>& files) {
    auto session = store.begin_write("test");
    EXPECT_TRUE(session) << session.error().line();
    std::vector<PutRequest> requests;
    for (const auto& file : files) requests.push_back({file, nullptr});
    auto stored = (*session)->put_files(requests);
    EXPECT_TRUE(stored) << stored.error().line();
    const Status sealed = (*session)->seal();
    EXPECT_TRUE(sealed) << sealed.error().line();
    return stored ? *stored : std::vector<StoredFile>();
  }
  std::vector<StoredFile> put(const std::vector<std::filesystem::path>& files) const {
    return put(*store_, files);
  }

  static Result<std::string> read(Store& store, const ContentId& content, Form form = Form::content) {
    StringSink text;
    const Status status = store.read(content, form, text);
    if (!status) return status.error();
    return std::move(text.text);
  }
  [[nodiscard]] Result<std::string> read(const ContentId& content, Form form = Form::content) const {
    return read(*store_, content, form);
  }

  [[nodiscard]] std::vector<std::filesystem::path> pack_files() const {
    std::vector<std::filesystem::path> packs;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(paths().packs()))
      if (entry.is_regular_file()) packs.push_back(entry.path());
    return packs;
  }
  [[nodiscard]] std::uint64_t pack_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& pack : pack_files()) bytes += std::filesystem::file_size(pack);
    return bytes;
  }

  test::TempFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace souschef::store
