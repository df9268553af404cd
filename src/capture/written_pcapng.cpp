// pcapng: a section by espdump, one interface, and an enhanced packet block with its comment for each packet.
// https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
#include <algorithm>

#include "capture/byte_order.hpp"
#include "capture/written.hpp"

namespace espdump::capture {
namespace {

constexpr std::uint32_t section_header = 0x0a0d0d0a, interface_description = 1, enhanced_packet = 6;
constexpr std::uint16_t end_of_options = 0, opt_comment = 1, shb_userappl = 4, if_tsresol = 9;

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

void append_padded(Spelled& out, Bytes bytes) {
  append(out, bytes);
  out.resize(out.size() + (4 - bytes.size() % 4) % 4);
}

void append_option(Spelled& out, std::uint16_t code, Bytes value) {
  append(out, {static_cast<std::uint32_t>(code | value.size() << 16)});
  append_padded(out, value);
}

// Lengths stand at both ends of a block.
template <typename Body>
void append_block(Spelled& out, std::uint32_t type, Body append_body) {
  const std::size_t begin = out.size();
  append(out, {type, 0});
  append_body();
  const auto length = static_cast<std::uint32_t>(out.size() - begin + 4);
  append(out, {length});
  std::copy(out.end() - 4, out.end(), out.begin() + static_cast<std::ptrdiff_t>(begin) + 4);
}

// Not in the middle of a UTF-8 sequence.
std::string_view fitting(std::string_view comment) {
  constexpr std::size_t most = 65'000;
  if (comment.size() <= most) return comment;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(comment[end]) & 0xc0) == 0x80) --end;
  return comment.substr(0, end);
}

}  // namespace

void begin_pcapng(Spelled& out, std::uint32_t link_type) {
  constexpr std::uint32_t byte_order_mark = 0x1a2b3c4d, version_1_0 = 1, length_unknown = 0xffffffff;
  append_block(out, section_header, [&] {
    append(out, {byte_order_mark, version_1_0, length_unknown, length_unknown});
    append_option(out, shb_userappl, bytes_of("espdump " ESPDUMP_VERSION));
    append_option(out, end_of_options, {});
  });
  append_block(out, interface_description, [&] {
    static constexpr std::uint8_t nanoseconds[] = {9};
    append(out, {link_type, written_snap_length});
    append_option(out, if_tsresol, nanoseconds);
    append_option(out, end_of_options, {});
  });
}

void add_to_pcapng(Spelled& out, const Written& packet) {
  append_block(out, enhanced_packet, [&] {
    const auto time = static_cast<std::uint64_t>(packet.nanoseconds());
    const Bytes kept = packet.kept();
    append(out, {0, static_cast<std::uint32_t>(time >> 32), static_cast<std::uint32_t>(time),
                 static_cast<std::uint32_t>(kept.size()), packet.wire()});
    append_padded(out, kept);
    if (packet.comment.empty()) return;
    append_option(out, opt_comment, bytes_of(fitting(packet.comment)));
    append_option(out, end_of_options, {});
  });
}

}  // namespace espdump::capture
