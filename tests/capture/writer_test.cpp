#include <espdump/capture.hpp>

#include <fcntl.h>
#include <pcap/pcap.h>
#include <sys/stat.h>

#include <csignal>
#include <thread>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

CaptureWriter writer_for(const std::string& path) {
  auto writer = CaptureWriter::create(path);
  REQUIRE(writer);
  return std::move(*writer);
}

}  // namespace

TEST_CASE("capture writer: what was written is read back") {
  const TemporaryDirectory directory;
  const auto path = directory.path("out.pcap");
  auto writer = writer_for(path);
  std::vector<ByteVector> packets;
  for (std::size_t i = 0; i < 500; ++i) {
    packets.emplace_back(i * 13 % 1500, static_cast<std::uint8_t>(i));
    writer.write({1700000000123456789 + static_cast<std::int64_t>(i)}, packets.back(), 1500);
  }
  REQUIRE(writer.close());
  auto reader = CaptureReader::open(path);
  REQUIRE(reader);
  const auto frames = read_all(*reader);
  CHECK_FALSE(reader->damage());
  REQUIRE(frames.size() == packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    CHECK(frames[i].bytes == packets[i]);
    CHECK(frames[i].frame.time.nanoseconds == 1700000000123456789 + static_cast<std::int64_t>(i));
    CHECK(frames[i].frame.wire_length == 1500);
    CHECK(frames[i].frame.link_type == link_type_raw);
  }
}

TEST_CASE("capture writer: libpcap reads what was written") {
  const TemporaryDirectory directory;
  const auto path = directory.path("out.pcap");
  auto writer = writer_for(path);
  const ByteVector packet{0x45, 2, 3};
  writer.write({1700000000123456789}, packet, 60);
  writer.write({-1}, packet, 0);
  REQUIRE(writer.close());
  char error[PCAP_ERRBUF_SIZE] = {};
  pcap_t* handle = pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  REQUIRE(handle != nullptr);
  CHECK(pcap_datalink(handle) == DLT_RAW);
  CHECK(pcap_snapshot(handle) == 262144);
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  REQUIRE(pcap_next_ex(handle, &header, &bytes) == 1);
  CHECK(header->ts.tv_sec == 1700000000);
  CHECK(header->ts.tv_usec == 123456789);
  CHECK(header->len == 60);
  CHECK(ByteVector(bytes, bytes + header->caplen) == packet);
  REQUIRE(pcap_next_ex(handle, &header, &bytes) == 1);
  CHECK(header->len == 3);
  CHECK(header->ts.tv_sec == 0);
  CHECK(pcap_next_ex(handle, &header, &bytes) == PCAP_ERROR_BREAK);
  pcap_close(handle);
}

TEST_CASE("capture writer: no file stands under the name before it is whole") {
  const TemporaryDirectory directory;
  const auto path = directory.file("out.pcap", {1, 2, 3});
  {
    auto writer = writer_for(path);
    writer.write({1}, ByteVector{1}, 1);
    CHECK(exists(path + ".part"));
    CHECK(read_file(path) == ByteVector{1, 2, 3});
  }
  CHECK_FALSE(exists(path + ".part"));
  CHECK(read_file(path) == ByteVector{1, 2, 3});
  REQUIRE(writer_for(path).close());
  CHECK_FALSE(exists(path + ".part"));
  CHECK(read_file(path).size() == 24);
}

TEST_CASE("capture writer: a symbolic link keeps pointing to the file") {
  const TemporaryDirectory directory;
  const auto target = directory.file("target", {1}), link = directory.path("link");
  REQUIRE(symlink(target.c_str(), link.c_str()) == 0);
  REQUIRE(writer_for(link).close());
  CHECK(read_file(target).size() == 24);
  struct stat status {};
  REQUIRE(lstat(link.c_str(), &status) == 0);
  CHECK(S_ISLNK(status.st_mode));
}

