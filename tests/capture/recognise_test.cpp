#include "capture/recognise.hpp"

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;
using namespace std::literals;

namespace {

std::string why(std::string_view text, const std::string& name = "x.pcap") {
  return capture::why_not_a_capture(capture::Source::over(bytes_of(text), name));
}

}  // namespace

TEST_CASE("recognise: every compression comes with its command") {
  CHECK(why("\x1f\x8b\x08"sv) == "is compressed (gzip); unpack it first: gzip -dc x.pcap | espdump -");
  CHECK(why("\x28\xb5\x2f\xfd"sv) == "is compressed (zstd); unpack it first: zstd -dc x.pcap | espdump -");
  CHECK(why("\xfd\x37zXZ\0"sv) == "is compressed (xz); unpack it first: xz -dc x.pcap | espdump -");
  CHECK(why("\x04\x22\x4d\x18"sv) == "is compressed (lz4); unpack it first: lz4 -dc x.pcap | espdump -");
  CHECK(why("BZh9"sv) == "is compressed (bzip2); unpack it first: bzip2 -dc x.pcap | espdump -");
  CHECK(why("BZh9"sv, "-") == "is compressed (bzip2); unpack it first: bzip2 -dc | espdump -");
}

TEST_CASE("recognise: captures of other programs are named") {
  const std::pair<std::string_view, std::string> known[] = {
      {"snoop\0\0\0\0"sv, "Solaris snoop"}, {"RTSS\2\0"sv, "Network Monitor 1"},
      {"GMBU\0\2"sv, "Network Monitor 2"},  {"XCP\0"sv, "NetXRay"},
      {"TRSNIFF data    "sv, "Sniffer"},    {"iptrace 2.0"sv, "AIX iptrace"}};
  for (const auto& [bytes, name] : known)
    CHECK(why(bytes) == "is a " + name + " capture, which is not supported; convert it first: editcap -F pcap");
}

TEST_CASE("recognise: nothing, text and other bytes") {
  CHECK(why("") == "is empty");
  CHECK(why("hello") == "is text, not a capture (pcap or pcapng)");
  CHECK(why("hello\0"sv) == "is not a capture (pcap or pcapng)");
  CHECK(why("\x7f"
            "ELF") == "is not a capture (pcap or pcapng)");
  CHECK(why("src 10.0.0.0/8 dst 10.1.0.0/16 \n\tdir out priority 1\n") ==
        "is a list of policies, not a capture; give it with --policy");
}

TEST_CASE("recognise: key files in every format are told from other text") {
  for (const char* text : {"src 192.0.2.1 dst 192.0.2.2\n\tproto esp spi 0x1", "x proto ah spi 0x1",
                           "y proto comp spi 0x1", "ip xfrm state add", "\"IPv4\",\"*\"", "\"IPv6\",\"*\"",
                           "auth-trunc hmac(sha1)", "\"AES-CBC\"", "SK_ei", "Sk_ei secret", "encryption key"}) {
    INFO(text);
    CHECK(capture::is_key_file(bytes_of(text)));
    CHECK(why(text) == "is a key file, not a capture; give it with --keys");
  }
  CHECK_FALSE(capture::is_key_file(bytes_of("proto udp")));
  CHECK_FALSE(capture::is_key_file(bytes_of("")));
  CHECK_FALSE(capture::is_key_file(bytes_of("proto esp spi 0x1\0"sv)));
}

TEST_CASE("recognise: colours of a terminal do not hide a key file") {
  CHECK(capture::is_key_file(bytes_of("\x1b[1msrc\x1b[0m 192.0.2.1\r\n\tproto esp spi 0x1")));
}

TEST_CASE("recognise: only the first 4096 bytes are looked at") {
  CHECK_FALSE(capture::is_key_file(bytes_of(std::string(4096, ' ') + "proto esp spi 0x1")));
  CHECK(capture::is_key_file(bytes_of("proto esp spi 0x1" + std::string(5000, ' ') + '\0')));
}
