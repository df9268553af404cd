#include "crypto/ike_prf.hpp"

#include <array>

#include "support/catch.hpp"
#include "support/ike_vectors.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

using Octets = std::vector<std::uint8_t>;

constexpr Prf all_prfs[] = {Prf::hmac_md5,    Prf::hmac_sha1, Prf::hmac_sha256, Prf::hmac_sha384,
                            Prf::hmac_sha512, Prf::aes_xcbc,  Prf::aes_cmac};

Octets computed(Prf prf, Bytes key, std::span<const Bytes> parts) {
  Octets out(prf_size(prf));
  REQUIRE(compute_prf(prf, key, parts, out));
  return out;
}

Octets expanded(Prf prf, Bytes key, std::span<const Bytes> parts, std::size_t size) {
  Octets out(size);
  REQUIRE(prf_plus(prf, key, parts, out));
  return out;
}

}  // namespace

TEST_CASE("ike prf: every published vector holds, wherever the message is cut in three") {
  const auto rows = ike_rows("prf.txt");
  REQUIRE(rows.size() >= 16);
  for (const IkeRow& row : rows) {
    CAPTURE(row.text(0), row.text(1));
    const Prf prf = prf_named(row.text(0));
    const Octets key = row.bytes(2), message = row.bytes(3);
    const Bytes all{message};
    for (std::size_t first = 0; first <= all.size(); first += 3)
      for (std::size_t second = first; second <= all.size(); second += 5)
        CHECK(
            computed(prf, key, std::array{all.first(first), all.subspan(first, second - first), all.subspan(second)}) ==
            row.bytes(4));
  }
}

TEST_CASE("ike prf: prf+ chains its blocks and ends where it is told to") {
  const Octets key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}, one{20, 21}, two{30};
  const std::array<Bytes, 2> seed{one, two};
  for (const Prf prf : all_prfs) {
    const std::size_t step = prf_size(prf);
    CAPTURE(step);
    Octets expected, previous;
    for (std::uint8_t n = 1; n <= 4; ++n) {
      const Octets number{n};
      previous = computed(prf, key, std::array<Bytes, 4>{previous, one, two, number});
      expected.insert(expected.end(), previous.begin(), previous.end());
    }
    for (std::size_t size = 0; size <= expected.size(); ++size)
      CHECK(expanded(prf, key, seed, size) ==
            Octets(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(size)));
  }
}

TEST_CASE("ike prf: prf+ gives 255 blocks and no byte more") {
  const Octets key(20, 7), seed(3, 9);
  for (const Prf prf : all_prfs) {
    Octets out(255 * prf_size(prf));
    CHECK(prf_plus(prf, key, std::array{Bytes{seed}}, out));
    out.push_back(0);
    CHECK_FALSE(prf_plus(prf, key, std::array{Bytes{seed}}, out));
  }
}

TEST_CASE("ike prf: one that is not known, or an HMAC without a key, is an error") {
  const Octets key(16, 1);
  Octets out(32);
  CHECK(prf_size(Prf::unknown) == 0);
  CHECK_FALSE(compute_prf(Prf::unknown, key, {}, {}));
  CHECK_FALSE(prf_plus(Prf::unknown, key, {}, out));
  CHECK_FALSE(compute_prf(Prf::hmac_sha256, {}, {}, out));
}
