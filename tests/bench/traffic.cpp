// Frames from the inside out: UDP and IPv4, sealed, then UDP, IP and Ethernet around it.
#include "bench/traffic.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace espdump::bench {
namespace {

constexpr std::size_t ethernet = 14, udp = 8, inner_headers = 28;
constexpr std::uint8_t filling = 0x55, protocol_udp = 17, protocol_esp = 50, next_ipv4 = 4;
constexpr std::uint64_t flows = 1000;  // inside: pairs of ports
constexpr std::uint16_t source_ports = 52000, destination_ports = 54000, nat_t_port = 4500;

void put_be16(std::uint8_t* at, std::size_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8U);
  at[1] = static_cast<std::uint8_t>(value);
}

// RFC 1071, not folded.
std::uint64_t sum_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? std::uint64_t{bytes[i]} << 8U : bytes[i];
  return sum;
}
std::uint16_t folded(std::uint64_t sum) {
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}
// Of UDP: 0 would mean that there is none.
std::uint16_t udp_checksum(std::uint64_t sum) {
  const std::uint16_t checksum = folded(sum);
  return checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

void write_ipv4(std::uint8_t* at, std::size_t total, std::uint64_t id, std::uint8_t protocol,
                std::span<const std::uint8_t, 8> addresses) {
  const std::array<std::uint8_t, 12> fixed{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0};
  std::memcpy(at, fixed.data(), fixed.size());
  std::memcpy(at + 12, addresses.data(), addresses.size());
  put_be16(at + 2, total);
  put_be16(at + 4, id & 0xffffU);
  put_be16(at + 10, folded(sum_of({at, 20})));
}

void write_ipv6(std::uint8_t* at, std::size_t payload, std::uint8_t next_header) {
  constexpr std::array<std::uint8_t, 40> fixed{0x60, 0,    0, 0, 0,    0,    0,    64,   0x20, 0x01,  // 2001:db8::1
                                               0x0d, 0xb8, 0, 0, 0,    0,    0,    0,    0,    0,     //
                                               0,    0,    0, 1, 0x20, 0x01, 0x0d, 0xb8, 0,    0,     // 2001:db8::2
                                               0,    0,    0, 0, 0,    0,    0,    0,    0,    2};
  std::memcpy(at, fixed.data(), fixed.size());
  put_be16(at + 4, payload);
  at[6] = next_header;
}

// An IPv4 packet with UDP inside. The sum of the filling is known, which is what makes this fast.
void write_inner(std::uint8_t* at, std::size_t size, std::uint64_t flow, std::uint64_t id) {
  constexpr std::array<std::uint8_t, 8> addresses{10, 0, 0, 1, 10, 0, 0, 2};
  const std::size_t length = size - 20, filled = size - inner_headers;
  write_ipv4(at, size, id, protocol_udp, addresses);
  put_be16(at + 20, source_ports + flow);
  put_be16(at + 22, destination_ports + flow % 10);
  put_be16(at + 24, length);
  put_be16(at + 26, 0);
  const std::uint64_t pseudo = sum_of(addresses) + protocol_udp + length;
  const std::uint64_t filling_sum = filled / 2 * (filling * 0x101U) + (filled % 2) * (filling * 0x100U);
  put_be16(at + 26, udp_checksum(pseudo + sum_of({at + 20, udp}) + filling_sum));
  std::memset(at + inner_headers, filling, filled);
}

std::size_t size_in_mix(std::uint64_t random) {
  const std::uint64_t place = random % 12;
  return place < 7 ? 64 : place < 11 ? 576 : 1400;
}

// Linux puts one over IPv6 only.
void write_nat_t(std::uint8_t* ip, std::uint8_t* at, std::size_t length, bool ipv6) {
  put_be16(at, nat_t_port);
  put_be16(at + 2, nat_t_port);
  put_be16(at + 4, length);
  put_be16(at + 6, 0);
  if (ipv6) put_be16(at + 6, udp_checksum(sum_of({ip + 8, 32}) + protocol_udp + length + sum_of({at, length})));
}

}  // namespace

Traffic::Traffic(const TrafficOptions& options) : options_(options), sas_(options.sas), buffer_(most_size + 256) {
  for (Sa& sa : sas_) sa.next = options.first;
  constexpr std::array<std::uint8_t, 12> stations{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  std::copy(stations.begin(), stations.end(), buffer_.begin());
  put_be16(buffer_.data() + 12, options.ipv6 ? 0x86dd : 0x0800);
}

bool Traffic::chance(double percent) {
  if (percent <= 0) return false;
  return static_cast<double>(mixed(options_.seed ^ mixed(++dice_)) >> 11U) * 0x1p-53 * 100 < percent;
}

std::uint64_t Traffic::number_for(Sa& sa) {
  if (sa.late) {
    const std::uint64_t number = *sa.late;
    sa.late.reset();
    return number;
  }
  if (sa.remembered != 0 && chance(options_.replay)) {
    ++counts_.replayed;
    return sa.remembered;
  }
  if (chance(options_.loss)) {
    ++sa.next;
    ++counts_.lost;
  }
  if (chance(options_.reorder)) {
    ++counts_.reordered;
    sa.late = sa.next++;
  }
  return sa.next++;
}

std::span<std::uint8_t> Traffic::frame_of(std::uint32_t index, std::uint64_t sequence) {
  const Suite& suite = *options_.suite;
  Sa& sa = sas_[index];
  if (!sa.cipher) sa.cipher = std::make_unique<EspCipher>(suite, keys(index), EspCipher::Way::seal, options_.esn);
  const std::uint64_t random = mixed(mixed(options_.seed + index) ^ sequence);
  const std::size_t size = options_.size != 0 ? options_.size : size_in_mix(random);
  const std::size_t esp_size = EspCipher::sealed_size(suite, size);
  const std::size_t ip_header = options_.ipv6 ? 40 : 20, between = options_.nat_t ? udp : 0;
  std::uint8_t* const ip = buffer_.data() + ethernet;
  const std::span<std::uint8_t> esp{ip + ip_header + between, esp_size};
  const std::uint64_t flow = options_.flows != 0 ? sequence % options_.flows : random / 12 % flows;
  write_inner(esp.data() + suite.head(), size, flow, sequence);
  sa.cipher->seal(first_spi + index, sequence, size, next_ipv4, esp);
  const std::uint8_t protocol = options_.nat_t ? protocol_udp : protocol_esp;
  constexpr std::array<std::uint8_t, 8> addresses{192, 0, 2, 1, 192, 0, 2, 2};
  if (options_.ipv6)
    write_ipv6(ip, between + esp_size, protocol);
  else
    write_ipv4(ip, ip_header + between + esp_size, sequence, protocol, addresses);
  return {buffer_.data(), ethernet + ip_header + between + esp_size};
}

std::span<const std::uint8_t> Traffic::next() {
  const auto index = static_cast<std::uint32_t>(made_++ % options_.sas);
  Sa& sa = sas_[index];
  const std::uint64_t number = number_for(sa);
  const std::span<std::uint8_t> frame = frame_of(index, number);
  if (chance(options_.bad_icv)) {
    ++counts_.bad_icv;
    frame.back() ^= 1U;
  } else if (number % 64 == options_.first % 64) {
    sa.remembered = number;
  }
  if (options_.nat_t) {
    std::uint8_t* const ip = buffer_.data() + ethernet;
    std::uint8_t* const at = ip + (options_.ipv6 ? 40 : 20);
    write_nat_t(ip, at, static_cast<std::size_t>(frame.data() + frame.size() - at), options_.ipv6);
  }
  return frame;
}

}  // namespace espdump::bench
