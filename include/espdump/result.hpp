// Value or error, with the member names of std::expected, which it will become once every compiler has it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include <espdump/assert.hpp>

namespace espdump {

// What the user gave and cannot be used. Reads as "FILE:LINE: text"; file and line may be absent.
struct Error {
  std::string text;      // what is wrong and what to do, one line, never key bytes
  std::string file{};    // empty: not about a file
  std::size_t line = 0;  // from 1; 0: not about a line

  // "file:line: text", without what is absent.
  [[nodiscard]] std::string to_string() const {
    std::string out = file;
    if (line != 0) out += ':' + std::to_string(line);
    if (!out.empty()) out += ": ";
    return out + text;
  }
};

template <typename E>
struct Unexpected {
  E error;
};
template <typename E>
Unexpected(E) -> Unexpected<E>;

// Error{...} in one word, where a function returns a Result.
inline Unexpected<Error> fail(std::string text, std::string file = {}, std::size_t line = 0) {
  return {Error{std::move(text), std::move(file), line}};
}

template <typename T, typename E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: as std::expected
  Result(Unexpected<E> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  // The value; asserts that there is one.
  T& value() {
    ESPDUMP_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    ESPDUMP_ASSERT(has_value());
    return *std::get_if<0>(&state_);
  }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  // The error; asserts that there is one.
  E& error() {
    ESPDUMP_ASSERT(!has_value());
    return *std::get_if<1>(&state_);
  }
  const E& error() const {
    ESPDUMP_ASSERT(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, E> state_;
};

struct Nothing {};
using Status = Result<Nothing>;

}  // namespace espdump
