// SPDX-License-Identifier: MIT
#include "core/jobs/reindex.hpp"

namespace souschef::core {

Result<store::ReindexReport> reindex(Production& production) {
  SOUSCHEF_TRY(store::Store* const store, production.store());
  return store::rebuild_index(*store);
}

}  // namespace souschef::core
