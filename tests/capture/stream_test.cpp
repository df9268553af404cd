#include <espdump/capture.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"
#include "support/gzip_bytes.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// The writing end of a FIFO, and who writes to it.
class Pipe {
 public:
  explicit Pipe(const std::string& path) : path_(path) { REQUIRE(mkfifo(path.c_str(), 0600) == 0); }
  void open() { fd_ = ::open(path_.c_str(), O_WRONLY); }
  void write(const ByteVector& bytes, std::size_t from, std::size_t to) const {
    REQUIRE(::write(fd_, bytes.data() + from, to - from) == static_cast<ssize_t>(to - from));
  }
  void close() const { ::close(fd_); }

 private:
  std::string path_;
  int fd_ = -1;
};

struct Stream {
  ByteVector bytes;
  std::size_t header_size;
  std::size_t first_end;  // where the first packet ends
};

Stream pcap_stream() {
  Pcap file;
  file.record(1, 0, {1, 2, 3});
  const auto first_end = file.bytes.size();
  return {file.record(2, 0, {4, 5}).bytes, 24, first_end};
}

Stream pcapng_stream() {
  Pcapng file(true);
  file.interface(1).enhanced(0, 1, {1, 2, 3});
  const auto first_end = file.bytes.size();
  return {file.block(4, ByteVector(8)).enhanced(0, 2, {4, 5}).bytes, 28, first_end};
}

}  // namespace

TEST_CASE("a pipe: a frame is there as soon as its bytes are, while the pipe stays open") {
  const Stream stream = GENERATE(pcap_stream(), pcapng_stream());
  const TemporaryDirectory directory;
  Pipe pipe(directory.path("fifo"));
  std::thread opener([&] {
    pipe.open();
    pipe.write(stream.bytes, 0, 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    pipe.write(stream.bytes, 3, stream.header_size);
  });
  auto reader = CaptureReader::open(directory.path("fifo"));
  opener.join();
  REQUIRE(reader);
  CHECK(reader->is_stream());
  CHECK(reader->would_block());

  const std::size_t middle = stream.first_end - 2;
  pipe.write(stream.bytes, stream.header_size, middle);
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    pipe.write(stream.bytes, middle, stream.first_end + 5);
  });
  const auto first = reader->next();
  writer.join();
  REQUIRE(first);
  CHECK(ByteVector(first->bytes.begin(), first->bytes.end()) == ByteVector{1, 2, 3});
  CHECK(reader->would_block());

  pipe.write(stream.bytes, stream.first_end + 5, stream.bytes.size());
  const auto second = reader->next();
  REQUIRE(second);
  CHECK(ByteVector(second->bytes.begin(), second->bytes.end()) == ByteVector{4, 5});
  pipe.close();
  CHECK_FALSE(reader->next());
  CHECK_FALSE(reader->would_block());
  CHECK_FALSE(reader->damage());
}

TEST_CASE("a pipe: frames that came together do not wait for each other") {
  const Stream stream = GENERATE(pcap_stream(), pcapng_stream());
  const TemporaryDirectory directory;
  Pipe pipe(directory.path("fifo"));
  std::thread writer([&] {
    pipe.open();
    pipe.write(stream.bytes, 0, stream.bytes.size());
  });
  auto reader = CaptureReader::open(directory.path("fifo"));
  writer.join();
  REQUIRE(reader);
  REQUIRE(reader->next());
  CHECK_FALSE(reader->would_block());
  REQUIRE(reader->next());
  CHECK(reader->would_block());
  pipe.close();
}

TEST_CASE("a pipe: a frame of a compressed capture is there as soon as its bytes are") {
  Gzip file;
  file.block(Pcap().bytes);
  const auto header_end = file.bytes.size();
  const auto record = Pcap().record(1, 0, {1, 2, 3}).bytes;
  file.block({record.begin() + 24, record.end()});
  const TemporaryDirectory directory;
  Pipe pipe(directory.path("fifo"));
  std::thread opener([&] {
    pipe.open();
    pipe.write(file.bytes, 0, header_end);
  });
  auto reader = CaptureReader::open(directory.path("fifo"));
  opener.join();
  REQUIRE(reader);
  CHECK(reader->is_stream());
  CHECK(reader->would_block());
  pipe.write(file.bytes, header_end, file.bytes.size());
  const auto first = reader->next();
  REQUIRE(first);
  CHECK(ByteVector(first->bytes.begin(), first->bytes.end()) == ByteVector{1, 2, 3});
  CHECK(reader->would_block());
  pipe.close();
  CHECK_FALSE(reader->next());
  REQUIRE(reader->damage());
  CHECK_THAT(reader->damage()->text, Catch::Contains("compressed stream (gzip) ends early"));
}

TEST_CASE("a pipe: one that ends in a record is damaged like a file") {
  const Stream stream = pcap_stream();
  const TemporaryDirectory directory;
  Pipe pipe(directory.path("fifo"));
  std::thread writer([&] {
    pipe.open();
    pipe.write(stream.bytes, 0, stream.bytes.size() - 1);
    pipe.close();
  });
  auto reader = CaptureReader::open(directory.path("fifo"));
  writer.join();
  REQUIRE(reader);
  CHECK(read_all(*reader).size() == 1);
  REQUIRE(reader->damage());
  CHECK_THAT(reader->damage()->text, Catch::Contains("ends in the middle of a record at byte 43: 17 of 18 bytes"));
}

TEST_CASE("a file that is truncated while it is read ends where it ends") {
  const TemporaryDirectory directory;
  Pcap file;
  for (int i = 0; i < 1000; ++i) file.record(1, 0, ByteVector(1000));
  const auto path = directory.file("shrinking.pcap", file.bytes);
  auto reader = CaptureReader::open(path);
  REQUIRE(reader);
  REQUIRE(reader->next());
  REQUIRE(truncate(path.c_str(), 24) == 0);
  CHECK(read_all(*reader).size() < 999);
  CHECK(reader->damage());
}
