// The fields of IKE payloads, for the tree. Offsets count from the header of the layer that the payload is in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <espdump/bytes.hpp>
#include <espdump/fields.hpp>
#include <espdump/wire/ikev2_payloads.hpp>

namespace espdump {

// A part of a layer's header: some bytes and where they stand.
struct Part {
  Bytes bytes;
  std::size_t offset = 0;

  [[nodiscard]] Where where() const { return {offset, bytes.size()}; }
  [[nodiscard]] Where at(std::size_t from, std::size_t size) const { return {offset + from, size}; }
  // Both take what is there, if it is less.
  [[nodiscard]] Part from(std::size_t begin) const;
  [[nodiscard]] Part slice(std::size_t begin, std::size_t size) const;
};

// One whole payload of version 2, its generic header included.
void describe_ike_payload(const wire::IkePayload& payload, FieldSink& out);
// Of version 1.
void describe_ikev1_payload(const wire::IkePayload& payload, FieldSink& out);

// Bodies of payloads, behind the generic header.
void describe_ike_proposals(const Part& body, FieldSink& out);
void describe_ikev1_proposals(const Part& body, FieldSink& out);
void describe_ike_notify(const Part& body, FieldSink& out);
void describe_ike_certificate(const Part& body, FieldSink& out);
void describe_ike_certificate_request(const Part& body, FieldSink& out);
void describe_ike_auth(const Part& body, FieldSink& out);
void describe_ike_traffic_selectors(const Part& body, FieldSink& out);
void describe_ike_configuration(const Part& body, FieldSink& out);
void describe_ike_eap(const Part& body, FieldSink& out);
void describe_vendor_id(const Part& body, FieldSink& out);
void describe_certificate(std::string_view name, const Part& der, FieldSink& out);

// Bytes as text, where all of them are printable ASCII; else nothing.
std::optional<std::string> readable(Bytes bytes);
// Two digits a byte, all of them.
std::string hex_text(Bytes bytes);
// The bytes, unless there are none.
void describe_rest(std::string_view name, const Part& part, FieldSink& out);

}  // namespace espdump
