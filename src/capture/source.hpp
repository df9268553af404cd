// The bytes of a capture file, pipe or memory block, in order, in blocks that stay in the processor's cache;
// unpacked where they are compressed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <espdump/bytes.hpp>
#include <espdump/capture.hpp>
#include <espdump/result.hpp>

namespace espdump::capture {

// A record that claims more than this is damage, not data.
inline constexpr std::size_t largest_record = 16 * 1024 * 1024;
// What records have at most, header and all, where none of them is odd: libpcap's longest, and options.
inline constexpr std::size_t usual_record = 260 * 1024;

class Unpacker;

class Source {
 public:
  // "-" is standard input. Errors: no such file, a directory, not readable.
  static Result<Source> open(const std::string& path);
  static Source over(Bytes bytes, std::string name);
  // What a compressed input holds, under the same name.
  static Source unpacked(std::unique_ptr<Unpacker> unpacker);
  Source(Source&&) noexcept;
  Source& operator=(Source&&) noexcept;
  ~Source();

  // Waits until `size` unread bytes are here; false: the input ends before. Earlier spans
  // stay valid only if they were here already.
  bool need(std::size_t size) { return here().size() >= size || fetch(size); }
  // The unread bytes that have arrived.
  [[nodiscard]] Bytes here() const { return bytes_.subspan(begin_); }
  void skip(std::size_t size) { begin_ += size; }
  // Goes on at another place. Not in a stream, nor in what is unpacked.
  void jump(std::uint64_t offset);
  // Records that begin there, or behind it, are not wanted.
  void stop_at(std::uint64_t offset) { stop_ = offset; }
  [[nodiscard]] bool stops_here() const { return offset() >= stop_; }
  // Overwrites what is here: it was a key file.
  void forget();

  // Where in the input the first unread byte stands.
  [[nodiscard]] std::uint64_t offset() const { return before_ + begin_; }
  // Whether there is another place to go on at.
  [[nodiscard]] bool can_jump() const { return !stream_ && !unpacker_; }
  // Of the file on the disk, compressed or not: how much was read, and how much there was to read when it was opened;
  // 0: that is not known.
  [[nodiscard]] ReadProgress progress() const;
  // Nothing comes behind what is here.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool is_stream() const { return stream_; }
  // As the user gave it.
  [[nodiscard]] const std::string& name() const { return name_; }
  // Null where the bytes are those of the file.
  [[nodiscard]] const Unpacker* unpacker() const { return unpacker_.get(); }
  // An error about this input.
  [[nodiscard]] Unexpected<Error> failure(std::string text) const;

  // After need() said no: why it stopped before the end of the input, if it did.
  [[nodiscard]] std::optional<Error> trouble() const;
  // After need(wanted) said no: what is wrong with an input that ends here, if anything.
  [[nodiscard]] std::optional<Error> cut(std::size_t wanted) const;
  // The same of an input that has not even a file header of `wanted` bytes.
  [[nodiscard]] Unexpected<Error> cut_header(std::size_t wanted) const;
  // The record at offset() cannot be what it claims to be.
  [[nodiscard]] Error damaged(const std::string& claim) const;

 private:
  Source();
  bool fetch(std::size_t size);
  bool read_once();
  [[nodiscard]] bool wait_for_stream() const;
  std::size_t read_file(MutableBytes room);
  [[nodiscard]] std::string place() const;
  void make_room(std::size_t size);
  void close() noexcept;

  std::string name_;
  int fd_ = -1;
  std::unique_ptr<Unpacker> unpacker_;  // in place of fd_
  std::uint64_t size_ = 0;              // of a regular file
  bool stream_ = false;
  bool ended_ = false;
  int read_error_ = 0;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t capacity_ = 0;
  Bytes bytes_;               // what has arrived and is kept: the used part of the buffer, or the memory given
  std::size_t begin_ = 0;     // of these, how many were read
  std::uint64_t before_ = 0;  // bytes of the input before bytes_
  std::uint64_t stop_ = UINT64_MAX;
};

}  // namespace espdump::capture
