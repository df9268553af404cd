// The vector files of testdata/vectors/ike.
#include "support/ike_vectors.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/testdata.hpp"
#include "support/vectors.hpp"

namespace espdump::test {
namespace {

// "12/128" is an ID and the bits of a key.
wire::IkeTransform transform(std::uint8_t type, const std::string& text) {
  const auto slash = text.find('/');
  const auto number = [](const std::string& digits) { return static_cast<std::uint16_t>(std::stoul(digits)); };
  return {type, number(text.substr(0, slash)),
          slash == std::string::npos ? std::uint16_t{0} : number(text.substr(slash + 1))};
}

std::uint8_t type_named(const std::string& word) {
  if (word == "encr") return wire::ike_transform::encryption;
  if (word == "integ") return wire::ike_transform::integrity;
  if (word == "prf") return wire::ike_transform::prf;
  throw std::runtime_error("no such type of transform: " + word);
}

}  // namespace

std::vector<std::uint8_t> IkeRow::bytes(std::size_t column) const { return unhex(text(column)); }

std::uint64_t IkeRow::spi(std::size_t column) const { return read_u64(bytes(column), 0); }

std::vector<IkeRow> ike_rows(const std::string& file, std::string_view word) {
  std::vector<IkeRow> rows;
  std::ifstream in(testdata("vectors/ike/" + file));
  for (std::string text; std::getline(in, text);) {
    if (text.empty() || text[0] == '#') continue;
    IkeRow row{file, {}};
    std::istringstream line{text + "|"};
    for (std::string field; std::getline(line, field, '|');) row.fields.push_back(field);
    if (word.empty() || row.text(0) == word) rows.push_back(std::move(row));
  }
  return rows;
}

std::size_t start_of_sealed_body(Bytes message) {
  constexpr std::uint8_t sk = wire::ike_payload::encrypted, skf = wire::ike_payload::encrypted_fragment;
  std::size_t offset = 28;
  std::uint8_t type = message[16];
  while (type != sk && type != skf) {
    type = message[offset];
    offset += read_u16(message, offset + 2);
  }
  return offset + (type == skf ? 8 : 4);
}

IkeSuite ike_suite(std::string_view text) {
  wire::IkeProposal proposal;
  std::istringstream in{std::string{text}};
  bool encryption = false, prf = false;
  for (std::string word; in >> word;) {
    const auto equals = word.find('=');
    proposal.transforms.push_back(transform(type_named(word.substr(0, equals)), word.substr(equals + 1)));
    encryption = encryption || proposal.transforms.back().type == wire::ike_transform::encryption;
    prf = prf || proposal.transforms.back().type == wire::ike_transform::prf;
  }
  proposal.protocol = prf ? wire::ike_protocol::ike : encryption ? wire::ike_protocol::esp : wire::ike_protocol::ah;
  std::string problem;
  const auto suite = suite_of(proposal, problem);
  if (!suite) throw std::runtime_error("no suite: " + problem);
  return *suite;
}

Prf prf_named(std::string_view name) {
  if (name == "hmac-md5") return Prf::hmac_md5;
  if (name == "hmac-sha1") return Prf::hmac_sha1;
  if (name == "hmac-sha256") return Prf::hmac_sha256;
  if (name == "hmac-sha384") return Prf::hmac_sha384;
  if (name == "hmac-sha512") return Prf::hmac_sha512;
  if (name == "aes-xcbc") return Prf::aes_xcbc;
  if (name == "aes-cmac") return Prf::aes_cmac;
  throw std::runtime_error("no such PRF: " + std::string{name});
}

bool has_library_for(const IkeSuite& suite) {
  return suite.encryption.info == nullptr || has_library_for(suite.encryption.info->xfrm);
}

std::vector<std::uint8_t> revealed(const Secret& secret) {
  const Bytes bytes = reveal(secret);
  return {bytes.begin(), bytes.end()};
}

}  // namespace espdump::test
