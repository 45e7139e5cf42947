// SPDX-License-Identifier: MIT
// From a recipe back to bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <souschef/filter.hpp>
#include <souschef/hash.hpp>
#include <souschef/result.hpp>

#include "store/filter_set.hpp"
#include "store/object_reader.hpp"
#include "store/recipe.hpp"
#include "store/store.hpp"

namespace souschef::store {

// How thoroughly what goes out is compared.
enum class Proof {
  file,   // the whole file's hash, before the last bytes go out: enough where nobody looks before the end
  chunks  // each chunk's id as well, before its bytes go out
};

struct RebuiltFile {
  std::uint64_t size = 0;
  bool exact = true;  // false: Form::original with a fresh wrapper
};

// Thread-safe; everything is borrowed.
class Rebuild {
 public:
  Rebuild(ObjectIndex& index, ObjectReader& reader, const FilterSet& filters)
      : index_(index), reader_(reader), filters_(filters) {}

  // The best recipe that this program can follow. `blob`: preferred if a recipe makes it. Errors: not_found;
  // unsupported, naming the filter.
  Result<Recipe> choose(const ContentId& content, const BlobId& blob = {});

  // Writes the file. Nothing of its last piece is given out before the hash of the whole is proven. Errors:
  // those of choose(); corrupt, naming pack and chunk; cancelled if `out` wants no more. `blob`: for
  // Form::original, which of the originals; zero: the recipe's own.
  Result<RebuiltFile> write(const ContentId& content, const BlobId& blob, Form form, Proof proof,
                            ByteSink& out);

 private:
  Result<std::vector<RecipeSummary>> recipes(const ContentId& content);
  // By the index alone.
  [[nodiscard]] bool knows(const ContentId& content) const;
  [[nodiscard]] Status can_follow(const Recipe& recipe) const;
  Status stream(const Recipe& recipe, Proof proof, ByteSink& out);
  Status content_of(const Recipe& recipe, Proof proof, ByteSink& out);
  // After a hash that did not match: which chunk is it? Errors only.
  Error find_fault(const Recipe& recipe);
  Error explained(const Recipe& recipe, Error error);
  Result<RebuiltFile> write_content(const Recipe& recipe, Proof proof, ByteSink& out);
  Result<RebuiltFile> write_wrapped(const Recipe& recipe, bool exact, Proof proof, ByteSink& out);
  bool makes_wrapper(const Recipe& recipe);

  ObjectIndex& index_;
  ObjectReader& reader_;
  const FilterSet& filters_;
};

}  // namespace souschef::store
