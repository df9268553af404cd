// Writes captures that somebody would make who wants espdump to take long or much memory, and the keys that are loaded
// against them: capture.pcap and xfrm-state.txt.   make_adversary KIND PACKETS DIRECTORY
#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/esp_cipher.hpp"

namespace {

using namespace espdump::bench;
using Octets = std::vector<std::uint8_t>;

constexpr std::uint32_t known_spi = 0x1000;
constexpr std::uint8_t icmp = 1, ipip = 4, tcp = 6, udp = 17, esp = 50, dest_options = 60, ipcomp = 108, aggfrag = 144;
constexpr std::size_t large_size = 1400;  // of packets that are as intricate as their bytes allow
constexpr std::size_t usual_size = 64;    // of inner packets
constexpr std::uint64_t packets_of_an_sa = 4, most_sas = 60'000;  // where there are many SAs
const Suite& suite() { return suites().front(); }

void put16(std::uint8_t* at, std::size_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8U);
  at[1] = static_cast<std::uint8_t>(value);
}

Octets noise(std::size_t size, std::uint64_t seed) {
  Octets out(size);
  for (std::size_t at = 0; at < size; ++at) {
    if (at % 8 == 0) seed = mixed(seed);
    out[at] = static_cast<std::uint8_t>(seed >> at % 8 * 8);
  }
  return out;
}

struct Ip {
  std::uint32_t source = 0xc000'0201, destination = 0xc000'0202;  // 192.0.2.1 and .2
  std::uint16_t id = 0, flags_and_offset = 0;
};

