// Key formats are recognised by their content, never by the name of the file.
#include "keys/import.hpp"

#include <algorithm>
#include <string_view>

#include "keys/text.hpp"
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

std::string not_recognised(std::string_view text, std::size_t policies) {
  if (policies != 0)
    return std::string{"holds `ip xfrm policy` output: policies have no keys; for the keys, "} + take_it;
  if (text.find("Operation not permitted") != std::string_view::npos)
    return std::string{"holds no key material: `ip` was not permitted to read it; "} + take_it;
  if (text.find('\0') != std::string_view::npos) return "is not a key file: it is not text";
  return std::string{
             "holds no key material that is understood, which is the output of `ip xfrm state` (also with "
             "-s, -d or -o) and of `ip xfrm monitor`; "} +
         take_it;
}

}  // namespace

Result<ImportReport> import_keys(const std::string& name, Bytes bytes, SecretArena& arena, SaTable& table) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  for (const Magic& magic : magics)
    if (text.substr(0, magic.start.size()) == magic.start) return fail(magic.text, name);
  if (std::all_of(text.begin(), text.end(), [](char c) { return is_blank(c) || c == '\n'; }))
    return fail(std::string{"holds no key material: it is empty, as the dump of a host without SAs is; "} + take_it,
                name);
  Intake intake(name, arena, table);
  const std::size_t policies = read_xfrm_state(text, intake);
  ImportReport report = intake.finish();
  if (report.format.empty()) return fail(not_recognised(text, policies), name);
  return report;
}

}  // namespace espdump::keys
