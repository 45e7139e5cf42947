// SPDX-License-Identifier: MIT
// The first byte says what the rest is: a stream to decode (after 3 bytes of content size), parameters of a
// wrapper, or a .blend file. A file that the filter accepts must come back bit for bit.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "plugins/blend/blend_analysis.hpp"
#include "plugins/blend/filter.hpp"
#include "plugins/blend/wrapper.hpp"
#include "tests/support/memory_file.hpp"

namespace {

using namespace souschef;
using namespace souschef::blend;

class StreamSink final : public SliceSink {
 public:
  bool emit(std::span<const std::byte> slice, std::span<const std::uint32_t>) override {
    stream.insert(stream.end(), slice.begin(), slice.end());
    return true;
  }
  std::vector<std::byte> stream;
};

void decode_any(std::span<const std::byte> data) {
  if (data.size() < 3) return;
  std::uint64_t size = 0;
  for (int i = 0; i < 3; ++i)
    size |= std::to_integer<std::uint64_t>(data[static_cast<std::size_t>(i)]) << (8 * i);
  StringSink out;
  auto decoder = BlendFilter().decode(kFilterVersion, size, out);
  if ((*decoder)->push(data.subspan(3)) && (*decoder)->finish() && out.text.size() != size) std::abort();
}

void wrap_any(std::span<const std::byte> data) {
  const std::string parameters(reinterpret_cast<const char*>(data.data()), data.size());
  static const std::string kContent(200'000, 'c');
  for (const WrapperKind kind : {WrapperKind::gzip, WrapperKind::zstd}) {
    StringSink out;
    auto wrapping = BlendWrapper(Host(nullptr)).wrap(kind, parameters, out);
    if (wrapping && (*wrapping)->push(std::as_bytes(std::span(kContent)))) (void)(*wrapping)->finish();
  }
}

void there_and_back(std::span<const std::byte> data) {
  const test::MemoryFile file(std::string(reinterpret_cast<const char*>(data.data()), data.size()));
  auto analysis = BlendAnalyser(Host(nullptr)).open(file, std::filesystem::temp_directory_path());
  if (!analysis || *analysis == nullptr) return;
  BlendFilter filter;
  StreamSink sink;
  const auto encoded = filter.encode(**analysis, sink);
  if (!encoded || *encoded == Encoded::declined) return;
  StringSink out;
  const std::uint64_t size = (*analysis)->content_size();
  auto decoder = filter.decode(kFilterVersion, size, out);
  if (!(*decoder)->push(sink.stream) || !(*decoder)->finish() || out.text.size() != size) std::abort();
  for (std::uint64_t at = 0; at < size;) {
    const auto piece = (*analysis)->content(at, 1U << 20);
    if (piece.empty() || std::memcmp(piece.data(), out.text.data() + at, piece.size()) != 0) std::abort();
    at += piece.size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const auto data = std::as_bytes(std::span(bytes, size));
  switch (bytes[0] % 4) {
    case 0:
      decode_any(data.subspan(1));
      break;
    case 1:
      wrap_any(data.subspan(1));
      break;
    default:
      there_and_back(data.subspan(1));
  }
  return 0;
}
