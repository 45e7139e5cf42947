// SPDX-License-Identifier: MIT
// The plain ways in. A large file is read 4 MiB at a time into a slab, cut by content, and handed to the pool
// while the next slab is read; a chunk whose end is not in its slab is carried into the next one. Slabs are
// private copies: what was hashed is what is compressed, whatever happens to the file meanwhile.
#include "store/file_ingest.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "store/hasher.hpp"
#include "store/scoped_timer.hpp"
#include "store/slab_filler.hpp"

namespace souschef::store {

namespace {

constexpr std::size_t kHeadBytes = 64;

}  // namespace

Result<IngestedFile> FileIngest::file(SourceFile& source) {
  const ScopedTimer timer("bank", source.name());
  std::array<std::byte, kHeadBytes> head{};
  const std::int64_t count = source.read_at(0, head);
  if (count < 0) return Error(ErrorCode::io, "cannot read " + std::string(source.name()));
  const FilterEntry* entry =
      settings_.filters.accepting(std::span(head).first(static_cast<std::size_t>(count)));
  if (entry != nullptr) {
    // A file that its own format's reader cannot open is banked as it is.
    const auto analysis = source.analysis(settings_.filters, settings_.temporary_folder);
    if (analysis && *analysis != nullptr) return filtered(source, **analysis, *entry);
  }
  return plain(RawContent(source, &settings_.bytes_done));
}

Result<StreamWriter::Stored> FileIngest::store_plain(const Content& content, Hash& hash) {
  StreamWriter writer(pipeline_);
  Hasher hasher;
  const std::uint64_t size = content.size();
  const std::size_t longest = settings_.chunker.parameters().maximum;
  std::uint64_t offset = 0;            // up to here was read
  std::shared_ptr<Slab> slab;          // the last one: it holds the carried bytes
  std::span<const std::byte> carried;  // the beginning of a chunk whose end was not in it
  while ((offset < size || !carried.empty()) && !writer.failed()) {
    if (stopped()) return Error(ErrorCode::cancelled, "stopped");
    std::shared_ptr<Slab> next = pipeline_.pool.take_slab();
    std::copy(carried.begin(), carried.end(), next->data.begin());
    next->used = carried.size();
    slab = std::move(next);
    const auto room =
        static_cast<std::size_t>(std::min<std::uint64_t>(slab->data.size() - slab->used, size - offset));
    SOUSCHEF_CHECK(content.read(offset, std::span(slab->data).subspan(slab->used, room)));
    offset += room;
    slab->used += room;

    std::vector<std::uint32_t> cuts;
    std::size_t done = 0;
    const std::span<const std::byte> filled = std::span(slab->data).first(slab->used);
    while (done < filled.size()) {
      const std::size_t length = settings_.chunker.first_cut(filled.subspan(done));
      const bool undecided = done + length == filled.size() && length < longest && offset < size;
      if (undecided) break;
      done += length;
      cuts.push_back(static_cast<std::uint32_t>(done));
    }
    carried = filled.subspan(done);
    hasher.update(filled.first(done));
    slab->used = done;
    writer.put(slab, std::move(cuts));
  }
  hash = hasher.finish();
  return writer.finish();
}

Result<IngestedFile> FileIngest::plain(const Content& content) {
  Hash hash;
  SOUSCHEF_TRY(StreamWriter::Stored stored, store_plain(content, hash));
  return finish_plain(ContentId(hash), std::move(stored));
}

Result<IngestedFile> FileIngest::finish_plain(const ContentId& content, StreamWriter::Stored stored) {
  IngestedFile file;
  file.content = content;
  file.blob = BlobId(content.hash);
  file.content_size = file.blob_size = stored.size;
  file.needs = std::move(stored.needs);
  Recipe recipe;
  recipe.content = content;
  recipe.content_size = recipe.stream_size = stored.size;
  recipe.root = std::move(stored.root);
  SOUSCHEF_CHECK(add_recipe(recipe, file.needs));
  return file;
}

Status FileIngest::add_recipe(const Recipe& recipe, Needs& needs) {
  const Bytes bytes = serialize(recipe);
  const RecipeSummary summary = summary_of(RecipeId(hash_of(bytes)), recipe);
  const ObjectKey key = key_of(ObjectKind::recipe, summary.id.hash);
  SOUSCHEF_TRY(const auto fates, pipeline_.deduplicator.claim(std::span(&key, 1)));
  if (fates[0].kind == Fate::Kind::known) {
    needs.packs.insert(fates[0].pack);
    return {};
  }
  needs.unsettled.push_back(key);
  return fates[0].kind == Fate::Kind::fresh ? pipeline_.promised(pipeline_.meta.add_recipe(summary, bytes))
                                            : Status();
}

Result<IngestedFile> FileIngest::bytes(std::span<const std::byte> data, std::span<const std::uint32_t> cuts) {
  if (cuts.empty()) return plain(MemoryContent(data));

  StreamWriter writer(pipeline_);
  SlabFiller filler(pipeline_.pool, [&](std::shared_ptr<const Slab> slab, std::vector<std::uint32_t> ends) {
    writer.put(std::move(slab), std::move(ends));
    return !writer.failed();
  });
  std::uint32_t begin = 0;
  for (const std::uint32_t end : cuts) {
    const std::uint32_t length = end - begin;
    if (end <= begin || end > data.size() || !filler.emit(data.subspan(begin, length), std::span(&length, 1)))
      break;
    begin = end;
  }
  if (!writer.failed() && (begin != data.size() || !filler.flush()) && !writer.failed())
    return Error(ErrorCode::bad_input, "cuts that do not ascend, are too far apart, or do not reach the end");
  SOUSCHEF_TRY(StreamWriter::Stored stored, writer.finish());
  return finish_plain(ContentId(hash_of(data)), std::move(stored));
}

Result<std::vector<IngestedFile>> FileIngest::small_files(const Slab& slab,
                                                          std::span<const std::uint32_t> ends) {
  std::vector<IngestedFile> files(ends.size());
  std::vector<SmallChunk> chunks;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    const auto bytes = std::span(slab.data).subspan(begin, ends[i] - begin);
    files[i].content = ContentId(hash_of(bytes));
    files[i].blob = BlobId(files[i].content.hash);
    files[i].content_size = files[i].blob_size = bytes.size();
    if (!bytes.empty()) chunks.push_back({bytes, &files[i]});
  }
  SOUSCHEF_CHECK(store_small_chunks(chunks));
  for (IngestedFile& file : files) {
    Recipe recipe;
    recipe.content = file.content;
    recipe.content_size = recipe.stream_size = file.content_size;
    if (file.content_size > 0) recipe.root.entries.push_back({file.content.hash, file.content_size});
    SOUSCHEF_CHECK(add_recipe(recipe, file.needs));
  }
  return files;
}

