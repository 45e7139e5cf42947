// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "store/file_system.hpp"

namespace souschef::test {

// The real disk, on which something happens just before a certain look at it. Thread-safe.
class BusyDisk final : public store::FileSystem {
 public:
  BusyDisk(std::uint64_t look, std::function<void()> happens) : look_(look), happens_(std::move(happens)) {}
  [[nodiscard]] bool happened() const { return looks_ >= look_; }
  [[nodiscard]] std::uint64_t looks() const { return looks_; }

  Result<std::unique_ptr<store::OpenFile>> open(const std::filesystem::path& path,
                                                store::Access access) override {
    count();
    return disk_.open(path, access);
  }
  Result<store::FileStatus> status(const std::filesystem::path& path) override {
    count();
    return disk_.status(path);
  }
  Result<std::vector<store::FolderEntry>> list(const std::filesystem::path& folder) override {
    if (folder.parent_path().filename() != "packs") count();  // of which there are 256
    return disk_.list(folder);
  }
  Result<std::unique_ptr<store::OpenFile>> create(const std::filesystem::path& path,
                                                  std::optional<std::uint32_t> mode) override {
    return disk_.create(path, mode);
  }
  Status make_folder(const std::filesystem::path& path) override { return disk_.make_folder(path); }
  Status publish(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return disk_.publish(from, to);
  }
  Status replace(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return disk_.replace(from, to);
  }
  Status link(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return disk_.link(from, to);
  }
  Status remove_file(const std::filesystem::path& path) override { return disk_.remove_file(path); }
  Status remove_folder(const std::filesystem::path& path) override { return disk_.remove_folder(path); }
  Status set_mode(const std::filesystem::path& path, std::uint32_t mode) override {
    return disk_.set_mode(path, mode);
  }
  Status sync_folder(const std::filesystem::path& folder) override { return disk_.sync_folder(folder); }
  Result<store::DiskSpace> space(const std::filesystem::path& path) override { return disk_.space(path); }

 private:
  void count() {
    const std::lock_guard lock(mutex_);
    if (++looks_ == look_) happens_();
  }

  store::FileSystem& disk_ = store::FileSystem::real();
  std::mutex mutex_;
  std::uint64_t looks_ = 0;
  const std::uint64_t look_;
  const std::function<void()> happens_;
};

}  // namespace souschef::test
