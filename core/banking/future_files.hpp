// SPDX-License-Identifier: MIT
// What the orders of the queue are going to write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <souschef/frame_range.hpp>
#include <souschef/result.hpp>
#include <souschef/tracer.hpp>

#include "core/banking/reference_files.hpp"
#include "core/queue/order.hpp"
#include "core/queue/queue_folder.hpp"

namespace souschef::core {

// A value. Paths are bytes, relative to the production. One thread at a time: an order of the queue is read
// when somebody asks for a file below the folder in which it writes.
class FutureFiles {
 public:
  struct Writer {
    std::string id, name;  // of the order
    FrameRange frames;
    std::size_t place = 0;  // in the queue
  };

  // Of every order that is not over, whoever handed it in, but `without` (an id). Orders that cannot be read
  // write nothing. Where several write a file, the last one in the queue counts. Errors: io.
  static Result<FutureFiles> of_queue(const QueueFolder& queue, std::string_view without = {});

  void add(const Order& order) { add(order, writers_.size()); }
  [[nodiscard]] bool empty() const { return writers_.empty() && unread_.empty(); }
  // The name of an order that writes something, by its id; empty: none of them.
  [[nodiscard]] std::string name_of(std::string_view id) const;
  // Who writes this file; null: nobody.
  [[nodiscard]] const Writer* writer_of(std::string_view path);
  using Writers = std::vector<const Writer*>;
  // All who write files that the reference stands for; none twice.
  [[nodiscard]] Writers writers_of(const TracedReference& reference, std::string_view path);

 private:
  // Files that are numbered by frame, with at least so many digits. The key has folder, what stands before
  // the digits and what behind; a "-" before those of negative frames is a part of it.
  struct Numbered {
    std::size_t writer = 0, width = 0;
    bool negative = false;  // frame -5 stands as 5
  };
  using Paths = std::map<std::string, std::size_t, std::less<>>;

  // An order of the queue.
  struct Unread {
    std::string id;
    std::size_t place = 0;
  };

  void add(const Order& order, std::size_t place);
  void add_numbered(std::string_view path, std::size_t writer);
  void read_those_of(std::string_view path);
  void read_those_below(std::string_view folder);
  void read(const std::vector<Unread>& orders);
  [[nodiscard]] const Writer* file(std::string_view path) const;
  [[nodiscard]] Writers alone(std::string_view path) const;
  [[nodiscard]] Writers sequence(const TracedReference& reference, std::string_view path) const;
  [[nodiscard]] Writers tiles(std::string_view path, bool udim) const;
  [[nodiscard]] Writers below(std::string_view folder, std::string_view pattern) const;
  [[nodiscard]] const std::vector<Numbered>* numbered(std::string_view path,
                                                      const std::optional<DigitRun>& run) const;
  // Whether a frame of this order has this number, as these files write it.
  [[nodiscard]] bool has_number(const Numbered& each, std::int64_t number) const;
  // Adds those who write files with numbers in this range, each what nobody writes after it.
  void add_numbers(const std::vector<Numbered>& candidates, std::int64_t first, std::int64_t last,
                   Writers& writers) const;

  QueueFolder queue_;
  std::map<std::string, std::vector<Unread>, std::less<>> unread_;   // by OrderRow::writes_below
  std::deque<Writer> writers_;                                       // stay where they are
  Paths plain_;                                                      // path -> writer
  std::unordered_map<std::string, std::vector<Numbered>> numbered_;  // the last one in the queue first
};

}  // namespace souschef::core
