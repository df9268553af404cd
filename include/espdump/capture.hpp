// Reading captures (pcap and pcapng, plain or compressed) and writing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/bytes.hpp>
#include <espdump/finding.hpp>
#include <espdump/result.hpp>

namespace espdump {

// One captured frame. `bytes` is valid until the reader it came from is asked for the next one.
struct Frame {
  FrameNumber number = 0;       // from 1 within its file, as Wireshark counts
  std::uint16_t file = 0;       // index of the capture in the order given
  std::uint32_t interface = 0;  // pcapng interface number, counted over all sections; 0 in pcap
  Timestamp time;
  std::uint32_t link_type = 0;  // LINKTYPE_ value, as in the file
  Bytes bytes;
  std::size_t wire_length = 0;  // at least bytes.size()
};

// Bytes of files on the disk, as they lie there.
struct ReadProgress {
  std::uint64_t read = 0;
  std::uint64_t total = 0;  // 0: not known
};

// A part of a capture: the records that begin in these bytes, the last one excluded. They need not be borders of
// records.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = UINT64_MAX;
  [[nodiscard]] bool is_all() const { return begin == 0 && end == UINT64_MAX; }
};

// Where a reader is. What is read from a place on says the same wherever reading began before.
struct CapturePlace {
  std::uint64_t offset = 0;        // of a record, in bytes; of a compressed capture once unpacked
  std::uint64_t descriptions = 0;  // a hash of those of sections and interfaces so far, in pcapng; 0: there are none
  bool operator==(const CapturePlace& other) const {
    return offset == other.offset && descriptions == other.descriptions;
  }
  bool operator!=(const CapturePlace& other) const { return !(*this == other); }
};

// Frames of one file, in file order. Memory does not grow with the capture.
class CaptureReader {
 public:
  // "-" is standard input, read as a stream: a frame is handed out as soon as it has arrived.
  // Errors: no such file, a directory, empty, not a capture, header cut short, unknown version, compressed in a way
  // that this build cannot undo.
  // Of a range what lies before it is not read, but for 260 KiB in which a chain of records is found that is longer
  // than any record (or, where there is none, all of it): that it is the right one shows where another reader's range
  // ends at the same place(). Frames are numbered from 1 within it. Errors: a pipe, compressed, a file that ends
  // before.
  static Result<CaptureReader> open(const std::string& path, const ByteRange& range = {});
  // The same from memory, for tests and fuzzers; `bytes` must outlive the reader.
  static Result<CaptureReader> over(Bytes bytes, std::string name, const ByteRange& range = {});

  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;
  ~CaptureReader();

  // The next frame, or nothing at the end. Where the file is damaged or ends in the middle of a record,
  // reading ends and damage() says so.
  std::optional<Frame> next();
  // Goes forward to the first record that begins at `offset` or behind it, as open() does for a range.
  Status seek(std::uint64_t offset);
  // Why reading ended before the end of the file; text, file name, and the byte offset in the text. Of a compressed
  // file also that its checksum does not hold.
  [[nodiscard]] const std::optional<Error>& damage() const;
  [[nodiscard]] const std::string& name() const;
  // Of the next record; after the last one where reading ended, and of a range where the next one begins.
  [[nodiscard]] CapturePlace place() const;
  // It is a file on the disk, as it is: parts of it can be read.
  [[nodiscard]] bool is_in_place() const;
  // True where next() may have to wait for bytes of a pipe or terminal.
  [[nodiscard]] bool is_stream() const;
  // True where next() would have to ask the operating system for more bytes: a good moment to flush output.
  // While it is false, next() moves nothing: the bytes of the frames handed out before stay valid, too.
  [[nodiscard]] bool would_block() const;
  [[nodiscard]] ReadProgress progress() const;

