// SPDX-License-Identifier: MIT
// From an attempt's folder to where the frames belong.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <souschef/result.hpp>

#include "core/queue/order_ledger.hpp"

namespace souschef::core {

enum class Existing {
  aside,   // an older file is moved into PlaceRequest::older
  replace  // an older file gives way: the order says "overwrite"
};

struct PlaceRequest {
  std::filesystem::path staging;  // where the files are
  std::filesystem::path root;     // where they belong: <root>/<path>
  std::filesystem::path older;    // below this folder older files keep their paths
  std::vector<FileRecord> files;
  Existing existing = Existing::aside;
};

// Moves a frame's files to their places, one rename each; across file systems a copy under a hidden name,
// synced, then renamed. Doing it again after a crash half-way finishes it: a file that is not in the staging
// folder any more, but is in its place with the right size, has been moved. Errors: no_space, denied, io;
// not_found (a file is in neither place).
Status place_frame(const PlaceRequest& request);

}  // namespace souschef::core
