// SPDX-License-Identifier: MIT
// chunks -> (filter) -> content -> (wrapper) -> file
//
// Each arrow is a push: chunks are read in the order of the recipe and pushed in at the left, bytes come out
// at the right as soon as they are known. The hash is taken where the identity lies, of the content or of the
// file; the last piece waits until it is right. So a reader that sees the end of a file has seen the file.
#include "store/rebuild.hpp"

#include <algorithm>
#include <utility>

#include "store/filter_proof.hpp"
#include "store/hasher.hpp"
#include "store/null_sink.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kLocateAtOnce = 256;

// Passes bytes on and hashes them. The piece with which the expected size is reached is held back until
// release().
class ProvenSink final : public ByteSink {
 public:
  ProvenSink(ByteSink& out, const Hash& expected, std::uint64_t size)
      : out_(out), expected_(expected), expected_size_(size) {}

  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    if (data.size() > expected_size_ - size_) {
      too_long_ = true;
      return false;
    }
    hasher_.update(data);
    size_ += data.size();
    if (size_ == expected_size_) {
      last_.insert(last_.end(), data.begin(), data.end());
      return true;
    }
    refused_ = refused_ || !out_.write(data);
    return !refused_;
  }

  [[nodiscard]] bool proven() const {
    return !too_long_ && size_ == expected_size_ && hasher_.finish() == expected_;
  }
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] bool too_long() const { return too_long_; }
  bool release() {
    refused_ = refused_ || (!last_.empty() && !out_.write(std::span<const std::byte>(last_)));
    return !refused_;
  }

 private:
  ByteSink& out_;
  Hash expected_;
  std::uint64_t expected_size_;
  std::uint64_t size_ = 0;
  Hasher hasher_;
  Bytes last_;
  bool too_long_ = false;
  bool refused_ = false;
};

// Pushes what is written to it into a transform.
class PushSink final : public ByteSink {
 public:
  explicit PushSink(PushTransform& transform) : transform_(transform) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    if (status_) status_ = transform_.push(data);
    return status_.has_value();
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  PushTransform& transform_;
  Status status_;
};

// Content on its way into a wrapper: hashed as it passes.
class WrapSink final : public ByteSink {
 public:
  WrapSink(PushTransform& wrap, const Recipe& recipe)
      : wrap_(wrap), content_(recipe.content.hash, recipe.content_size) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    if (!content_.write(data)) return false;
    status_ = wrap_.push(data);
    return status_.has_value();
  }
  [[nodiscard]] bool proven() const { return content_.matches(); }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  PushTransform& wrap_;
  HashSink content_;
  Status status_;
};

// Counts, and remembers a refusal.
class CountingSink final : public ByteSink {
 public:
  explicit CountingSink(ByteSink& out) : out_(out) {}
  using ByteSink::write;
  bool write(std::span<const std::byte> data) override {
    size += data.size();
    refused = refused || !out_.write(data);
    return !refused;
  }
  std::uint64_t size = 0;
  bool refused = false;

 private:
  ByteSink& out_;
};

Error refused() {
  return Error(ErrorCode::cancelled, "stopped by the reader");
}

}  // namespace

// ---------------------------------------------------------------------------------------- choosing

Result<std::vector<RecipeSummary>> Rebuild::recipes(const ContentId& content) {
  std::vector<RecipeSummary> found;
  const auto is_there = [&]() -> Result<bool> {
    SOUSCHEF_TRY(const ObjectIndex::Reader reader, index_.read());
    found = reader.recipes(content);
    return !found.empty();
  };
  SOUSCHEF_TRY(bool there, is_there());
  if (!there) {
    SOUSCHEF_TRY(there, reader_.look_everywhere(ObjectKind::recipe, content.hash, is_there));
  }
  return found;
}

bool Rebuild::knows(const ContentId& content) const {
  const auto reader = index_.read();
  return reader && !reader->recipes(content).empty();
}

Status Rebuild::can_follow(const Recipe& recipe) const {
  if (recipe.filter.empty()) return {};
  const FilterEntry* entry = filters_.named(recipe.filter);
  const std::string wanted = recipe.filter + " version " + std::to_string(recipe.filter_version);
  if (entry == nullptr)
    return Error(ErrorCode::unsupported, "this content needs the filter " + wanted,
                 "this program does not have it");
  if (recipe.filter_version > entry->filter->version() ||
      recipe.filter_version < entry->filter->oldest_version())
    return Error(ErrorCode::unsupported, "this content needs the filter " + wanted,
                 "this program has versions " + std::to_string(entry->filter->oldest_version()) + " to " +
                     std::to_string(entry->filter->version()))
        .next_step("update souschef");
  return {};
}

