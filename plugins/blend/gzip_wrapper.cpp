// SPDX-License-Identifier: MIT
// Blender wrote gzip until 2.93, through zlib at level 1. The deflate stream depends on the content, the
// level and the library, whose output has not changed for many years; the header is kept as it is. Files of
// gzip(1) and of other libraries do not come out again.
#include "plugins/blend/gzip_wrapper.hpp"

#include <algorithm>
#include <utility>

#include "plugins/blend/file_window.hpp"
#include "plugins/blend/filter_stream.hpp"
#include "plugins/blend/gzip_stream.hpp"

namespace souschef::blend {
namespace {

constexpr std::uint8_t kParametersVersion = 1;
constexpr int kMaxLevel = 9;
constexpr std::size_t kMaxMembers = 4096;
constexpr std::size_t kMaxHeaders = 256U << 10;  // of all members
constexpr std::size_t kMaxTrailing = 64U << 10;
// So much of the stream tells the level.
constexpr std::size_t kTelling = 64U << 10;
constexpr std::size_t kContentStep = 256U << 10;
// No name, no time, Unix: what Blender wrote.
constexpr std::byte kFreshHeader[] = {std::byte{0x1F}, std::byte{0x8B}, std::byte{8}, std::byte{0},
                                      std::byte{0},    std::byte{0},    std::byte{0}, std::byte{0},
                                      std::byte{4},    std::byte{3}};

// Whether the beginning of a member comes out at a level.
Result<bool> comes_out(const Container& container, const GzipMember& member, int level) {
  SOUSCHEF_TRY(GzipPacker packer, GzipPacker::create(level));
  std::vector<std::byte> packed;
  const auto take = [&](std::span<const std::byte> data) -> Status {
    put_bytes(packed, data);
    return {};
  };
  std::uint64_t at = 0;
  while (at < member.size && packed.size() < kTelling) {
    const std::uint64_t now = std::min<std::uint64_t>(kContentStep, member.size - at);
    const auto content = container.content().bytes(member.content_offset + at, now);
    SOUSCHEF_CHECK(container.content().status());
    SOUSCHEF_CHECK(packer.push(content, take));
    at += now;
  }
  if (at == member.size) SOUSCHEF_CHECK(packer.finish(take));
  if (packed.size() > member.end - member.deflate_offset) return false;
  std::vector<std::byte> buffer;
  const auto stored = file_window(container.file(), member.deflate_offset, packed.size(), buffer);
  return std::equal(stored.begin(), stored.end(), packed.begin(), packed.end());
}

Result<int> find_level(const Container& container, const GzipMember& member) {
  for (int level = 1; level <= kMaxLevel; ++level) {
    SOUSCHEF_TRY(const bool same, comes_out(container, member, level));
    if (same) return level;
  }
  return 0;
}

class GzipWrap final : public PushTransform {
 public:
  GzipWrap(GzipWrapping wrapping, ByteSink& out)
      : wrapping_(std::move(wrapping)), out_(out), fresh_(wrapping_.members.empty()) {
    if (fresh_)
      wrapping_.members.push_back({{std::begin(kFreshHeader), std::end(kFreshHeader)}, 1, UINT64_MAX});
  }

  Status push(std::span<const std::byte> data) override {
    while (!data.empty()) {
      SOUSCHEF_CHECK(open_member());
      if (packer_.empty()) return Error(ErrorCode::corrupt, "the content is longer than its wrapper says");
      const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
      SOUSCHEF_CHECK(packer_.front().push(data.first(now), take_));
      data = data.subspan(now);
      left_ -= now;
    }
    return {};
  }

  Status finish() override {
    if (fresh_ && packer_.empty()) SOUSCHEF_CHECK(open_member());
    if (fresh_) left_ = 0;
    SOUSCHEF_CHECK(open_member());  // closes the last one, and goes through empty ones
    if (!packer_.empty()) return Error(ErrorCode::corrupt, "the content is shorter than its wrapper says");
    if (wrapping_.trailing.empty()) return {};
    return take_(wrapping_.trailing);
  }

