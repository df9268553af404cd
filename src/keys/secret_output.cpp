// A buffer from libsodium, written without the buffers of the C library, which nobody wipes.
#include "keys/secret_output.hpp"

#include <sodium.h>
#include <unistd.h>

#include <cerrno>

#include <espdump/assert.hpp>

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
  std::string_view left{buffer_, size_};
  if (memory_ != nullptr) memory_->append(left);
  while (memory_ == nullptr && error_ == 0 && !left.empty()) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      error_ = errno;
    else
      left.remove_prefix(static_cast<std::size_t>(written));
  }
  sodium_memzero(buffer_, size_);
  size_ = 0;
}

}  // namespace espdump::keys
