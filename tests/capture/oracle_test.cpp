// libpcap reads the same: held against our reader on every capture of the test data.
#include <espdump/capture.hpp>

#include <pcap/pcap.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;
namespace fs = std::filesystem;

namespace {

bool is_capture(const fs::directory_entry& entry) {
  const auto extension = entry.path().extension();
  return entry.is_regular_file() && (extension == ".pcap" || extension == ".pcapng" || extension == ".cap");
}

// Of the test data, and of the directories in ESPDUMP_CAPTURES, separated by colons.
std::vector<std::string> all_captures() {
  const char* more = std::getenv("ESPDUMP_CAPTURES");
  std::stringstream roots(testdata("captures") + ':' + testdata("corpus/capture") + ':' +
                          (more != nullptr ? more : ""));
  std::vector<std::string> paths;
  for (std::string root; std::getline(roots, root, ':');) {
    if (!fs::is_directory(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (is_capture(entry)) paths.push_back(entry.path());
  }
  return paths;
}

// Where libpcap refuses what is no damage, and ours reads on: interfaces that differ, more captured than the snap
// length, a second section in the other byte order (whose length libpcap misreads).
bool gives_up_early(const std::string& why) {
  for (const char* reason : {"of the first interface", "bigger than snaplen", "pcapng block size"})
    if (why.find(reason) != why.npos) return true;
  return false;
}

void compare(pcap_t* handle, CaptureReader& reader) {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  int result = 0;
  while ((result = pcap_next_ex(handle, &header, &bytes)) == 1) {
    const auto frame = reader.next();
    REQUIRE(frame);
    CAPTURE(frame->number);
    REQUIRE(frame->time.nanoseconds == header->ts.tv_sec * 1'000'000'000 + header->ts.tv_usec);
    REQUIRE(frame->wire_length == std::max(header->len, header->caplen));
    REQUIRE(frame->bytes.size() == header->caplen);
    REQUIRE(std::equal(frame->bytes.begin(), frame->bytes.end(), bytes));
  }
  const std::string why = result == PCAP_ERROR ? pcap_geterr(handle) : "";
  if (gives_up_early(why)) return;
  CAPTURE(why);
  CHECK_FALSE(reader.next());
  CHECK(reader.damage().has_value() == (result == PCAP_ERROR));
}

}  // namespace

TEST_CASE("capture reader: libpcap finds the same frames in every capture of the test data") {
  std::size_t read = 0;
  for (const auto& path : all_captures()) {
    CAPTURE(path);
    char error[PCAP_ERRBUF_SIZE] = {};
    pcap_t* handle = pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
    CAPTURE(error);
    auto reader = CaptureReader::open(path);
    CHECK(reader.has_value() == (handle != nullptr));
    if (handle == nullptr) continue;
    if (reader) compare(handle, *reader);
    pcap_close(handle);
    ++read;
  }
  CHECK(read > 0);
}
