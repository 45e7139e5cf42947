// SPDX-License-Identifier: MIT
// The way through a filter:
//
//   1. identify   hash the file, and the content where a wrapper is around it. These are the identities,
//                 whatever any decoder says later.
//   2. reuse      is the content here already? Then at most the wrapper is new.
//   3. encode     the filter emits slices with cuts; they are copied into slabs and stored like any stream.
//   4. prove      the same slabs go, in order and at the same time, through the filter's decoder; out must
//                 come the content of step 1. It goes on through the wrapper, which must make the file.
//   5. fall back  if the filter declines, fails or is not proven: the content in plain chunks.
//
// Where the wrapper can be made again, the recipe says how; else only its kind, and with exact_wrappers the
// file itself is kept too, as plain chunks under its own hash.
#include <algorithm>
#include <utility>

#include "store/file_ingest.hpp"
#include "store/hasher.hpp"
#include "store/scoped_timer.hpp"
#include "store/slab_filler.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kReadStep = 1U << 20;
constexpr std::size_t kMostParameters = 1U << 20;

Error changed(const SourceFile& source) {
  return Error(ErrorCode::changed, std::string(source.name()) + " changed while it was read");
}

}  // namespace

Result<Hash> FileIngest::hash_all(const Content& content) {
  Hasher hasher;
  Bytes buffer(kReadStep);
  for (std::uint64_t offset = 0; offset < content.size();) {
    if (stopped()) return Error(ErrorCode::cancelled, "stopped");
    SOUSCHEF_TRY(const auto piece, content.view(offset, buffer));
    offset += piece.size();
    hasher.update(piece);
  }
  return hasher.finish();
}

Result<bool> FileIngest::identify(Filtered& file, const RawContent& raw) {
  SOUSCHEF_TRY(const Hash blob, hash_all(raw));
  IngestedFile& result = file.result;
  result.blob = BlobId(blob);
  result.blob_size = raw.size();
  result.content_size = file.analysis.content_size();
  Wrapper* wrapper = file.entry.wrapper;
  const WrapperKind kind = wrapper == nullptr ? WrapperKind::none : wrapper->kind(file.analysis);
  if (kind == WrapperKind::none) {
    result.content = ContentId(blob);
    return result.content_size == raw.size();
  }
  const auto content = hash_all(UnwrappedContent(file.analysis));
  if (!content && content.error().code == ErrorCode::cancelled) return content.error();
  if (!content) return false;
  result.content = ContentId(*content);
  auto parameters = wrapper->describe(file.analysis).value_or(std::string());
  if (parameters.size() > kMostParameters) parameters.clear();
  file.wrapper = {wrapper, kind, std::move(parameters), result.blob, result.blob_size};
  return true;
}

std::optional<RecipeWrapper> FileIngest::wrapper_of(const Filtered& file) const {
  if (file.wrapper.wrapper == nullptr) return std::nullopt;
  return RecipeWrapper{file.wrapper_proven,
                       file.wrapper.blob,
                       file.wrapper.blob_size,
                       file.entry.id,
                       static_cast<std::uint32_t>(file.wrapper.kind),
                       file.wrapper.wrapper->encoder(file.wrapper.kind),
                       file.wrapper_proven ? file.wrapper.parameters : std::string()};
}

Status FileIngest::prove_wrapper(Filtered& file) {
  WrapperProof proof(file.wrapper);
  if (!proof.possible()) return {};
  const UnwrappedContent content(file.analysis);
  Bytes buffer(kReadStep);
  for (std::uint64_t offset = 0; offset < content.size();) {
    if (stopped()) return Error(ErrorCode::cancelled, "stopped");
    SOUSCHEF_TRY(const auto piece, content.view(offset, buffer));
    offset += piece.size();
    proof.push(piece);
  }
  file.wrapper_proven = proof.finish();
  return {};
}

