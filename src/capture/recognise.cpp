// Compressed files, captures of other programs, key files and other text given where a capture belongs.
#include "capture/recognise.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "capture/decompress.hpp"

namespace espdump::capture {
namespace {

using namespace std::literals;

struct Magic {
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array foreign_captures{Magic{"snoop\0\0\0"sv, "Solaris snoop"}, Magic{"RTSS"sv, "Network Monitor 1"},
                                      Magic{"GMBU"sv, "Network Monitor 2"},    Magic{"XCP\0"sv, "NetXRay"},
                                      Magic{"TRSNIFF data"sv, "Sniffer"},      Magic{"iptrace "sv, "AIX iptrace"}};

constexpr std::array archives{Magic{"PK\3\4"sv, "zip"}, Magic{"7z\xbc\xaf\x27\x1c"sv, "7z"}};

std::string_view text_of(Bytes bytes) {
  const Bytes first = bytes.first(std::min<std::size_t>(bytes.size(), 4096));
  return {reinterpret_cast<const char*>(first.data()), first.size()};
}

bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code >= 0x20 ? code != 0x7f : code == '\n' || code == '\r' || code == '\t' || code == 0x1b;
  });
}

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return text.find(word) != std::string_view::npos; });
}

std::string_view match(std::string_view text, const auto& magics) {
  for (const Magic& magic : magics)
    if (text.substr(0, magic.bytes.size()) == magic.bytes) return magic.name;
  return {};
}

std::string why_not_this_text(std::string_view text) {
  if (has_any(text, {"dir in ", "dir out ", "dir fwd ", "tmpl src "}) && text.find("spi 0x") == std::string_view::npos)
    return "is a list of policies, not a capture; give it with --policy";
  return "is text, not a capture (pcap or pcapng)";
}

// Those made since 1988 say what they are.
bool is_tar(std::string_view text) { return text.size() >= 262 && text.substr(257, 5) == "ustar"; }

std::string why_still_compressed(const Compression& compression, const Source& source) {
  const std::string command =
      unpack_command(source.unpacker() ? source.unpacker()->compression() : compression, source.name());
  if (source.unpacker() != nullptr) return fmt::format("is compressed again ({}); {}", compression.name, command);
  return fmt::format("is compressed ({}), and this build has no {}; {}", compression.name, compression.library,
                     command);
}

std::string why_not(const Source& source) {
  const Bytes here = source.here();
  const std::string_view text = text_of(here);
  if (here.empty()) return "is empty";
  if (const Compression* compression = find_compression(here)) return why_still_compressed(*compression, source);
  if (const auto name = match(text, foreign_captures); !name.empty())
    return fmt::format("is a {} capture, which is not supported; convert it first: editcap -F pcap", name);
  if (const auto name = is_tar(text) ? "tar" : match(text, archives); !name.empty())
    return fmt::format("is a {} archive, not a capture; unpack it and name the captures in it", name);
  if (is_key_file(here))
    return source.unpacker() != nullptr ? "is a key file, not a capture; unpack it and give it with --keys"
                                        : "is a key file, not a capture; give it with --keys";
  if (is_text(text)) return why_not_this_text(text);
  return "is not a capture (pcap or pcapng)";
}

}  // namespace

bool is_key_file(Bytes bytes) {
  const std::string_view text = text_of(bytes);
  return is_text(text) && has_any(text, {"proto esp spi", "proto ah spi", "proto comp spi", "xfrm state", "\"IPv4\",",
                                         "\"IPv6\",", "auth-trunc ", "\"AES-", "SK_ei", "Sk_ei", "encryption key"});
}

std::string why_not_a_capture(const Source& source) {
  const Unpacker* unpacker = source.unpacker();
  if (unpacker == nullptr) return why_not(source);
  return fmt::format("is compressed ({}), and what is in it {}", unpacker->compression().name, why_not(source));
}

}  // namespace espdump::capture
