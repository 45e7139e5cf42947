// SPDX-License-Identifier: MIT
// The proof that a filter's stream gives the content back, and a wrapper's parameters the file. Nothing that
// a filter says is believed without it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <souschef/filter.hpp>
#include <souschef/hash.hpp>

#include "store/hasher.hpp"
#include "store/work_pool.hpp"

namespace souschef::store {

// Compares what is written to it with a hash and a size. Stops a writer that writes too much.
class HashSink final : public ByteSink {
 public:
  using ByteSink::write;
  HashSink(const Hash& expected, std::uint64_t size) : expected_(expected), expected_size_(size) {}
  bool write(std::span<const std::byte> data) override;
  [[nodiscard]] bool matches() const { return size_ == expected_size_ && hasher_.finish() == expected_; }

 private:
  Hash expected_;
  std::uint64_t expected_size_;
  std::uint64_t size_ = 0;
  Hasher hasher_;
};

// A file's wrapper as a filter's owner describes it.
struct WrapperClaim {
  Wrapper* wrapper = nullptr;  // null: there is none
  WrapperKind kind = WrapperKind::none;
  std::string parameters;  // empty: it cannot be made again
  BlobId blob;
  std::uint64_t blob_size = 0;
};

// Makes the wrapper around content that is pushed through. One thread at a time.
class WrapperProof {
 public:
  explicit WrapperProof(const WrapperClaim& claim);
  // No: there is nothing to prove, or it could not be begun.
  [[nodiscard]] bool possible() const { return transform_ != nullptr; }
  void push(std::span<const std::byte> content);
  // Whether the file came out, bit for bit.
  [[nodiscard]] bool finish();

 private:
  HashSink sink_;  // before the transform, which writes to it
  std::unique_ptr<PushTransform> transform_;
};

// Decodes a stream while it is stored, in a strand of the pool; the content goes on through the wrapper.
class FilterProof final : public ByteSink {
 public:
  FilterProof(WorkPool& pool, Filter& filter, const ContentId& content, std::uint64_t content_size,
              const WrapperClaim& wrapper);
  ~FilterProof() override { strand_.wait(); }
  FilterProof(const FilterProof&) = delete;
  FilterProof& operator=(const FilterProof&) = delete;

  // The next piece of the stream.
  void push(std::shared_ptr<const Slab> slab);
  [[nodiscard]] bool failed() const { return failed_; }

  struct Outcome {
    bool content = false;  // the stream gives it back
    bool wrapper = false;  // and the parameters the file
  };
  [[nodiscard]] Outcome finish();

  // What the decoder says.
  using ByteSink::write;
  bool write(std::span<const std::byte> content) override;

 private:
  HashSink content_;
  WrapperProof wrapper_;
  std::unique_ptr<PushTransform> decoder_;
  std::atomic<bool> failed_{false};
  Strand strand_;
};

}  // namespace souschef::store
