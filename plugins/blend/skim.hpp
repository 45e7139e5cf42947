// SPDX-License-Identifier: MIT
// Reading a content once from its start to its end, for who looks at little of it again.
//
// Whoever walks a compressed file from block to block needs every frame, since a head may be anywhere in it;
// but of what is unpacked he needs a tenth afterwards: arrays of vertices and curves are most of a file, and
// a trace never looks at them. So the frames are unpacked into a window, the same memory over and over, which
// the caches of the processor hold, and what will be looked at is copied to where Content::bytes() finds it.
// What was not kept and is asked for nevertheless is unpacked once more.
//
// Only where the content is too large for the memory. What fits is unpacked there as a whole: whoever banks
// the file after it was traced needs all of it, and the two use the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "plugins/blend/content.hpp"
#include "plugins/blend/limits.hpp"
#include "plugins/blend/scratch.hpp"

namespace souschef::blend {

enum class Reading {
  whole,  // all of it will be asked for
  skim    // little of what a walk has passed will be
};

// One thread at a time. `content` outlives it. Where everything is wanted, is there already, or fits into
// memory, a thin shell around Content::bytes().
class Skim {
 public:
  static constexpr std::size_t kMost = 64;  // bytes that may be asked for at once

  Skim(const Content& content, Reading reading, std::filesystem::path temporary_folder)
      : content_(content),
        kept_(kMaxKeptInMemory, std::move(temporary_folder)),
        passes_on_(reading == Reading::whole || content.in_memory() || !content.kept_.empty()) {}
  Skim(const Skim&) = delete;
  Skim& operator=(const Skim&) = delete;

  [[nodiscard]] const Content& content() const { return content_; }
  // As Content::bytes(), but at most kMost of them, in ascending order, and valid until the next call.
  [[nodiscard]] std::span<const std::byte> bytes(std::uint64_t offset, std::uint64_t size) {
    if (passes_on_) return content_.bytes(offset, size);
    if (!holds(offset, size) && !look_further(offset, size)) return {};
    return {at(offset), static_cast<std::size_t>(size)};
  }
  // These bytes will be asked for. They begin where bytes() has looked last, or where what was kept last
  // ends.
  void keep(std::uint64_t offset, std::uint64_t size) {
    if (passes_on_) return;
    if (offset != run_end_) {
      copy_run();
      run_begin_ = offset;
    }
    run_end_ = offset + size;
  }
  [[gnu::always_inline]] void expect(std::uint64_t offset, std::uint64_t size) const {
    if (passes_on_) content_.expect(offset, size);
  }
  // From here Content::bytes() has what was kept. Ends the use of this object; where something failed,
  // Content::status() tells why.
  void finish();

 private:
  [[nodiscard]] bool holds(std::uint64_t offset, std::uint64_t size) const {
    return offset >= begin_ && offset + size <= end_;
  }
  [[nodiscard]] const std::byte* at(std::uint64_t offset) const {
    return window_.data() + (kMost + offset - pieces_begin_);
  }
  bool look_further(std::uint64_t offset, std::uint64_t size);
  bool move_window(std::uint64_t offset, std::uint64_t size);
  bool make_room(std::uint64_t bytes);
  void copy_run();
  void fail(Status failed);

  const Content& content_;
  GrowingScratch kept_;
  std::vector<Content::Kept> parts_;
  const bool passes_on_;
  Scratch window_;                     // kMost bytes for what is left of the one before, then whole pieces
  std::uint64_t begin_ = 0, end_ = 0;  // what it holds of the content
  std::uint64_t pieces_begin_ = 0;
  std::size_t next_ = 0;                       // the piece behind the window
  std::size_t ahead_ = 1;                      // how many pieces are unpacked at once
  std::uint64_t run_begin_ = 0, run_end_ = 0;  // to be copied
};

}  // namespace souschef::blend
