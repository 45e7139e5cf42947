// Says what a list of textures needs: a text file whose first line is #textures, then one path a line, relative
// to the list. Made to be replaced by a real format.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <souschef/plugin.hpp>

namespace {

using namespace souschef;

constexpr std::string_view kMagic = "#textures\n";
constexpr std::uint64_t kLongest = 64U << 20;  // such a list has no business being larger

// A file that was read. The program keeps one while it traces, rewrites and inspects the same file.
class TextureList final : public Analysis {
 public:
  explicit TextureList(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::uint64_t content_size() const override { return text_.size(); }
  [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override {
    const std::size_t at = std::min<std::size_t>(offset, text_.size());
    return std::as_bytes(std::span(text_)).subspan(at, std::min(size, text_.size() - at));
  }
  // Without their ends, the first one left out.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> list;
    for (std::size_t at = kMagic.size(); at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      list.push_back(text_.substr(at, end - at));
      at = end + 1;
    }
    return list;
  }

 private:
  std::string text_;
};

bool is_reference(const std::string& line) {
  return !line.empty() && line.front() != '#';
}

class @CLASS@ final : public Plugin, public Analyser, public Tracer {
 public:
  static constexpr souschef_descriptor kDescriptor = descriptor("@NAME@", "0.1.0");
  static constexpr std::uint32_t kTracerVersion = 1;  // raise it when the same bytes are traced differently
  using Plugin::Plugin;
  Analyser& analyser() { return *this; }
  Tracer& tracer() { return *this; }

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

  [[nodiscard]] std::uint32_t version() const override { return kTracerVersion; }
  Status trace(Analysis& analysis, TraceSink& sink) override {
    for (const std::string& line : static_cast<TextureList&>(analysis).lines()) {
      if (!is_reference(line)) continue;
      TracedReference reference;
      // "//" begins what is relative to the file that refers, as in Blender.
      reference.path = line.front() == '/' ? line : "//" + line;
      reference.kind = ReferenceKind::image;
      reference.expansion = line.find("<UDIM>") == std::string::npos ? Expansion::file : Expansion::udim;
      reference.rewritable = true;
      if (!sink.reference(reference)) return Error(ErrorCode::cancelled, "stopped as asked");
    }
    return {};
  }
  Status rewrite(Analysis& analysis, std::span<const PathChange> changes, ByteSink& out) override {
    std::map<std::uint32_t, std::string> new_paths;
    for (const PathChange& change : changes) new_paths[change.reference] = change.path;
    std::uint32_t number = 0;
    out.write(kMagic);
    for (const std::string& line : static_cast<TextureList&>(analysis).lines()) {
      const auto change = is_reference(line) ? new_paths.find(number++) : new_paths.end();
      out.write((change == new_paths.end() ? line : change->second) + "\n");
    }
    return {};
  }
};

SOUSCHEF_PLUGIN(@CLASS@)

}  // namespace
