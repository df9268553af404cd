// How a layer describes itself: a flat list of named fields with their place in the header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/bytes.hpp>
#include <espdump/printable.hpp>

namespace espdump {

// Which bytes of the layer's header a field stands in; size 0: it is concluded, not carried.
struct Where {
  std::size_t offset = 0;
  std::size_t size = 0;
};

struct Field {
  std::string name;   // lower_snake_case, as in the RFC's picture
  std::string value;  // as a person reads it
  Where where;
  std::uint8_t depth = 0;  // nesting inside the layer
  bool rebuilt = false;    // not carried on the wire: made from the SA and the outer header
};

// Collects the fields that a dissector's `describe` names, in order.
class FieldSink {
 public:
  void number(std::string_view name, Where where, std::uint64_t value, std::string_view meaning = {});
  // `digits` hexadecimal digits behind 0x.
  void hex(std::string_view name, Where where, std::uint64_t value, int digits, std::string_view meaning = {});
  void flag(std::string_view name, Where where, bool value);
  // Control and non-ASCII bytes are escaped: `value` may come from a hostile packet.
  void text(std::string_view name, Where where, std::string_view value);
  // Text that was made safe already, as that of identities and certificates.
  void safe_text(std::string_view name, Where where, std::string_view value);
  void address(std::string_view name, Where where, const IpAddress& value);
  // Hexadecimal, cut after 32 bytes with the total length behind it.
  void bytes(std::string_view name, Where where, Bytes value);
  // The fields until end() belong to this one.
  void begin(std::string_view name, Where where, std::string_view value = {});
  void end();

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] std::vector<Field>& fields() { return fields_; }

 private:
  void add(std::string_view name, Where where, std::string value);
  std::vector<Field> fields_;
  std::uint8_t depth_ = 0;
};

}  // namespace espdump
