// A buffer from libsodium, written without the buffers of the C library, which nobody wipes.
#include "keys/secret_output.hpp"

#include <sodium.h>

#include <espdump/assert.hpp>

#include "base/write_all.hpp"

namespace espdump::keys {
namespace {

constexpr std::size_t capacity = 64 * 1024;

char* locked_buffer() {
  ESPDUMP_ASSERT(sodium_init() >= 0);
  auto* buffer = static_cast<char*>(sodium_malloc(capacity));
  ESPDUMP_ASSERT(buffer != nullptr);
  return buffer;
}

}  // namespace

SecretOutput::SecretOutput(int descriptor) : descriptor_(descriptor), buffer_(locked_buffer()) {}
SecretOutput::SecretOutput(std::string* memory) : memory_(memory), buffer_(locked_buffer()) {}

SecretOutput::~SecretOutput() {
  flush();
  sodium_free(buffer_);  // wipes
}

void SecretOutput::put(char c) {
  if (size_ == capacity) flush();
  buffer_[size_++] = c;
}

void SecretOutput::write(std::string_view text) {
  for (const char c : text) put(c);
}

void SecretOutput::hex(const Secret& key) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::uint8_t byte : reveal(key)) {
    put(digits[byte >> 4]);
    put(digits[byte & 15]);
  }
}

void SecretOutput::flush() {
  const std::string_view text{buffer_, size_};
  if (memory_ != nullptr)
    memory_->append(text);
  else if (error_ == 0)
    error_ = write_all(descriptor_, text);
  sodium_memzero(buffer_, size_);
  size_ = 0;
}

}  // namespace espdump::keys
