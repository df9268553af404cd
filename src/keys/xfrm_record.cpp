// The lines of one SA in `ip xfrm state`, by keyword; their order is that of the kernel's attributes and varies.
#include "keys/xfrm_record.hpp"

#include <tuple>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

struct Field {
  std::string_view keyword;
  void (*read)(XfrmRecord&, Words);
};

void read_proto(XfrmRecord& record, Words words) {
  record.protocol = words.next();
  for (auto key = words.next(); !key.empty(); key = words.next()) {
    const auto value = words.next();
    if (key == "spi") {
      record.spi = number(value);
      if (value.find('(') != std::string_view::npos) record.statistics = true;
    }
    if (key == "reqid") record.sa.reqid = number(value).value_or(0);
    if (key == "mode") record.sa.mode = mode_of(value);
  }
}

void read_flags(XfrmRecord& record, Words words) {
  for (auto word = words.next(); !word.empty(); word = words.next()) {
    if (word == "esn") record.sa.esn = true;
    if (word == "align4") record.sa.align4 = true;
  }
}

void read_replay_window(XfrmRecord& record, Words words) {
  const auto window = number(words.next());
  const Words rest = words;
  if (words.next() == "replay") return;  // the line of the same name in the statistics
  record.sa.replay_window = window.value_or(0);
  read_flags(record, rest);
}

void read_anti_replay(XfrmRecord& record, Words words) {
  record.has_context = true;
  for (auto key = words.next(); !key.empty(); key = words.next()) {
    if (key == "seq") record.seq = number(words.next()).value_or(0);
    if (key == "oseq") record.oseq = number(words.next()).value_or(0);
  }
}

void read_esn_numbers(XfrmRecord& record, Words words) {
  record.has_context = true;
  record.seq_hi = number(words.next()).value_or(0);
  for (auto key = words.next(); !key.empty(); key = words.next()) {
    const auto value = number(words.next()).value_or(0);
    if (key == "seq") record.seq = value;
    if (key == "oseq-hi") record.oseq_hi = value;
    if (key == "oseq") record.oseq = value;
  }
}

void read_context_window(XfrmRecord& record, Words words) { record.context_window = number(words.next()); }

void read_mark(XfrmRecord& record, Words words) {
  std::tie(record.sa.mark, record.sa.mark_mask) = read_mark_word(words.next());
}

void read_if_id(XfrmRecord& record, Words words) { record.sa.if_id = number(words.next()); }

std::uint16_t port(std::string_view word) { return static_cast<std::uint16_t>(number(word).value_or(0)); }

void read_encap(XfrmRecord& record, Words words) {
  for (auto key = words.next(); !key.empty(); key = words.next()) {
    const auto value = words.next();
    if (key == "type") record.sa.encapsulation = encapsulation_of(value);
    if (key == "sport") record.sa.source_port = port(value);
    if (key == "dport") record.sa.destination_port = port(value);
  }
}

std::optional<std::uint8_t> ip_protocol(std::string_view name) {
  struct Name {
    std::string_view text;
    std::uint8_t value;
  };
  constexpr Name names[] = {{"tcp", 6},        {"udp", 17},    {"icmp", 1},
                            {"ipv6-icmp", 58}, {"icmpv6", 58}, {"sctp", 132},
                            {"gre", 47},       {"esp", 50},    {"ah", 51},
                            {"ipip", 4},       {"ipencap", 4}, {"ipv4", 4},
                            {"ipv6", 41},      {"igmp", 2},    {"dccp", 33},
                            {"udplite", 136},  {"ospf", 89},   {"ipcomp", 108},
                            {"vrrp", 112},     {"pim", 103},   {"mobility-header", 135},
                            {"ipv6-mh", 135},  {"l2tp", 115}};
  for (const Name& known : names)
    if (known.text == name) return known.value;
  const auto value = number(name);
  return value && *value < 256 ? std::optional{static_cast<std::uint8_t>(*value)} : std::nullopt;
}

// What follows the two prefixes of a selector.
void read_upper(Selector& selector, Words words, std::string& note) {
  for (auto key = words.next(); !key.empty(); key = words.next()) {
    const auto value = words.next();
    if (key == "proto") {
      const auto protocol = ip_protocol(value);
      selector.protocol = protocol.value_or(0);
      if (!protocol) note = "the protocol of this selector is not known; the selector counts for every protocol";
    }
    if (key == "sport" || key == "type") selector.source_port = port(value);
    if (key == "dport" || key == "code") selector.destination_port = port(value);
  }
}

void read_selector(XfrmRecord& record, Words words) { read_selector_text(record, words.rest()); }

void read_hard(XfrmRecord& record, Words words) { record.hard = words.next() == "1"; }
void mark_statistics(XfrmRecord& record, Words) { record.statistics = true; }
void ignore(XfrmRecord&, Words) {}