Result<Recipe> Rebuild::choose(const ContentId& content, const BlobId& blob) {
  SOUSCHEF_TRY(auto known, recipes(content));
  if (known.empty())
    return Error(ErrorCode::not_found, "content " + content.brief() + " is not in the store");
  if (!blob.is_zero())
    std::stable_partition(known.begin(), known.end(),
                          [&](const auto& recipe) { return recipe.blob == blob; });
  std::optional<Error> first;
  for (const RecipeSummary& summary : known) {
    auto recipe = reader_.recipe(summary.id);
    Status usable = recipe ? can_follow(*recipe) : Status(recipe.error());
    if (usable && recipe->content != content)
      usable = Error(ErrorCode::corrupt, "recipe " + summary.id.brief() + " is of another content");
    if (usable) return recipe;
    if (!first) first = std::move(usable).error();
  }
  return std::move(*first);
}

// ----------------------------------------------------------------------------------------- writing

Status Rebuild::stream(const Recipe& recipe, Proof proof, ByteSink& out) {
  TreeWalker walker(recipe.root, [this](const Hash& id) { return reader_.read(ObjectKind::node, id); });
  Bytes scratch;
  std::vector<Hash> ids;
  std::vector<std::uint64_t> lengths;
  for (bool end = false; !end;) {
    ids.clear();
    lengths.clear();
    while (ids.size() < kLocateAtOnce && !end) {
      SOUSCHEF_TRY(const auto chunk, walker.next());
      end = !chunk;
      if (end) break;
      ids.push_back(chunk->id);
      lengths.push_back(chunk->length);
    }
    SOUSCHEF_TRY(const auto locations, reader_.locate(ObjectKind::chunk, ids));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      auto found = locations[i] ? reader_.at(*locations[i], ObjectKind::chunk, ids[i])
                                : Result<FoundObject>(Error(ErrorCode::not_found, ""));
      // A wrong or outdated index; or the pack was moved a moment ago.
      if (!found && found.error().code == ErrorCode::not_found)
        found = reader_.find(ObjectKind::chunk, ids[i]);
      if (!found) return std::move(found).error();
      SOUSCHEF_TRY(const auto bytes, found->bytes(scratch));
      const bool good = bytes.size() == lengths[i] && (proof == Proof::file || hash_of(bytes) == ids[i]);
      if (!good)
        return Error(ErrorCode::corrupt, "damaged pack " + found->pack.brief(),
                     "chunk " + ids[i].brief() + " has other bytes than its name says")
            .next_step("souschef repair");
      if (!out.write(bytes)) return refused();
    }
  }
  return {};
}

Status Rebuild::content_of(const Recipe& recipe, Proof proof, ByteSink& out) {
  if (recipe.filter.empty()) return stream(recipe, proof, out);
  SOUSCHEF_TRY(
      const auto decoder,
      filters_.named(recipe.filter)->filter->decode(recipe.filter_version, recipe.content_size, out));
  PushSink into(*decoder);
  const Status pushed = stream(recipe, proof, into);
  if (!into.status()) return into.status();
  SOUSCHEF_CHECK(pushed);
  return decoder->finish();
}

Error Rebuild::find_fault(const Recipe& recipe) {
  NullSink nowhere;
  const Status checked = stream(recipe, Proof::chunks, nowhere);
  if (!checked) return checked.error();
  return Error(ErrorCode::corrupt, "content " + recipe.content.brief() + " cannot be rebuilt",
               "all its chunks are good, but " +
                   (recipe.filter.empty() ? std::string("together they are something else")
                                          : "the filter " + recipe.filter + " makes something else of them"))
      .next_step("souschef check --data");
}

// A decoder that chokes on good chunks, and one that chokes on damaged ones, look the same from here.
Error Rebuild::explained(const Recipe& recipe, Error error) {
  switch (error.code) {
    case ErrorCode::bad_input:
    case ErrorCode::plugin:
    case ErrorCode::failed:
      return find_fault(recipe);
    default:
      return error;
  }
}

