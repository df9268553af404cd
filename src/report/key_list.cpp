// The listing of `espdump keys`: a row for each SA; below it, only what is out of the ordinary. IKE SAs follow.
#include "report/key_list.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "keys/algorithm_names.hpp"
#include "keys/key_rating.hpp"
#include "report/key_facts.hpp"
#include "report/table.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

std::string file_line(const ImportReport& file) {
  const bool policies = file.format == "ip xfrm policy";
  const std::string_view record = policies ? "policy" : "SA record";
  const std::string_view records = policies ? "policies" : "SA records";
  std::string out = fmt::format("{}: {}", terminal_safe(file.file), file.format);
  if (file.records != 0 || file.ike_keys == 0)
    out += fmt::format(", {} {}", file.records, file.records == 1 ? record : records);
  if (!policies && (file.records != 0 || file.ike_keys == 0)) out += fmt::format(", {} usable", file.usable);
  if (file.ike_keys != 0) out += fmt::format(", {} IKE SA{}", file.ike_keys, file.ike_keys == 1 ? "" : "s");
  return out + "\n";
}

std::string endpoint(const IpAddress& address, const Prefix& open, bool is_open) {
  if (is_open) return open.address.size() == 0 ? "*" : open.to_string();
  return address.size() == 0 ? "*" : address.to_string();
}

std::string endpoints(const SecurityAssociation& sa) {
  const Wildcards open = sa.wildcards.value_or(Wildcards{});
  return fmt::format("{} > {}", endpoint(sa.source, open.source, sa.wildcards.has_value()),
                     endpoint(sa.destination, open.destination, sa.wildcards.has_value()));
}

std::string spi_text(const SecurityAssociation& sa) {
  std::string spi = fmt::format("0x{:08x}", sa.spi);
  if (!sa.wildcards || sa.wildcards->spi_mask == 0xffffffff) return spi;
  return fmt::format("{}/0x{:08x}", spi, sa.wildcards->spi_mask);
}

// One word where all keys are in the same state.
std::string key_states(const SecurityAssociation& sa) {
  const std::vector<KeyFact> keys = key_facts(sa);
  if (keys.empty()) return "no key";
  bool same = true;
  for (const KeyFact& key : keys) same = same && key.use->state == keys.front().use->state;
  if (same) return state_text(*keys.front().use);
  std::string out;
  for (const KeyFact& key : keys)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key.name, state_text(*key.use));
  return out;
}

std::vector<std::string> row(std::size_t number, const SecurityAssociation& sa) {
  return {std::to_string(number),
          endpoints(sa),
          spi_text(sa),
          std::string{to_string(sa.protocol)},
          std::string{to_string(sa.mode)},
          suite_name(sa),
          sa.esn ? "yes" : "no",
          std::to_string(sa.replay_window),
          key_states(sa),
          fmt::format("{}:{}", terminal_safe(sa.file), sa.line)};
}

std::string port(std::uint16_t number) { return number == 0 ? "any" : std::to_string(number); }

std::string kernel_side(const SecurityAssociation& sa) {
  std::vector<std::string> facts;
  if (sa.encapsulation != Encapsulation::none)
    facts.push_back(fmt::format("in {}, ports {} > {}", sa.encapsulation == Encapsulation::tcp ? "TCP" : "UDP",
                                port(sa.source_port), port(sa.destination_port)));
  if (sa.selector) facts.push_back("selector " + selector_text(*sa.selector));
  if (sa.reqid != 0) facts.push_back(fmt::format("reqid {}", sa.reqid));
  if (sa.mark != 0 || sa.mark_mask != 0) facts.push_back(fmt::format("mark 0x{:x}/0x{:x}", sa.mark, sa.mark_mask));
  if (sa.if_id) facts.push_back(fmt::format("if_id 0x{:x}", *sa.if_id));
  if (!sa.policies.empty())
    facts.push_back(fmt::format("{} {}", sa.policies.size(), sa.policies.size() == 1 ? "policy" : "policies"));
  return fmt::format("{}", fmt::join(facts, "; "));
}

