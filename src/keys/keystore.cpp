// The store of all keys: filled by imports, then sealed and looked up by binary search.
#include <espdump/assert.hpp>
#include <espdump/keystore.hpp>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "keys/false_key.hpp"
#include "keys/ike_table.hpp"
#include "keys/import.hpp"
#include "keys/key_rating.hpp"
#include "keys/sa_table.hpp"
#include "keys/xfrm_policy.hpp"

namespace espdump {
namespace {

using Index = std::vector<std::uint32_t>;

auto narrow_key(const SecurityAssociation& sa) { return std::tie(sa.protocol, sa.spi); }
auto full_key(const SecurityAssociation& sa) { return std::tie(sa.protocol, sa.spi, sa.destination); }

// Indices of all SAs in the order of their keys, equal ones in the order of loading.
template <typename KeyOf>
Index sorted_by(const std::vector<SecurityAssociation>& sas, KeyOf key_of) {
  Index order(sas.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t one, std::uint32_t two) { return key_of(sas[one]) < key_of(sas[two]); });
  return order;
}

template <typename KeyOf, typename Key>
std::span<const std::uint32_t> equal_to(const std::vector<SecurityAssociation>& sas, const Index& order, KeyOf key_of,
                                        const Key& key) {
  const auto first = std::lower_bound(order.begin(), order.end(), key,
                                      [&](std::uint32_t one, const Key& wanted) { return key_of(sas[one]) < wanted; });
  const auto last = std::upper_bound(first, order.end(), key,
                                     [&](const Key& wanted, std::uint32_t one) { return wanted < key_of(sas[one]); });
  return {first, last};
}

std::vector<std::uint16_t> ports_of(std::span<const SecurityAssociation> sas, Encapsulation encapsulation) {
  std::vector<std::uint16_t> ports;
  for (const SecurityAssociation& sa : sas)
    if (sa.encapsulation == encapsulation) ports.insert(ports.end(), {sa.source_port, sa.destination_port});
  return ports;
}

// Each once, without 0.
std::vector<std::uint16_t> sorted_ports(std::vector<std::uint16_t> ports) {
  ports.erase(std::remove(ports.begin(), ports.end(), std::uint16_t{0}), ports.end());
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  return ports;
}

}  // namespace

struct Keystore::State {
  SecretArena arena;
  keys::SaTable table;
  keys::IkeTable ike;
  std::vector<keys::Policy> policies;
  Index by_destination, by_spi;
  Index with_wildcards;  // not in by_spi: these say themselves which addresses they cover
  bool sealed = false;
  bool told_of_ike_keys = false;

  void index();
};

void Keystore::State::index() {
  by_destination = sorted_by(std::as_const(table).all(), full_key);
  for (const std::uint32_t index : sorted_by(std::as_const(table).all(), narrow_key))
    (table.all()[index].wildcards ? with_wildcards : by_spi).push_back(index);
  std::sort(with_wildcards.begin(), with_wildcards.end());
  sealed = true;
}

Keystore::Keystore() : state_(std::make_unique<State>()) {}
Keystore::Keystore(Keystore&&) noexcept = default;
Keystore& Keystore::operator=(Keystore&&) noexcept = default;
Keystore::~Keystore() = default;

Result<ImportReport> Keystore::import_file(const std::string& path) {
  const std::string name = path == "-" ? "standard input" : path;
  const auto text = SecretText::read(path);
  if (!text) return fail(text.error().text, name);
  Result<ImportReport> report = import_text(name, text->bytes());
  if (report) report->others_can_read = text->others_can_read() && report->usable + report->ike_keys != 0;
  return report;
}

Result<ImportReport> Keystore::import_text(const std::string& name, Bytes text) {
  ESPDUMP_ASSERT(!state_->sealed);
  return keys::import_keys(name, text, state_->arena, state_->table, state_->ike);
}

Result<ImportReport> Keystore::import_policy(const std::string& path) {
  const std::string name = path == "-" ? "standard input" : path;
  const auto text = SecretText::read(path);
  if (!text) return fail(text.error().text, name);
  return import_policy_text(name, text->bytes());
}

