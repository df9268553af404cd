// Addresses, prefixes and times to and from text.
#include <espdump/address.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/pseudonyms.hpp"

namespace espdump {
namespace {

// A byte in decimal with a dot behind it.
struct Decimal {
  std::array<char, 4> text{};
  std::uint8_t size = 0;
};
constexpr std::array<Decimal, 256> decimals = []() {
  std::array<Decimal, 256> out{};
  for (std::size_t value = 0; value < out.size(); ++value) {
    Decimal& it = out[value];
    if (value >= 100) it.text[it.size++] = static_cast<char>('0' + value / 100);
    if (value >= 10) it.text[it.size++] = static_cast<char>('0' + value / 10 % 10);
    it.text[it.size++] = static_cast<char>('0' + value % 10);
    it.text[it.size++] = '.';
  }
  return out;
}();

// Without inet_ntop(), which goes through printf(): every line has addresses.
std::string v4_to_string(Bytes bytes) {
  std::array<char, 4 * sizeof(Decimal::text)> out;
  std::size_t size = 0;
  for (const std::uint8_t byte : bytes) {
    std::memcpy(out.data() + size, decimals[byte].text.data(), sizeof(Decimal::text));
    size += decimals[byte].size;
  }
  return {out.data(), size - 1};
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof buffer) return std::nullopt;
  std::copy(text.begin(), text.end(), buffer);
  std::array<std::uint8_t, 16> raw{};
  if (inet_pton(AF_INET, buffer, raw.data()) == 1) return IpAddress{Bytes{raw}.first(4)};
  if (inet_pton(AF_INET6, buffer, raw.data()) == 1) return IpAddress{Bytes{raw}};
  return std::nullopt;
}

bool IpAddress::is_unspecified() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_multicast() const {
  if (is_v6()) return bytes_[0] == 0xff;
  return is_v4() && ((bytes_[0] & 0xf0) == 0xe0 || read_u32(bytes_, 0) == 0xffffffff);
}

namespace {

std::string plain_text(const IpAddress& address) {
  if (address.is_v4()) return v4_to_string(address.bytes());
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, address.bytes().data(), buffer, sizeof buffer);
  return buffer;
}

}  // namespace

std::string IpAddress::to_string() const {
  if (family_ == Family::none) return "-";
  if (const Pseudonyms* others = pseudonyms(); others != nullptr) return plain_text(others->of(*this));
  return plain_text(*this);
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto bits = static_cast<unsigned>(address->size() * 8);
  if (slash == std::string_view::npos) return Prefix{*address, static_cast<std::uint8_t>(bits)};
  const auto digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc{} || end != digits.data() + digits.size() || length > bits) return std::nullopt;
  return Prefix{*address, static_cast<std::uint8_t>(length)};
}

bool Prefix::contains(const IpAddress& other) const {
  if (other.family() != address.family() || address.family() == Family::none) return false;
  const Bytes mine = address.bytes(), theirs = other.bytes();
  const std::size_t whole = length / 8;
  if (!std::equal(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin())) return false;
  const unsigned rest = length % 8;
  return rest == 0 || (mine[whole] ^ theirs[whole]) >> (8 - rest) == 0;
}

std::string Prefix::to_string() const {
  const Pseudonyms* others = pseudonyms();
  if (others == nullptr || address.family() == Family::none) return address.to_string() + '/' + std::to_string(length);
  // What stands behind the prefix would make a host of a network.
  const IpAddress other = others->of(address);
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t bit = 0; bit < length; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | (other.bytes()[bit / 8] & mask));
  }
  return plain_text(IpAddress{Bytes{bytes}.first(other.size())}) + '/' + std::to_string(length);
}

std::string Timestamp::to_string() const {
  constexpr std::int64_t billion = 1'000'000'000;
  constexpr std::size_t digits = 9;
  std::int64_t seconds = nanoseconds / billion, fraction = nanoseconds % billion;
  if (fraction < 0) fraction += billion, --seconds;
  std::array<char, 32> text;
  char* const dot = std::to_chars(text.data(), text.data() + text.size() - 1 - digits, seconds).ptr;
  *dot = '.';
  for (std::size_t at = digits; at > 0; fraction /= 10) dot[at--] = static_cast<char>('0' + fraction % 10);
  return {text.data(), dot + 1 + digits};
}

}  // namespace espdump
