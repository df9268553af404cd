// charon shows what a key exchange came to, then SKEYSEED and the keys made of it (RFC 7296 section 2.14), all in one
// thread; for a Child SA the seed of its KEYMAT (section 2.17). Which messages a thread is at is in group ENC.
#include "keys/charon_ike.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "keys/algorithm_names.hpp"
#include "keys/ike_material.hpp"
#include "keys/text.hpp"

namespace espdump::keys {
namespace {

// "NAME => 36 bytes @ 0x7f…": what follows the arrow, where the message is that of `name`.
std::optional<std::string_view> size_in(std::string_view message, std::string_view name) {
  constexpr std::string_view arrow = " => ";
  if (!starts_with(message, name) || !starts_with(message.substr(name.size()), arrow)) return std::nullopt;
  return message.substr(name.size() + arrow.size());
}

SpiPair pair_of(Bytes bytes) { return {read_u64(bytes, 0), read_u64(bytes, 8)}; }

}  // namespace

CharonDump* CharonIke::read(const CharonLine& line, std::size_t number) {
  Thread& thread = threads_[line.thread];
  thread.shown = Shown::other;
  sas_.read(line);
  if (line.group == "IKE") return read_ike(thread, line, number);
  if (line.group == "CHD") return read_child(thread, line, number);
  if (line.group == "ENC") return read_header(thread, line);
  if (line.group == "NET") thread.hashed.reset();  // another message
  constexpr std::string_view selected = "selected proposal: IKE:";
  if (line.group == "CFG" && starts_with(line.message, selected))
    thread.proposal = line.message.substr(selected.size());
  return nullptr;
}

// "parsed CREATE_CHILD_SA response 2 [ SA No KE ]"
void CharonIke::read_message(Thread& thread, const CharonLine& line) {
  Words words(line.message);
  words.next();
  const std::string_view message = words.next(), kind = words.next();
  if (kind != "request" && kind != "response") return;
  end_keys(thread);
  thread.message = message, thread.response = kind == "response", thread.parsed_sa = line.sa;
  thread.proposal = {}, thread.hashed.reset();
}

CharonDump* CharonIke::open_data(Thread& thread, Shown shown, const CharonLine& line, std::string_view size,
                                 std::size_t number) {
  thread.shown = shown, thread.sa = line.sa, thread.line = number;
  thread.data.open(size);
  return &thread.data;
}

// A message begins with its header: "generating HEADER payload finished", then "generated data for this payload => 28
// bytes @ 0x7f…".
CharonDump* CharonIke::read_header(Thread& thread, const CharonLine& line) {
  const bool is_next = std::exchange(thread.header, line.message == "generating HEADER payload finished");
  if (starts_with(line.message, "parsed ")) read_message(thread, line);
  const auto size = size_in(line.message, "generated data for this payload");
  if (!is_next || !size || !line.sa || !sas_.awaits_header(*line.sa)) return nullptr;
  return open_data(thread, Shown::header, line, *size, 0);
}

CharonDump* CharonIke::read_exchange(Thread& thread, std::string_view message) {
  for (const std::string_view name : {"shared Diffie Hellman secret", "DH secret", "key exchange secret"}) {
    const auto size = size_in(message, name);
    if (!size) continue;
    thread.more_exchanges = {}, thread.nonces = {};
    thread.exchange.open(*size);
    return &thread.exchange;
  }
  const auto size = size_in(message, "additional key exchange secret");
  if (!size) return nullptr;
  thread.more_exchanges.open(*size);
  return &thread.more_exchanges;
}

CharonDump* CharonIke::read_ike(Thread& thread, const CharonLine& line, std::size_t number) {
  if (CharonDump* key = read_key(thread, line, number)) return key;
  if (CharonDump* exchange = read_exchange(thread, line.message)) {
    end_keys(thread);
    return exchange;
  }
  if (const auto size = size_in(line.message, "nonces")) {
    thread.nonces.open(*size);
    return &thread.nonces;
  }
  if (size_in(line.message, "SKEYSEED")) {
    found_ = true;
    end_keys(thread);
    add_exchange(thread, number);
  } else if (size_in(line.message, "Sk_pi secret")) {
    const bool alone =
        thread.keys && !thread.keys->ai.opened() && !thread.keys->ei.opened() && !thread.keys->er.opened();
    alone ? renew(thread) : end_keys(thread);
  } else if (const auto size = size_in(line.message, "natd_chunk")) {
    end_keys(thread);
    return open_data(thread, Shown::hashed, line, *size, number);
  }
  return nullptr;
}

CharonDump* CharonIke::read_key(Thread& thread, const CharonLine& line, std::size_t number) {
  constexpr std::array<std::pair<std::string_view, CharonDump Keys::*>, 5> names{{{"Sk_d secret", &Keys::d},
                                                                                  {"Sk_ai secret", &Keys::ai},
                                                                                  {"Sk_ar secret", &Keys::ar},
                                                                                  {"Sk_ei secret", &Keys::ei},
                                                                                  {"Sk_er secret", &Keys::er}}};
  for (const auto& [name, member] : names) {
    const auto size = size_in(line.message, name);
    if (!size) continue;
    found_ = true;
    if (thread.keys && (thread.keys->sa != line.sa || ((*thread.keys).*member).opened())) end_keys(thread);
    if (!thread.keys) {
      thread.keys = Keys{};
      thread.keys->line = number, thread.keys->sa = line.sa, thread.keys->thread = line.thread;
      if (line.sa) thread.keys->beginning = sas_.beginning(*line.sa);
    }
    CharonDump& dump = (*thread.keys).*member;
    dump.open(*size);
    if (member == &Keys::er) thread.shown = Shown::last_key;
    return &dump;
  }
  return nullptr;
}

CharonDump* CharonIke::read_child(Thread& thread, const CharonLine& line, std::size_t number) {
  if (const auto size = size_in(line.message, "seed")) return open_data(thread, Shown::seed, line, *size, number);
  return read_exchange(thread, line.message);
}

void CharonIke::shown(unsigned number) {
  Thread& thread = threads_[number];
  constexpr std::size_t spis = 16, addresses_v4 = 22, addresses_v6 = 34, header_size = 28, version = 17, length = 24;
  std::array<std::uint8_t, header_size> bytes{};
  const std::size_t size = thread.data.size();
  switch (std::exchange(thread.shown, Shown::other)) {
    case Shown::other: return;
    case Shown::last_key: return end_keys(thread);
    case Shown::seed: return add_seed(thread);
    case Shown::hashed:
      if ((size != addresses_v4 && size != addresses_v6) || !thread.data.read({bytes.data(), spis})) return;
      if (thread.sa)
        sas_.hashed(*thread.sa, number, pair_of(bytes));
      else if (thread.message == "IKE_SA_INIT" && thread.response && pair_of(bytes).responder != 0)
        thread.hashed = pair_of(bytes);
      return;
    case Shown::header:
      if (size != header_size || !thread.data.read(bytes)) return;
      if (bytes[version] == 0x20 && read_u32(bytes, length) == header_size) sas_.sent(*thread.sa, pair_of(bytes));
      return;
  }
}

Secret CharonIke::secret(const CharonDump& dump) {
  if (!dump.has_bytes()) return {};
  const auto bytes = hex_key(dump.digits(), intake_.arena());
  return bytes && bytes->size() == dump.size() ? *bytes : Secret{};
}

void CharonIke::end_keys(Thread& thread) {
  if (!thread.keys) return;
  const Keys keys = std::move(*thread.keys);
  thread.keys.reset();
  if (!intake_.has_room_for_ike(keys.line)) return;
  IkeKeys out;
  out.sk_d = secret(keys.d), out.sk_ai = secret(keys.ai), out.sk_ar = secret(keys.ar);
  out.sk_ei = secret(keys.ei), out.sk_er = secret(keys.er);
  const std::array all{&keys.d, &keys.ai, &keys.ar, &keys.ei, &keys.er};
  const std::array read{&out.sk_d, &out.sk_ai, &out.sk_ar, &out.sk_ei, &out.sk_er};
  bool whole = keys.ei.opened() && keys.er.opened() && keys.ai.opened() == keys.ar.opened();
  for (std::size_t i = 0; i < all.size(); ++i) whole = whole && all[i]->size() == read[i]->size();
  if (!whole) return intake_.problem(keys.line, "the log shows the keys of this IKE SA only in part; IKE SA left out");
  set_algorithms(thread, keys.sa, out, keys.line);
  if (std::string wrong = wrong_ike_lengths(out); !wrong.empty())
    return intake_.problem(keys.line, wrong.append("; IKE SA left out"));
  if (const auto index = intake_.add(out, keys.line)) set_spis(thread, keys, *index);
}

// A pre-shared key that was mixed in (RFC 8784) makes another SK_d, and leaves SK_e and SK_a.
void CharonIke::renew(Thread& thread) {
  const Keys keys = std::move(*thread.keys);
  thread.keys.reset();
  const auto before = keys.sa ? sas_.keys_of(*keys.sa) : std::nullopt;
  const Secret sk_d = secret(keys.d);
  if (!before || sk_d.empty())
    return intake_.problem(keys.line, "the log shows an SK_d, but not the other keys of its IKE SA; it is not used");
  IkeKeys out = intake_.ike().keys()[*before];
  out.sk_d = sk_d;
  if (const auto index = intake_.add(out, keys.line)) sas_.own(*keys.sa, *index, keys.thread, false);
}

// A responder makes keys when it needs them, which may be in another thread than that which chose the proposal.
std::string_view CharonIke::proposal(const Thread& thread, const std::optional<std::uint32_t>& sa) const {
  if (sa)
    if (const auto chosen = sas_.proposal(*sa); !chosen.empty()) return chosen;
  const bool here = thread.response || thread.message == "CREATE_CHILD_SA";
  return here && (!sa || sas_.beginning(*sa) != 0) ? thread.proposal : std::string_view{};
}

// "AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519"
void CharonIke::set_algorithms(const Thread& thread, const std::optional<std::uint32_t>& sa, IkeKeys& keys,
                               std::size_t line) {
  std::string_view names = proposal(thread, sa);
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find('/'));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    if (const auto cipher = sized_cipher_named(Naming::strongswan, name)) keys.encryption = choice_of(*cipher);
    if (const auto integrity = integrity_named(Naming::strongswan, name)) keys.integrity = choice_of(*integrity);
    if (const Prf prf = prf_named(name); prf != Prf::unknown) keys.prf = prf;
  }
  const AlgorithmInfo* cipher = keys.encryption.info;
  keys.names_algorithms = cipher != nullptr && (cipher->kind == AlgorithmKind::aead || keys.integrity.info != nullptr);
  if (wrong_ike_lengths(keys).empty()) return;
  keys.encryption = {}, keys.integrity = {};
  keys.prf = Prf::unknown;
  keys.names_algorithms = false;
  intake_.problem(line, "these keys do not have the lengths of the proposal that the log says was chosen", false);
}

