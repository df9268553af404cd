#include <espdump/ike_keys.hpp>

#include "support/catch.hpp"

using namespace espdump;
using wire::IkeProposal;
using wire::IkeTransform;

namespace {

namespace type = wire::ike_transform;
constexpr std::uint8_t ike = wire::ike_protocol::ike, ah = wire::ike_protocol::ah, esp = wire::ike_protocol::esp;

IkeProposal proposal(std::uint8_t protocol, std::vector<IkeTransform> transforms) {
  IkeProposal out;
  out.protocol = protocol;
  out.transforms = std::move(transforms);
  return out;
}

IkeSuite suite(std::uint8_t protocol, std::vector<IkeTransform> transforms) {
  std::string problem = "left from before";
  const auto found = suite_of(proposal(protocol, std::move(transforms)), problem);
  CHECK(problem.empty());
  REQUIRE(found);
  return *found;
}

std::string problem_of(std::uint8_t protocol, std::vector<IkeTransform> transforms) {
  std::string problem;
  CHECK_FALSE(suite_of(proposal(protocol, std::move(transforms)), problem));
  return problem;
}

std::string_view name(const AlgorithmChoice& choice) {
  return choice.info == nullptr ? std::string_view{} : choice.info->xfrm;
}

}  // namespace

TEST_CASE("ike suite: encryption transforms stand for rows of the table, with salt and ICV") {
  struct Case {
    std::uint16_t id, key_bits;
    const char* name;
    std::size_t key_size;
    std::uint16_t icv_bits;
  };
  constexpr Case cases[] = {
      {2, 0, "cbc(des)", 8, 0},
      {3, 0, "cbc(des3_ede)", 24, 0},
      {3, 192, "cbc(des3_ede)", 24, 0},
      {6, 0, "cbc(cast5)", 16, 0},
      {6, 80, "cbc(cast5)", 10, 0},
      {7, 0, "cbc(blowfish)", 16, 0},
      {7, 448, "cbc(blowfish)", 56, 0},
      {11, 0, "ecb(cipher_null)", 0, 0},
      {12, 128, "cbc(aes)", 16, 0},
      {12, 192, "cbc(aes)", 24, 0},
      {12, 256, "cbc(aes)", 32, 0},
      {13, 256, "rfc3686(ctr(aes))", 36, 0},
      {14, 128, "rfc4309(ccm(aes))", 19, 64},
      {15, 192, "rfc4309(ccm(aes))", 27, 96},
      {16, 256, "rfc4309(ccm(aes))", 35, 128},
      {18, 128, "rfc4106(gcm(aes))", 20, 64},
      {19, 192, "rfc4106(gcm(aes))", 28, 96},
      {20, 256, "rfc4106(gcm(aes))", 36, 128},
      {21, 128, "rfc4543(gcm(aes))", 20, 128},
      {23, 256, "cbc(camellia)", 32, 0},
      {28, 0, "rfc7539esp(chacha20,poly1305)", 36, 128},
      {28, 256, "rfc7539esp(chacha20,poly1305)", 36, 128},
      {29, 128, "rfc8750(ccm(aes))", 19, 64},
      {30, 256, "rfc8750(gcm(aes))", 36, 128},
      {31, 0, "rfc8750(chacha20,poly1305)", 36, 128},
      {1026, 256, "cbc(serpent)", 32, 0},
      {1027, 128, "cbc(twofish)", 16, 0},
  };
  for (const Case& each : cases) {
    CAPTURE(each.id, each.key_bits);
    const AlgorithmChoice choice = encryption_of_transform(each.id, each.key_bits);
    CHECK(name(choice) == each.name);
    CHECK(choice.key_size == each.key_size);
    CHECK(choice.icv_bits == each.icv_bits);
  }
}

