// A star stands for one digit of an SPI, for a part of an address, or for the whole.
#include "keys/wireshark_filter.hpp"

#include <string>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

// The parts in front of the first star as a prefix: "192.0.*.7" as 192.0.0.0/16.
std::optional<AddressFilter> in_front_of_star(std::string_view text, Family family) {
  const char separator = family == Family::ipv4 ? '.' : ':';
  const std::string_view front = text.substr(0, text.find('*'));
  const auto last = front.rfind(separator);
  std::string whole{front.substr(0, last == std::string_view::npos ? 0 : last)};
  if (whole.find("::") != std::string::npos) return std::nullopt;
  std::size_t parts = whole.empty() ? 0 : 1;
  for (const char c : whole) parts += c == separator ? 1 : 0;
  const std::size_t most = family == Family::ipv4 ? 4 : 8;
  if (parts >= most) return std::nullopt;
  AddressFilter out;
  out.wider = text.find_first_not_of(family == Family::ipv4 ? "*." : "*:", front.size()) != std::string_view::npos ||
              (!front.empty() && front.back() != separator);
  if (parts == 0) return out;
  if (family == Family::ipv6) whole += parts == most - 1 ? ":0" : "::";
  for (std::size_t part = parts; family == Family::ipv4 && part < most; ++part) whole += ".0";
  const auto address = IpAddress::parse(whole);
  if (!address || address->family() != family) return std::nullopt;
  out.prefix = {*address, static_cast<std::uint8_t>(parts * (family == Family::ipv4 ? 8 : 16))};
  return out;
}

}  // namespace

std::optional<AddressFilter> read_address_filter(std::string_view text, Family family) {
  if (text == "*") return AddressFilter{};
  if (text.find('*') != std::string_view::npos) return in_front_of_star(text, family);
  const auto prefix = Prefix::parse(text);
  if (!prefix || prefix->address.family() != family) return std::nullopt;
  return AddressFilter{*prefix, false};
}

std::optional<SpiFilter> read_spi_filter(std::string_view text) {
  if (text == "*") return SpiFilter{0, 0};
  const bool hex = starts_with(text, "0x") || starts_with(text, "0X");
  if (!hex) {
    const auto value = number(text);
    return value ? std::optional{SpiFilter{*value}} : std::nullopt;
  }
  text.remove_prefix(2);
  if (text.empty() || text.size() > 8) return std::nullopt;
  SpiFilter out{0, 0};
  for (const char c : text) {
    if (c != '*' && !is_hex(c)) return std::nullopt;
    out.spi = out.spi << 4 | (c == '*' ? 0U : nibble(c));
    out.mask = out.mask << 4 | (c == '*' ? 0U : 15U);
  }
  if (text.size() < 8) out.mask |= 0xffffffffU << 4 * text.size();
  return out;
}

}  // namespace espdump::keys
