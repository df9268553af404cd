// Keys and key text in memory that is locked, guarded, left out of core dumps and wiped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <espdump/bytes.hpp>
#include <espdump/result.hpp>

namespace espdump {

class SecretArena;

// A handle on key bytes inside a SecretArena, which must outlive it. It cannot be compared, printed or
// turned into bytes but by reveal(), which only key importers and crypto call (a lint holds them to it).
class Secret {
 public:
  Secret() = default;
  [[nodiscard]] std::size_t size() const { return size_; }  // bytes
  [[nodiscard]] bool empty() const { return size_ == 0; }
  bool operator==(const Secret&) const = delete;

 private:
  friend class SecretArena;
  friend Bytes reveal(const Secret&) noexcept;
  friend bool same_secret(const Secret&, const Secret&) noexcept;
  Secret(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  const std::uint8_t* bytes_ = nullptr;
  std::size_t size_ = 0;
};

// The key bytes themselves, as long as the arena lives.
Bytes reveal(const Secret&) noexcept;
// Compares in constant time (of equal lengths).
bool same_secret(const Secret&, const Secret&) noexcept;

// A few guarded regions for all keys.
class SecretArena {
 public:
  SecretArena();
  SecretArena(SecretArena&&) noexcept;
  SecretArena& operator=(SecretArena&&) noexcept;
  ~SecretArena();

  // Copies `bytes` in; the caller wipes its own copy.
  Secret store(Bytes bytes);
  // `size` writable bytes, e.g. to decode hex into, and the handle that they will be.
  MutableBytes allocate(std::size_t size, Secret& handle);
  // From here on the memory can only be read; store() and allocate() assert.
  void seal();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The text of a key file: as secret as the keys in it. Locked and guarded; wiped at the end of its life.
class SecretText {
 public:
  // Reads a file, a FIFO or, for "-", standard input, to its end.
  // Errors: no such file, a directory, unreadable.
  static Result<SecretText> read(const std::string& path);
  // A copy, for tests.
  static SecretText copy(Bytes bytes);
  SecretText(SecretText&&) noexcept;
  SecretText& operator=(SecretText&&) noexcept;
  ~SecretText();
  [[nodiscard]] Bytes bytes() const;
  // It was read from a file that every user of the system can read.
  [[nodiscard]] bool others_can_read() const { return others_can_read_; }

 private:
  SecretText();
  std::uint8_t* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool others_can_read_ = false;
};

// No core dumps and no debugger attachment from here on; called before any key is read. What cannot be
// done on this system is left undone.
void forbid_core_dumps() noexcept;

}  // namespace espdump
