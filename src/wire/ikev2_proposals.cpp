// Proposals and transforms of the SA payload, RFC 7296 section 3.3.
#include <espdump/wire/ikev2_payloads.hpp>

#include <fmt/core.h>

namespace espdump::wire {
namespace {

// | Last Substruc |   RESERVED    |         Proposal Length       | 0
// | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms| 4
// ~                        SPI (variable)                         ~ 8
constexpr std::size_t proposal_header = 8;
// | Last Substruc |   RESERVED    |        Transform Length       | 0
// |Transform Type |   RESERVED    |          Transform ID         | 4
constexpr std::size_t transform_header = 8;
constexpr std::uint16_t short_attribute = 0x8000;
constexpr std::uint16_t key_length = 14;

// One proposal or transform in a row of them, and what was wrong with it.
struct Substructure {
  std::uint8_t last = 0;
  Bytes bytes;
};

std::optional<Substructure> take(Bytes& rest, std::size_t header, std::string_view what, std::string& error) {
  if (rest.size() < header) {
    error = fmt::format("a {} needs {} bytes, {} are there", what, header, rest.size());
    return std::nullopt;
  }
  const std::size_t length = read_u16(rest, 2);
  if (length < header || length > rest.size()) {
    error = fmt::format("a {} has length {}, {} bytes are there", what, length, rest.size());
    return std::nullopt;
  }
  const Substructure out{rest[0], rest.first(length)};
  rest = rest.subspan(length);
  if ((out.last == 0) == rest.empty()) return out;
  error = rest.empty() ? fmt::format("the last {} says that another one follows", what)
                       : fmt::format("{} bytes stand behind the last {}", rest.size(), what);
  return std::nullopt;
}

// The key length, 0 where there is none; nothing where an attribute does not fit.
std::optional<std::uint16_t> read_key_bits(Bytes attributes) {
  std::uint16_t bits = 0;
  ByteReader in{attributes};
  while (in.remaining() != 0 && in.ok()) {
    const std::uint16_t type = in.u16(), value = in.u16();
    if ((type & short_attribute) == 0) in.skip(value);  // a length, the value stands behind it
    if (type == (short_attribute | key_length)) bits = value;
  }
  return in.ok() ? std::optional{bits} : std::nullopt;
}

std::optional<IkeTransform> read_transform(Bytes& rest, std::string& error) {
  const auto found = take(rest, transform_header, "transform", error);
  if (!found) return std::nullopt;
  const auto bits = read_key_bits(found->bytes.subspan(transform_header));
  if (!bits) {
    error = "an attribute of a transform does not fit into it";
    return std::nullopt;
  }
  return IkeTransform{found->bytes[4], read_u16(found->bytes, 6), *bits};
}

bool read_transforms(Bytes rest, std::size_t count, std::size_t most, IkeProposal& out, std::string& error) {
  if (count > most) {
    error = fmt::format("a proposal has {} transforms, more than {}", count, most);
    return false;
  }
  while (!rest.empty() && out.transforms.size() < count) {
    const auto transform = read_transform(rest, error);
    if (!transform) return false;
    out.transforms.push_back(*transform);
  }
  if (rest.empty() && out.transforms.size() == count) return true;
  error = fmt::format("a proposal says that it has {} transforms, it has {}", count,
                      rest.empty() ? std::to_string(out.transforms.size()) : "more");
  return false;
}

std::optional<IkeProposal> read_proposal(Bytes bytes, std::size_t most, std::string& error) {
  IkeProposal out;
  out.number = bytes[4];
  out.protocol = bytes[5];
  const std::size_t spi_size = bytes[6], count = bytes[7];
  if (spi_size > bytes.size() - proposal_header) {
    error = fmt::format("a proposal's SPI has {} bytes, {} are there", spi_size, bytes.size() - proposal_header);
    return std::nullopt;
  }
  out.spi = bytes.subspan(proposal_header, spi_size);
  out.size = bytes.size();
  if (!read_transforms(bytes.subspan(proposal_header + spi_size), count, most, out, error)) return std::nullopt;
  return out;
}

}  // namespace

IkeProposals read_ike_proposals(Bytes sa_body, std::size_t most_proposals, std::size_t most_transforms) {
  IkeProposals out;
  Bytes rest = sa_body;
  while (!rest.empty()) {
    if (out.list.size() == most_proposals) {
      out.error = fmt::format("there are more than {} proposals", most_proposals);
      break;
    }
    const std::size_t offset = sa_body.size() - rest.size();
    const auto found = take(rest, proposal_header, "proposal", out.error);
    if (!found) break;
    auto proposal = read_proposal(found->bytes, most_transforms, out.error);
    if (!proposal) break;
    proposal->offset = offset;
    out.list.push_back(std::move(*proposal));
  }
  if (sa_body.empty()) out.error = "there is no proposal";
  return out;
}

}  // namespace espdump::wire