std::string ending(const SecurityAssociation& sa) {
  if (sa.ending == Ending::none) return {};
  std::string out = sa.ending == Ending::deleted ? "deleted" : "expired";
  if (sa.ended) {
    const std::int64_t seconds = sa.ended->nanoseconds / 1'000'000'000;
    out += fmt::format(" {:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
  }
  return out;
}

void note(std::string_view text, keys::SecretOutput& out) {
  if (!text.empty()) out.write(fmt::format("       {}\n", text));
}

void key_notes(const SecurityAssociation& sa, std::size_t number, KeyGroups& groups, bool show_secrets,
               keys::SecretOutput& out) {
  for (const KeyFact& key : key_facts(sa)) {
    if (const auto weakness = keys::weakness_text(key.use->weakness); !weakness.empty())
      note(fmt::format("WEAK: the {} key {}", key.name, weakness), out);
    if (const std::size_t other = groups.first_with(*key.use, sa, number); other == number)
      note(fmt::format("SHARED: the {} key is the encryption key of this SA, too", key.name), out);
    else if (other != 0)
      note(fmt::format("SHARED: the {} key is also in #{}", key.name, other), out);
    if (!show_secrets || key.use->key.empty()) continue;
    out.write(fmt::format("       {} key 0x", key.name));
    out.hex(key.use->key);
    out.write("\n");
  }
}

std::vector<std::string> row(std::size_t number, const IkeKeys& keys) {
  std::string names;
  for (const IkeKeyFact& fact : key_facts(keys)) names += fmt::format("{}{}", names.empty() ? "" : " ", fact.name);
  return {std::to_string(number),
          ike_spi_text(keys.initiator_spi),
          ike_spi_text(keys.responder_spi),
          suite_name(keys),
          keys.prf == Prf::unknown ? "-" : std::string{keys::name_of(keys.prf)},
          names,
          fmt::format("{}:{}", terminal_safe(keys.file), keys.line)};
}

void list_sas(std::span<const SecurityAssociation> sas, bool show_secrets, std::size_t width, keys::SecretOutput& out) {
  Table table;
  table.row({"#", "source > destination", "spi", "proto", "mode", "suite", "esn", "window", "keys", "from"});
  for (std::size_t i = 0; i < sas.size(); ++i) table.row(row(i + 1, sas[i]));
  constexpr std::size_t suite = 5, keys = 8, from = 9;
  const std::vector<std::string> lines = table.lines(7, 7, {width, {from, keys, suite}});
  KeyGroups groups;
  out.write("\n" + lines[0]);
  for (std::size_t i = 0; i < sas.size(); ++i) {
    out.write(lines[i + 1]);
    note(kernel_side(sas[i]), out);
    note(ending(sas[i]), out);
    key_notes(sas[i], i + 1, groups, show_secrets, out);
  }
}

void list_ike(std::span<const IkeKeys> all, bool show_secrets, std::size_t width, keys::SecretOutput& out) {
  Table table;
  table.row({"#", "initiator's SPI", "responder's SPI", "IKE suite", "prf", "keys", "from"});
  for (std::size_t i = 0; i < all.size(); ++i) table.row(row(i + 1, all[i]));
  constexpr std::size_t keys = 5, from = 6;
  const std::vector<std::string> lines = table.lines(0, 0, {width, {from, keys}});
  out.write("\n" + lines[0]);
  for (std::size_t i = 0; i < all.size(); ++i) {
    out.write(lines[i + 1]);
    for (const IkeKeyFact& fact : key_facts(all[i])) {
      if (!show_secrets) continue;
      out.write(fmt::format("       {} 0x", fact.name));
      out.hex(*fact.key);
      out.write("\n");
    }
  }
}

}  // namespace

void list_keys(std::span<const ImportReport> files, const Keystore& store, bool show_secrets, std::size_t width,
               keys::SecretOutput& out) {
  for (const ImportReport& file : files) out.write(file_line(file));
  if (!store.associations().empty()) list_sas(store.associations(), show_secrets, width, out);
  if (!store.ike_keys().empty()) list_ike(store.ike_keys(), show_secrets, width, out);
}

}  // namespace espdump