void CharonIke::set_spis(Thread& thread, const Keys& keys, std::uint32_t index) {
  // In a rekeying the thread is at a message of the old IKE SA; keys under its number may be those of the new one.
  const bool rekeying = thread.message == "CREATE_CHILD_SA" || thread.message == "IKE_FOLLOWUP_KE";
  if (keys.sa && keys.beginning == sas_.beginning(*keys.sa) && sas_.owns_keys(*keys.sa) &&
      !(rekeying && thread.parsed_sa == keys.sa))
    sas_.own(*keys.sa, index, keys.thread, rekeying);
  // Of a responder this is not certain: it makes keys later, and then perhaps those of another IKE SA.
  if (keys.sa || !thread.hashed) return;
  intake_.ike().set_spis(index, thread.hashed->initiator, thread.hashed->responder);
  thread.hashed.reset();
}

void CharonIke::add_exchange(const CharonDump& dump, Secret nonces, std::size_t line) {
  if (!intake_.has_room_for_ike(line)) return;
  SharedSecret out;
  out.value = secret(dump), out.nonces = nonces;
  intake_.add(out, line);
}

void CharonIke::add_exchange(Thread& thread, std::size_t line) {
  if (!thread.exchange.has_bytes()) return;
  const Secret nonces = secret(thread.nonces);
  add_exchange(thread.exchange, nonces, line);
  if (thread.more_exchanges.has_bytes()) add_exchange(thread.more_exchanges, nonces, line);
  thread.exchange = {}, thread.more_exchanges = {}, thread.nonces = {};
}

// [g^ir |] Ni | Nr [| results of more exchanges]
void CharonIke::add_seed(Thread& thread) {
  if (!thread.exchange.has_bytes()) return;
  const Secret seed = secret(thread.data), first = secret(thread.exchange), last = secret(thread.more_exchanges);
  const Bytes all = reveal(seed);
  const bool holds = seed.size() > first.size() + last.size() &&
                     std::equal(reveal(first).begin(), reveal(first).end(), all.begin()) &&
                     std::equal(reveal(last).rbegin(), reveal(last).rend(), all.rbegin());
  thread.nonces = {};
  Secret nonces;
  if (holds) nonces = intake_.arena().store(all.subspan(first.size(), all.size() - first.size() - last.size()));
  add_exchange(thread.exchange, nonces, thread.line);
  if (!last.empty()) add_exchange(thread.more_exchanges, nonces, thread.line);
  thread.exchange = {}, thread.more_exchanges = {};
}

void CharonIke::finish() {
  for (auto& [number, thread] : threads_) end_keys(thread);
}

}  // namespace espdump::keys
