// Which SPIs keys in strongSwan's log belong to. The lines with keys do not say: others of the same IKE SA do. Where it
// is not certain nothing is said, since keys under wrong SPIs are worse than keys that are tried everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/packet_hash.hpp"
#include "keys/charon_line.hpp"
#include "keys/ike_table.hpp"

namespace espdump::keys {

struct SpiPair {
  std::uint64_t initiator = 0, responder = 0;  // of the first message the responder's is 0
};

class CharonSas {
 public:
  explicit CharonSas(IkeTable& table) : table_(table) {}

  // What lines say, whatever they are about.
  void read(const CharonLine&);
  // What a NAT detection hash was made of in that thread, which only messages of IKE_SA_INIT and MOBIKE have.
  void hashed(std::uint32_t sa, unsigned thread, SpiPair);
  // What stands in the header of a message that this IKE SA sent.
  void sent(std::uint32_t sa, SpiPair);
  // Whether it matters.
  [[nodiscard]] bool awaits_header(std::uint32_t sa) const;

  // The algorithms that were chosen last; empty: not said.
  [[nodiscard]] std::string_view proposal(std::uint32_t sa) const;
  // Another number each time that the log shows one begin; 0: it does not.
  [[nodiscard]] std::uint64_t beginning(std::uint32_t sa) const;
  // Whether keys that are logged under this number now are its own: those of a rekeyed IKE SA, which it negotiates,
  // stand under the number of the old one where strongSwan 5.9 began the exchange.
  [[nodiscard]] bool owns_keys(std::uint32_t sa) const;
  // Links keys in the table, which that thread made, to the IKE SA that owns them, and sets their SPIs now or once they
  // are known. Those of a successor have no hashes: the header of its first message tells.
  void own(std::uint32_t sa, std::uint32_t keys, unsigned thread, bool successor);
  // Its latest keys, as long as they may still be renewed (RFC 8784).
  [[nodiscard]] std::optional<std::uint32_t> keys_of(std::uint32_t sa) const;

 private:
  enum class Awaits : std::uint8_t { nothing, hash, header };  // to know the SPIs of keys

  struct Sa {
    SpiPair spis;
    std::string_view proposal;
    std::optional<std::uint32_t> keys;
    unsigned thread = 0;  // that made `keys`
    Awaits awaits = Awaits::nothing;
    std::uint64_t created = 0;  // beginning()
    bool established = false;
    bool intermediate = false;  // an exchange that renews keys came after `keys`
  };

  void change_state(std::string_view message);
  Sa& at(std::uint32_t sa);
  [[nodiscard]] const Sa* find(std::uint32_t sa) const;
  void name(Sa& sa, SpiPair spis);

  IkeTable& table_;
  std::unordered_map<std::uint32_t, Sa, SecretHash> sas_;
  std::uint64_t created_ = 0;
};

}  // namespace espdump::keys
