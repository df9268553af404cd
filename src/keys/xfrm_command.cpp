// Keywords in any order, each with its own number of values (iproute2, ip/xfrm_state.c).
#include "keys/xfrm_command.hpp"

#include <charconv>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

// Takes words off the front and notes those whose value nobody knows.
class Arguments {
 public:
  Arguments(std::span<const ShellWord> words, XfrmCommand& out) : words_(words), out_(out) {}
  [[nodiscard]] bool done() const { return words_.empty(); }
  [[nodiscard]] bool follows(std::string_view keyword) const { return !done() && words_.front().is(keyword); }
  bool skip(std::string_view keyword) {
    if (!follows(keyword)) return false;
    words_ = words_.subspan(1);
    return true;
  }
  const ShellWord* word() {
    if (done()) return nullptr;
    const ShellWord& word = words_.front();
    words_ = words_.subspan(1);
    if (word.unresolved != Unresolved::no && out_.unresolved == nullptr) out_.unresolved = &word;
    return &word;
  }
  std::string text() {
    const ShellWord* next = word();
    return next == nullptr ? std::string{} : next->joined();
  }
  // As strtoul() with base 0 reads it: 0x12, 012, 12.
  std::optional<std::uint32_t> number() {
    const std::string word = text();
    std::string_view digits = word;
    int base = 10;
    if (starts_with(digits, "0x") || starts_with(digits, "0X"))
      base = 16, digits.remove_prefix(2);
    else if (digits.size() > 1 && digits.front() == '0')
      base = 8;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  }
  std::uint16_t port() { return static_cast<std::uint16_t>(number().value_or(0)); }

 private:
  std::span<const ShellWord> words_;
  XfrmCommand& out_;
};

// A host, or the prefix that iproute2 takes for one.
IpAddress address_of(const std::string& word) {
  return IpAddress::parse(std::string_view{word}.substr(0, word.find('/'))).value_or(IpAddress{});
}

void read_source(XfrmCommand& out, Arguments& from) { out.record.sa.source = address_of(from.text()); }
void read_destination(XfrmCommand& out, Arguments& from) { out.record.sa.destination = address_of(from.text()); }
void read_protocol(XfrmCommand& out, Arguments& from) {
  const std::string word = from.text();
  out.record.protocol = word == "esp" || word == "50" ? "esp" : word == "ah" || word == "51" ? "ah" : "other";
}
void read_spi(XfrmCommand& out, Arguments& from) { out.record.spi = from.number(); }

// iproute2 takes any beginning of these words.
void read_mode(XfrmCommand& out, Arguments& from) {
  const std::string word = from.text();
  constexpr std::string_view modes[] = {"transport", "tunnel", "ro", "in_trigger", "beet", "iptfs"};
  for (const std::string_view mode : modes)
    if (!word.empty() && starts_with(mode, word)) {
      out.record.sa.mode = mode_of(mode);
      return;
    }
  out.record.sa.mode = mode_of(word);
}

void read_reqid(XfrmCommand& out, Arguments& from) { out.record.sa.reqid = from.number().value_or(0); }
void read_window(XfrmCommand& out, Arguments& from) { out.record.sa.replay_window = from.number().value_or(0); }
void read_if_id(XfrmCommand& out, Arguments& from) { out.record.sa.if_id = from.number(); }

void read_sequence(XfrmCommand& out, std::uint32_t& number, Arguments& from) {
  out.record.has_context = true;
  number = from.number().value_or(0);
}
void read_seq(XfrmCommand& out, Arguments& from) { read_sequence(out, out.record.seq, from); }
void read_seq_hi(XfrmCommand& out, Arguments& from) { read_sequence(out, out.record.seq_hi, from); }
void read_oseq(XfrmCommand& out, Arguments& from) { read_sequence(out, out.record.oseq, from); }
void read_oseq_hi(XfrmCommand& out, Arguments& from) { read_sequence(out, out.record.oseq_hi, from); }

void read_mark(XfrmCommand& out, Arguments& from) {
  out.record.sa.mark = from.number().value_or(0);
  out.record.sa.mark_mask = from.skip("mask") ? from.number().value_or(0) : 0xffffffff;
}

void skip_mark(XfrmCommand&, Arguments& from) {
  from.word();
  if (from.skip("mask")) from.word();
}
void skip_one(XfrmCommand&, Arguments& from) { from.word(); }
void skip_two(XfrmCommand&, Arguments& from) {
  from.word();
  from.word();
}

