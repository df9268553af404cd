#include "analysis/overhead.hpp"

#include <algorithm>

#include <espdump/assert.hpp>
#include <espdump/wire/ah.hpp>

namespace espdump {
namespace {

constexpr std::size_t esp_header = 8, esp_trailer = 2;  // SPI and sequence number; pad length and next header
constexpr std::size_t udp_header = 8, tcp_prefix = 2, tcp_header = 20;

std::size_t ip_header(Family family) { return family == Family::ipv6 ? 40 : 20; }
std::size_t round_up(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }
std::size_t round_down(std::size_t size, std::size_t unit) { return size / unit * unit; }

std::size_t encapsulation_size(const Overhead& it) {
  if (it.encapsulation == Encapsulation::udp) return udp_header;
  return it.encapsulation == Encapsulation::tcp ? tcp_prefix : 0;
}

// The header of the packet that does not go into ESP, but comes out again at the other end.
std::size_t replaced_header(const Overhead& it) {
  if (it.mode == SaMode::tunnel) return 0;
  return ip_header(it.mode == SaMode::beet ? it.inner : it.outer);
}

std::size_t ah_size(const Overhead& it) { return wire::Ah::linux_length(it.icv, it.outer == Family::ipv6, it.align4); }

// What stands in front of and behind the encrypted part.
std::size_t fixed_size(const Overhead& it) {
  return ip_header(it.outer) + encapsulation_size(it) + esp_header + it.iv + it.icv;
}

bool is_known_mode(SaMode mode) { return mode == SaMode::transport || mode == SaMode::tunnel || mode == SaMode::beet; }

}  // namespace

std::optional<Overhead> overhead_of(const SecurityAssociation& sa, Family inner) {
  Overhead out;
  out.protocol = sa.protocol;
  out.mode = sa.mode;
  out.outer = sa.destination.family();
  out.inner = sa.selector_family != Family::none ? sa.selector_family : inner != Family::none ? inner : out.outer;
  out.encapsulation = sa.encapsulation;
  out.align4 = sa.align4;
  if (!is_known_mode(sa.mode) || out.outer == Family::none) return std::nullopt;
  const AlgorithmUse& with_icv = sa.is_aead() ? sa.encryption : sa.integrity;
  if (with_icv.info == nullptr && makes_icv(with_icv)) return std::nullopt;  // unknown, so nobody knows its length
  out.icv = with_icv.info == nullptr || !makes_icv(with_icv) ? 0 : with_icv.icv_bits / 8U;
  if (sa.protocol == IpsecProtocol::ah) return with_icv.info == nullptr ? std::nullopt : std::optional{out};
  if (sa.encryption.info == nullptr) return std::nullopt;
  out.iv = sa.encryption.info->iv;
  out.block = std::max<std::size_t>(4, sa.encryption.info->block);
  return out;
}

bool carries(const Overhead& overhead, Family family) {
  if (overhead.mode == SaMode::tunnel) return true;
  return family == (overhead.mode == SaMode::beet ? overhead.inner : overhead.outer);
}

std::size_t outer_size(const Overhead& it, std::size_t inner) {
  ESPDUMP_ASSERT(inner >= replaced_header(it));
  if (it.protocol == IpsecProtocol::ah)
    return inner + ah_size(it) + (it.mode == SaMode::tunnel ? ip_header(it.outer) : 0);
  return fixed_size(it) + round_up(inner - replaced_header(it) + esp_trailer, it.block);
}

std::pair<std::size_t, std::size_t> added_by(const Overhead& it) {
  if (it.protocol == IpsecProtocol::ah) {
    const std::size_t added = outer_size(it, ip_header(it.outer)) - ip_header(it.outer);
    return {added, added};
  }
  const std::size_t least = fixed_size(it) + esp_trailer - replaced_header(it);
  return {least, least + it.block - 1};
}

std::size_t largest_inner(const Overhead& it, std::size_t path_mtu) {
  if (it.protocol == IpsecProtocol::ah) {
    const std::size_t added = added_by(it).first;
    return path_mtu > added ? path_mtu - added : 0;
  }
  if (path_mtu < fixed_size(it)) return 0;
  const std::size_t encrypted = round_down(path_mtu - fixed_size(it), it.block);
  return encrypted > esp_trailer ? encrypted - esp_trailer + replaced_header(it) : 0;
}

// esp_init_state() of IPv4 reserves the room of a pseudo header for BEET with IPv4 inside, that of IPv6 the difference
// of the IP headers, too; xfrm_state_mtu() does not take inner headers of another family into account.
std::size_t linux_mtu(const Overhead& it, std::size_t path_mtu) {
  if (it.protocol == IpsecProtocol::ah) return largest_inner(it, path_mtu);
  constexpr std::size_t pseudo_header_room = 8;
  const bool reserves = it.mode == SaMode::beet && it.inner == Family::ipv4;
  const std::size_t reserve =
      reserves ? pseudo_header_room + ip_header(it.outer) - ip_header(Family::ipv4) : std::size_t{0};
  if (path_mtu < fixed_size(it) + reserve) return 0;
  const std::size_t adjusted = it.mode == SaMode::tunnel ? 0 : ip_header(it.outer);
  const std::size_t encrypted = round_down(path_mtu - fixed_size(it) - reserve, it.block);
  return encrypted > esp_trailer ? encrypted + adjusted - esp_trailer : 0;
}

std::size_t safe_mtu(const Overhead& it, std::size_t path_mtu) {
  return std::min(largest_inner(it, path_mtu), linux_mtu(it, path_mtu));
}

std::size_t mss_of(std::size_t packet, Family family) {
  const std::size_t headers = ip_header(family) + tcp_header;
  return packet > headers ? packet - headers : 0;
}

}  // namespace espdump
