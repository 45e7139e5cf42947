// SPDX-License-Identifier: MIT
// A .blend holds no offsets, so a block may grow and everything behind it just moves. Two kinds of edits are
// enough:
//
//   patch    bytes of the content are replaced by as many others: a path in an array, the length in an ID
//            property
//   block    the data of a block is replaced by other data, its head states the new length: a string on its
//            own, a packed library
//
// An array is filled up with zeros, so that nothing of the old path stays behind. A path that does not fit
// with its NUL is refused: a path that is cut names another file.
//
// Where the paths are is found by tracing again with somebody listening for the places: the same content is
// always traced the same way. A path inside a packed library changes that library; its new bytes (unwrapped)
// replace the block that holds it, from the innermost library outwards.
//
// The files of an image strip share one folder (Strip.dir), so all that are changed must go to one place;
// elements that are not changed move along.
#include "plugins/blend/rewrite.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugins/blend/limits.hpp"
#include "plugins/blend/trace.hpp"
#include "plugins/blend/unit.hpp"

namespace souschef::blend {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// A trace that nobody reads.
class Silence final : public TraceSink {
 public:
  bool datablock(const TracedDatablock&) override { return true; }
  bool uses(std::uint32_t, std::span<const std::uint32_t>) override { return true; }
  bool reference(const TracedReference&) override { return true; }
  bool output(const TracedOutput&) override { return true; }
  bool simulation(const TracedSimulation&) override { return true; }
  bool facts(std::string_view) override { return true; }
  bool warning(const TraceWarning&) override { return true; }
};

// What changes in one unit.
class Edits {
 public:
  explicit Edits(const BlendFile& file) : file_(&file) {}

  Status change(const Spot& spot, std::string_view path) {
    if (path.find('\0') != std::string_view::npos)
      return Error(ErrorCode::bad_input, "a path cannot hold a NUL", std::string(path));
    switch (spot.kind) {
      case Spot::Kind::array:
        return fill(spot.offset, spot.capacity, path);
      case Spot::Kind::folder:
        return change_element(spot, path);
      case Spot::Kind::string:
        return replace_string(spot.block, path);
      case Spot::Kind::property:
        SOUSCHEF_CHECK(replace_string(spot.block, path));
        patch_int(spot.length_offset, path.size() + 1);
        if (spot.total_offset != 0) patch_int(spot.total_offset, path.size() + 1);
        return {};
      case Spot::Kind::none:
        break;
    }
    return Error(ErrorCode::bad_input, "a path that is not stored in the file cannot be changed",
                 std::string(path));
  }

  // The library that is packed into `block`, whose PackedFile is at `packed_file`, has new bytes.
  Status replace_packed(std::uint32_t block, std::uint64_t packed_file, Scratch bytes) {
    if (bytes.size() > std::numeric_limits<std::int32_t>::max())
      return Error(ErrorCode::bad_input, "a packed library becomes too large for its place in the .blend",
                   std::to_string(bytes.size()) + " bytes");
    const Sdna::Member* size = file_->dna().find_member(file_->dna().find_struct("PackedFile"), "size");
    if (size == nullptr || size->scalar != Scalar::i32)
      return Error(ErrorCode::bad_input, "the .blend says nothing of the size of packed files");
    patch_int(packed_file + size->offset, bytes.size());
    packed_[block] = std::move(bytes);
    return {};
  }

  [[nodiscard]] bool empty() const { return patches_.empty() && strings_.empty() && packed_.empty(); }

  // The whole content with the edits made. `source(offset, size)` gives pieces of the old content.
  template <class Source>
  Status write(Source&& source, std::uint64_t size, ByteSink& out) const {
    SOUSCHEF_TRY(const std::vector<Segment> segments, in_order());
    std::uint64_t at = 0;
    for (const Segment& segment : segments) {
      SOUSCHEF_CHECK(copy(source, at, segment.begin, out));
      if (!out.write(segment.bytes)) return abi::stopped();
      at = segment.end;
    }
    return copy(source, at, size, out);
  }

