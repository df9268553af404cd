// The whole packet: every layer with every field, where its bytes come from, and the bytes themselves.
#include <fmt/core.h>

#include "base/pseudonyms.hpp"
#include "report/packet_tree.hpp"
#include "report/text.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

std::string line_text(const TreeLine& line, const Palette& palette) {
  switch (line.kind) {
    case TreeLine::Kind::layer:
      return fmt::format("  {}{}{}\n", palette.heading(line.name), line.quoted ? " (quoted)" : "",
                         line.malformed ? " (malformed)" : "");
    case TreeLine::Kind::origin: return fmt::format("  -- {} --\n", line.value);
    case TreeLine::Kind::field:
    case TreeLine::Kind::concluded: break;
  }
  const std::size_t indent = 4 + std::size_t{line.depth} * 2;
  return fmt::format("{:{}}{:<20}{}{}\n", "", indent, line.name, line.value, line.rebuilt ? "  [rebuilt]" : "");
}

}  // namespace

void print_tree(const Packet& packet, Output& out, const Palette& palette) {
  for (const TreeLine& line : tree_of(packet)) out.write(line_text(line, palette));
  for (const Finding& finding : packet.findings())
    out.write(fmt::format("  {}: {}\n", palette.of(finding.info->severity, finding.info->code), finding.message));
}

void print_hex(const Packet& packet, Output& out, const Palette& palette) {
  if (pseudonyms() != nullptr) return;  // addresses stand in bytes as they are
  for (const Buffer& buffer : packet.buffers()) {
    const std::string of_all = buffer.left_out == 0 ? "" : fmt::format(" of {}", buffer.size());
    out.write(fmt::format("  {}\n", palette.heading(fmt::format("{}{} bytes {}", buffer.bytes.size(), of_all,
                                                                origin_text(buffer.origin)))));
    for (std::size_t offset = 0; offset < buffer.bytes.size(); offset += 16) {
      const Bytes row = buffer.bytes.subspan(offset, std::min<std::size_t>(16, buffer.bytes.size() - offset));
      std::string hex, ascii;
      for (std::size_t i = 0; i < 16; ++i) {
        hex += i < row.size() ? fmt::format("{:02x}", row[i]) : "  ";
        if (i % 2 == 1) hex += ' ';
        if (i < row.size()) ascii += row[i] >= 0x20 && row[i] < 0x7f ? static_cast<char>(row[i]) : '.';
      }
      out.write(fmt::format("    0x{:04x}:  {} {}\n", offset, hex, ascii));
    }
  }
}

}  // namespace espdump
