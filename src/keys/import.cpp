// Key formats are recognised by their content, never by the name of the file.
#include "keys/import.hpp"

#include <algorithm>
#include <string_view>

#include "keys/charon_log.hpp"
#include "keys/intake.hpp"
#include "keys/pluto_log.hpp"
#include "keys/setkey.hpp"
#include "keys/text.hpp"
#include "keys/wireshark_tables.hpp"
#include "keys/xfrm_script.hpp"
#include "keys/xfrm_state.hpp"

namespace espdump::keys {
namespace {

constexpr const char* take_it = "take it with `sudo ip xfrm state > xfrm.txt`";

struct Magic {
  std::string_view start;
  const char* text;
};

// Files that are given as key files by mistake.
constexpr Magic magics[] = {
    {{"\xd4\xc3\xb2\xa1", 4}, "is a capture, not a key file; keys come from `sudo ip xfrm state > xfrm.txt`"},
    {{"\xa1\xb2\xc3\xd4", 4}, "is a capture, not a key file; keys come from `sudo ip xfrm state > xfrm.txt`"},
    {{"\x4d\x3c\xb2\xa1", 4}, "is a capture, not a key file; keys come from `sudo ip xfrm state > xfrm.txt`"},
    {{"\xa1\xb2\x3c\x4d", 4}, "is a capture, not a key file; keys come from `sudo ip xfrm state > xfrm.txt`"},
    {{"\x0a\x0d\x0d\x0a", 4}, "is a capture, not a key file; keys come from `sudo ip xfrm state > xfrm.txt`"},
    {{"\x1f\x8b", 2}, "is compressed with gzip; unpack it first"},
    {{"\x28\xb5\x2f\xfd", 4}, "is compressed with zstd; unpack it first"},
    {{"\xfd\x37zXZ", 5}, "is compressed with xz; unpack it first"},
    {{"\xff\xfe", 2}, "is UTF-16 text; change it with `iconv -f UTF-16 -t UTF-8`"},
    {{"\xfe\xff", 2}, "is UTF-16 text; change it with `iconv -f UTF-16 -t UTF-8`"},
};

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// A key format: whether a text may hold it, found out cheaply, and its importer.
// Several may stand in one text, as in what people paste; each importer passes over the lines of the others.
struct Format {
  bool (*may_hold)(std::string_view text);
  void (*read)(std::string_view text, Intake& intake);
};

constexpr Format formats[] = {
    {[](std::string_view text) { return holds(text, "xfrm") || holds(text, " x"); }, read_xfrm_script},
    {[](std::string_view text) { return holds(text, ","); }, read_wireshark_tables},
    {[](std::string_view text) { return holds(text, "[CHD]") || holds(text, "[IKE]") || holds(text, "[CFG]"); },
     read_charon_log},
    {[](std::string_view text) {
       return holds(text, "ESP enc") || holds(text, "AH authkey:") || holds(text, "ikev2 I 0x") ||
              holds(text, "ikev2 R 0x");
     },
     read_pluto_log},
    {[](std::string_view text) { return holds(text, "mode=") && holds(text, "spi="); }, read_setkey_dump},
    {[](std::string_view text) { return holds(text, "add") && (holds(text, "-E") || holds(text, "-A")); },
     read_setkey_script},
};

// What a text without keys may be, and how to get them.
struct Hint {
  std::string_view part;
  const char* text;
};

constexpr Hint hints[] = {
    {"Operation not permitted", "holds no key material: `ip` was not permitted to read it; "},
    {"[CHD]", "is a log of charon without keys: they are written at `ike = 4` and `chd = 4`; or "},
    {"[IKE]", "is a log of charon without keys: they are written at `ike = 4` and `chd = 4`; or "},
    {"established Child SA", "is a log of pluto without keys: they are written with `plutodebug=all,private`; or "},
    {"IPsec SA established", "is a log of pluto without keys: they are written with `plutodebug=all,private`; or "},
};

std::string not_recognised(std::string_view text, std::size_t policies) {
  if (policies != 0)
    return std::string{"holds `ip xfrm policy` output: policies have no keys; give it with --policy; for the keys, "} +
           take_it;
  for (const Hint& hint : hints)
    if (holds(text, hint.part)) return std::string{hint.text} + take_it;
  if (holds(text, {"\0", 1})) return "is not a key file: it is not text";
  return std::string{
             "holds no key material that is understood: `ip xfrm state` (also with -s, -d or -o), `ip xfrm monitor`, "
             "scripts of `ip xfrm state add`, Wireshark's `esp_sa` and `ikev2_decryption_table`, `setkey -D`, charon's "
             "log at `ike = 4` and `chd = 4`, pluto's with `plutodebug=all,private`; "} +
         take_it;
}

}  // namespace

Result<ImportReport> import_keys(const std::string& name, Bytes bytes, SecretArena& arena, SaTable& table,
                                 IkeTable& ike) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  for (const Magic& magic : magics)
    if (starts_with(text, magic.start)) return fail(magic.text, name);
  if (std::all_of(text.begin(), text.end(), [](char c) { return is_blank(c) || c == '\n'; }))
    return fail(std::string{"holds no key material: it is empty, as the dump of a host without SAs is; "} + take_it,
                name);
  Intake intake(name, arena, table, ike);
  const std::size_t policies = read_xfrm_state(text, intake);
  for (const Format& format : formats)
    if (format.may_hold(text)) format.read(text, intake);
  ImportReport report = intake.finish();
  if (report.format.empty()) return fail(not_recognised(text, policies), name);
  return report;
}

}  // namespace espdump::keys
