// SPDX-License-Identifier: MIT
// A format of its own for tests of the filter's way: files that begin with a word which says what their
// filter does.
//
//   "TOY fine …"       encodes (every byte xor 0x55, a chunk every 1 000 bytes) and decodes
//   "TOY lies …"       its decoder gives other bytes back
//   "TOY short …"      its decoder gives too few
//   "TOY long …"       its decoder gives too many
//   "TOY declines …"   encode declines
//   "TOY fails …"      encode fails in the middle
//   "TOY uncut …"      emits cuts that are none
//   "TOY closed …"     the analysis cannot be opened
//   "TOYW<seed>" and a content, every byte xor the seed: a wrapper that can be made again
//   "TOYX<seed>" the same, but nobody says how
//   "TOYZ<seed>" the same, but what is said is wrong
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <souschef/analysis.hpp>
#include <souschef/filter.hpp>

#include "store/filter_set.hpp"

namespace souschef::store {

struct ToyCounts {
  int encoded = 0, described = 0;
};

class ToyAnalysis final : public Analysis {
 public:
  explicit ToyAnalysis(std::string content, char wrapper, char seed)
      : text(std::move(content)), wrapper(wrapper), seed(seed) {}
  [[nodiscard]] std::uint64_t content_size() const override { return text.size(); }
  [[nodiscard]] std::span<const std::byte> content(std::uint64_t offset, std::size_t size) override {
    if (offset >= text.size()) return {};
    return std::as_bytes(std::span(text)).subspan(offset, std::min<std::size_t>(size, text.size() - offset));
  }
  [[nodiscard]] bool is(std::string_view word) const { return text.starts_with("TOY " + std::string(word)); }

  std::string text;
  char wrapper;  // 0: none
  char seed;
};

inline std::string toy_xor(std::string text, char seed) {
  for (char& c : text) c = static_cast<char>(c ^ seed);
  return text;
}
inline std::string toy_wrapped(char letter, char seed, const std::string& content) {
  return std::string("TOY") + letter + seed + toy_xor(content, seed);
}

class ToyAnalyser final : public Analyser {
 public:
  [[nodiscard]] bool accepts(std::span<const std::byte> head) const override {
    return head.size() >= 5 && std::string_view(reinterpret_cast<const char*>(head.data()), 3) == "TOY";
  }
  [[nodiscard]] Result<std::unique_ptr<Analysis>> open(const InputFile& file,
                                                       const std::filesystem::path&) override {
    std::string text(file.size(), '\0');
    if (file.read_at(0, std::as_writable_bytes(std::span(text))) != static_cast<std::int64_t>(text.size()))
      return Error(ErrorCode::io, "toy: cannot read");
    if (text.starts_with("TOY closed")) return Error(ErrorCode::bad_input, "toy: will not open");
    const char letter = text[3];
    if (letter != 'W' && letter != 'X' && letter != 'Z')
      return std::unique_ptr<Analysis>(std::make_unique<ToyAnalysis>(text, '\0', '\0'));
    const char seed = text[4];
    return std::unique_ptr<Analysis>(
        std::make_unique<ToyAnalysis>(toy_xor(text.substr(5), seed), letter, seed));
  }
};

class ToyFilter final : public Filter {
 public:
  explicit ToyFilter(ToyCounts& counts) : counts_(counts) {}
  [[nodiscard]] std::uint32_t version() const override { return version_now; }
  [[nodiscard]] std::uint32_t oldest_version() const override { return oldest; }

