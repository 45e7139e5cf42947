// SPDX-License-Identifier: MIT
// One file into the store: through its filter where that is proven to be reversible, else as plain chunks.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/chunker.hpp"
#include "store/content.hpp"
#include "store/filter_proof.hpp"
#include "store/filter_set.hpp"
#include "store/object_reader.hpp"
#include "store/recipe.hpp"
#include "store/store.hpp"
#include "store/stream_writer.hpp"

namespace souschef::store {

// What a stored file's bytes turned out to be.
struct IngestedFile {
  ContentId content;
  BlobId blob;
  std::uint64_t content_size = 0;
  std::uint64_t blob_size = 0;
  Needs needs;
};

struct IngestSettings {
  const Chunker& chunker;
  const FilterSet& filters;
  std::filesystem::path temporary_folder;
  bool exact_wrappers = false;
  const std::atomic<bool>& cancelled;
  std::atomic<std::uint64_t>& bytes_done;  // of the files as they are on disk
};

// Thread-safe: each call works on its own file. All references are borrowed. file_ingest.cpp: the plain ways
// in; filtered_ingest.cpp: the way through a filter.
class FileIngest {
 public:
  FileIngest(Pipeline& pipeline, ObjectIndex& index, ObjectReader& reader, const IngestSettings& settings)
      : pipeline_(pipeline), index_(index), reader_(reader), settings_(settings) {}

  // Reads the file once or twice. Errors: changed, io, cancelled, and what the store's disk says. Success
  // does not say that the file stood still: ask SourceFile::check_unchanged().
  Result<IngestedFile> file(SourceFile& source);
  // Bytes in memory. `cuts` as in WriteSession::put_bytes.
  Result<IngestedFile> bytes(std::span<const std::byte> data, std::span<const std::uint32_t> cuts);
  // Many small files at once, each a chunk of its own: their bytes lie in `slab`, one behind the other,
  // ending at `ends`. In order.
  Result<std::vector<IngestedFile>> small_files(const Slab& slab, std::span<const std::uint32_t> ends);

  // Whether some filter should see a file that begins like this.
  [[nodiscard]] bool wants_filter(std::span<const std::byte> head) const {
    return settings_.filters.accepting(head) != nullptr;
  }

 private:
  // One file on its way through a filter.
  struct Filtered {
    SourceFile& source;
    Analysis& analysis;
    const FilterEntry& entry;
    IngestedFile result;
    WrapperClaim wrapper;
    bool wrapper_proven = false;
  };

  struct SmallChunk {
    std::span<const std::byte> bytes;
    IngestedFile* file;
  };
  Status store_small_chunks(std::span<const SmallChunk> chunks);
  Result<IngestedFile> plain(const Content& content);
  // Plain chunks, and the hash of all of it.
  Result<StreamWriter::Stored> store_plain(const Content& content, Hash& hash);
  Result<IngestedFile> finish_plain(const ContentId& content, StreamWriter::Stored stored);
  // Writes the recipe unless it is there, and adds it to the needs.
  Status add_recipe(const Recipe& recipe, Needs& needs);

  Result<IngestedFile> filtered(SourceFile& source, Analysis& analysis, const FilterEntry& entry);
  // Fills in what the file is. False: the analysis contradicts the file; bank it as it is.
  Result<bool> identify(Filtered& file, const RawContent& raw);
  Result<Hash> hash_all(const Content& content);
  // Content that the store has: only the wrapper may be new. False: it does not have it.
  Result<bool> reuse(Filtered& file);
  Status store_filtered(Filtered& file);
  // Through the filter, proven. Nothing: declined, failed, or not proven.
  Result<std::optional<StreamWriter::Stored>> encode(Filtered& file);
  Status prove_wrapper(Filtered& file);
  [[nodiscard]] std::optional<RecipeWrapper> wrapper_of(const Filtered& file) const;
  [[nodiscard]] bool stopped() const { return settings_.cancelled.load(std::memory_order_relaxed); }

  Pipeline& pipeline_;
  ObjectIndex& index_;
  ObjectReader& reader_;
  IngestSettings settings_;
};

}  // namespace souschef::store