Octets ipv4(std::uint8_t protocol, const Octets& payload, Ip ip = {}) {
  Octets out{0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  put16(&out[2], out.size() + payload.size());
  put16(&out[4], ip.id);
  put16(&out[6], ip.flags_and_offset);
  put_be32(&out[12], ip.source);
  put_be32(&out[16], ip.destination);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

Octets udp_packet(std::uint16_t port, const Octets& payload, Ip ip = {}) {
  Octets out(8);
  put16(&out[0], port);
  put16(&out[2], port);
  put16(&out[4], out.size() + payload.size());
  out.insert(out.end(), payload.begin(), payload.end());
  return ipv4(udp, out, ip);
}

Octets tcp_segment(std::uint64_t number, std::uint16_t to, std::uint8_t flags, const Octets& payload) {
  Octets out(20);
  put16(&out[0], 1024 + number % 60'000);
  put16(&out[2], to);
  put_be32(&out[4], static_cast<std::uint32_t>(mixed(number)));
  out[12] = 0x50;
  out[13] = flags;
  put16(&out[14], 1024);
  out.insert(out.end(), payload.begin(), payload.end());
  Ip ip;
  ip.source = 0x0a00'0000 + static_cast<std::uint32_t>(number / 60'000 % 65'536);
  return ipv4(tcp, out, ip);
}

Octets esp_header(std::uint32_t spi, std::uint32_t sequence) {
  Octets out(8);
  put_be32(out.data(), spi);
  put_be32(&out[4], sequence);
  return out;
}

Octets operator+(Octets first, const Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// Authentic packets of the SA that is known, or of another with the same key.
class Sealer {
 public:
  explicit Sealer(bool esn = false) : cipher_(suite(), keys_of(suite(), 1), EspCipher::Way::seal, esn) {}
  Octets operator()(std::uint64_t sequence, const Octets& inner, std::uint8_t next_header = ipip,
                    std::uint32_t spi = known_spi) {
    Octets out(EspCipher::sealed_size(suite(), inner.size()));
    std::memcpy(out.data() + suite().head(), inner.data(), inner.size());
    cipher_.seal(spi, sequence, inner.size(), next_header, out);
    return ipv4(esp, out);
  }

 private:
  EspCipher cipher_;
};

Octets ipv6_packet(std::uint8_t next_header, const Octets& payload) {
  Octets out(40);
  out[0] = 0x60;
  put16(&out[4], payload.size());
  out[6] = next_header;
  out[7] = 64;
  out[8] = out[24] = 0x20, out[9] = out[25] = 0x01, out[10] = out[26] = 0x0d, out[11] = out[27] = 0xb8;  // 2001:db8::
  out[23] = 1, out[39] = 2;
  return out + payload;
}

Octets usual_inner(std::uint64_t number) { return udp_packet(5000, noise(usual_size - 28, number)); }

// One packet of the attack, by its number from 0.
using Make = std::function<Octets(std::uint64_t)>;

Make quoting() {
  return [](std::uint64_t n) {
    const Octets head{3, 4, 0, 0, 0, 0, 0x05, 0};  // fragmentation needed, MTU 1280
    const auto sequence = static_cast<std::uint32_t>(n);
    return ipv4(icmp, head + ipv4(esp, esp_header(known_spi, sequence) + noise(1400, n)));
  };
}

Make opening_ike() {
  return [](std::uint64_t n) {
    Octets message = noise(8, n) + Octets(20);
    message[16] = 33, message[17] = 0x20, message[18] = 34, message[19] = 8;  // SA payload, 2.0, IKE_SA_INIT, request
    message[27] = 28 + 8;
    return udp_packet(500, message + Octets{0, 0, 0, 8, 0, 0, 0, 0});
  };
}

// One IKE SA whose ends ask each other whether they live.
Make usual_ike() {
  return [](std::uint64_t n) {
    Octets message = noise(16, 1) + Octets(12);
    message[16] = 46, message[17] = 0x20, message[18] = 37,
    message[19] = n % 2 == 0 ? 8 : 32;  // SK, 2.0, INFORMATIONAL
    put_be32(&message[20], static_cast<std::uint32_t>(n / 2));
    message[27] = 28 + 36;
    return udp_packet(500, message + Octets{0, 0, 0, 36} + noise(32, n));
  };
}

Make numbered(bool esn, std::uint64_t step, std::uint64_t modulus) {
  return [seal = std::make_shared<Sealer>(esn), step, modulus](std::uint64_t n) {
    return (*seal)(1 + n * step % modulus + (modulus == ~0ULL ? 0 : n / 2), usual_inner(n));
  };
}

// --- as intricate as so many bytes can be ---------------------------------------------------------------------

// Extension headers of eight bytes.
Octets many_headers() {
  Octets chain;
  while (chain.size() + 8 < large_size) chain = chain + Octets{dest_options, 0, 1, 4, 0, 0, 0, 0};
  chain[chain.size() - 8] = 59;
  return ipv6_packet(dest_options, chain);
}

// IP in IP in IP.
Octets many_tunnels() {
  Octets packet = ipv4(udp, Octets(8));
  while (packet.size() + 20 < large_size) packet = ipv4(ipip, packet);
  return packet;
}

Octets ike_message(std::uint64_t n, std::uint8_t first, std::uint8_t exchange, const Octets& payloads) {
  Octets message = noise(8, n) + Octets(20);
  if (exchange != 34) message = noise(8, 1) + noise(8, 2) + Octets(12);  // of one IKE SA that is open
  message[16] = first, message[17] = 0x20, message[18] = exchange, message[19] = 8;
  put_be32(&message[20], exchange == 34 ? 0 : static_cast<std::uint32_t>(n));
  put_be32(&message[24], static_cast<std::uint32_t>(28 + payloads.size()));
  return udp_packet(500, message + payloads);
}

// Empty vendor identifiers.
Octets many_payloads(std::uint64_t n) {
  Octets chain;
  while (chain.size() + 4 < large_size) chain = chain + Octets{43, 0, 0, 4};
  chain[chain.size() - 4] = 0;
  return ike_message(n, 43, 34, chain);
}

// One SA payload of proposals with one transform each.
Octets many_proposals(std::uint64_t n) {
  Octets proposals;
  for (std::uint8_t number = 1; proposals.size() + 16 < large_size; ++number)
    proposals = proposals + Octets{2, 0, 0, 16, number, 1, 0, 1, 0, 0, 0, 8, 1, 0, 0, 12};
  proposals[proposals.size() - 16] = 0;
  Octets payload{0, 0, 0, 0};
  put16(&payload[2], 4 + proposals.size());
  return ike_message(n, 33, 34, payload + proposals);
}

// The first of 65,535 fragments, of a new message each.
Octets ike_piece(std::uint64_t n) {
  return ike_message(n, 53, 35, Octets{0, 0, 0, 72, 0, 1, 0xff, 0xff} + noise(64, n));
}

// Names that point at names that point at names.
Octets dns_chain() {
  Octets message{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  while (message.size() + 4 < large_size - 28) {
    const std::size_t to = message.size() == 12 ? 12 : message.size() - 2;
    message = message + Octets{static_cast<std::uint8_t>(0xc0 | to >> 8), static_cast<std::uint8_t>(to)};
  }
  return udp_packet(53, message);
}

// As many packets in one AGGFRAG payload as it has room for.
Octets many_in_one() {
  Octets payload(4);
  const Octets packet = ipv4(udp, Octets{0, 9, 0, 9, 0, 8, 0, 0});
  while (payload.size() + packet.size() < large_size) payload = payload + packet;
  return payload;
}

// Zeros, deflated.
Octets deflated(std::size_t size) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
  Octets plain(size), out(size);
  plain[0] = 0x45, plain[2] = 0xff, plain[3] = 0xdc, plain[8] = 64, plain[9] = udp;
  stream.next_in = plain.data();
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return Octets{ipip, 0, 0, 2} + out;  // RFC 2394
}

Make always(const Octets& packet) {
  return [packet](std::uint64_t) { return packet; };
}
Make sealed(const Octets& inner, std::uint8_t next_header) {
  return [seal = std::make_shared<Sealer>(), inner, next_header](std::uint64_t n) {
    return (*seal)(n + 1, inner, next_header);
  };
}

const std::map<std::string, Make>& kinds() {
  static const std::map<std::string, Make> all{
      {"usual", numbered(false, 1, ~0ULL)},
      {"spis",
       [](std::uint64_t n) {
         Ip ip;
         ip.source = static_cast<std::uint32_t>(mixed(n) >> 32U);
         return ipv4(esp, noise(96, n), ip);
       }},
      {"forged",
       [](std::uint64_t n) {
         Ip ip;
         ip.source = static_cast<std::uint32_t>(mixed(n) >> 32U);
         return ipv4(esp, esp_header(known_spi, static_cast<std::uint32_t>(mixed(n))) + noise(88, n), ip);
       }},
      {"forged-one-source",
       [](std::uint64_t n) {
         return ipv4(esp, esp_header(known_spi, static_cast<std::uint32_t>(mixed(n))) + noise(88, n));
       }},
      {"fragments",
       [](std::uint64_t n) {
         Ip ip;
         ip.source = static_cast<std::uint32_t>(n / 65'536);
         ip.id = static_cast<std::uint16_t>(n), ip.flags_and_offset = 0x2000;
         return ipv4(esp, esp_header(known_spi, static_cast<std::uint32_t>(n)) + noise(88, n), ip);
       }},
      {"pieces",  // all of one datagram, which never becomes whole
       [](std::uint64_t n) {
         Ip ip;
         ip.flags_and_offset = static_cast<std::uint16_t>(0x2000 | (1 + n * 2 % 8000));
         return ipv4(esp, noise(8, n), ip);
       }},
      {"jumps", numbered(false, 1ULL << 31U, 1ULL << 32U)},
      {"jumps-esn", numbered(true, 1ULL << 31U, ~0ULL)},
      {"gaps", numbered(false, 3, ~0ULL)},
      {"backwards",
       [seal = std::make_shared<Sealer>()](std::uint64_t n) {
         return (*seal)(static_cast<std::uint32_t>(0xffff'0000 - 2 * n), usual_inner(n));
       }},
      {"replays",
       [seal = std::make_shared<Sealer>()](std::uint64_t n) { return (*seal)(1 + n % 4, usual_inner(n % 4)); }},
      {"connections",
       [seal = std::make_shared<Sealer>()](std::uint64_t n) { return (*seal)(n + 1, tcp_segment(n, 80, 2, {})); }},
      {"sent-again",  // full segments of new connections, twice each: as in a black hole
       [seal = std::make_shared<Sealer>()](std::uint64_t n) {
         return (*seal)(n + 1, tcp_segment(n / 2, 80, 16, noise(24, n / 2)));
       }},
      {"streams",  // new connections that say they carry ESP, and break off
       [](std::uint64_t n) {
         return tcp_segment(n, 4500, 24, Octets{'I', 'K', 'E', 'T', 'C', 'P', 0, 90} + noise(60, n));
       }},
      {"ike", opening_ike()},
      {"ike-usual", usual_ike()},
      {"icmp", quoting()},
      {"empty", [](std::uint64_t) { return Octets{}; }},
      {"jumbo",
       [](std::uint64_t n) {
         return ipv4(esp, esp_header(known_spi, static_cast<std::uint32_t>(n)) + noise(65'000, n));
       }},
      {"headers", always(many_headers())},
      {"tunnels", always(many_tunnels())},
      {"sealed-tunnels", sealed(many_tunnels(), ipip)},
      {"payloads", many_payloads},
      {"proposals", many_proposals},
      {"ike-pieces", ike_piece},
      {"names", sealed(dns_chain(), ipip)},
      {"aggregates", sealed(many_in_one(), aggfrag)},
      {"bombs", sealed(deflated(65'500), ipcomp)},
      {"alike", sealed(usual_inner(0), ipip)},
      {"sas",  // of each a few packets, with one number missing between two
       [seal = std::make_shared<Sealer>()](std::uint64_t n) {
         const std::uint64_t sa = n / packets_of_an_sa % most_sas;
         return (*seal)(1 + 2 * n, usual_inner(n), ipip, known_spi + static_cast<std::uint32_t>(sa));
       }},
      {"slots", numbered(false, 1, ~0ULL)},
      {"keys", numbered(false, 1, ~0ULL)},
  };
  return all;
}

std::string state_of(std::uint32_t spi, const SuiteKeys& keys, bool esn, const char* mode = "tunnel",
                     const std::string& selector = {}) {
  std::string key;
  for (const std::uint8_t byte : keys.cipher) key += fmt::format("{:02x}", byte);
  return fmt::format(
      "src 192.0.2.1 dst 192.0.2.2\n\tproto esp spi 0x{:08x} reqid 1 mode {}\n\treplay-window 32 flag af-unspec{}\n"
      "\taead {} 0x{} {}\n{}",
      spi, mode, esn ? " esn" : "", suite().xfrm_cipher, key, suite().icv * 8, selector);
}

// With selectors that are for all packets, and for none.
void write_many(std::uint64_t packets, std::ofstream& out) {
  const std::uint64_t count = std::min(packets / packets_of_an_sa + 1, most_sas);
  for (std::uint32_t i = 0; i < count; ++i)
    out << state_of(
        known_spi + i, keys_of(suite(), 1), false, "tunnel",
        fmt::format("\tsel src 192.0.2.0/24 dst 192.0.2.0/24 proto udp dport {}\n", i % 2 == 0 ? 5000 : 5001 + i));
}

void write_keys(const std::string& kind, std::uint64_t packets, std::ofstream& out) {
  if (kind == "sas") return write_many(packets, out);
  out << state_of(known_spi, keys_of(suite(), 1), kind == "jumps-esn", kind == "aggregates" ? "iptfs" : "tunnel");
  if (kind == "keys")
    for (std::uint32_t i = 1; i < 1'000'000; ++i) out << state_of(known_spi + i, keys_of(suite(), 1 + i), false);
  if (kind == "slots")  // alike in the low bits of SPI and address, by which a careless table would choose
    for (std::uint32_t i = 1; i < 4'096; ++i) out << state_of(known_spi + (i << 20U), keys_of(suite(), 1 + i), false);
}

void little(std::string& out, std::uint64_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

void write_capture(const Make& make, std::uint64_t packets, std::ofstream& out) {
  constexpr std::uint64_t begins_at = 1'700'000'000, per_second = 100'000;
  std::string buffer;
  for (const std::uint32_t word : {0xa1b2c3d4U, 0x00040002U, 0U, 0U, 262144U, 101U}) little(buffer, word);
  for (std::uint64_t n = 0; n < packets; ++n) {
    const Octets packet = make(n);
    for (const std::uint64_t word :
         {begins_at + n / per_second, n % per_second * 10, std::uint64_t{packet.size()}, std::uint64_t{packet.size()}})
      little(buffer, word);
    buffer.append(packet.begin(), packet.end());
    if (buffer.size() < 1U << 18U && n + 1 != packets) continue;
    out << buffer;
    buffer.clear();
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    const std::vector<std::string> given(words + 1, words + count);
    const auto kind = given.size() == 3 ? kinds().find(given[0]) : kinds().end();
    if (kind == kinds().end()) {
      std::string names;
      for (const auto& [name, make] : kinds()) names += " " + name;
      throw std::runtime_error("KIND PACKETS DIRECTORY, where KIND is one of" + names);
    }
    std::ofstream keys{given[2] + "/xfrm-state.txt"}, capture{given[2] + "/capture.pcap", std::ios::binary};
    const std::uint64_t packets = std::stoull(given[1]);
    write_keys(kind->first, packets, keys);
    write_capture(kind->second, packets, capture);
    keys.close();
    capture.close();
    if (!keys || !capture) throw std::runtime_error(given[2] + ": cannot be written");
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "make_adversary: {}\n", error.what());
    return 1;
  }
}
