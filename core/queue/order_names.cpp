// SPDX-License-Identifier: MIT
#include "core/queue/order_names.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "core/base/suggestion.hpp"
#include "core/queue/order_row.hpp"
#include "core/queue/order_words.hpp"
#include "store/atomic_file.hpp"
#include "store/file_system.hpp"

namespace souschef::core {
namespace {

constexpr std::size_t kLongestName = 32;
constexpr int kTries = 16;  // by chance, before the free words are looked up
constexpr int kNumbersTried = 10000;
constexpr std::size_t kShortestId = 8;
constexpr std::uint64_t kLargestEntry = 100;

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// True if the name is ours now, false if it was taken.
Result<bool> try_claim(const QueueFolder& queue, std::string_view order_id, std::string_view name) {
  const auto folder = queue.name_folder(name);
  if (Status made = queue.disk->make_folder(folder); !made) {
    if (made.error().code == ErrorCode::exists) return false;
    return std::move(made.error());
  }
  // The claim itself is on disk; whose it is also stands in the order, where it is looked up if need be.
  SOUSCHEF_CHECK(
      store::publish_file(*queue.disk, folder / "order", order_id, {.durability = store::Durability::none}));
  SOUSCHEF_CHECK(queue.disk->sync_folder(queue.names()));
  return true;
}

std::vector<std::string> taken_names(const QueueFolder& queue) {
  std::vector<std::string> names;
  if (auto entries = queue.disk->list(queue.names()))
    for (const store::FolderEntry& entry : *entries) names.push_back(entry.name);
  return names;
}

// The free words, in an order of chance; then words with a number.
Result<std::string> claim_when_crowded(const QueueFolder& queue, std::string_view order_id,
                                       const ChanceFunction& chance) {
  const auto taken = taken_names(queue);  // sorted
  std::vector<std::string_view> free;
  for (const std::string_view word : kOrderWords)
    if (!std::binary_search(taken.begin(), taken.end(), word)) free.push_back(word);
  while (!free.empty()) {
    const auto pick = static_cast<std::ptrdiff_t>(chance(free.size()));
    SOUSCHEF_TRY(const bool ours, try_claim(queue, order_id, free[static_cast<std::size_t>(pick)]));
    if (ours) return std::string(free[static_cast<std::size_t>(pick)]);
    free.erase(free.begin() + pick);
  }
  for (int i = 0; i < kNumbersTried; ++i) {
    const std::uint64_t most = 10 + taken.size() / kOrderWords.size() * 4;
    const std::string name =
        std::string(kOrderWords[chance(kOrderWords.size())]) + std::to_string(2 + chance(most));
    SOUSCHEF_TRY(const bool ours, try_claim(queue, order_id, name));
    if (ours) return name;
  }
  return Error(ErrorCode::exists, "no name for the order is free").next_step("souschef clean");
}

bool looks_like_id(std::string_view text) {
  return text.size() >= kShortestId && text.size() <= 26 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

Error no_such_order(const QueueFolder& queue, std::string_view wanted) {
  Error error(ErrorCode::not_found, "no such order: " + std::string(wanted));
  const std::string guess = closest_word(std::string(wanted), taken_names(queue));
  if (!guess.empty()) return std::move(error).next_step("did you mean " + guess + "?");
  return std::move(error).next_step("souschef list  shows all orders");
}

}  // namespace

std::uint64_t real_chance(std::uint64_t bound) {
  static thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(generator);
}

Status check_order_name(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= kLongestName && is_letter(name.front()) &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
  if (good) return {};
  return Error(ErrorCode::usage, "not a name for an order: " + std::string(name),
               "names are small letters, digits and '-', begin with a letter and have at most 32 characters");
}

Result<std::string> claim_order_name(const QueueFolder& queue, std::string_view order_id,
                                     const ChanceFunction& chance) {
  for (int i = 0; i < kTries; ++i) {
    const std::string_view word = kOrderWords[chance(kOrderWords.size())];
    SOUSCHEF_TRY(const bool ours, try_claim(queue, order_id, word));
    if (ours) return std::string(word);
  }
  return claim_when_crowded(queue, order_id, chance);
}

Status claim_order_name(const QueueFolder& queue, std::string_view order_id, std::string_view name) {
  SOUSCHEF_CHECK(check_order_name(name));
  SOUSCHEF_TRY(const bool ours, try_claim(queue, order_id, name));
  if (ours) return {};
  return Error(ErrorCode::exists, "there is an order named " + std::string(name) + " already")
      .next_step("souschef show " + std::string(name) + ", or choose another name");
}

Result<std::string> find_order(const QueueFolder& queue, std::string_view name_or_id) {
  if (check_order_name(name_or_id)) {
    auto id = store::read_file(*queue.disk, queue.name_folder(name_or_id) / "order", kLargestEntry);
    if (id && !id->empty()) return std::move(*id);
    if (!id && id.error().code != ErrorCode::not_found) return std::move(id.error());
    if (const auto lines = RowLines::read(queue))
      for (const auto& [order, row] : lines->rows())
        if (row.name == name_or_id) return order;
  }
  if (looks_like_id(name_or_id)) {
    std::vector<std::string> found;
    if (auto entries = queue.disk->list(queue.orders()))
      for (const store::FolderEntry& entry : *entries)
        if (entry.name.starts_with(name_or_id)) found.push_back(entry.name);
    if (found.size() == 1) return std::move(found.front());
  }
  return no_such_order(queue, name_or_id);
}

Status release_order_name(const QueueFolder& queue, std::string_view name) {
  return store::remove_tree(*queue.disk, queue.name_folder(name));
}

}  // namespace souschef::core