  Result<Encoded> encode(Analysis& analysis, SliceSink& sink) override {
    auto& toy = static_cast<ToyAnalysis&>(analysis);
    ++counts_.encoded;
    if (toy.is("declines")) return Encoded::declined;
    const std::string stream = toy_xor(toy.text, 0x55);
    for (std::size_t at = 0; at < stream.size(); at += 10'000) {
      const std::string_view slice = std::string_view(stream).substr(at, 10'000);
      std::vector<std::uint32_t> cuts;
      for (std::size_t cut = 1000; cut < slice.size(); cut += 1000)
        cuts.push_back(static_cast<std::uint32_t>(cut));
      cuts.push_back(static_cast<std::uint32_t>(slice.size()));
      if (toy.is("uncut")) cuts.back() += 1;
      if (toy.is("fails") && at > 0) return Error(ErrorCode::bad_input, "toy: fails in the middle");
      if (!sink.emit(std::as_bytes(std::span(slice)), cuts))
        return Error(ErrorCode::cancelled, "toy: stopped");
    }
    return Encoded::done;
  }

  Result<std::unique_ptr<PushTransform>> decode(std::uint32_t version, std::uint64_t content_size,
                                                ByteSink& out) override {
    if (version < oldest || version > version_now)
      return Error(ErrorCode::unsupported, "toy: another version");
    return std::unique_ptr<PushTransform>(std::make_unique<Decoder>(content_size, out));
  }

  std::uint32_t version_now = 2, oldest = 1;

 private:
  class Decoder final : public PushTransform {
   public:
    Decoder(std::uint64_t size, ByteSink& out) : size_(size), out_(out) {}
    Status push(std::span<const std::byte> data) override {
      std::string text(reinterpret_cast<const char*>(data.data()), data.size());
      text = toy_xor(std::move(text), 0x55);
      if (done_ == 0) word_ = text.substr(0, 10);
      done_ += text.size();
      if (word_.starts_with("TOY lies") && text.size() > 20) text[15] = static_cast<char>(text[15] ^ 1);
      if (word_.starts_with("TOY short")) text.pop_back();
      if (word_.starts_with("TOY long")) text += "!";
      return out_.write(text) ? Status() : Status(Error(ErrorCode::cancelled, "toy: stopped"));
    }
    Status finish() override {
      return done_ == size_ ? Status() : Status(Error(ErrorCode::bad_input, "toy: stream of another size"));
    }

   private:
    std::uint64_t size_, done_ = 0;
    std::string word_;
    ByteSink& out_;
  };
  ToyCounts& counts_;
};

class ToyWrapper final : public Wrapper {
 public:
  explicit ToyWrapper(ToyCounts& counts) : counts_(counts) {}
  [[nodiscard]] std::string encoder(WrapperKind) const override { return encoder_now; }
  [[nodiscard]] WrapperKind kind(Analysis& analysis) const override {
    return static_cast<ToyAnalysis&>(analysis).wrapper == '\0' ? WrapperKind::none : WrapperKind::zstd;
  }
  Result<std::string> describe(Analysis& analysis) override {
    ++counts_.described;
    const auto& toy = static_cast<ToyAnalysis&>(analysis);
    if (toy.wrapper == 'X') return std::string();
    const char seed = toy.wrapper == 'Z' ? static_cast<char>(toy.seed + 1) : toy.seed;
    return std::string{toy.wrapper, seed};
  }
  Result<std::unique_ptr<PushTransform>> wrap(WrapperKind, std::string_view parameters,
                                              ByteSink& out) override {
    const char letter = parameters.empty() ? 'X' : parameters[0];
    const char seed = parameters.empty() ? '\x07' : static_cast<char>(parameters[1] + drift);
    return std::unique_ptr<PushTransform>(std::make_unique<Wrapping>(letter, seed, out));
  }

  std::string encoder_now = "toy 1";
  char drift = 0;  // another library version that makes other bytes

 private:
  class Wrapping final : public PushTransform {
   public:
    Wrapping(char letter, char seed, ByteSink& out) : seed_(seed), out_(out) {
      out_.write(std::string("TOY") + letter + seed);
    }
    Status push(std::span<const std::byte> data) override {
      const std::string text(reinterpret_cast<const char*>(data.data()), data.size());
      return out_.write(toy_xor(text, seed_)) ? Status()
                                              : Status(Error(ErrorCode::cancelled, "toy: stopped"));
    }
    Status finish() override { return {}; }

   private:
    char seed_;
    ByteSink& out_;
  };
  ToyCounts& counts_;
};

// All of it, with the set that a store takes.
struct Toy {
  ToyCounts counts;
  ToyAnalyser analyser;
  ToyFilter filter{counts};
  ToyWrapper wrapper{counts};
  [[nodiscard]] FilterSet set() {
    FilterSet filters;
    filters.add({"toy", &analyser, &filter, &wrapper});
    return filters;
  }
};

}  // namespace souschef::store
