#include "page/packet_data.hpp"

#include <espdump/codes.hpp>

#include <fmt/core.h>

#include <algorithm>

#include "base/append.hpp"
#include "base/base64.hpp"
#include "base/pseudonyms.hpp"
#include "page/markup.hpp"
#include "report/text.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_lines = 2000, most_buffers = 16, most_findings = 32, tail = 32;

enum Flag : unsigned { rebuilt = 1, quoted = 2, malformed = 4 };

unsigned flags_of(const TreeLine& line) {
  return (line.rebuilt ? rebuilt : 0U) | (line.quoted ? quoted : 0U) | (line.malformed ? malformed : 0U);
}

// How many bytes of each buffer are there: an equal share, and what smaller ones leave of theirs.
std::size_t share_of(const std::vector<Buffer>& buffers, std::size_t all) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < buffers.size() && i < most_buffers; ++i) sizes.push_back(buffers[i].bytes.size());
  std::sort(sizes.begin(), sizes.end());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t share = all / (sizes.size() - i);
    if (sizes[i] > share) return share;
    all -= sizes[i];
  }
  return ~std::size_t{0};
}

}  // namespace

void PacketData::add(const Packet& packet) {
  row(packet);
  json_.start_line("details");
  tree(packet);
  buffers(packet);
  findings(packet);
  details_ += json_.end_line();
}

void PacketData::row(const Packet& packet) {
  lines_.packet(packet);
  std::string line = lines_.take();
  line.pop_back();
  const PacketWords words = words_of(packet, options_);
  json_.start_line("row");
  json_.text("anchor", frame_anchor(packet.frame, packet.file, summary_.files.size() > 1).substr(1));
  json_.text("since",
             fmt::format("{:.6f}", static_cast<double>(packet.time.nanoseconds - summary_.first.nanoseconds) / 1e9));
  json_.key("words").begin_list();
  for (const std::string* part : {&words.outer, &words.ipsec, &words.rest}) json_.text(*part);
  json_.end_list();
  json_.key("packet").raw(line);
  rows_ += json_.end_line();
}

void PacketData::tree(const Packet& packet) {
  const std::vector<TreeLine> lines = tree_of(packet);
  const std::size_t shown = std::min(lines.size(), most_lines);
  shape_ = "[";
  json_.key("values").begin_list();
  std::size_t layer = 0;
  for (std::size_t i = 0; i < shown; ++i) {
    const TreeLine& line = lines[i];
    const bool begins = line.kind == TreeLine::Kind::layer || line.kind == TreeLine::Kind::origin;
    if (begins) layer = line.offset;
    append(shape_, "{}[{},{},{},{},{},{},{}]", i == 0 ? "" : ",", static_cast<unsigned>(line.kind), line.depth,
           strings_.number_of(line.name), line.buffer, begins || line.size == 0 ? 0 : line.offset - layer,
           begins ? 0 : line.size, flags_of(line));
    json_.number(strings_.number_of(line.value));
  }
  json_.end_list();
  shape_ += ']';
  json_.number("shape", shapes_.number_of(shape_));
  // Where layers are differs from packet to packet of one shape.
  json_.key("places").begin_list();
  for (std::size_t i = 0; i < shown; ++i) {
    if (lines[i].kind != TreeLine::Kind::layer && lines[i].kind != TreeLine::Kind::origin) continue;
    json_.number(lines[i].offset);
    json_.number(lines[i].size);
  }
  json_.end_list();
  if (lines.size() > shown) json_.number("more", lines.size() - shown);
}

void PacketData::buffers(const Packet& packet) {
  const std::size_t share = share_of(packet.buffers(), most_bytes_);
  json_.key("buffers").begin_list();
  for (std::size_t i = 0; i < packet.buffers().size() && i < most_buffers; ++i) {
    const Buffer& buffer = packet.buffers()[i];
    const Bytes bytes = pseudonyms() != nullptr ? Bytes{} : buffer.bytes;  // addresses stand there as they are
    const bool whole = bytes.size() <= share || bytes.size() <= 2 * tail;
    json_.begin();
    json_.number("origin", strings_.number_of(std::string{origin_text(buffer.origin)}));
    json_.number("size", buffer.size());
    json_.text("bytes", base64(whole ? bytes : bytes.first(std::max(share, 2 * tail) - tail)));
    if (!whole && buffer.left_out == 0) json_.text("tail", base64(bytes.last(tail)));
    json_.end();
  }
  json_.end_list();
}

void PacketData::findings(const Packet& packet) {
  json_.key("findings").begin_list();
  for (std::size_t i = 0; i < packet.findings().size() && i < most_findings; ++i) {
    const Finding& finding = packet.findings()[i];
    json_.begin();
    json_.text("code", finding.info->code);
    json_.text("severity", to_string(finding.info->severity));
    json_.text("message", finding.message);
    json_.end();
  }
  json_.end_list();
}

std::string PacketData::tables() const {
  JsonLine json;
  json.start_line("tables");
  json.key("strings").begin_list();
  for (const std::string* text : strings_.list()) json.text(*text);
  json.end_list();
  json.key("shapes").begin_list();
  for (const std::string* shape : shapes_.list()) json.raw(*shape);
  json.end_list();
  json.key("severities").begin();
  for (const FindingInfo* info : codes::all()) json.text(info->code, to_string(info->severity));
  json.end();
  return std::string{json.end_line()};
}

}  // namespace espdump
