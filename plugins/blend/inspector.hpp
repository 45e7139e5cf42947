// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <souschef/inspector.hpp>

namespace souschef::blend {

// What `diff` and `debug` show of a .blend: its datablocks with their digests, and blend-header,
// blend-blocks, blend-struct, blend-paths.
class BlendInspector final : public Inspector {
 public:
  Status outline(Analysis& analysis, OutlineSink& sink) override;
  [[nodiscard]] std::string commands() const override;
  Status run(std::string_view command, std::string_view arguments, Analysis& analysis,
             ByteSink& out) override;
};

}  // namespace souschef::blend