TEST_CASE("capture writer: what cannot be created is named") {
  const TemporaryDirectory directory;
  const auto path = directory.path("none/out.pcap");
  CHECK(CaptureWriter::create(path).error().to_string() == path + ": cannot be created: No such file or directory");
  CHECK_THAT(CaptureWriter::create(directory.path("")).error().text, Catch::Contains("is a directory"));
}

TEST_CASE("capture writer: errors are kept until close") {
  if (!exists("/dev/full")) return;
  auto writer = writer_for("/dev/full");
  for (int i = 0; i < 1000; ++i) writer.write({1}, ByteVector(1000), 1000);
  const auto status = writer.close();
  REQUIRE_FALSE(status);
  CHECK(Result(status).error().to_string() == "/dev/full: cannot be written: No space left on device");
  CHECK_FALSE(exists("/dev/full.part"));
}

TEST_CASE("capture writer: devices and pipes are written in place, and flushed on demand") {
  REQUIRE(writer_for("/dev/null").close());
  const TemporaryDirectory directory;
  const auto path = directory.path("fifo");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  auto writer = writer_for(path);
  writer.write({1}, ByteVector{1, 2, 3}, 3);
  ByteVector room(100);
  CHECK(read(fd, room.data(), room.size()) == -1);
  writer.flush();
  CHECK(read(fd, room.data(), room.size()) == 24 + 16 + 3);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  close(fd);
  writer.write({1}, ByteVector{1, 2, 3}, 3);
  auto status = writer.close();
  std::signal(SIGPIPE, before);
  REQUIRE_FALSE(status);
  CHECK_THAT(status.error().text, Catch::Contains("Broken pipe"));
}

TEST_CASE("capture writer: a name that ends in .pcapng makes pcapng, any other pcap") {
  const TemporaryDirectory directory;
  for (const char* name : {"x.pcapng", "x.pcap", "x", "pcapng"}) {
    CAPTURE(name);
    auto writer = writer_for(directory.path(name));
    const bool pcapng = std::string{name} == "x.pcapng";
    CHECK(writer.keeps_comments() == pcapng);
    REQUIRE(writer.close());
    CHECK(read_file(directory.path(name)).front() == (pcapng ? 0x0a : 0x4d));
  }
}

TEST_CASE("capture writer: pcapng is read back with times, lengths and link type, by us and by libpcap") {
  const TemporaryDirectory directory;
  const auto path = directory.path("out.pcapng");
  auto writer = writer_for(path);
  std::vector<ByteVector> packets;
  for (std::size_t i = 0; i < 500; ++i) {
    packets.emplace_back(i * 13 % 1500, static_cast<std::uint8_t>(i));
    writer.write({1700000000123456789 + static_cast<std::int64_t>(i)}, packets.back(), 1500, std::string(i % 9, 'c'));
  }
  REQUIRE(writer.close());
  CHECK_FALSE(exists(path + ".part"));
  auto reader = CaptureReader::open(path);
  REQUIRE(reader);
  const auto frames = read_all(*reader);
  CHECK_FALSE(reader->damage());
  REQUIRE(frames.size() == packets.size());
  char error[PCAP_ERRBUF_SIZE] = {};
  pcap_t* handle = pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  REQUIRE(handle != nullptr);
  CHECK(pcap_datalink(handle) == DLT_RAW);
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    CHECK(frames[i].bytes == packets[i]);
    CHECK(frames[i].frame.time.nanoseconds == 1700000000123456789 + static_cast<std::int64_t>(i));
    CHECK(frames[i].frame.wire_length == 1500);
    CHECK(frames[i].frame.link_type == link_type_raw);
    REQUIRE(pcap_next_ex(handle, &header, &bytes) == 1);
    CHECK(ByteVector(bytes, bytes + header->caplen) == packets[i]);
    CHECK(header->ts.tv_sec * 1'000'000'000 + header->ts.tv_usec == frames[i].frame.time.nanoseconds);
  }
  CHECK(pcap_next_ex(handle, &header, &bytes) == PCAP_ERROR_BREAK);
  pcap_close(handle);
}
