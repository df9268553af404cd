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

TEST_CASE("recognise: what this build cannot unpack comes with the library it lacks and the command that can") {
  const std::string lacks = ", and this build has no ", command = "; unpack it first: ";
  CHECK(why("\x1f\x8b\x08"sv) == "is compressed (gzip)" + lacks + "zlib" + command + "gzip -dc x.pcap | espdump -");
  CHECK(why("\x28\xb5\x2f\xfd"sv) ==
        "is compressed (zstd)" + lacks + "libzstd" + command + "zstd -dc x.pcap | espdump -");
  CHECK(why("\xfd\x37zXZ\0"sv) == "is compressed (xz)" + lacks + "liblzma" + command + "xz -dc x.pcap | espdump -");
  CHECK(why("\x04\x22\x4d\x18"sv) == "is compressed (lz4)" + lacks + "liblz4" + command + "lz4 -dc x.pcap | espdump -");
  CHECK(why("BZh9"sv) == "is compressed (bzip2)" + lacks + "libbz2" + command + "bzip2 -dc x.pcap | espdump -");
  CHECK(why("BZh9"sv, "-") == "is compressed (bzip2)" + lacks + "libbz2" + command + "bzip2 -dc | espdump -");
}

TEST_CASE("recognise: archives are named") {
  const std::string what = " archive, not a capture; unpack it and name the captures in it";
  CHECK(why("PK\3\4\24\0"sv) == "is a zip" + what);
  CHECK(why("7z\xbc\xaf\x27\x1c\0"sv) == "is a 7z" + what);
  std::string tar(512, '\0');
  tar.replace(0, 6, "a.pcap").replace(257, 5, "ustar");
  CHECK(why(tar) == "is a tar" + what);
  CHECK(why(tar.substr(0, 261)) == "is not a capture (pcap or pcapng)");
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
