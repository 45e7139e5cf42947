// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "store/deduplicator.hpp"
#include "store/file_ingest.hpp"
#include "store/lease.hpp"
#include "store/meta_frames.hpp"
#include "store/needs_ledger.hpp"
#include "store/pack_sink.hpp"
#include "store/store.hpp"
#include "store/store_parts.hpp"

namespace souschef::store {

// The one implementation of WriteSession.
class RealWriteSession final : public WriteSession {
 public:
  // `parts` is borrowed. The lease was taken before the generation was read (invariant 1).
  RealWriteSession(StoreParts& parts, std::unique_ptr<Lease> lease, std::uint64_t generation);

  Result<std::vector<StoredFile>> put_files(std::span<const PutRequest> requests,
                                            const ProgressFunction& progress,
                                            const CancelFunction& cancelled) override;
  Result<StoredFile> put_bytes(std::span<const std::byte> data, std::span<const std::uint32_t> cuts) override;
  Status seal() override;
  Status confirm() override;
  [[nodiscard]] PutStatistics statistics() const override;
  [[nodiscard]] std::string lease_id() const override { return lease_->id(); }

 private:
  class Round;
  // Whether every pack that was referred to stands where it stood.
  Status check_references();

  StoreParts& parts_;
  std::unique_ptr<Lease> lease_;
  std::uint64_t generation_;
  std::atomic<bool> cancelled_{false};
  std::atomic<std::uint64_t> bytes_done_{0};
  std::atomic<std::uint64_t> new_content_bytes_{0};
  PutStatistics statistics_;
  Deduplicator deduplicator_;
  NeedsLedger ledger_;
  PackSink sink_;
  MetaFrames meta_;
  Pipeline pipeline_;
  FileIngest ingest_;
};

}  // namespace souschef::store