void read_flags(XfrmCommand& out, Arguments& from) {
  constexpr std::string_view flags[] = {"noecn",     "decap-dscp", "nopmtudisc", "wildrecv",        "icmp",
                                        "af-unspec", "align4",     "esn",        "dont-encap-dscp", "oseq-may-wrap"};
  for (bool any = true; any;) {
    any = false;
    for (const std::string_view flag : flags) {
      if (!from.skip(flag)) continue;
      any = true;
      if (flag == "esn") out.record.sa.esn = true;
      if (flag == "align4") out.record.sa.align4 = true;
    }
  }
}

void read_selector(XfrmCommand& out, Arguments& from) {
  constexpr std::string_view keys[] = {"src", "dst", "proto", "sport", "dport", "type", "code", "key", "dev"};
  std::string text, source, destination;
  for (bool any = true; any;) {
    any = false;
    for (const std::string_view key : keys) {
      if (!from.skip(key)) continue;
      any = true;
      const std::string value = from.text();
      if (key == "src")
        source = value;
      else if (key == "dst")
        destination = value;
      else
        text.append(" ").append(key).append(" ").append(value);
    }
  }
  const bool v6 = (source + destination).find(':') != std::string::npos;
  const char* any = v6 ? "::/0" : "0.0.0.0/0";
  if (source.empty()) source = any;
  if (destination.empty()) destination = any;
  std::string line = "src ";
  line.append(source).append(" dst ").append(destination).append(text);
  read_selector_text(out.record, line);
}

void read_encap(XfrmCommand& out, Arguments& from) {
  out.record.sa.encapsulation = encapsulation_of(from.text());
  out.record.sa.source_port = from.port();
  out.record.sa.destination_port = from.port();
  from.word();  // the original address
}

void read_offload(XfrmCommand&, Arguments& from) {
  if (!from.skip("crypto")) from.skip("packet");
  for (const std::string_view key : {"dev", "dir", "dev"})
    if (from.skip(key)) from.word();
}

CommandKey read_algorithm(Arguments& from, bool states_icv) {
  CommandKey out;
  out.name = from.text();
  out.key = from.word();
  out.states_icv = states_icv;
  if (states_icv) out.icv_bits = from.number();
  return out;
}
void read_aead(XfrmCommand& out, Arguments& from) { out.aead = read_algorithm(from, true); }
void read_enc(XfrmCommand& out, Arguments& from) { out.encryption = read_algorithm(from, false); }
void read_auth(XfrmCommand& out, Arguments& from) { out.integrity = read_algorithm(from, false); }
void read_auth_trunc(XfrmCommand& out, Arguments& from) { out.integrity = read_algorithm(from, true); }

struct Keyword {
  std::string_view word;
  void (*read)(XfrmCommand&, Arguments&);
};

constexpr Keyword keywords[] = {
    {"src", read_source},
    {"dst", read_destination},
    {"proto", read_protocol},
    {"spi", read_spi},
    {"mode", read_mode},
    {"reqid", read_reqid},
    {"enc", read_enc},
    {"auth", read_auth},
    {"auth-trunc", read_auth_trunc},
    {"aead", read_aead},
    {"comp", skip_one},
    {"replay-window", read_window},
    {"replay-seq", read_seq},
    {"replay-seq-hi", read_seq_hi},
    {"replay-oseq", read_oseq},
    {"replay-oseq-hi", read_oseq_hi},
    {"flag", read_flags},
    {"extra-flag", read_flags},
    {"sel", read_selector},
    {"encap", read_encap},
    {"mark", read_mark},
    {"output-mark", skip_mark},
    {"if_id", read_if_id},
    {"offload", read_offload},
    {"limit", skip_two},
    {"seq", skip_one},
    {"coa", skip_one},
    {"ctx", skip_one},
    {"tfcpad", skip_one},
    {"dir", skip_one},
    {"pcpu-num", skip_one},
};

}  // namespace

XfrmCommand read_command(std::span<const ShellWord> words) {
  XfrmCommand out;
  Arguments from(words, out);
  while (!from.done()) {
    const Keyword* known = nullptr;
    for (const Keyword& keyword : keywords)
      if (from.follows(keyword.word)) known = &keyword;
    const ShellWord* word = from.word();
    if (known == nullptr) {
      out.unknown = word->joined();
      break;
    }
    known->read(out, from);
  }
  return out;
}

}  // namespace espdump::keys