TEST_CASE("ike suite: integrity transforms stand for rows of the table, each with its ICV") {
  struct Case {
    std::uint16_t id;
    const char* name;
    std::size_t key_size;
    std::uint16_t icv_bits;
  };
  constexpr Case cases[] = {
      {1, "hmac(md5)", 16, 96},        {2, "hmac(sha1)", 20, 96},       {5, "xcbc(aes)", 16, 96},
      {6, "hmac(md5)", 16, 128},       {7, "hmac(sha1)", 20, 160},      {8, "cmac(aes)", 16, 96},
      {12, "hmac(sha256)", 32, 128},   {13, "hmac(sha384)", 48, 192},   {14, "hmac(sha512)", 64, 256},
      {1026, "hmac(sha256)", 32, 96},  {1027, "hmac(sha256)", 32, 256}, {1028, "hmac(sha384)", 48, 384},
      {1029, "hmac(sha512)", 64, 512},
  };
  for (const Case& each : cases) {
    CAPTURE(each.id);
    const AlgorithmChoice choice = integrity_of_transform(each.id);
    CHECK(name(choice) == each.name);
    CHECK(choice.key_size == each.key_size);
    CHECK(choice.icv_bits == each.icv_bits);
    CHECK(is_legal_icv(*choice.info, choice.icv_bits));
  }
}

TEST_CASE("ike suite: every other transform stands for nothing") {
  constexpr std::uint16_t prfs[] = {1, 2, 4, 5, 6, 7, 8};
  int ciphers = 0, macs = 0, functions = 0;
  for (std::uint32_t id = 0; id <= 0xffff; ++id) {
    const auto number = static_cast<std::uint16_t>(id);
    ciphers += encryption_of_transform(number, 128).info != nullptr ? 1 : 0;
    macs += integrity_of_transform(number).info != nullptr ? 1 : 0;
    functions += prf_of_transform(number) != Prf::unknown ? 1 : 0;
  }
  CHECK(ciphers == 21);
  CHECK(macs == 13);
  CHECK(functions == std::ssize(prfs));
  for (const std::uint16_t id : prfs) CHECK(prf_of_transform(id) != Prf::unknown);
  CHECK(prf_of_transform(5) == Prf::hmac_sha256);
  CHECK(prf_of_transform(4) == Prf::aes_xcbc);
}

TEST_CASE("ike suite: a length that the cipher does not have, or that nothing tells, leaves the size of the key open") {
  constexpr std::uint16_t ids[] = {12, 13, 14, 20, 21, 23, 30};
  for (const int bits : {0, 1, 64, 127, 129, 160, 255, 264, 512, 65535}) {
    CAPTURE(bits);
    for (const std::uint16_t id : ids) {
      const AlgorithmChoice choice = encryption_of_transform(id, static_cast<std::uint16_t>(bits));
      CHECK(choice.info != nullptr);
      CHECK(choice.key_size == 0);
    }
  }
  CHECK(encryption_of_transform(6, 136).key_size == 0);
  CHECK(encryption_of_transform(7, 24).key_size == 0);
}

TEST_CASE("ike suite: the proposal of an IKE SA has a PRF, and an AEAD or a cipher with integrity") {
  const IkeSuite aead = suite(ike, {{type::encryption, 20, 256}, {type::prf, 6, 0}, {type::key_exchange, 20, 0}});
  CHECK(name(aead.encryption) == "rfc4106(gcm(aes))");
  CHECK(aead.integrity.info == nullptr);
  CHECK(aead.prf == Prf::hmac_sha384);
  CHECK(aead.group == 20);
  CHECK_FALSE(aead.esn);
  const IkeSuite separate = suite(ike, {{type::integrity, 12, 0},
                                        {type::prf, 5, 0},
                                        {type::encryption, 12, 128},
                                        {type::key_exchange, 31, 0},
                                        {type::additional_ke_first, 36, 0}});
  CHECK(name(separate.encryption) == "cbc(aes)");
  CHECK(name(separate.integrity) == "hmac(sha256)");
  CHECK(separate.group == 31);
  CHECK(suite(ike, {{type::encryption, 28, 0}, {type::prf, 5, 0}, {type::integrity, 0, 0}}).integrity.info == nullptr);
}

