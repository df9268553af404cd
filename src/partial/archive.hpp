// Numbers on their way to a partial result and back: by columns, so that like stands beside like and compresses.
// The same function describes a structure to a Packer and to an Unpacker. What is read into may have been read into
// before, and keeps its memory: every member is described, or else reset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <espdump/bytes.hpp>

#include "base/packet_hash.hpp"

namespace espdump::partial {

// Each is a stream of its own.
enum class Column : std::uint8_t {
  shape,     // of a frame: which of those before it is like it in all that seldom changes
  shapes,    // those that are new
  number,    // frame numbers, as distances
  time,      // nanoseconds, as distances
  size,      // of frames
  padding,   // pad lengths of ESP
  digest,    // of packets
  model,     // which of the latest headers of that shape is the most like
  position,  // of bytes that differ from it, as distances
  value,     // of these bytes
  start,     // headers that are like none before them
  bytes,
  text,
  other,
  count,
};
inline constexpr std::size_t columns = static_cast<std::size_t>(Column::count);
using Stream = std::vector<std::uint8_t>;

inline std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1U ^ (value < 0 ? ~std::uint64_t{0} : 0);
}
inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

// Seven bits a byte, the lowest first.
void put_number(Stream& out, std::uint64_t value);

// A stream that is read; a number that is not there is 0, and noted in `failed`, which outlives it.
class Cursor {
 public:
  Cursor() = default;
  Cursor(Bytes bytes, bool& failed) : next_(bytes.data()), end_(bytes.data() + bytes.size()), failed_(&failed) {}
  std::uint64_t number() { return next_ != end_ && *next_ < 0x80 ? *next_++ : long_number(); }
  Bytes take(std::size_t size);
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - next_); }

 private:
  std::uint64_t long_number();

  const std::uint8_t *next_ = nullptr, *end_ = nullptr;
  bool* failed_ = nullptr;
};

// The latest headers of each shape: what comes next mostly differs from one of them in a few bytes.
class Models {
 public:
  static constexpr std::size_t most = 8;  // of one shape
  using Row = std::vector<std::uint8_t>;

  explicit Models(std::size_t most_rows = 65'536) : most_rows_(most_rows) {}
  // Those of the row with that place in frames of a shape, the latest first.
  [[nodiscard]] std::vector<Row>& of(std::uint64_t shape, std::size_t place);
  // In the place of the one it is like, where there is one.
  void add(std::vector<Row>& rows, std::size_t like, const Row& row);
  // The one it is like was changed to it.
  static void move_up(std::vector<Row>& rows, std::size_t like);

 private:
  std::size_t most_rows_, count_ = 0;
  std::vector<std::vector<std::vector<Row>>> rows_;  // by shape and place
};

class Packer {
 public:
  static constexpr bool reads = false;

  // What seldom changes from one frame of a flow to the next.
  template <typename T>
  void shape(T& value) {
    put_number(shape_, static_cast<std::uint64_t>(value));
  }
  void shape_of(std::int64_t& difference) { put_number(shape_, zigzag(difference)); }
  template <typename T>
  void number(Column column, T& value) {
    put_number(at(column), static_cast<std::uint64_t>(value));
  }
  // What is near another number.
  template <typename T>
  void near(Column column, T& value, std::int64_t other) {
    put_number(at(column), zigzag(static_cast<std::int64_t>(value) - other));
  }
  void digest(std::uint64_t& value);
  void text(std::string& value);
  void bytes(std::vector<std::uint8_t>& value);
  void row(std::vector<std::uint8_t>& value);
  // How many there are; `most` is what a reader believes.
  template <typename T>
  void size(std::vector<T>& list, std::size_t most) {
    put_number(shape_, list.size());
    static_cast<void>(most);
  }

  void begin_frame() { shape_.clear(), rows_.clear(); }
  void end_frame();
  [[nodiscard]] bool failed() const { return false; }
  Stream& at(Column column) { return streams_[static_cast<std::size_t>(column)]; }
  [[nodiscard]] const std::array<Stream, columns>& streams() const { return streams_; }
  [[nodiscard]] std::size_t size() const;
  void clear();

 private:
  std::array<Stream, columns> streams_;
  Stream shape_;
  std::vector<std::vector<std::uint8_t>> rows_;  // of the frame under way
  std::unordered_map<std::string, std::uint64_t, SecretHash> shapes_;
  Models models_;
};

class Unpacker {
 public:
  static constexpr bool reads = true;

  // What a frame that is read takes in memory beside itself is limited, for few bytes can ask for a lot.
  explicit Unpacker(std::array<Stream, columns> streams,
                    std::size_t most_memory = std::numeric_limits<std::size_t>::max());
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  template <typename T>
  void shape(T& value) {
    value = narrow<T>(shape_.number());
  }
  void shape_of(std::int64_t& difference) { difference = unzigzag(shape_.number()); }
  template <typename T>
  void number(Column column, T& value) {
    value = narrow<T>(at(column).number());
  }
  template <typename T>
  void near(Column column, T& value, std::int64_t other) {
    value =
        static_cast<T>(static_cast<std::uint64_t>(unzigzag(at(column).number())) + static_cast<std::uint64_t>(other));
  }
  void digest(std::uint64_t& value);
  void text(std::string& value);
  void bytes(std::vector<std::uint8_t>& value);
  void row(std::vector<std::uint8_t>& value);
  template <typename T>
  void size(std::vector<T>& list, std::size_t most) {
    const std::uint64_t count = shape_.number();
    if (count > most || !has_room(count * sizeof(T))) failed_ = true;
    list.resize(failed_ ? 0 : static_cast<std::size_t>(count));
  }

  void begin_frame();
  void end_frame() {}
  [[nodiscard]] bool failed() const { return failed_; }
  void fail() { failed_ = true; }
  // Of the frame under way, in bytes.
  [[nodiscard]] std::size_t memory() const { return memory_; }
  [[nodiscard]] bool ended() const { return cursors_[0].left() == 0; }
  Cursor& at(Column column) { return cursors_[static_cast<std::size_t>(column)]; }

 private:
  void change(std::vector<std::uint8_t>& row, std::uint64_t changes);
  bool has_room(std::uint64_t bytes) {
    if (bytes > most_memory_ - memory_) return false;
    memory_ += static_cast<std::size_t>(bytes);
    return true;
  }
  template <typename T>
  T narrow(std::uint64_t value) {
    if constexpr (std::is_enum_v<T>) {
      return static_cast<T>(narrow<std::underlying_type_t<T>>(value));
    } else {
      const T out = static_cast<T>(value);
      if (static_cast<std::uint64_t>(out) != value) failed_ = true;
      return out;
    }
  }

  std::array<Stream, columns> streams_;
  std::array<Cursor, columns> cursors_;
  Cursor shape_;
  std::uint64_t shape_number_ = 0;
  std::size_t rows_ = 0;  // of the frame under way
  std::size_t memory_ = 0, most_memory_;
  std::vector<Stream> shapes_;
  Models models_;
  bool failed_ = false;
};

}  // namespace espdump::partial
