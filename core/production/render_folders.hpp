// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "core/production/production.hpp"

namespace souschef::core {

// Where a runner keeps what can be made again: in .souschef where that lies on a local file system, else in
// the user's cache folder of this machine. A value.
struct RenderFolders {
  std::filesystem::path logs;       // what renderers printed
  std::filesystem::path checkouts;  // working trees, one folder an order

  static Result<RenderFolders> of(const Production& production);

  [[nodiscard]] std::filesystem::path order_logs(std::string_view order_id) const { return logs / order_id; }
  // All attempts at the frame, one after the other.
  [[nodiscard]] std::filesystem::path frame_log(std::string_view order_id, std::int32_t frame) const {
    return order_logs(order_id) / ("frame_" + std::to_string(frame) + ".log");
  }
  // What the renderer on this slot printed before its first frame and between frames, the last time.
  [[nodiscard]] std::filesystem::path slot_log(std::string_view order_id, std::string_view slot) const {
    return order_logs(order_id) / ("slot_" + std::string(slot) + ".log");
  }
  [[nodiscard]] std::filesystem::path order_work(std::string_view order_id) const {
    return checkouts / order_id;
  }
  [[nodiscard]] std::filesystem::path tree(std::string_view order_id) const {
    return order_work(order_id) / "tree";
  }
  [[nodiscard]] std::filesystem::path run_folder(std::string_view order_id, std::string_view slot) const {
    return order_work(order_id) / ("run_" + std::string(slot));
  }
};

// Beside the outputs, on their file system: where attempts of an order write before they are verified.
inline constexpr std::string_view kStagingFolder = ".souschef-staging";
inline std::filesystem::path staging_folder(const std::filesystem::path& root, std::string_view order_id) {
  return root / kStagingFolder / order_id;
}
inline std::filesystem::path attempt_folder(const std::filesystem::path& root, std::string_view order_id,
                                            std::int32_t frame, std::uint32_t attempt) {
  return staging_folder(root, order_id) / (std::to_string(frame) + "-" + std::to_string(attempt));
}
// Where older renders go that frames of this order took the place of.
inline std::filesystem::path older_folder(const std::filesystem::path& root, std::string_view order_name) {
  return root / "older" / order_name;
}

}  // namespace souschef::core
