// Text with keys in it on its way to a descriptor: it stands in locked memory only, and is wiped once written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <espdump/secret.hpp>

namespace espdump::keys {

class SecretOutput {
 public:
  // Writes to a file descriptor, which stays open.
  explicit SecretOutput(int descriptor);
  // Appends to a string instead: for tests.
  explicit SecretOutput(std::string* memory);
  SecretOutput(const SecretOutput&) = delete;
  SecretOutput& operator=(const SecretOutput&) = delete;
  ~SecretOutput();

  void write(std::string_view text);
  // The key in hexadecimal digits.
  void hex(const Secret& key);
  void flush();
  // 0, or the errno of the first write that failed; nothing is written after it.
  [[nodiscard]] int error() const { return error_; }

 private:
  void put(char c);

  int descriptor_ = -1;
  std::string* memory_ = nullptr;
  char* buffer_;
  std::size_t size_ = 0;
  int error_ = 0;
};

}  // namespace espdump::keys