Status FileIngest::store_small_chunks(std::span<const SmallChunk> chunks) {
  std::vector<ObjectKey> keys(chunks.size());
  std::transform(chunks.begin(), chunks.end(), keys.begin(),
                 [](const SmallChunk& chunk) { return key_of(ObjectKind::chunk, chunk.file->content.hash); });
  SOUSCHEF_TRY(const auto fates, pipeline_.deduplicator.claim(keys));
  Bytes raw;
  std::vector<ObjectRow> rows;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    Needs& needs = chunks[i].file->needs;
    if (fates[i].kind == Fate::Kind::known)
      needs.packs.insert(fates[i].pack);
    else
      needs.unsettled.push_back(keys[i]);
    if (fates[i].kind != Fate::Kind::fresh) continue;
    raw.insert(raw.end(), chunks[i].bytes.begin(), chunks[i].bytes.end());
    rows.push_back({ObjectKind::chunk, chunks[i].file->content.hash,
                    static_cast<std::uint32_t>(chunks[i].bytes.size()), 0});
  }
  if (rows.empty()) return {};
  pipeline_.new_content_bytes += raw.size();
  auto frame = encode_frame(raw, std::move(rows), pipeline_.level);
  return pipeline_.promised(frame ? pipeline_.sink.append(*frame) : Status(std::move(frame).error()));
}

}  // namespace souschef::store
