// SPDX-License-Identifier: MIT
// A value or an Error: a subset of std::expected<T, Error> under the same names, so that a later switch is an
// alias. Ours is used even where the standard library has one: a header that chose by feature macro would
// give a plugin built as C++23 another type than its host.
#pragma once

#include <cstdlib>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <souschef/error.hpp>

namespace souschef {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  template <class U = T>
  requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // The value; asking for it when there is none is a bug and ends the program.
  T& value() & { return checked(*this); }
  const T& value() const& { return checked(*this); }
  T&& value() && { return std::move(checked(*this)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  T value_or(U&& other) && {
    return has_value() ? std::move(*this).value() : static_cast<T>(std::forward<U>(other));
  }

  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::move(std::get<1>(state_)); }

 private:
  template <class Self>
  static auto& checked(Self& self) {
    auto* value = std::get_if<0>(&self.state_);
    if (value == nullptr) std::abort();
    return *value;
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (error_) std::abort();
  }

  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace souschef

// SOUSCHEF_TRY(auto pack, open_pack(id));   declares `pack`, or returns the error
// SOUSCHEF_CHECK(sync_folder(path));        goes on, or returns the error
#define SOUSCHEF_TRY_JOIN2(a, b) a##b
#define SOUSCHEF_TRY_JOIN(a, b) SOUSCHEF_TRY_JOIN2(a, b)
#define SOUSCHEF_TRY_AS(name, declaration, ...)          \
  auto name = (__VA_ARGS__);                             \
  if (!name.has_value()) return std::move(name).error(); \
  declaration = std::move(name).value()
#define SOUSCHEF_TRY(declaration, ...) \
  SOUSCHEF_TRY_AS(SOUSCHEF_TRY_JOIN(souschef_try_, __COUNTER__), declaration, __VA_ARGS__)
#define SOUSCHEF_CHECK(...)                                                   \
  do {                                                                        \
    if (auto souschef_checked = (__VA_ARGS__); !souschef_checked.has_value()) \
      return std::move(souschef_checked).error();                             \
  } while (false)
