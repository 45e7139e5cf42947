// SPDX-License-Identifier: MIT
// The first byte says what the rest is: a header, a frame, a footer, or a whole pack file.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "store/frame.hpp"
#include "store/hasher.hpp"
#include "store/pack_format.hpp"
#include "store/pack_reader.hpp"

namespace {

using namespace souschef;
using namespace souschef::store;

void require(bool condition) {
  if (!condition) std::abort();
}

// Whatever a frame claims, an object has the length that its row says, or there is an error.
void read_frame(std::span<const std::byte> data) {
  const auto frame = LoadedFrame::parse(Bytes(data.begin(), data.end()));
  if (!frame) return;
  Bytes scratch;
  const auto& rows = (*frame)->header().rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto object = (*frame)->object(i, scratch);
    require(!object || object->size() == rows[i].length);
  }
  require(!(*frame)->object(rows.size(), scratch));
  static_cast<void>((*frame)->stored_bytes_match());
}

void read_footer(std::span<const std::byte> data) {
  const auto table = parse_footer(data, PackId(hash_of(data)));
  if (!table) return;
  std::uint64_t at = table->frames.empty() ? 0 : table->frames.front().offset;
  for (const PlacedFrame& frame : table->frames) {
    require(frame.offset == at);
    at += frame.size();
  }
  require(at <= table->footer_offset);
}

void read_file(std::span<const std::byte> data) {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("souschef-fuzz-" + std::to_string(::getpid()) + ".pack");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size()));
  PackId id;
  if (data.size() >= kPackTailBytes)
    if (const auto tail = parse_tail(data.last(kPackTailBytes))) id = PackId(tail->footer_hash);
  if (const auto reader = PackReader::open(FileSystem::real(), path, id)) {
    if (const auto table = (*reader)->table())
      for (const PlacedFrame& frame : table->frames)
        static_cast<void>((*reader)->frame(frame.offset, frame.size()).has_value());
    if (const auto salvage = (*reader)->salvage())
      for (const PlacedFrame& frame : salvage->frames) {
        const auto loaded = (*reader)->frame(frame.offset, frame.size());
        require(loaded && (*loaded)->stored_bytes_match());
      }
  }
  std::filesystem::remove(path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> data = std::as_bytes(std::span(bytes, size)).subspan(1);
  switch (bytes[0] % 4) {
    case 0:
      static_cast<void>(parse_header(data).has_value());
      break;
    case 1:
      read_frame(data);
      break;
    case 2:
      read_footer(data);
      break;
    default:
      read_file(data);
  }
  return 0;
}
