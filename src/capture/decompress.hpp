// Unpacking of compressed captures while their bytes arrive: recognised by content, in memory that does not grow.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "capture/codec.hpp"
#include "capture/source.hpp"

namespace espdump::capture {

struct Compression {
  std::string_view name;  // of the command that undoes it
  std::string_view magic;
  std::string_view library;
  std::unique_ptr<Codec> (*make)();
};

std::span<const Compression> all_compressions() noexcept;
// The one that an input beginning with these bytes has; null: none.
const Compression* find_compression(Bytes first) noexcept;
// What to type to have it undone by its own command.
std::string unpack_command(const Compression& compression, const std::string& file);

// Hands out what a compressed input holds: all its members, one behind the other.
class Unpacker {
 public:
  Unpacker(Source packed, const Compression& compression, std::unique_ptr<Codec> codec)
      : packed_(std::move(packed)), compression_(compression), codec_(std::move(codec)) {}

  // Waits until there is something, and says how much; 0: the end.
  std::size_t read(MutableBytes room);
  // After read() gave 0: what is wrong with the compressed input, if anything.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] const Compression& compression() const { return compression_; }
  [[nodiscard]] Source& packed() { return packed_; }

 private:
  void skip_padding();
  void judge(CodecState state);
  void ended();
  void failed(std::string text);

  Source packed_;
  const Compression& compression_;
  std::unique_ptr<Codec> codec_;
  CodecState state_ = CodecState::within;
  std::optional<Error> error_;
};

}  // namespace espdump::capture
