// Runs the chain of dissectors over hand-written bytes, and asks for names, fields and one-liners.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <espdump/dissector.hpp>

#include "support/testdata.hpp"

namespace espdump::test {

struct Dissected {
  std::vector<std::uint8_t> bytes;
  Packet packet;
  ChainEnd end;

  [[nodiscard]] std::string names() const {
    std::string out;
    for (const Layer& layer : packet.layers()) {
      if (!out.empty()) out += ' ';
      if (layer.quoted) out += '"';
      out += layer.protocol->name;
    }
    return out;
  }
  [[nodiscard]] const Layer& layer(std::string_view name) const {
    for (const Layer& layer : packet.layers())
      if (layer.protocol->name == name) return layer;
    throw std::runtime_error("no layer " + std::string{name});
  }
  [[nodiscard]] std::string brief(std::string_view name) const {
    std::string out;
    dissector_of(layer(name)).brief(layer(name), out);
    return out;
  }
  // "value @offset+size", or "-" when the layer has no such field.
  [[nodiscard]] std::string field(std::string_view name, std::string_view field_name) const {
    FieldSink sink;
    dissector_of(layer(name)).describe(layer(name), sink);
    for (const Field& field : sink.fields())
      if (field.name == field_name) return fmt::format("{} @{}+{}", field.value, field.where.offset, field.where.size);
    return "-";
  }
  // All fields of a layer, a line each, indented by their depth: "name value @offset+size".
  [[nodiscard]] std::string tree(std::string_view name) const {
    FieldSink sink;
    dissector_of(layer(name)).describe(layer(name), sink);
    std::string out;
    for (const Field& field : sink.fields())
      out += fmt::format("{:{}}{} {} @{}+{}\n", "", field.depth * 2, field.name, field.value, field.where.offset,
                         field.where.size);
    return out;
  }
  // "code: message" of each finding, a line each.
  [[nodiscard]] std::string findings() const {
    std::string out;
    for (const Finding& finding : packet.findings())
      out += fmt::format("{}{}: {}", out.empty() ? "" : "\n", finding.info->code, finding.message);
    return out;
  }
};

inline Dissected dissect_bytes(std::vector<std::uint8_t> bytes, Claim claim, std::size_t claimed = 0) {
  static const ClaimTable claims;
  Dissected out;
  out.bytes = std::move(bytes);
  const auto buffer = out.packet.add_buffer(out.bytes, Origin::capture);
  out.end = dissect_chain(out.packet, claims, buffer, out.bytes, claimed == 0 ? out.bytes.size() : claimed, claim);
  return out;
}

inline Dissected dissect_hex(std::string_view hex, Claim claim, std::size_t claimed = 0) {
  return dissect_bytes(unhex(hex), claim, claimed);
}

// Headers in front of a payload, all as hexadecimal text.
inline std::string ipv4_hex(int protocol, const std::string& payload) {
  return fmt::format("45000000{:04x}4000 40{:02x}0000 0a000001 0a000002", 0x1234, protocol)
             .replace(4, 4, fmt::format("{:04x}", 20 + unhex(payload).size())) +
         payload;
}
inline std::string ipv6_hex(int next, const std::string& payload) {
  return fmt::format("60000000{:04x}{:02x}40 20010db8000000000000000000000001 20010db8000000000000000000000002",
                     unhex(payload).size(), next) +
         payload;
}
inline std::string udp_hex(int source, int destination, const std::string& payload) {
  return fmt::format("{:04x}{:04x}{:04x}0000", source, destination, 8 + unhex(payload).size()) + payload;
}

// An IKE payload of either version behind its generic header, and a whole message of one or more of them.
inline std::string ike_payload_hex(int next, const std::string& body) {
  return fmt::format("{:02x}00{:04x}", next, 4 + unhex(body).size()) + body;
}
inline std::string ike_hex(int first, const std::string& payloads,
                           const std::string& version_exchange_flags = "20 22 08") {
  return fmt::format("1111111111111111 0000000000000000 {:02x}", first) + version_exchange_flags +
         fmt::format("00000000 {:08x}", 28 + unhex(payloads).size()) + payloads;
}

inline constexpr Claim as_ipv4{Space::ip_version, 4};
inline constexpr Claim as_ipv6{Space::ip_version, 6};
inline constexpr Claim as_ethernet{Space::link_type, 1};
constexpr Claim as_protocol(std::uint32_t protocol) { return {Space::ip_protocol, protocol}; }
constexpr Claim as_link(std::uint32_t type) { return {Space::link_type, type}; }

}  // namespace espdump::test
