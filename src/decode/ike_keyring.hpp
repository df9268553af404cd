// The keys of one IKE SA: those of key files that turn out to be its own, and those that follow from its exchanges.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include <espdump/ike.hpp>
#include <espdump/ike_keys.hpp>
#include <espdump/keystore.hpp>
#include <espdump/secret.hpp>

#include "crypto/ike_keymat.hpp"
#include "crypto/ike_open.hpp"

namespace espdump {

// Whether a proposal chose key exchanges beside the first one (RFC 9370): then one secret is not enough.
bool has_additional_exchanges(const IkeOffer& chosen);
// Those of an exchange's secrets that its keys are made of; none where some are not known.
std::vector<Secret> needed_secrets(std::vector<Secret> known, bool has_additional);

// The suite that a proposal chose; nothing where espdump does not have it.
std::optional<IkeSuite> suite_of_offer(const IkeOffer& chosen);

// What all IKE SAs of a run draw from. Trying is bounded for the run, whatever captures and key files hold.
class IkeKeySource {
 public:
  explicit IkeKeySource(const Keystore& keystore);

  [[nodiscard]] bool empty() const { return keystore_.ike_keys().empty() && keystore_.shared_secrets().empty(); }
  [[nodiscard]] const std::vector<const IkeKeys*>& named(std::uint64_t initiator_spi,
                                                         std::uint64_t responder_spi) const;
  // Of files that do not say which SA they are of.
  [[nodiscard]] const std::vector<const IkeKeys*>& nameless() const { return nameless_; }
  // Of the exchange with these nonces, in the order of the file: behind the first what additional exchanges gave
  // (RFC 9370). Empty: none is known.
  [[nodiscard]] std::vector<Secret> secrets_of(const Nonces& nonces);
  // Secrets whose exchange is not known.
  [[nodiscard]] const std::vector<const SharedSecret*>& nameless_secrets() const { return nameless_secrets_; }

  // Whether one more may be tried, of those that only trying tells.
  bool try_one() { return trials_left_ != 0 && trials_left_-- != 0; }
  // Where derived keys go; null when there are too many of them.
  SecretArena* arena();

 private:
  const Keystore& keystore_;
  SecretArena arena_;
  std::unordered_map<std::uint64_t, std::vector<const IkeKeys*>> named_;  // by both SPIs, hashed
  std::vector<const IkeKeys*> nameless_;
  std::unordered_map<std::uint64_t, std::vector<const SharedSecret*>> secrets_;  // by exchange_hash()
  std::vector<const SharedSecret*> nameless_secrets_;
  std::uint32_t trials_left_ = 1U << 18;
  std::uint32_t derivations_left_ = 1U << 16;
};

// How the keys of an IKE SA follow from a secret: after IKE_SA_INIT, or after the rekeying of another IKE SA.
struct IkeOrigin {
  std::vector<std::uint8_t> initiator_nonce, responder_nonce;
  std::vector<std::pair<Prf, Secret>> parents;  // the old SA's PRF and SK_d, where it was a rekeying
  bool rekeyed = false;
  bool has_additional = false;  // key exchanges beside the first one

  [[nodiscard]] Nonces nonces() const { return {initiator_nonce, responder_nonce}; }
  [[nodiscard]] bool known() const { return !initiator_nonce.empty() && !responder_nonce.empty(); }
};

class IkeKeyring {
 public:
  // One generation; RFC 9370 and PPKs give an SA several.
  struct Generation {
    IkeKeys keys;
    IkeSuite suite;
    std::optional<IkeOpener> opener;
  };

  // The SA's SPIs, the suite of its exchange and the nonces, as soon as they are known.
  void name(std::uint64_t initiator_spi, std::uint64_t responder_spi, IkeKeySource& source);
  void negotiated(const IkeOffer& chosen);
  void began(IkeOrigin origin, IkeKeySource& source);
  // An IKE_INTERMEDIATE exchange had a key exchange: from the next message on other keys may be in use.
  void intermediate(IkeKeySource& source);

  // Opens one encrypted payload; see IkeOpener::open. `out` is as long as `body`.
  std::optional<Bytes> open(bool from_initiator, Bytes covered, Bytes body, MutableBytes out, IkeKeySource& source);

  [[nodiscard]] bool has_any() const { return !generations_.empty(); }
  // PRF and SK_d of all generations that have them, the one that opened last first; at most 4.
  [[nodiscard]] std::vector<std::pair<Prf, Secret>> roots() const;
  [[nodiscard]] const std::optional<IkeSuite>& suite() const { return suite_; }

 private:
  static constexpr std::size_t most_generations = 32;

  Generation* add(const IkeKeys& keys);
  std::optional<Bytes> attempt(Generation& generation, bool from_initiator, Bytes covered, Bytes body,
                               MutableBytes out);
  bool derive(const std::vector<Secret>& shared, IkeKeySource& source);
  template <typename Try>
  std::optional<Bytes> search(IkeKeySource& source, Try try_last);

  std::uint64_t initiator_spi_ = 0, responder_spi_ = 0;
  std::optional<IkeSuite> suite_;
  IkeOrigin origin_;
  std::vector<std::unique_ptr<Generation>> generations_;
  Generation* current_ = nullptr;  // the one that opened last
  std::uint64_t failures_ = 0;     // messages that no generation opened, in a row
};

}  // namespace espdump