Result<RebuiltFile> Rebuild::write_content(const Recipe& recipe, Proof proof, ByteSink& out) {
  ProvenSink sink(out, recipe.content.hash, recipe.content_size);
  Status written = content_of(recipe, proof, sink);
  if (sink.refused()) return refused();
  if (!written && !sink.too_long()) return explained(recipe, std::move(written).error());
  if (!sink.proven()) return find_fault(recipe);
  if (!sink.release()) return refused();
  return RebuiltFile{recipe.content_size, true};
}

// `exact`: with the recipe's own parameters.
Result<RebuiltFile> Rebuild::write_wrapped(const Recipe& recipe, bool exact, Proof proof, ByteSink& out) {
  const RecipeWrapper& wrapper = *recipe.wrapper;
  Wrapper& maker = *filters_.named(wrapper.plugin)->wrapper;
  ProvenSink file(out, wrapper.blob.hash, wrapper.blob_size);
  CountingSink fresh(out);
  SOUSCHEF_TRY(const auto wrap,
               maker.wrap(static_cast<WrapperKind>(wrapper.kind), exact ? wrapper.parameters : std::string(),
                          exact ? static_cast<ByteSink&>(file) : fresh));
  WrapSink content(*wrap, recipe);
  Status written = content_of(recipe, proof, content);
  if (file.refused() || fresh.refused) return refused();
  if (!written) return explained(recipe, std::move(written).error());
  // Before the wrapper is closed: a file whose end is there is a good one.
  if (!content.proven()) return find_fault(recipe);
  SOUSCHEF_CHECK(wrap->finish());
  if (exact && !file.proven())
    return Error(ErrorCode::corrupt, "file " + wrapper.blob.brief() + " cannot be rebuilt",
                 "its content is good, but its wrapper came out differently");
  if (exact ? !file.release() : fresh.refused) return refused();
  return RebuiltFile{exact ? wrapper.blob_size : fresh.size, exact};
}

// Whether this program's encoder makes the file, tried without giving anything out: for an encoder of another
// version than the one that proved it.
bool Rebuild::makes_wrapper(const Recipe& recipe) {
  const RecipeWrapper& wrapper = *recipe.wrapper;
  Wrapper& maker = *filters_.named(wrapper.plugin)->wrapper;
  const auto kind = static_cast<WrapperKind>(wrapper.kind);
  if (maker.encoder(kind) == wrapper.encoder) return true;
  HashSink file(wrapper.blob.hash, wrapper.blob_size);
  auto wrap = maker.wrap(kind, wrapper.parameters, file);
  if (!wrap) return false;
  PushSink content(**wrap);
  return content_of(recipe, Proof::file, content) && (*wrap)->finish() && file.matches();
}

Result<RebuiltFile> Rebuild::write(const ContentId& content, const BlobId& blob, Form form, Proof proof,
                                   ByteSink& out) {
  if (form == Form::content) {
    SOUSCHEF_TRY(const Recipe recipe, choose(content));
    return write_content(recipe, proof, out);
  }
  SOUSCHEF_TRY(const Recipe recipe, choose(content, blob));
  const bool was_wrapped = blob.is_zero() ? recipe.wrapper.has_value() : blob.hash != content.hash;
  if (!was_wrapped) return write_content(recipe, proof, out);

  const bool is_of_this = recipe.wrapper && (blob.is_zero() || recipe.wrapper->blob == blob);
  const FilterEntry* maker = recipe.wrapper ? filters_.named(recipe.wrapper->plugin) : nullptr;
  const bool can_wrap = maker != nullptr && maker->wrapper != nullptr;
  if (is_of_this && recipe.wrapper->exact && can_wrap && makes_wrapper(recipe))
    return write_wrapped(recipe, true, proof, out);
  // The file itself may have been kept beside its content (exact_wrappers).
  const ContentId original(blob.is_zero() && recipe.wrapper ? recipe.wrapper->blob.hash : blob.hash);
  if (knows(original)) {
    if (const auto kept = choose(original)) return write_content(*kept, proof, out);
  }
  if (can_wrap) return write_wrapped(recipe, false, proof, out);
  SOUSCHEF_TRY(RebuiltFile bare, write_content(recipe, proof, out));
  bare.exact = false;
  return bare;
}

}  // namespace souschef::store
