// SPDX-License-Identifier: MIT
// A .blend as it lies on disk: plain, or wrapped in gzip or zstd.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include <souschef/analysis.hpp>
#include <souschef/filter.hpp>
#include <souschef/host.hpp>
#include <souschef/result.hpp>

#include "plugins/blend/content.hpp"
#include "plugins/blend/limits.hpp"
#include "plugins/blend/zstd_stream.hpp"

namespace souschef::blend {

// Whether a file that begins with these bytes may be a .blend: its magic, or that of a wrapper.
[[nodiscard]] bool may_be_blend(std::span<const std::byte> start);

// One thread at a time.
class Container {
 public:
  // Null: a compressed file that holds something else. `file` outlives the container. Unpacks as little as it
  // can: zstd frames when they are looked at, everything where there is no other way. More than `in_memory`
  // bytes are unpacked to a file. Errors: bad_input (damaged, or unpacks to more than limits.hpp allows),
  // no_space, io.
  static Result<std::unique_ptr<Container>> open(const InputFile& file,
                                                 const std::filesystem::path& temporary_folder, Host host,
                                                 std::uint64_t in_memory = kMaxContentInMemory);

  [[nodiscard]] const InputFile& file() const { return file_; }
  [[nodiscard]] WrapperKind wrapper() const { return wrapper_; }
  [[nodiscard]] const Content& content() const { return content_; }
  // The frames of a zstd wrapper, in file order, where they could be told without unpacking.
  [[nodiscard]] const std::optional<ZstdFrames>& frames() const { return frames_; }

 private:
  Container(const InputFile& file, WrapperKind wrapper, Content content)
      : file_(file), wrapper_(wrapper), content_(std::move(content)) {}

  const InputFile& file_;
  WrapperKind wrapper_;
  Content content_;
  std::optional<ZstdFrames> frames_;
};

}  // namespace souschef::blend
