// SPDX-License-Identifier: MIT
// TIFF 6.0 and BigTIFF: a header, then directories of tags. The pieces of the image (strips or tiles) are
// named by offset and length, and so are values that do not fit into a tag (writers put them last): all of
// them must lie in the file, and there must be as many lengths as pieces.
#include <array>
#include <string>
#include <vector>

#include "core/base/byte_reader.hpp"
#include "core/verification/image_check.hpp"

namespace souschef::core {
namespace {

constexpr std::uint64_t kMostPieces = 1 << 22;

Error bad(std::string why) {
  return {ErrorCode::bad_input, "the TIFF is damaged", std::move(why)};
}

class Directory {
 public:
  Directory(std::span<const std::byte> file, ByteReader::Order order, bool big)
      : file_(file), order_(order), big_(big) {}

  // The numbers of one tag; empty where it is missing or damaged.
  std::vector<std::uint64_t> numbers(std::uint64_t directory, unsigned wanted) const {
    ByteReader reader(file_, order_);
    reader.seek(directory);
    const std::uint64_t count = big_ ? reader.u64() : reader.u16();
    for (std::uint64_t i = 0; i < count && reader.good(); ++i) {
      const unsigned tag = reader.u16(), type = reader.u16();
      const std::uint64_t values = big_ ? reader.u64() : reader.u32();
      const std::size_t field = reader.at();
      reader.take(big_ ? 8 : 4);
      if (tag == wanted && reader.good()) return values_of(type, values, field);
    }
    return {};
  }

  // The directory, and whatever its tags point at, lies in the file.
  [[nodiscard]] bool is_complete(std::uint64_t directory) const {
    ByteReader reader(file_, order_);
    reader.seek(directory);
    const std::uint64_t count = big_ ? reader.u64() : reader.u16();
    for (std::uint64_t i = 0; i < count && reader.good(); ++i) {
      reader.u16();  // tag
      const std::uint64_t size = size_of(reader.u16());
      const std::uint64_t values = big_ ? reader.u64() : reader.u32();
      const std::uint64_t field = big_ ? reader.u64() : reader.u32();
      const bool inside = values <= (big_ ? 8U : 4U) / size;
      if (!inside && (field > file_.size() || values > (file_.size() - field) / size)) return false;
    }
    reader.take(big_ ? 8 : 4);  // where the next directory is
    return reader.good();
  }

 private:
  // Of one value; types that are not known count as bytes.
  static std::uint64_t size_of(unsigned type) {
    static constexpr std::array<std::uint8_t, 19> kSizes = {1, 1, 1, 2, 4, 8, 1, 1, 2, 4,
                                                            8, 4, 8, 4, 1, 1, 8, 8, 8};
    return type < kSizes.size() ? kSizes[type] : 1;
  }
  std::vector<std::uint64_t> values_of(unsigned type, std::uint64_t count, std::size_t field) const {
    const std::uint64_t size = type == 3 ? 2 : type == 4 ? 4 : type == 16 ? 8 : 0;
    if (size == 0 || count == 0 || count > kMostPieces) return {};
    ByteReader reader(file_, order_);
    reader.seek(field);
    if (size * count > (big_ ? 8U : 4U)) reader.seek(big_ ? reader.u64() : reader.u32());
    std::vector<std::uint64_t> values;
    for (std::uint64_t i = 0; i < count && reader.good(); ++i)
      values.push_back(size == 2 ? reader.u16() : size == 4 ? reader.u32() : reader.u64());
    return reader.good() ? values : std::vector<std::uint64_t>();
  }

  std::span<const std::byte> file_;
  ByteReader::Order order_;
  bool big_;
};

}  // namespace

Result<ImageFacts> check_tiff(std::span<const std::byte> file) {
  ByteReader reader(file);
  const bool little = reader.skip("II");
  if (!little && !reader.skip("MM")) return bad("it does not begin like a TIFF");
  const auto order = little ? ByteReader::Order::little : ByteReader::Order::big;
  reader.set_order(order);
  const unsigned version = reader.u16();
  const bool big = version == 43;
  if (version != 42 && !big) return bad("it does not begin like a TIFF");
  if (big) reader.u32();
  const std::uint64_t first = big ? reader.u64() : reader.u32();
  if (!reader.good() || first == 0) return bad("it is cut short");

  constexpr unsigned kWidth = 256, kHeight = 257, kStripOffsets = 273, kStripBytes = 279, kTileOffsets = 324,
                     kTileBytes = 325;
  const Directory directory(file, order, big);
  if (!directory.is_complete(first)) return bad("it is cut short");
  const auto width = directory.numbers(first, kWidth), height = directory.numbers(first, kHeight);
  auto offsets = directory.numbers(first, kStripOffsets), lengths = directory.numbers(first, kStripBytes);
  if (offsets.empty()) {
    offsets = directory.numbers(first, kTileOffsets);
    lengths = directory.numbers(first, kTileBytes);
  }
  if (width.size() != 1 || height.size() != 1 || offsets.empty() || offsets.size() != lengths.size())
    return bad("its directory makes no sense, or it is cut short");
  for (std::size_t i = 0; i < offsets.size(); ++i)
    if (lengths[i] == 0 || offsets[i] > file.size() || lengths[i] > file.size() - offsets[i])
      return bad("it is cut short");
  return ImageFacts{.kind = "TIFF",
                    .width = static_cast<std::uint32_t>(width[0]),
                    .height = static_cast<std::uint32_t>(height[0])};
}

}  // namespace souschef::core