 private:
  // Bytes of the old content, and what stands in their place.
  struct Segment {
    std::uint64_t begin = 0, end = 0;
    std::span<const std::byte> bytes;
    std::string own;  // behind `bytes`, where nobody else holds them
  };

  Status fill(std::uint64_t offset, std::uint32_t capacity, std::string_view text) {
    if (text.size() >= capacity)
      return Error(ErrorCode::bad_input, "a path does not fit into its place in the .blend",
                   std::string(text) + " has " + std::to_string(text.size()) + " bytes, there is room for " +
                       std::to_string(capacity - 1))
          .next_step("move the file to a folder with a shorter path");
    std::string value(text);
    value.resize(capacity, '\0');
    return patch(offset, std::move(value));
  }

  Status change_element(const Spot& spot, std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    const std::size_t split = slash == std::string_view::npos ? 0 : slash + 1;
    SOUSCHEF_CHECK(fill(spot.offset, spot.capacity, path.substr(0, split)));
    return fill(spot.name_offset, spot.name_capacity, path.substr(split));
  }

  Status replace_string(std::uint32_t block, std::string_view text) {
    std::string value(text);
    value += '\0';
    value.resize(std::max<std::size_t>(
        (value.size() + 3) / 4 * 4,
        static_cast<std::size_t>(std::min<std::uint64_t>(file_->blocks().length(block), kSpareString))));
    const auto [at, added] = strings_.try_emplace(block, value);
    if (!added && at->second != value)
      return Error(ErrorCode::bad_input, "one place in the .blend cannot hold two paths", std::string(text));
    return {};
  }

  Status patch(std::uint64_t offset, std::string value) {
    const auto [at, added] = patches_.try_emplace(offset, value);
    if (!added && at->second != value)
      return Error(ErrorCode::bad_input, "files of one strip must stay in one folder",
                   std::string(value.c_str()) + " and " + std::string(at->second.c_str()));
    return {};
  }

  void patch_int(std::uint64_t offset, std::uint64_t value) {
    std::string text(4, '\0');
    store(reinterpret_cast<std::byte*>(text.data()), static_cast<std::int32_t>(value), file_->dna().order());
    patches_.insert_or_assign(offset, std::move(text));
  }

  // All edits by their place, each checked against the next.
  [[nodiscard]] Result<std::vector<Segment>> in_order() const {
    std::vector<Segment> all;
    for (const auto& [offset, text] : patches_)
      all.push_back({offset, offset + text.size(), bytes_of(text), {}});
    for (const auto& [block, text] : strings_) add_block(all, block, bytes_of(text));
    for (const auto& [block, scratch] : packed_)
      add_block(all, block, {scratch.data(), static_cast<std::size_t>(scratch.size())});
    std::sort(all.begin(), all.end(), [](const Segment& a, const Segment& b) { return a.begin < b.begin; });
    for (std::size_t i = 0; i + 1 < all.size(); ++i)
      if (all[i].end > all[i + 1].begin)
        return Error(ErrorCode::bad_input, "two paths of the .blend share bytes, it cannot be rewritten");
    for (Segment& segment : all)
      if (!segment.own.empty()) segment.bytes = bytes_of(segment.own);
    return all;
  }

  void add_block(std::vector<Segment>& all, std::uint32_t block, std::span<const std::byte> bytes) const {
    const Blocks& blocks = file_->blocks();
    const std::uint64_t data = blocks.offset(block);
    BlockHead head = blocks.head(file_->content(), block);
    head.length = static_cast<std::int64_t>(bytes.size());
    std::string text(blocks.head_size(), '\0');
    write_block_head(reinterpret_cast<std::byte*>(text.data()), head, file_->header().heads,
                     file_->header().order);
    all.push_back({data - blocks.head_size(), data, {}, std::move(text)});
    all.push_back({data, data + blocks.length(block), bytes, {}});
  }

