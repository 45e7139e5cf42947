// Shows what stands in a list of textures (a text file whose first line is #textures), to `souschef diff` and
// `souschef debug`. Made to be replaced by a real format.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <souschef/plugin.hpp>

namespace {

using namespace souschef;

constexpr std::string_view kMagic = "#textures\n";
constexpr std::uint64_t kLongest = 64U << 20;  // such a list has no business being larger

class TextureList final : public Analysis {
 public:
  explicit TextureList(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::uint64_t content_size() const override { return text_.size(); }
  [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override {
    const std::size_t at = std::min<std::size_t>(offset, text_.size());
    return std::as_bytes(std::span(text_)).subspan(at, std::min(size, text_.size() - at));
  }
  [[nodiscard]] std::vector<std::string> textures() const {
    std::vector<std::string> list;
    for (std::size_t at = kMagic.size(); at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      if (end > at && text_[at] != '#') list.push_back(text_.substr(at, end - at));
      at = end + 1;
    }
    return list;
  }

 private:
  std::string text_;
};

// Sixteen bytes that differ where the text does: FNV-1a, twice, from two starts.
std::array<std::uint8_t, 16> digest_of(std::string_view text) {
  std::array<std::uint8_t, 16> digest{};
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t hash = 14695981039346656037ULL + half;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ULL;
    for (std::size_t i = 0; i < 8; ++i) digest[half * 8 + i] = static_cast<std::uint8_t>(hash >> (8 * i));
  }
  return digest;
}

class @CLASS@ final : public Plugin, public Analyser, public Inspector {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("@NAME@", "0.1.0");
  using Plugin::Plugin;
  Analyser& analyser() { return *this; }
  Inspector& inspector() { return *this; }

  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override {
    return std::string_view(reinterpret_cast<const char*>(head.data()), head.size()).substr(0, kMagic.size()) ==
           kMagic;
  }
  Result<std::unique_ptr<Analysis>> open(const InputFile& file, const std::filesystem::path&) override {
    if (file.size() > kLongest) return Error(ErrorCode::bad_input, "the list is too large");
    std::string text(static_cast<std::size_t>(file.size()), '\0');
    if (file.read_at(0, std::as_writable_bytes(std::span(text))) != static_cast<std::int64_t>(text.size()))
      return Error(ErrorCode::io, "cannot read " + std::string(file.name()));
    if (text.compare(0, kMagic.size(), kMagic) != 0)
      return Error(ErrorCode::bad_input, "this is no list of textures");
    return std::unique_ptr<Analysis>(std::make_unique<TextureList>(std::move(text)));
  }

  // Items of one kind and name are compared by their digest: another digest, another content.
  Status outline(Analysis& analysis, OutlineSink& sink) override {
    for (const std::string& texture : static_cast<TextureList&>(analysis).textures())
      if (!sink.item({"texture", texture, digest_of(texture), ""}))
        return Error(ErrorCode::cancelled, "stopped as asked");
    return {};
  }
  [[nodiscard]] std::string commands() const override {
    return R"([{"name": "@NAME@-count", "arguments": "", "summary": "How many textures a list has."}])";
  }
  Status run(std::string_view command, std::string_view, Analysis& analysis, ByteSink& out) override {
    if (command != "@NAME@-count")
      return Error(ErrorCode::unsupported, "there is no command " + std::string(command));
    out.write(std::to_string(static_cast<TextureList&>(analysis).textures().size()) + "\n");
    return {};
  }
};

SOUSCHEF_PLUGIN(@CLASS@)

}  // namespace