TEST_CASE("ike suite: the proposal of a Child SA tells ESN and has no PRF") {
  const IkeSuite plain = suite(esp, {{type::encryption, 20, 128}, {type::sequence_numbers, 0, 0}});
  CHECK_FALSE(plain.esn);
  CHECK(plain.prf == Prf::unknown);
  CHECK(plain.group == 0);
  CHECK(suite(esp, {{type::encryption, 20, 128}, {type::sequence_numbers, 1, 0}}).esn);
  CHECK_FALSE(suite(esp, {{type::encryption, 20, 128}, {type::sequence_numbers, 2, 0}}).esn);
  CHECK_FALSE(suite(esp, {{type::encryption, 20, 128}}).esn);
  CHECK(name(suite(esp, {{type::encryption, 11, 0}, {type::integrity, 2, 0}}).encryption) == "ecb(cipher_null)");
  CHECK(suite(esp, {{type::encryption, 12, 128}}).integrity.info == nullptr);
  CHECK(name(suite(esp, {{type::encryption, 21, 256}}).encryption) == "rfc4543(gcm(aes))");
  CHECK(suite(esp, {{type::encryption, 12, 128}, {type::integrity, 2, 0}, {type::key_exchange, 14, 0}}).group == 14);
}

TEST_CASE("ike suite: AH has integrity only") {
  const IkeSuite found = suite(ah, {{type::integrity, 1029, 0}, {type::sequence_numbers, 1, 0}});
  CHECK(found.encryption.info == nullptr);
  CHECK(name(found.integrity) == "hmac(sha512)");
  CHECK(found.integrity.icv_bits == 512);
  CHECK(found.esn);
}

TEST_CASE("ike suite: a proposal that chooses nothing usable says why") {
  const IkeTransform aes{type::encryption, 12, 128}, gcm{type::encryption, 20, 128}, sha1{type::integrity, 2, 0},
      prf{type::prf, 5, 0};
  CHECK(problem_of(ike, {aes, prf}) == "the proposal has no integrity algorithm");
  CHECK(problem_of(ike, {aes, sha1}) == "the proposal has no pseudorandom function");
  CHECK(problem_of(ike, {sha1, prf}) == "the proposal has no encryption algorithm");
  CHECK(problem_of(ah, {}) == "the proposal has no integrity algorithm");
  CHECK(problem_of(ah, {{type::integrity, 0, 0}}) == "the proposal has no integrity algorithm");
  CHECK(problem_of(ike, {{type::encryption, 24, 128}, prf}) == "espdump does not have encryption algorithm 24");
  CHECK(problem_of(esp, {aes, {type::integrity, 3, 0}}) == "espdump does not have integrity algorithm 3");
  CHECK(problem_of(ah, {{type::integrity, 9, 0}}) == "espdump does not have integrity algorithm 9");
  CHECK(problem_of(ike, {aes, sha1, {type::prf, 3, 0}}) == "espdump does not have pseudorandom function 3");
  CHECK(problem_of(esp, {gcm, {type::sequence_numbers, 3, 0}}) == "espdump does not have sequence numbers of kind 3");
  CHECK(problem_of(esp, {{type::encryption, 12, 0}}) == "AES-CBC stands without the length of its key");
  CHECK(problem_of(esp, {{type::encryption, 12, 100}}) == "AES-CBC has no keys of 100 bits");
  CHECK(problem_of(ike, {{type::encryption, 21, 128}, prf}) == "AES-GMAC is for ESP only");
  CHECK(problem_of(ike, {{type::encryption, 30, 128}, prf}) == "AES-GCM-IIV is for ESP only");
  CHECK(problem_of(esp, {gcm, sha1}) == "AES-GCM stands together with HMAC-SHA1, though it has integrity of its own");
  CHECK(problem_of(4, {gcm}) == "the proposal is of protocol 4, neither IKE nor AH nor ESP");
}

TEST_CASE("ike suite: an offer with several transforms of one type is none that was chosen") {
  const IkeTransform gcm{type::encryption, 20, 128}, prf{type::prf, 5, 0};
  CHECK(problem_of(ike, {gcm, gcm, prf}) == "the proposal has several transforms of type 1, so that none is chosen");
  CHECK(problem_of(ike, {gcm, prf, {type::prf, 6, 0}}) ==
        "the proposal has several transforms of type 2, so that none is chosen");
  CHECK(problem_of(ike, {gcm, prf, {type::additional_ke_last, 36, 0}, {type::additional_ke_last, 35, 0}}) ==
        "the proposal has several transforms of type 12, so that none is chosen");
  CHECK(problem_of(esp, std::vector<IkeTransform>(256, IkeTransform{200, 1, 0})) ==
        "the proposal has several transforms of type 200, so that none is chosen");
}