 private:
  struct State;
  explicit CaptureReader(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

// Frames of several files merged by time (of equal times, the file given first comes first); within a file
// the order stays as it is, whatever its clock did.
class CaptureSet {
 public:
  // Opens all; the error names the first that cannot be opened. One path or many.
  static Result<CaptureSet> open(const std::vector<std::string>& paths);
  // Opens those that can be opened, in the order given; for each of the others one error.
  static CaptureSet open_readable(const std::vector<std::string>& paths, std::vector<Error>& failures);
  // Those that are open already.
  static CaptureSet of(std::vector<CaptureReader> readers);
  CaptureSet();  // of no file
  CaptureSet(CaptureSet&&) noexcept;
  CaptureSet& operator=(CaptureSet&&) noexcept;
  ~CaptureSet();

  std::optional<Frame> next();
  // One entry for each file whose reading ended before its end.
  [[nodiscard]] std::vector<Error> damages() const;
  [[nodiscard]] std::size_t files() const;
  [[nodiscard]] const std::string& name(std::size_t file) const;
  // As CaptureReader::place(), of a set of one file: of others frames that wait for earlier ones were read already.
  [[nodiscard]] CapturePlace place(std::size_t file) const;
  // As CaptureReader::would_block(), and with the same promise.
  [[nodiscard]] bool would_block() const;
  // One of them is a pipe, socket or terminal, which may keep its reader waiting.
  [[nodiscard]] bool has_stream() const;
  // Of all of them together; not known where that of one is not.
  [[nodiscard]] ReadProgress progress() const;

 private:
  struct State;
  explicit CaptureSet(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

// A pcap-filter(7) expression, compiled once per link type that occurs.
class PacketFilter {
 public:
  // Checks the expression (for Ethernet, else raw IP); the error carries libpcap's own words.
  static Result<PacketFilter> compile(const std::string& expression);
  // Checks it for one link type: RAW for a filter of inner packets.
  static Result<PacketFilter> compile(const std::string& expression, std::uint32_t link_type);
  PacketFilter(PacketFilter&&) noexcept;
  PacketFilter& operator=(PacketFilter&&) noexcept;
  ~PacketFilter();

  // An expression that makes no sense for a link type matches none of its frames.
  bool matches(std::uint32_t link_type, Bytes bytes, std::size_t wire_length);

 private:
  struct State;
  explicit PacketFilter(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

inline constexpr std::uint32_t link_type_raw = 101;  // LINKTYPE_RAW: an IPv4 or IPv6 header comes first

// Writes a capture with nanoseconds, of link type RAW unless another is asked for: pcapng where the path ends in
// ".pcapng", else pcap. A file stands under its name only once it is closed; before, it is FILE.part, and is gone when
// the writer dies without close() or close() reports an error.
class CaptureWriter {
 public:
  // "-" is standard output. Errors: cannot be created, and why.
  static Result<CaptureWriter> create(const std::string& path, std::uint32_t link_type = link_type_raw);
  CaptureWriter(CaptureWriter&&) noexcept;
  CaptureWriter& operator=(CaptureWriter&&) noexcept;
  ~CaptureWriter();

  // As AsideFile::entrust(): its name is given by a process of its own.
  Status entrust();
  // Before the first packet: they begin as this says, not as create() was told.
  void use_link_type(std::uint32_t link_type);
  // Whether the format has room for comments: nobody needs to make them up for pcap.
  [[nodiscard]] bool keeps_comments() const;
  // `packet` begins as the link type says, RAW with an IP header; the comment is UTF-8, and its lines end in newlines
  // but for the last. Errors (disk full …) are kept and told by close().
  void write(Timestamp time, Bytes packet, std::size_t wire_length, std::string_view comment = {});
  // Hands over what is buffered; for where the input would block.
  void flush();
  // Flushes and closes; the error of this or any earlier write.
  Status close();

 private:
  struct State;
  explicit CaptureWriter(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

// The name libpcap gives a LINKTYPE_ value ("EN10MB"), or "linktype N".
std::string link_type_name(std::uint32_t link_type);

}  // namespace espdump
