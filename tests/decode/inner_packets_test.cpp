// Holds decrypted packets against captures that the kernel made of the same packets in the clear.
#include <espdump/codes.hpp>
#include <espdump/decoder.hpp>

#include <algorithm>
#include <map>
#include <vector>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;

namespace {

using Octets = std::vector<std::uint8_t>;

// An IP packet without what each hop changes: TTL or hop limit, and the IPv4 header checksum.
Octets without_hops(Bytes packet) {
  Octets out{packet.begin(), packet.end()};
  if (out[0] >> 4 == 4)
    out[8] = out[10] = out[11] = 0;
  else
    out[7] = 0;
  return out;
}

// All IP packets of an Ethernet or raw capture, trimmed to their own length.
void read_plain(const std::string& path, std::map<Octets, int>& out) {
  auto reader = CaptureReader::open(path);
  REQUIRE(reader);
  while (const auto frame = reader->next()) {
    const bool ethernet = frame->link_type == 1;
    const Bytes ip = ethernet ? frame->bytes.subspan(14) : frame->bytes;
    if (ethernet && read_u16(frame->bytes, 12) != 0x0800 && read_u16(frame->bytes, 12) != 0x86dd) continue;
    const std::size_t length = ip[0] >> 4 == 4 ? read_u16(ip, 2) : std::size_t{read_u16(ip, 4)} + 40;
    ++out[without_hops(ip.first(std::min(length, ip.size())))];
  }
}

std::vector<Octets> decrypt(const std::string& directory) {
  Keystore keystore;
  REQUIRE(keystore.import_file(directory + "/xfrm-state.txt"));
  keystore.seal();
  Decoder decoder{keystore, {false, true}};
  auto reader = CaptureReader::open(directory + "/wire.pcap");
  REQUIRE(reader);
  std::vector<Octets> out;
  Packet packet;
  while (const auto frame = reader->next()) {
    decoder.decode(*frame, packet);
    for (const OpenRecord& record : packet.ipsec()) CHECK(record.decrypted);
    for (const InnerPacket& inner : packet.inner())
      if (inner.innermost) out.push_back(without_hops(packet.buffers()[inner.buffer].bytes));
  }
  return out;
}

void every_packet_was_sent(const std::string& directory, const std::vector<std::string>& plain, std::size_t packets) {
  std::map<Octets, int> sent;
  for (const std::string& file : plain) read_plain(directory + "/" + file, sent);
  const std::vector<Octets> decrypted = decrypt(directory);
  CHECK(decrypted.size() == packets);
  for (const Octets& packet : decrypted) CHECK(sent.count(packet) == 1);
}

}  // namespace

TEST_CASE("inner packets: a tunnel's equal what its hosts sent and got, byte for byte but for hops") {
  every_packet_was_sent(test::testdata("captures/manual-tunnel-cbc-sha256"), {"inner-c1.pcap", "inner-c2.pcap"}, 38);
}

TEST_CASE("inner packets: those rebuilt for BEET behind NAT equal what its gateways sent and got") {
  every_packet_was_sent(test::testdata("captures/beet-natt-chacha20"), {"inner-g1.pcap", "inner-g2.pcap"}, 72);
}

TEST_CASE("inner packets: those out of a TCP connection equal what its hosts sent and got") {
  every_packet_was_sent(test::testdata("captures/espintcp-emulated"), {"inner-c1.pcap", "inner-c2.pcap"}, 32);
}

TEST_CASE("inner packets: those of an AH tunnel equal what its hosts sent and got, byte for byte but for hops") {
  every_packet_was_sent(test::testdata("captures/ah-tunnel-v4"), {"inner-c1.pcap", "inner-c2.pcap"}, 28);
}

TEST_CASE("inner packets: those under IPComp equal what its hosts sent and got, byte for byte but for hops") {
  every_packet_was_sent(test::testdata("captures/ipcomp-deflate-in-esp"), {"inner-c1.pcap", "inner-c2.pcap"}, 28);
}