 private:
  // A member with room for content, if there is one more.
  Status open_member() {
    while (left_ == 0) {
      if (!packer_.empty()) {
        SOUSCHEF_CHECK(packer_.front().finish(take_));
        packer_.clear();
        ++member_;
      }
      if (member_ == wrapping_.members.size()) return {};
      const GzipWrapping::Member& member = wrapping_.members[member_];
      SOUSCHEF_CHECK(take_(member.header));
      SOUSCHEF_TRY(GzipPacker packer, GzipPacker::create(member.level));
      packer_.push_back(std::move(packer));
      left_ = member.size;
    }
    return {};
  }

  GzipWrapping wrapping_;
  ByteSink& out_;
  const bool fresh_;
  const GzipPacker::Take take_ = [this](std::span<const std::byte> data) -> Status {
    if (out_.write(data)) return {};
    return Error(ErrorCode::cancelled, "stopped while wrapping a .blend");
  };
  std::size_t member_ = 0;
  std::vector<GzipPacker> packer_;  // of the open member, if one is
  std::uint64_t left_ = 0;
};

}  // namespace

Result<std::optional<GzipWrapping>> describe_gzip(const Container& container) {
  const std::optional<GzipWrapping> nothing;
  SOUSCHEF_TRY(const std::vector<GzipMember> members, find_gzip_members(container.file()));
  if (members.empty() || members.size() > kMaxMembers) return nothing;
  if (members.back().content_offset + members.back().size != container.content().size()) return nothing;
  GzipWrapping wrapping;
  std::size_t headers = 0;
  for (const GzipMember& member : members) {
    SOUSCHEF_TRY(const int level, find_level(container, member));
    headers += member.header.size();
    if (level == 0 || headers > kMaxHeaders) return nothing;
    wrapping.members.push_back({member.header, level, member.size});
  }
  const std::uint64_t rest = container.file().size() - members.back().end;
  if (rest > kMaxTrailing) return nothing;
  std::vector<std::byte> buffer;
  const auto trailing =
      file_window(container.file(), members.back().end, static_cast<std::size_t>(rest), buffer);
  wrapping.trailing.assign(trailing.begin(), trailing.end());
  return std::optional(std::move(wrapping));
}

std::string write_parameters(const GzipWrapping& wrapping) {
  std::vector<std::byte> out;
  out.push_back(std::byte{kParametersVersion});
  put_number(out, wrapping.members.size());
  for (const GzipWrapping::Member& member : wrapping.members) {
    put_number(out, member.header.size());
    put_bytes(out, member.header);
    out.push_back(static_cast<std::byte>(member.level));
    put_number(out, member.size);
  }
  put_bytes(out, wrapping.trailing);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::optional<GzipWrapping> read_gzip_parameters(std::span<const std::byte> parameters) {
  NumberReader in(parameters);
  GzipWrapping wrapping;
  if (in.byte() != kParametersVersion) return std::nullopt;
  const std::uint64_t members = in.number();
  if (members == 0 || members > kMaxMembers) return std::nullopt;
  for (std::uint64_t i = 0; i < members; ++i) {
    GzipWrapping::Member member;
    const auto header = in.bytes(in.number());
    member.header.assign(header.begin(), header.end());
    member.level = in.byte();
    member.size = in.number();
    if (in.failed() || member.level < 1 || member.level > kMaxLevel) return std::nullopt;
    wrapping.members.push_back(std::move(member));
  }
  if (in.left() > kMaxTrailing) return std::nullopt;
  wrapping.trailing.assign(in.position(), in.position() + in.left());
  return wrapping;
}

std::unique_ptr<PushTransform> wrap_gzip(GzipWrapping wrapping, ByteSink& out) {
  return std::make_unique<GzipWrap>(std::move(wrapping), out);
}

}  // namespace souschef::blend
