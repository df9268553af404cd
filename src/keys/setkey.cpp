// Names of setkey(8): algorithms, protocols, addresses with ports.
#include "keys/setkey.hpp"

#include <fmt/core.h>

#include <utility>

#include "keys/algorithm_names.hpp"
#include "keys/text.hpp"

namespace espdump::keys {

bool set_setkey_protocol(std::string_view word, SecurityAssociation& sa) {
  const bool ah = word == "ah" || word == "ah-old";
  if (!ah && word != "esp" && word != "esp-old" && word != "esp-udp") return false;
  sa.protocol = ah ? IpsecProtocol::ah : IpsecProtocol::esp;
  if (word == "esp-udp") sa.encapsulation = Encapsulation::udp;
  return true;
}

std::optional<SetkeyAddress> read_setkey_address(std::string_view word) {
  const auto bracket = word.find('[');
  const auto address = IpAddress::parse(word.substr(0, bracket));
  if (!address) return std::nullopt;
  SetkeyAddress out{*address};
  if (bracket == std::string_view::npos) return out;
  const std::string_view port = word.substr(bracket + 1);
  out.port = static_cast<std::uint16_t>(number(port.substr(0, port.find(']'))).value_or(0));
  return out;
}

void set_setkey_algorithm(SecurityAssociation& sa, bool cipher, std::string_view name, Pieces key, std::size_t line,
                          Intake& intake) {
  const auto named = cipher ? cipher_named(Naming::setkey, name) : integrity_named(Naming::setkey, name);
  AlgorithmUse& use = cipher ? sa.encryption : sa.integrity;
  if (!named) {
    use = intake.take(unusable_key(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(name), not_opened)), line);
    return;
  }
  use = intake.take(read_key_word(*named->info, key, named->icv_bits, intake.arena()), line);
}

}  // namespace espdump::keys