  template <class Source>
  static Status copy(Source&& source, std::uint64_t from, std::uint64_t to, ByteSink& out) {
    constexpr std::uint64_t kStep = 1U << 20;
    while (from < to) {
      const std::span<const std::byte> piece = source(from, std::min(kStep, to - from));
      if (piece.empty()) return Error(ErrorCode::io, "the .blend cannot be read again");
      if (!out.write(piece)) return abi::stopped();
      from += piece.size();
    }
    return {};
  }

  // A string that fits keeps its block's length, as long as that is no waste.
  static constexpr std::uint64_t kSpareString = 4096;

  const BlendFile* file_;
  std::map<std::uint64_t, std::string> patches_;
  std::map<std::uint32_t, std::string> strings_;
  std::map<std::uint32_t, Scratch> packed_;
};

class ScratchSink final : public ByteSink {
 public:
  explicit ScratchSink(GrowingScratch& scratch) : scratch_(scratch) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    status_ = scratch_.append(data);
    return status_.has_value();
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  GrowingScratch& scratch_;
  Status status_;
};

// The places of the references that change.
Result<std::unordered_map<std::uint32_t, Spot>> find_spots(BlendAnalysis& analysis, const Units& units,
                                                           std::span<const PathChange> changes) {
  std::unordered_map<std::uint32_t, Spot> spots;
  for (const PathChange& change : changes) spots.emplace(change.reference, Spot());
  std::size_t found = 0;
  Silence silence;
  SOUSCHEF_CHECK(trace_units(analysis, units, silence, [&](std::uint32_t reference, const Spot& spot) {
    const auto at = spots.find(reference);
    if (at == spots.end()) return;
    at->second = spot;
    ++found;
  }));
  if (found != spots.size())
    return Error(ErrorCode::bad_input, "a path to change is not among those of the .blend");
  return spots;
}

// Makes the new bytes of a packed library and hands them to the unit that holds it.
Status write_packed(const Unit& unit, const Edits& edits, Edits& parent,
                    const std::filesystem::path& folder) {
  GrowingScratch room(kMaxContentInMemory / 2, folder);
  ScratchSink sink(room);
  const Content& content = unit.file->content();
  const Status written =
      edits.write([&](std::uint64_t offset, std::uint64_t size) { return content.bytes(offset, size); },
                  content.size(), sink);
  SOUSCHEF_CHECK(sink.status());
  SOUSCHEF_CHECK(written);
  SOUSCHEF_TRY(Scratch bytes, room.finish());
  return parent.replace_packed(unit.block, unit.packed_file, std::move(bytes));
}

}  // namespace

Status rewrite_paths(BlendAnalysis& analysis, std::span<const PathChange> changes, ByteSink& out) {
  SOUSCHEF_TRY(const BlendFile* file, analysis.file(Reading::whole));
  SOUSCHEF_TRY(const Units units, open_units(*file, analysis.temporary_folder(), analysis.host()));
  SOUSCHEF_TRY(const auto spots, find_spots(analysis, units, changes));

  std::vector<Edits> edits;
  for (const Unit& unit : units.all) edits.emplace_back(*unit.file);
  for (const PathChange& change : changes) {
    const Spot& spot = spots.at(change.reference);
    SOUSCHEF_CHECK(edits[spot.unit].change(spot, change.path));
  }
  // A packed library comes after the one that holds it.
  for (std::size_t i = units.all.size() - 1; i > 0; --i)
    if (!edits[i].empty())
      SOUSCHEF_CHECK(
          write_packed(units.all[i], edits[i], edits[units.all[i].parent], analysis.temporary_folder()));
  return edits[0].write(
      [&](std::uint64_t offset, std::uint64_t size) {
        return analysis.content(offset, static_cast<std::size_t>(size));
      },
      analysis.content_size(), out);
}

}  // namespace souschef::blend
