// pluto calls algorithms by names that resemble those of IANA's registry; a number behind a name is the key's length:
// in bits and without salt where it tells of a pair, in bytes and with salt where it tells of the kernel.
#include "keys/pluto_line.hpp"

#include <charconv>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr std::size_t most_prefix = 160;  // time, host, name of the program

std::optional<std::uint32_t> hex_number(std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool is_name(std::string_view word) {
  return word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == std::string_view::npos &&
         word.find_first_not_of("0123456789") != std::string_view::npos;
}

// "NONE", the integrity of an AEAD, is no algorithm.
std::optional<PlutoAlgorithm> integrity(std::string_view name) {
  if (name.empty() || name == "NONE") return std::nullopt;
  return PlutoAlgorithm{name, integrity_named(Naming::libreswan, name), {}};
}

// "AES_GCM_16_256" and "CHACHA20_POLY1305".
PlutoAlgorithm cipher_with_bits(std::string_view name) {
  const auto known = sized_cipher_named(Naming::libreswan, name);
  if (!known) return {name, {}, {}};
  return {name, known, known->key_size};
}

// "{ESPinUDP/ESN=>": what stands between the brace, or a blank, and the arrow.
std::string_view word_before(std::string_view line, std::size_t end) {
  const auto start = line.substr(0, end).find_last_of("{ ");
  return start == std::string_view::npos ? std::string_view{} : line.substr(start + 1, end - start - 1);
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Encapsulation encapsulation_in(std::string_view text) {
  if (holds(text, "inUDP") || holds(text, "espinudp")) return Encapsulation::udp;
  if (holds(text, "inTCP") || holds(text, "espintcp")) return Encapsulation::tcp;
  return Encapsulation::none;
}

PlutoSuite suite_of_pair(std::string_view names, IpsecProtocol protocol) {
  PlutoSuite out;
  const std::string_view first = names.substr(0, names.find('-'));
  if (protocol == IpsecProtocol::ah) return out.integrity = integrity(first), out;
  out.cipher = cipher_with_bits(first);
  if (first.size() == names.size()) return out;
  names.remove_prefix(first.size() + 1);
  out.integrity = integrity(names.substr(0, names.find('-')));
  return out;
}

}  // namespace

std::optional<std::string_view> pluto_debug_message(std::string_view line) {
  const auto stroke = line.substr(0, most_prefix).find("| ");
  if (stroke == std::string_view::npos) return std::nullopt;
  return line.substr(stroke + 2);
}

// "  c5 a0 75 4b  fd 85 …   ..uK": groups of four, and behind three blanks or more the same as characters.
std::string_view pluto_dump_digits(std::string_view message) {
  constexpr std::size_t indent = 2, digit_columns = 50;
  if (!starts_with(message, "  ") || message.size() < indent + 2) return {};
  std::string_view digits = message.substr(indent, digit_columns);
  digits = digits.substr(0, digits.find("   "));
  std::size_t at_word = 0;
  for (Words words(digits);; ++at_word) {
    const std::string_view word = words.next();
    if (word.empty()) break;
    if (word.size() != 2 || !is_hex(word[0]) || !is_hex(word[1])) return {};
  }
  return at_word == 0 ? std::string_view{} : digits;
}

SaMode pluto_mode(std::string_view line) {
  if (holds(line, " tunnel") || holds(line, " TUNNEL")) return SaMode::tunnel;
  return holds(line, " transport") || holds(line, " TRANSPORT") ? SaMode::transport : SaMode::unknown;
}

std::optional<PlutoKernelSa> read_pluto_kernel_sa(std::string_view message) {
  constexpr std::size_t digits = 8;
  const auto arrow = message.find("==>");
  const auto bracket = message.substr(0, arrow).rfind('[');
  if (arrow == std::string_view::npos || bracket == std::string_view::npos) return std::nullopt;
  const auto close = message.find(']', bracket);
  const auto spi = hex_number(message.substr(bracket + 1, close - bracket - 1));
  if (close != bracket + 1 + digits || !spi) return std::nullopt;
  const std::string_view before = message.substr(0, bracket);
  const auto source = IpAddress::parse(before.substr(before.find_last_of("> ") + 1));
  const std::string_view behind = trim_left(message.substr(arrow + 3));
  const auto destination = IpAddress::parse(behind.substr(0, behind.find_first_of("- ")));
  if (!source || !destination) return std::nullopt;
  return PlutoKernelSa{*source, *destination, *spi, encapsulation_in(message.substr(close, arrow - close))};
}

PlutoSuite read_pluto_kernel_suite(std::string_view message) {
  PlutoSuite out;
  Words words(message);
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    const auto colon = word.find(':');
    const std::string_view name = word.substr(0, colon);
    if (colon == std::string_view::npos || !is_name(name) || name == "NONE") continue;
    const auto bytes = number(word.substr(colon + 1));
    if (!bytes) continue;
    if (const auto known = integrity_named(Naming::libreswan, name))
      out.integrity = PlutoAlgorithm{name, known, *bytes};
    else
      out.cipher = PlutoAlgorithm{name, cipher_named(Naming::libreswan, name), *bytes};
  }
  return out;
}

std::optional<PlutoPair> read_pluto_pair(std::string_view line) {
  const auto arrow = line.find("=>0x");
  if (arrow == std::string_view::npos) return std::nullopt;
  const std::string_view what = word_before(line, arrow);
  if (!starts_with(what, "ESP") && !starts_with(what, "AH")) return std::nullopt;
  PlutoPair out;
  out.protocol = starts_with(what, "AH") ? IpsecProtocol::ah : IpsecProtocol::esp;
  out.esn = holds(what, "/ESN");
  out.mode = pluto_mode(line);
  out.encapsulation = encapsulation_in(what);
  Words words(line.substr(arrow + 2));
  const auto outbound = number(words.next());
  const std::string_view second = words.next(), third = words.next();
  const auto inbound = starts_with(second, "<") ? number(second.substr(1)) : std::nullopt;
  if (!outbound || !inbound || !starts_with(third, "xfrm=")) return std::nullopt;
  out.outbound = *outbound, out.inbound = *inbound;
  out.suite = suite_of_pair(third.substr(5, third.find('}') - 5), out.protocol);
  return out;
}

}  // namespace espdump::keys
