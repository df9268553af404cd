// The fields that AH's ICV does not protect, because routers change them (RFC 4302 section 3.3.3.1 and appendix A).
// Zeroed, not left out: lengths and places stay. An IPv4 option that is not known counts as mutable.
#include "crypto/ah_mutable.hpp"

#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/ipv6_extension.hpp>
#include <espdump/wire/options.hpp>

#include <algorithm>

namespace espdump {
namespace {

using wire::Ipv4;
using wire::Ipv6;
using wire::Ipv6Extension;
using wire::Option;
using wire::Options;

void zero(MutableBytes bytes) { std::fill(bytes.begin(), bytes.end(), std::uint8_t{0}); }

// Security, extended security, commercial security, router alert, multi-destination delivery.
bool is_immutable_v4(std::uint8_t kind) {
  return kind <= 1 || kind == 0x82 || kind == 0x85 || kind == 0x86 || kind == 0x94 || kind == 0x95;
}

bool is_source_route(std::uint8_t kind) { return kind == 0x83 || kind == 0x89; }

// The last address of a source route that is not yet done is where the packet will arrive.
void arrive_v4(MutableBytes header, const Option& option) {
  constexpr std::size_t pointer_size = 1, address_size = 4;
  if (option.data.size() < pointer_size + address_size || option.data[0] > option.size) return;
  const Bytes last = option.data.last(address_size);
  std::copy(last.begin(), last.end(), header.begin() + Ipv4::destination_offset);
}

void zero_v4(MutableBytes header) {
  header[Ipv4::tos_offset] = 0;
  write_u16(header, Ipv4::flags_offset, 0);
  header[Ipv4::ttl_offset] = 0;
  write_u16(header, Ipv4::checksum_offset, 0);
  const MutableBytes bytes = header.subspan(Ipv4::options_offset);
  Options options{bytes, Options::Style::ipv4};
  while (const auto option = options.next()) {
    if (is_source_route(option->kind)) arrive_v4(header, *option);
    if (!is_immutable_v4(option->kind)) zero(bytes.subspan(option->offset, option->size));
  }
}

constexpr std::size_t address_size = 16;

void swap_addresses(MutableBytes a, MutableBytes b) { std::swap_ranges(a.begin(), a.end(), b.begin()); }

// Options that may change en route keep kind and length. A mobile node's home address is its source to the receiver
// (RFC 6275 section 11.3.1).
void zero_v6_options(MutableBytes ip, MutableBytes extension) {
  constexpr std::uint8_t may_change = 0x20, home_address = 0xc9;
  const MutableBytes content = extension.subspan(Ipv6Extension::content_offset);
  Options options{content, Options::Style::ipv6};
  while (const auto option = options.next()) {
    const MutableBytes data = content.subspan(option->offset + option->size - option->data.size(), option->data.size());
    if ((option->kind & may_change) != 0) zero(data);
    if (option->kind == home_address && data.size() == address_size)
      swap_addresses(ip.subspan(Ipv6::source_offset, address_size), data);
  }
}

// A list of addresses in the order of the way: types 0 (RFC 2460) and 2 (RFC 6275).
void arrive_v6(MutableBytes ip, MutableBytes routing) {
  constexpr std::size_t type_offset = 2, left_offset = 3, list_offset = 8;
  const std::size_t left = routing[left_offset], count = (routing.size() - list_offset) / address_size;
  const bool is_list = routing[type_offset] == 0 || routing[type_offset] == 2;
  if (!is_list || left == 0 || left > count) return;
  routing[left_offset] = 0;
  const MutableBytes ahead = routing.subspan(list_offset).first(count * address_size).last(left * address_size);
  const MutableBytes destination = ip.subspan(Ipv6::destination_offset, address_size);
  // The addresses ahead move on by one place: the last becomes the destination, which becomes the first.
  std::rotate(ahead.begin(), ahead.end() - address_size, ahead.end());
  swap_addresses(ahead.first(address_size), destination);
}

void zero_v6(MutableBytes headers) {
  constexpr std::uint8_t hop_by_hop = 0, routing = 43, destination_options = 60;
  write_u32(headers, Ipv6::version_offset, 6U << 28);
  headers[Ipv6::hop_limit_offset] = 0;
  const MutableBytes ip = headers.first(Ipv6::size);
  std::uint8_t kind = headers[Ipv6::next_header_offset];
  MutableBytes rest = headers.subspan(Ipv6::size);
  while (const auto extension = Ipv6Extension::from(rest)) {
    const MutableBytes bytes = rest.first(extension->length());
    if (kind == hop_by_hop || kind == destination_options)
      zero_v6_options(ip, bytes);
    else if (kind == routing)
      arrive_v6(ip, bytes);
    else
      return;
    kind = bytes[Ipv6Extension::next_header_offset];
    rest = rest.subspan(bytes.size());
  }
}

}  // namespace

void zero_mutable_fields(MutableBytes headers) noexcept {
  if (const auto v4 = Ipv4::from(headers); v4 && v4->version() == 4) return zero_v4(headers.first(v4->header_length()));
  if (const auto v6 = Ipv6::from(headers); v6 && v6->version() == 6) zero_v6(headers);
}

}  // namespace espdump
