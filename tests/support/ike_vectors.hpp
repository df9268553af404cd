// The vector files of testdata/vectors/ike, whose first lines say what their columns are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/ike_keys.hpp>

namespace espdump::test {

struct IkeRow {
  std::string file;
  std::vector<std::string> fields;
  [[nodiscard]] const std::string& text(std::size_t column) const { return fields.at(column); }
  [[nodiscard]] std::vector<std::uint8_t> bytes(std::size_t column) const;
  [[nodiscard]] std::uint64_t spi(std::size_t column) const;
};

// Of that file, those that begin with the word; all without one.
std::vector<IkeRow> ike_rows(const std::string& file, std::string_view word = {});

// Where the body of the SK or SKF payload of a message begins, which must have one.
std::size_t start_of_sealed_body(Bytes message);

// "encr=20/256 integ=12 prf=5": of an IKE SA where there is a PRF, of ESP where there is none, of AH without a cipher.
// Throws std::runtime_error for what is no suite.
IkeSuite ike_suite(std::string_view text);
// "hmac-sha256", "aes-xcbc".
Prf prf_named(std::string_view name);

// Whether the library is there that opens it.
bool has_library_for(const IkeSuite& suite);

std::vector<std::uint8_t> revealed(const Secret& secret);

}  // namespace espdump::test
