// SPDX-License-Identifier: MIT
// What the orders of the queue are going to write.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <souschef/frame_range.hpp>
#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

#include "core/queue/order.hpp"
#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// A value; reads from any thread. Paths are bytes, relative to the production.
class FutureFiles {
 public:
  struct Writer {
    std::string id, name;  // of the order
    FrameRange frames;
  };

  // Of every order that is not over, whoever handed it in, but `without` (an id). Orders that cannot be read
  // write nothing. Errors: io.
  static Result<FutureFiles> of_queue(const QueueFolder& queue, std::string_view without = {});

  void add(const Order& order);
  [[nodiscard]] bool empty() const { return writers_.empty(); }
  // The name of an order that writes something, by its id; empty: none of them.
  [[nodiscard]] std::string name_of(std::string_view id) const;
  // Who writes this file; null: nobody.
  [[nodiscard]] const Writer* writer_of(std::string_view path) const;
  // Who writes at least one of the files that the reference stands for.
  [[nodiscard]] const Writer* writer_of(const TracedReference& reference, std::string_view path) const;

 private:
  // Numbered files: folder, what stands before and after the digits, how many there are at least.
  struct Numbered {
    std::size_t writer = 0, width = 0;
  };
  std::vector<Writer> writers_;
  std::unordered_map<std::string, std::size_t> plain_;  // path -> writer
  std::unordered_map<std::string, std::vector<Numbered>> numbered_;
};

}  // namespace souschef::core
