// IP addresses, prefixes and times as plain values.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <espdump/bytes.hpp>

namespace espdump {

enum class Family : std::uint8_t { none = 0, ipv4 = 4, ipv6 = 6 };

// An IPv4 or IPv6 address in network byte order; the default is no address at all.
class IpAddress {
 public:
  IpAddress() = default;
  // `bytes` must have 4 or 16 bytes; any other size gives no address.
  explicit IpAddress(Bytes bytes) {
    if (bytes.size() == 4)
      set<4>(Family::ipv4, bytes.data());
    else if (bytes.size() == 16)
      set<16>(Family::ipv6, bytes.data());
  }

  // The address a text names ("192.0.2.1", "2001:db8::1"); no host names, no port, no prefix.
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] Family family() const { return family_; }
  [[nodiscard]] bool is_v4() const { return family_ == Family::ipv4; }
  [[nodiscard]] bool is_v6() const { return family_ == Family::ipv6; }
  [[nodiscard]] std::size_t size() const { return is_v4() ? 4 : is_v6() ? 16 : 0; }
  [[nodiscard]] Bytes bytes() const { return Bytes{bytes_}.first(size()); }
  [[nodiscard]] bool is_unspecified() const;  // 0.0.0.0 or ::
  [[nodiscard]] bool is_multicast() const;    // 224.0.0.0/4, ff00::/8, and 255.255.255.255
  // As inet_ntop prints it (RFC 5952 for IPv6); "-" for no address.
  [[nodiscard]] std::string to_string() const;

  // Not defaulted: compilers call memcmp() for arrays of this size.
  bool operator==(const IpAddress& other) const {
    return family_ == other.family_ && half(0) == other.half(0) && half(8) == other.half(8);
  }
  // IPv4 before IPv6, then by bytes.
  std::strong_ordering operator<=>(const IpAddress& other) const {  // not defaulted: libc++ 14 cannot order arrays
    if (family_ != other.family_) return family_ <=> other.family_;
    for (std::size_t i = 0; i < bytes_.size(); ++i)
      if (bytes_[i] != other.bytes_[i]) return bytes_[i] <=> other.bytes_[i];
    return std::strong_ordering::equal;
  }

 private:
  template <std::size_t size>
  void set(Family family, const std::uint8_t* bytes) {
    family_ = family;
    std::copy_n(bytes, size, bytes_.begin());
  }

  [[nodiscard]] std::uint64_t half(std::size_t offset) const {
    std::uint64_t out = 0;
    std::memcpy(&out, bytes_.data() + offset, sizeof out);
    return out;
  }

  Family family_ = Family::none;
  std::array<std::uint8_t, 16> bytes_{};
};

struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;  // bits

  // "10.0.0.0/8"; an address without a length is a host.
  static std::optional<Prefix> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress&) const;
  [[nodiscard]] bool is_host() const { return address.size() != 0 && length == address.size() * 8; }
  [[nodiscard]] std::string to_string() const;
  auto operator<=>(const Prefix&) const = default;
};

// Nanoseconds since 1970-01-01 00:00 UTC.
struct Timestamp {
  // 146 years before and after 1970. Whoever reads times keeps to it, so that no difference of two of them overflows.
  static constexpr std::int64_t furthest = (std::int64_t{1} << 62) - 1;
  std::int64_t nanoseconds = 0;
  // "1700000000.123456789": seconds and nine digits.
  [[nodiscard]] std::string to_string() const;
  auto operator<=>(const Timestamp&) const = default;
};

// A keyed hash for tables that hold what an attacker chooses: 64 bits, another key in every process.
std::uint64_t keyed_hash(Bytes bytes) noexcept;
// The same of two byte strings one behind the other.
std::uint64_t keyed_hash(Bytes first, Bytes second) noexcept;

}  // namespace espdump