// What is printed most comes first.
constexpr Field fields[] = {
    {"replay-window", read_replay_window},
    {"anti-replay", read_anti_replay},
    {"sel", read_selector},
    {"encap", read_encap},
    {"seq-hi", read_esn_numbers},
    {"replay_window", read_context_window},
    {"if_id", read_if_id},
    {"mark", read_mark},
    {"limit:", ignore},
    {"lifetime", mark_statistics},
    {"expire", ignore},
    {"add", ignore},
    {"stats:", mark_statistics},
    {"lastused", ignore},
    {"dir", ignore},
    {"output-mark", ignore},
    {"comp", ignore},
    {"coa", ignore},
    {"crypto", ignore},
    {"tfcpad", ignore},
    {"pcpu-num", ignore},
    {"security", ignore},
    {"hard", read_hard},
    {"soft", ignore},
    // Flags that a paste broke off their line.
    {"flag", read_flags},
    {"noecn", read_flags},
    {"decap-dscp", read_flags},
    {"nopmtudisc", read_flags},
    {"wildrecv", read_flags},
    {"icmp", read_flags},
    {"af-unspec", read_flags},
    {"align4", read_flags},
    {"extra_flag", read_flags},
};

// "1234(bytes), 11(packets)" and the words of a replay bitmap.
bool is_numeric_line(std::string_view word) {
  std::size_t digits = 0;
  while (digits < word.size() && is_hex(word[digits])) ++digits;
  if (digits == 8 && word.size() == 8) return true;
  return digits != 0 && word.substr(digits).substr(0, 6) == "(bytes";
}

std::optional<KeyLine>* key_slot(XfrmRecord& record, std::string_view keyword) {
  if (keyword == "aead") return &record.aead;
  if (keyword == "enc") return &record.encryption;
  if (keyword == "auth-trunc" || keyword == "auth") return &record.integrity;
  return nullptr;
}

void open_key_line(XfrmRecord& record, std::string_view keyword, Words words, std::size_t number) {
  std::optional<KeyLine>& slot = *key_slot(record, keyword);
  KeyLine line;
  line.kind = keyword == "aead"  ? AlgorithmKind::aead
              : keyword == "enc" ? AlgorithmKind::encryption
                                 : AlgorithmKind::integrity;
  line.states_icv = keyword == "aead" || keyword == "auth-trunc";
  line.line = number;
  line.name = words.next();
  line.pieces.push_back(words.rest());
  slot = std::move(line);
  record.open_key = &*slot;
}

}  // namespace

SaMode mode_of(std::string_view word) {
  if (word == "transport") return SaMode::transport;
  if (word == "tunnel") return SaMode::tunnel;
  if (word == "beet") return SaMode::beet;
  if (word == "iptfs" || word == "5") return SaMode::iptfs;  // no iproute2 up to 7.1 has a name for 5
  return SaMode::other;
}

Encapsulation encapsulation_of(std::string_view type) {
  if (starts_with(type, "espinudp")) return Encapsulation::udp;  // also the older espinudp-nonike
  return type == "espintcp" ? Encapsulation::tcp : Encapsulation::none;
}

std::pair<std::uint32_t, std::uint32_t> read_mark_word(std::string_view word) {
  const auto slash = word.find('/');
  const auto mask = slash == std::string_view::npos ? std::nullopt : number(word.substr(slash + 1));
  return {number(word).value_or(0), mask.value_or(0)};
}

bool covers_everything(const Selector& selector) {
  return selector.source.length == 0 && selector.destination.length == 0 && selector.protocol == 0 &&
         !selector.source_port && !selector.destination_port;
}

std::optional<Selector> read_selector_words(Words words, std::string& note) {
  const bool begins = words.next() == "src";
  const auto source = Prefix::parse(words.next());
  const bool goes_on = words.next() == "dst";
  const auto destination = Prefix::parse(words.next());
  if (!begins || !goes_on || !source || !destination || source->address.family() != destination->address.family())
    return std::nullopt;
  Selector selector;
  selector.source = *source;
  selector.destination = *destination;
  read_upper(selector, words, note);
  return selector;
}

void read_selector_text(XfrmRecord& record, std::string_view text) {
  const auto selector = read_selector_words(Words(text), record.note);
  if (!selector) {
    record.note = "this selector cannot be read; the SA is taken to have none";
    return;
  }
  record.sa.selector_family = selector->source.address.family();
  // A kernel shows 0.0.0.0/0 on both sides for an SA that was made without a selector.
  if (!covers_everything(*selector)) record.sa.selector = selector;
}

FieldKind read_field(XfrmRecord& record, std::string_view line, std::size_t number) {
  if (record.open_key != nullptr && continues_key_line(line)) {
    record.open_key->pieces.push_back(line);
    return FieldKind::known;
  }
  record.open_key = nullptr;
  Words words(line);
  const auto keyword = words.next();
  if (key_slot(record, keyword) != nullptr) {
    open_key_line(record, keyword, words, number);
    return FieldKind::known;
  }
  if (keyword == "proto") {
    read_proto(record, words);
    return FieldKind::known;
  }
  if (keyword == "esn") {
    record.sa.esn = true;
    return FieldKind::known;
  }
  for (const Field& field : fields) {
    if (field.keyword != keyword) continue;
    field.read(record, words);
    return FieldKind::known;
  }
  return is_numeric_line(keyword) ? FieldKind::known : FieldKind::unknown;
}

}  // namespace espdump::keys