Result<bool> FileIngest::reuse(Filtered& file) {
  const ContentId& content = file.result.content;
  SOUSCHEF_TRY(const auto closure, reader_.closure(content));
  if (!closure) return false;
  std::vector<RecipeSummary> recipes;
  {
    SOUSCHEF_TRY(const ObjectIndex::Reader reader, index_.read());
    recipes = reader.recipes(content);
  }
  // One that makes this very file is best; any other lends its chunks.
  std::stable_partition(recipes.begin(), recipes.end(),
                        [&](const RecipeSummary& recipe) { return recipe.blob == file.result.blob; });
  for (const RecipeSummary& summary : recipes) {
    auto recipe = reader_.recipe(summary.id);
    if (!recipe) continue;
    pipeline_.deduplicator.refer_to(*closure);
    file.result.needs.packs.insert(closure->begin(), closure->end());
    if (file.wrapper.wrapper == nullptr) return true;
    file.wrapper_proven = summary.blob == file.result.blob && summary.makes_blob;
    const auto wrapper = wrapper_of(file);
    // What this very encoder was not able to make before it need not try again.
    const bool tried = summary.blob == file.result.blob && recipe->wrapper->encoder == wrapper->encoder;
    if (file.wrapper_proven || tried) return true;
    SOUSCHEF_CHECK(prove_wrapper(file));
    recipe->wrapper = wrapper_of(file);
    SOUSCHEF_CHECK(add_recipe(*recipe, file.result.needs));
    return true;
  }
  return false;
}

Result<std::optional<StreamWriter::Stored>> FileIngest::encode(Filtered& file) {
  StreamWriter writer(pipeline_);
  FilterProof proof(pipeline_.pool, *file.entry.filter, file.result.content, file.result.content_size,
                    file.wrapper);
  SlabFiller filler(pipeline_.pool, [&](std::shared_ptr<const Slab> slab, std::vector<std::uint32_t> cuts) {
    proof.push(slab);
    writer.put(std::move(slab), std::move(cuts));
    return !writer.failed() && !proof.failed() && !stopped();
  });
  const auto encoded = [&] {
    const ScopedTimer timer("filter", file.entry.id);
    return file.entry.filter->encode(file.analysis, filler);
  }();
  if (stopped()) return Error(ErrorCode::cancelled, "stopped");
  const bool whole = encoded && *encoded == Encoded::done && !filler.broken() && filler.flush();
  const FilterProof::Outcome outcome = whole ? proof.finish() : FilterProof::Outcome{};
  // Also when the stream is of no use: an error of the store's disk must come out.
  SOUSCHEF_TRY(StreamWriter::Stored stored, writer.finish());
  if (!outcome.content) return std::optional<StreamWriter::Stored>();
  file.wrapper_proven = outcome.wrapper;
  return std::optional(std::move(stored));
}

Status FileIngest::store_filtered(Filtered& file) {
  SOUSCHEF_TRY(auto stored, encode(file));
  Recipe recipe;
  if (stored) {
    recipe.filter = file.entry.id;
    recipe.filter_version = file.entry.filter->version();
  } else {
    Hash hash;
    SOUSCHEF_TRY(stored, store_plain(UnwrappedContent(file.analysis), hash));
    if (hash != file.result.content.hash) return changed(file.source);
    SOUSCHEF_CHECK(prove_wrapper(file));
  }
  recipe.content = file.result.content;
  recipe.content_size = file.result.content_size;
  recipe.stream_size = stored->size;
  recipe.wrapper = wrapper_of(file);
  recipe.root = std::move(stored->root);
  file.result.needs.add(stored->needs);
  return add_recipe(recipe, file.result.needs);
}

Result<IngestedFile> FileIngest::filtered(SourceFile& source, Analysis& analysis, const FilterEntry& entry) {
  Filtered file{source, analysis, entry, {}, {}, false};
  const RawContent raw(source, nullptr);
  SOUSCHEF_TRY(const bool sound, identify(file, raw));
  if (!sound) return plain(raw);
  SOUSCHEF_TRY(const bool reused, reuse(file));
  if (!reused) SOUSCHEF_CHECK(store_filtered(file));

  const bool wrapped = file.wrapper.wrapper != nullptr;
  if (wrapped && !file.wrapper_proven && settings_.exact_wrappers) {
    SOUSCHEF_TRY(const IngestedFile original, plain(raw));
    if (original.content.hash != file.result.blob.hash) return changed(source);
    file.result.needs.add(original.needs);
  }
  settings_.bytes_done += raw.size();
  return std::move(file.result);
}

}  // namespace souschef::store
