#include "analysis/ike_proposals.hpp"

#include <espdump/wire/ikev2_names.hpp>

#include "support/catch.hpp"

using namespace espdump;

namespace {

std::vector<IkeOffer> offers(std::initializer_list<std::string_view> texts) {
  std::vector<wire::IkeProposal> out;
  for (const std::string_view text : texts) {
    auto proposal = wire::read_proposal_text(text);
    REQUIRE(proposal);
    out.push_back(std::move(*proposal));
  }
  return offers_of(out);
}

}  // namespace

TEST_CASE("ike proposals: what two have in common, and what stands between them") {
  CHECK(in_common_text(offers({"ESP:AES_CBC_128/HMAC_SHA2_256_128/NO_EXT_SEQ"}),
                       offers({"ESP:AES_CBC_256/HMAC_SHA2_256_128/NO_EXT_SEQ"})) ==
        "In common: sha256, noesn. Not in common: encryption (aes128 against aes256).");
  CHECK(in_common_text(offers({"ESP:AES_CBC_128/HMAC_SHA2_256_128/NO_EXT_SEQ"}),
                       offers({"ESP:AES_GCM_16_256/EXT_SEQ"})) ==
        "In common: nothing. Not in common: encryption (aes128 against aes256gcm16), integrity (sha256 against none), "
        "sequence numbers (noesn against esn).");
}

TEST_CASE("ike proposals: an integrity or group of none is no transform") {
  CHECK(in_common_text(offers({"ESP:AES_GCM_16_256/NONE/NO_EXT_SEQ"}), offers({"ESP:AES_GCM_16_256/NO_EXT_SEQ"})) ==
        "They have aes256gcm16, noesn in common, so that something else was the reason.");
  CHECK(
      in_common_text(offers({"ESP:AES_GCM_16_256/NO_EXT_SEQ"}), offers({"ESP:AES_GCM_16_256/MODP_2048/NO_EXT_SEQ"})) ==
      "In common: aes256gcm16, noesn. Not in common: key exchange group (none against modp2048).");
}

TEST_CASE("ike proposals: several transforms of a type, several proposals: the closest pair counts") {
  CHECK(
      in_common_text(offers({"ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ",
                             "ESP:AES_GCM_16_128/AES_GCM_16_256/CURVE_25519/ECP_256/NO_EXT_SEQ"}),
                     offers({"ESP:AES_GCM_16_256/ECP_384/NO_EXT_SEQ", "ESP:AES_CBC_256/HMAC_SHA2_256_128/EXT_SEQ"})) ==
      "In common: aes256gcm16, noesn. Not in common: key exchange group (curve25519, ecp256 against ecp384).");
  CHECK(in_common_text(offers({"ESP:AES_GCM_16_128/KE1_ML_KEM_768/NO_EXT_SEQ"}),
                       offers({"ESP:AES_GCM_16_128/KE1_ML_KEM_1024/NO_EXT_SEQ"})) ==
        "In common: aes128gcm16, noesn. Not in common: additional key exchange 1 (ke1_mlkem768 against "
        "ke1_mlkem1024).");
}

TEST_CASE("ike proposals: other protocols, and nothing at all, have nothing to compare") {
  CHECK(in_common_text(offers({"AH:HMAC_SHA1_96/NO_EXT_SEQ"}), offers({"ESP:NULL/HMAC_SHA1_96/NO_EXT_SEQ"})).empty());
  CHECK(in_common_text({}, offers({"ESP:NULL/HMAC_SHA1_96/NO_EXT_SEQ"})).empty());
}

TEST_CASE("ike proposals: the order of types does not matter, that of choices and proposals does") {
  const auto same = [](std::string_view one, std::string_view two) {
    return same_offers(offers({one}), offers({two}));
  };
  CHECK(same("IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_2048",
             "IKE:AES_CBC_128/PRF_HMAC_SHA1/HMAC_SHA1_96/MODP_2048"));
  CHECK_FALSE(same("IKE:AES_CBC_128/AES_CBC_256", "IKE:AES_CBC_256/AES_CBC_128"));
  CHECK_FALSE(same("IKE:AES_CBC_128", "ESP:AES_CBC_128"));
  CHECK_FALSE(same_offers(offers({"IKE:NULL"}), offers({"IKE:NULL", "IKE:NULL"})));
}
