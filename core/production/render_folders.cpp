// SPDX-License-Identifier: MIT
#include "core/production/render_folders.hpp"

#include <array>
#include <span>

#include "core/base/user_folders.hpp"
#include "store/file_system_kind.hpp"
#include "store/hasher.hpp"

namespace souschef::core {

Result<RenderFolders> RenderFolders::of(const Production& production) {
  SOUSCHEF_TRY(const auto kind, store::file_system_kind(production.paths().dot));
  if (kind.nearness == store::Nearness::local)
    return RenderFolders{production.paths().dot / "logs", production.paths().dot / "checkouts"};
  // Productions are told apart by where they are; a moved one only makes its checkouts again.
  store::Hasher hasher;
  const std::string root = production.root().string();
  hasher.update(std::as_bytes(std::span(root)));
  const auto mine = user_cache_folder() / hasher.finish().hex().substr(0, 16);
  return RenderFolders{mine / "logs", mine / "checkouts"};
}

}  // namespace souschef::core
