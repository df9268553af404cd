// One SA of `ip xfrm state` while its lines are being read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <espdump/sa.hpp>

#include "keys/key_line.hpp"
#include "keys/text.hpp"

namespace espdump::keys {

// What a monitor puts before a record. `Expired` ones never have keys.
enum class XfrmEvent : std::uint8_t { none, updated, deleted, expired };

struct XfrmRecord {
  std::size_t line = 0;
  XfrmEvent event = XfrmEvent::none;
  std::optional<Timestamp> time;  // when the monitor saw it
  bool hard = false;              // of an `Expired`
  std::string_view protocol;      // as printed; empty: no `proto` line
  std::optional<std::uint32_t> spi;
  std::optional<KeyLine> aead, encryption, integrity;
  KeyLine* open_key = nullptr;  // the key line that the next line may continue
  bool has_context = false;     // some `anti-replay` line
  bool statistics = false;      // lines that only -s prints
  std::optional<std::uint32_t> context_window;
  std::uint32_t seq = 0, seq_hi = 0, oseq = 0, oseq_hi = 0;
  std::size_t selector_line = 0;
  std::string note;        // something worth knowing about the last line
  SecurityAssociation sa;  // addresses, and what needs no further judgement
};

enum class FieldKind : std::uint8_t { known, unknown };

// Takes one line of a record, trimmed on both sides.
FieldKind read_field(XfrmRecord& record, std::string_view line, std::size_t number);

// What lines of dumps and words of commands have in common.
SaMode mode_of(std::string_view word);
Encapsulation encapsulation_of(std::string_view type);
// "0x10/0xff" as mark and mask.
std::pair<std::uint32_t, std::uint32_t> read_mark_word(std::string_view word);
// Both prefixes and what follows them; `note` gets what is worth knowing of it.
std::optional<Selector> read_selector_words(Words words, std::string& note);
bool covers_everything(const Selector& selector);
// "src 10.0.0.0/8 dst 10.1.0.0/16 proto tcp dport 80" as the selector of the record's SA.
void read_selector_text(XfrmRecord& record, std::string_view text);

}  // namespace espdump::keys