Result<ImportReport> Keystore::import_policy_text(const std::string& name, Bytes text) {
  ESPDUMP_ASSERT(!state_->sealed);
  return keys::read_xfrm_policy(name, text, state_->policies);
}

void Keystore::seal() {
  if (state_->sealed) return;
  state_->arena.seal();
  keys::apply_policies(state_->policies, state_->table);
  keys::rate_keys(state_->table.all());
  state_->index();
}

Keystore Keystore::without_keys(Told told) {
  Keystore out;
  State& state = *out.state_;
  for (std::size_t i = 0; i < told.associations.size(); ++i) {
    SecurityAssociation& sa = told.associations[i];
    const auto [encryption, integrity] =
        i < told.key_sizes.size() ? told.key_sizes[i] : std::pair<std::uint16_t, std::uint16_t>{};
    sa.encryption.key = false_key(state.arena, sa.encryption.key_group, encryption);
    sa.integrity.key = false_key(state.arena, sa.integrity.key_group, integrity);
    state.table.append(std::move(sa));
  }
  for (LoggedProposals& one : told.proposals) state.ike.log().add(std::move(one));
  for (LoggedSelectors& one : told.selectors) state.ike.log().add(std::move(one));
  state.told_of_ike_keys = told.ike_keys;
  state.arena.seal();
  state.index();
  return out;
}

bool Keystore::has_ike_keys() const {
  return state_->told_of_ike_keys || !ike_keys().empty() || !shared_secrets().empty();
}

std::span<const SecurityAssociation> Keystore::associations() const { return std::as_const(state_->table).all(); }

std::span<const std::uint32_t> Keystore::find(const IpAddress& destination, IpsecProtocol protocol,
                                              std::uint32_t spi) const {
  ESPDUMP_ASSERT(state_->sealed);
  return equal_to(std::as_const(state_->table).all(), state_->by_destination, full_key,
                  std::tuple(protocol, spi, destination));
}

std::span<const std::uint32_t> Keystore::find(IpsecProtocol protocol, std::uint32_t spi) const {
  ESPDUMP_ASSERT(state_->sealed);
  return equal_to(std::as_const(state_->table).all(), state_->by_spi, narrow_key, std::tuple(protocol, spi));
}

std::vector<std::uint32_t> Keystore::find_wildcards(const IpAddress& source, const IpAddress& destination,
                                                    IpsecProtocol protocol, std::uint32_t spi) const {
  constexpr std::size_t most = 16;
  ESPDUMP_ASSERT(state_->sealed);
  const auto covers = [](const Prefix& prefix, const IpAddress& address) {
    return prefix.address.family() == Family::none || prefix.contains(address);
  };
  std::vector<std::uint32_t> out;
  for (const std::uint32_t index : state_->with_wildcards) {
    const SecurityAssociation& sa = associations()[index];
    const Wildcards& open = *sa.wildcards;
    if (sa.protocol != protocol || (spi & open.spi_mask) != sa.spi) continue;
    if (covers(open.source, source) && covers(open.destination, destination) && out.size() < most) out.push_back(index);
  }
  return out;
}

std::vector<std::uint16_t> Keystore::udp_encapsulation_ports() const {
  std::vector<std::uint16_t> ports = ports_of(associations(), Encapsulation::udp);
  for (const SecurityAssociation& sa : associations())
    ports.insert(ports.end(), sa.mapped_ports.begin(), sa.mapped_ports.end());
  return sorted_ports(std::move(ports));
}

std::vector<std::uint16_t> Keystore::tcp_encapsulation_ports() const {
  return sorted_ports(ports_of(associations(), Encapsulation::tcp));
}

std::span<const IkeKeys> Keystore::ike_keys() const { return state_->ike.keys(); }
std::span<const SharedSecret> Keystore::shared_secrets() const { return state_->ike.secrets(); }
std::span<const LoggedProposals> Keystore::logged_proposals() const { return state_->ike.log().proposals(); }
std::span<const LoggedSelectors> Keystore::logged_selectors() const { return state_->ike.log().selectors(); }

}  // namespace espdump
