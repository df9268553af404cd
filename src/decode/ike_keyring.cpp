// Which keys open an IKE SA's messages: those that name its SPIs, those that follow from its exchange, those that
// trying shows to fit.
#include "decode/ike_keyring.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "crypto/ike_secrets.hpp"

namespace espdump {
namespace {

std::uint64_t spi_pair_hash(std::uint64_t initiator_spi, std::uint64_t responder_spi) {
  std::array<std::uint8_t, 16> bytes{};
  write_u32(bytes, 0, static_cast<std::uint32_t>(initiator_spi >> 32));
  write_u32(bytes, 4, static_cast<std::uint32_t>(initiator_spi));
  write_u32(bytes, 8, static_cast<std::uint32_t>(responder_spi >> 32));
  write_u32(bytes, 12, static_cast<std::uint32_t>(responder_spi));
  return keyed_hash(bytes);
}

}  // namespace

std::optional<IkeSuite> suite_of_offer(const IkeOffer& chosen) {
  if (chosen.transforms.empty()) return std::nullopt;
  wire::IkeProposal proposal;
  proposal.number = chosen.number;
  proposal.protocol = chosen.protocol;
  proposal.transforms = chosen.transforms;
  std::string problem;
  return suite_of(proposal, problem);
}

bool has_additional_exchanges(const IkeOffer& chosen) {
  return std::any_of(chosen.transforms.begin(), chosen.transforms.end(), [](const wire::IkeTransform& transform) {
    return transform.type >= wire::ike_transform::additional_ke_first &&
           transform.type <= wire::ike_transform::additional_ke_last && transform.id != 0;
  });
}

std::vector<Secret> needed_secrets(std::vector<Secret> known, bool has_additional) {
  if (has_additional) return known.size() > 1 ? known : std::vector<Secret>{};
  if (known.size() > 1) known.resize(1);
  return known;
}

IkeKeySource::IkeKeySource(const Keystore& keystore) : keystore_(keystore) {
  for (const IkeKeys& keys : keystore.ike_keys()) {
    const bool named = keys.initiator_spi != 0 || keys.responder_spi != 0;
    if (named)
      named_[spi_pair_hash(keys.initiator_spi, keys.responder_spi)].push_back(&keys);
    else
      nameless_.push_back(&keys);
  }
  for (const SharedSecret& secret : keystore.shared_secrets())
    if (const std::uint64_t hash = exchange_hash(secret); hash != 0)
      secrets_[hash].push_back(&secret);
    else
      nameless_secrets_.push_back(&secret);
}

const std::vector<const IkeKeys*>& IkeKeySource::named(std::uint64_t initiator_spi, std::uint64_t responder_spi) const {
  static const std::vector<const IkeKeys*> none;
  const auto found = named_.find(spi_pair_hash(initiator_spi, responder_spi));
  return found == named_.end() ? none : found->second;
}

std::vector<Secret> IkeKeySource::secrets_of(const Nonces& nonces) {
  std::vector<Secret> out;
  const auto found = secrets_.find(exchange_hash(nonces));
  if (found == secrets_.end() || arena() == nullptr) return out;
  for (const SharedSecret* secret : found->second)
    for (const Secret& one : secrets_of_exchange(*secret, nonces, arena_)) out.push_back(one);
  return out;
}

SecretArena* IkeKeySource::arena() {
  if (derivations_left_ == 0) return nullptr;
  --derivations_left_;
  return &arena_;
}

void IkeKeyring::name(std::uint64_t initiator_spi, std::uint64_t responder_spi, IkeKeySource& source) {
  if (initiator_spi_ == initiator_spi && responder_spi_ == responder_spi) return;
  initiator_spi_ = initiator_spi;
  responder_spi_ = responder_spi;
  for (const IkeKeys* keys : source.named(initiator_spi, responder_spi)) add(*keys);
}

void IkeKeyring::negotiated(const IkeOffer& chosen) {
  suite_ = suite_of_offer(chosen);
  if (!suite_) return;
  // What key files say of algorithms gives way.
  for (const auto& generation : generations_) {
    generation->suite = *suite_;
    generation->opener.reset();
  }
}

void IkeKeyring::began(IkeOrigin origin, IkeKeySource& source) {
  origin_ = std::move(origin);
  if (!origin_.known() || !suite_ || source.empty()) return;
  const std::vector<Secret> shared = needed_secrets(source.secrets_of(origin_.nonces()), origin_.has_additional);
  if (!shared.empty()) derive(shared, source);
}

// SK_d of the generation before and any secret that is at hand: only trying tells (RFC 9370 section 2.2.2).
void IkeKeyring::intermediate(IkeKeySource& source) {
  if (current_ == nullptr || current_->keys.sk_d.empty() || !suite_) return;
  const Secret sk_d = current_->keys.sk_d;
  std::vector<Secret> candidates = source.secrets_of(origin_.nonces());
  for (const SharedSecret* secret : source.nameless_secrets()) candidates.push_back(secret->value);
  for (const Secret& secret : candidates) {
    SecretArena* arena = source.try_one() ? source.arena() : nullptr;
    if (arena == nullptr || generations_.size() == most_generations) return;
    const auto seed = intermediate_skeyseed(suite_->prf, sk_d, secret, origin_.nonces(), *arena);
    if (!seed) continue;
    const auto keys =
        derive_ike_keys(*suite_, suite_->prf, *seed, origin_.nonces(), initiator_spi_, responder_spi_, *arena);
    if (keys) add(*keys);
  }
}

IkeKeyring::Generation* IkeKeyring::add(const IkeKeys& keys) {
  if (generations_.size() == most_generations) return nullptr;
  auto generation = std::make_unique<Generation>();
  generation->keys = keys;
  generation->suite = suite_ ? *suite_ : IkeSuite{keys.encryption, keys.integrity, keys.prf, 0, false};
  generations_.push_back(std::move(generation));
  return generations_.back().get();
}

// Adds the keys that follow from secrets of the exchange that made this SA. strongSwan computes prf+ with the PRF of
// the old SA after a rekeying, others with the new one's: where the two differ, either may be in use.
bool IkeKeyring::derive(const std::vector<Secret>& shared, IkeKeySource& source) {
  SecretArena* arena = source.arena();
  if (arena == nullptr || !suite_) return false;
  const auto expand = [&](Prf expander, const Result<Secret>& seed) {
    if (!seed) return false;
    const auto keys =
        derive_ike_keys(*suite_, expander, *seed, origin_.nonces(), initiator_spi_, responder_spi_, *arena);
    return keys && add(*keys) != nullptr;
  };
  if (!origin_.rekeyed) return expand(suite_->prf, skeyseed(suite_->prf, shared.front(), origin_.nonces(), *arena));
  bool any = false;
  for (const auto& [prf, sk_d] : origin_.parents) {
    const auto seed = rekey_skeyseed(prf, sk_d, shared, origin_.nonces(), *arena);
    any = expand(prf, seed) || any;
    if (prf != suite_->prf) any = expand(suite_->prf, seed) || any;
  }
  return any;
}

std::optional<Bytes> IkeKeyring::attempt(Generation& generation, bool from_initiator, Bytes covered, Bytes body,
                                         MutableBytes out) {
  if (!generation.opener) {
    if (generation.suite.encryption.info == nullptr) return std::nullopt;
    auto opener = IkeOpener::make(generation.suite, generation.keys);
    if (!opener) return std::nullopt;
    generation.opener.emplace(std::move(*opener));
  }
  const auto size = generation.opener->plaintext_size(body);
  if (!size || *size > out.size()) return std::nullopt;
  return generation.opener->open(from_initiator, covered, body, out.first(*size));
}

// Tries what no file and no exchange ties to this SA, one after the other; what fits stays.
template <typename Try>
std::optional<Bytes> IkeKeyring::search(IkeKeySource& source, Try try_last) {
  const auto tried = [&]() -> std::optional<Bytes> {
    if (auto opened = try_last()) return opened;
    generations_.pop_back();
    return std::nullopt;
  };
  for (const IkeKeys* keys : source.nameless()) {
    if (!source.try_one()) return std::nullopt;
    if (add(*keys) == nullptr) continue;
    if (auto opened = tried()) return opened;
  }
  if (!origin_.known() || !suite_) return std::nullopt;
  for (const SharedSecret* secret : source.nameless_secrets()) {
    if (!source.try_one()) return std::nullopt;
    const std::size_t before = generations_.size();
    derive({secret->value}, source);
    while (generations_.size() > before)
      if (auto opened = tried()) return opened;
  }
  return std::nullopt;
}

std::optional<Bytes> IkeKeyring::open(bool from_initiator, Bytes covered, Bytes body, MutableBytes out,
                                      IkeKeySource& source) {
  const auto with = [&](Generation& generation) -> std::optional<Bytes> {
    auto opened = attempt(generation, from_initiator, covered, body, out);
    if (!opened) return std::nullopt;
    current_ = &generation;
    failures_ = 0;
    return opened;
  };
  if (current_ != nullptr)
    if (auto opened = with(*current_)) return opened;
  for (auto generation = generations_.rbegin(); generation != generations_.rend(); ++generation)
    if (generation->get() != current_)
      if (auto opened = with(**generation)) return opened;
  // Wide searches for the 1st, 2nd, 4th … failure only: an SA without keys must not cost one each time.
  if (!std::has_single_bit(++failures_)) return std::nullopt;
  return search(source, [&] { return with(*generations_.back()); });
}

std::vector<std::pair<Prf, Secret>> IkeKeyring::roots() const {
  constexpr std::size_t most = 4;
  std::vector<std::pair<Prf, Secret>> out;
  const auto add_root = [&](const Generation& generation) {
    if (generation.keys.sk_d.empty() || generation.suite.prf == Prf::unknown || out.size() == most) return;
    out.emplace_back(generation.suite.prf, generation.keys.sk_d);
  };
  if (current_ != nullptr) add_root(*current_);
  for (auto generation = generations_.rbegin(); generation != generations_.rend(); ++generation)
    if (generation->get() != current_) add_root(**generation);
  return out;
}

}  // namespace espdump
