// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "store/file_system.hpp"

namespace souschef::core {

// The only place that names the files of a queue (docs/format/queue.md). A value.
struct QueueFolder {
  std::filesystem::path path;                            // .souschef/queue
  store::FileSystem* disk = &store::FileSystem::real();  // borrowed; never null

  [[nodiscard]] std::filesystem::path requests() const { return path / "requests"; }
  [[nodiscard]] std::filesystem::path orders() const { return path / "orders"; }
  [[nodiscard]] std::filesystem::path names() const { return path / "names"; }
  [[nodiscard]] std::filesystem::path leases() const { return path / "leases"; }
  [[nodiscard]] std::filesystem::path rows() const { return path / "rows"; }             // derived
  [[nodiscard]] std::filesystem::path workers() const { return path / "workers.json"; }  // of the last runner
  [[nodiscard]] std::filesystem::path statistics() const { return path / "statistics.jsonl"; }

  [[nodiscard]] std::filesystem::path order_folder(std::string_view id) const { return orders() / id; }
  [[nodiscard]] std::filesystem::path order_file(std::string_view id) const {
    return order_folder(id) / "order.json";
  }
  [[nodiscard]] std::filesystem::path segment(std::string_view id, std::uint64_t number) const {
    return order_folder(id) / ("journal." + std::to_string(number) + ".jsonl");
  }
  [[nodiscard]] std::filesystem::path request_file(std::string_view id) const {
    return requests() / (std::string(id) + ".json");
  }
  // Holds one file, `order`: the id of the order that has the name.
  [[nodiscard]] std::filesystem::path name_folder(std::string_view name) const { return names() / name; }
};

// Makes what is missing of it. On disk when this returns.
Status make_queue_folder(const QueueFolder& folder);

}  // namespace souschef::core
