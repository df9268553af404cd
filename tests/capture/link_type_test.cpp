#include "capture/link_type.hpp"

#include <pcap/pcap.h>

#include <espdump/capture.hpp>

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("link type: most numbers are the same in files and in libpcap") {
  for (const std::uint32_t type : {0U, 1U, 9U, 104U, 113U, 228U, 229U, 276U})
    CHECK(capture::dlt_of(type) == static_cast<int>(type));
}

TEST_CASE("link type: the old ones that are not become what libpcap has on this system") {
  CHECK(capture::dlt_of(100) == DLT_ATM_RFC1483);
  CHECK(capture::dlt_of(101) == DLT_RAW);
  CHECK(capture::dlt_of(14) == DLT_RAW);
  CHECK(capture::dlt_of(102) == DLT_SLIP_BSDOS);
  CHECK(capture::dlt_of(103) == DLT_PPP_BSDOS);
  CHECK(capture::dlt_of(106) == DLT_ATM_CLIP);
  CHECK(capture::dlt_of(109) == DLT_ENC);
}

TEST_CASE("link type: libpcap, writing a file itself, agrees") {
  for (const std::uint32_t type : {1U, 101U, 113U, 276U}) {
    pcap_t* handle = pcap_open_dead(capture::dlt_of(type), 65535);
    REQUIRE(handle != nullptr);
    char* bytes = nullptr;
    std::size_t size = 0;
    std::FILE* file = open_memstream(&bytes, &size);
    pcap_dumper_t* dumper = pcap_dump_fopen(handle, file);
    REQUIRE(dumper != nullptr);
    pcap_dump_flush(dumper);
    REQUIRE(size == 24);
    std::uint32_t written = 0;
    std::copy(bytes + 20, bytes + 24, reinterpret_cast<char*>(&written));
    CHECK(written == type);
    pcap_dump_close(dumper);
    pcap_close(handle);
    std::free(bytes);
  }
}
