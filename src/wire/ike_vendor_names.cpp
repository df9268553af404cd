// Vendor IDs of both versions of IKE: mostly MD5 sums of the text that stands beside them here.
#include <espdump/wire/ikev2_names.hpp>

#include <algorithm>
#include <array>

namespace espdump::wire {
namespace {

struct Vendor {
  std::string_view id;  // hexadecimal; versions may stand behind it
  std::string_view name;
};

constexpr std::array vendors{
    Vendor{"882fe56d6fd20dbc2251613b2ebe5beb", "strongSwan"},
    Vendor{"afcad71368a1f1c96b8696fc77570100", "Dead Peer Detection v1.0 (RFC 3706)"},
    Vendor{"afcad71368a1f1c96b8696fc7757", "Dead Peer Detection"},
    Vendor{"09002689dfd6b712", "XAUTH"},  // the half of an MD5 sum
    Vendor{"4048b7d56ebce88525e7de7f00d6c2d3", "FRAGMENTATION"},
    Vendor{"12f5f28c457168a9702d9fe274cc", "CISCO-UNITY"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e46100000002", "MS NT5 ISAKMPOAKLEY (Windows 2000)"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e46100000003", "MS NT5 ISAKMPOAKLEY (Windows XP SP1)"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e46100000004", "MS NT5 ISAKMPOAKLEY (Windows XP SP2, 2003)"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e46100000005", "MS NT5 ISAKMPOAKLEY (Windows Vista)"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e46100000007", "MS NT5 ISAKMPOAKLEY v7"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e46100000008", "MS NT5 ISAKMPOAKLEY v8"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e46100000009", "MS NT5 ISAKMPOAKLEY v9"},
    Vendor{"1e2b516905991c7d7c96fcbfb587e461", "MS NT5 ISAKMPOAKLEY"},
    Vendor{"fb1de3cdf341b7ea16b7e5be0855f120", "MS-Negotiation Discovery Capable"},
    Vendor{"26244d38eddb61b3172a36e3d0cfb819", "Vid-Initial-Contact"},
    Vendor{"e3a5966a76379fe707228231e5ce8652", "IKE CGA version 1"},
    Vendor{"214ca4faffa7f32d6748e5303395ae83", "MS-MamieExists"},
    Vendor{"621b04bb09882ac1e15935fefa24aeee", "GSSAPI"},
    Vendor{"ad2c0dd0b9c32083ccba25b8861ec455", "A GSS-API Authentication Method for IKE"},
    Vendor{"4a131c81070358455c5728f20e95452f", "NAT traversal (RFC 3947)"},
    Vendor{"4df37928e9fc4fd1b3262170d515c662", "draft-ietf-ipsec-nat-t-ike"},
    Vendor{"4485152d18b6bbcd0be8a8469579ddcc", "draft-ietf-ipsec-nat-t-ike-00"},
    Vendor{"16f6ca16e4a4066d83821a0f0aeaa862", "draft-ietf-ipsec-nat-t-ike-01"},
    Vendor{"cd60464335df21f87cfdb2fc68b6a448", "draft-ietf-ipsec-nat-t-ike-02"},
    Vendor{"90cb80913ebb696e086381b5ec427b1f", "draft-ietf-ipsec-nat-t-ike-02 (with a line feed)"},
    Vendor{"7d9419a65310ca6f2c179d9215529d56", "draft-ietf-ipsec-nat-t-ike-03"},
    Vendor{"9909b64eed937c6573de52ace952fa6b", "draft-ietf-ipsec-nat-t-ike-04"},
    Vendor{"80d0bb3def54565ee84645d4c85ce3ee", "draft-ietf-ipsec-nat-t-ike-05"},
    Vendor{"4d1e0e136deafa34c4f3ea9f02ec7285", "draft-ietf-ipsec-nat-t-ike-06"},
    Vendor{"439b59f8ba676c4c7737ae22eab8f582", "draft-ietf-ipsec-nat-t-ike-07"},
    Vendor{"8f8d83826d246b6fc7a8a6a428c11de8", "draft-ietf-ipsec-nat-t-ike-08"},
    Vendor{"27bab5dc01ea0760ea4e3190ac27c0d0", "draft-stenberg-ipsec-nat-traversal-01"},
    Vendor{"6105c422e76847e43f9684801292aecd", "draft-stenberg-ipsec-nat-traversal-02"},
    Vendor{"6a7434c19d7e36348090a02334c9c805", "draft-huttunen-ipsec-esp-in-udp-00.txt"},
    Vendor{"50760f624c63e5c53eea386c685ca083", "ESPThruNAT"},
    Vendor{"7003cbc1097dbe9c2600ba6983bc8b35", "KAME/racoon"},
    Vendor{"20a3622c1cea7ce37bee3ca484425276", "IPSec-Tools"},
    Vendor{"8299031757a36082c6a621de", "FORTIGATE"},  // a version in place of the rest
    Vendor{"f4ed19e0c114eb516faaac0ee37daf2807b4381f", "Check Point"},
};

// Readable ones.
constexpr std::array words{
    Vendor{"OE-Libreswan", "Libreswan"},
    Vendor{"CISCO-DELETE-REASON", "Cisco Delete Reason"},
    Vendor{"CISCO(COPYRIGHT)", "Cisco Copyright"},
    Vendor{"FLEXVPN-SUPPORTED", "Cisco FlexVPN Supported"},
};

bool begins_with(Bytes id, std::string_view hex) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (id.size() * 2 < hex.size()) return false;
  for (std::size_t i = 0; i < hex.size(); ++i)
    if (hex[i] != digits[i % 2 == 0 ? id[i / 2] >> 4 : id[i / 2] % 16]) return false;
  return true;
}

bool begins_with_word(Bytes id, std::string_view word) {
  return id.size() >= word.size() && std::equal(word.begin(), word.end(), id.begin());
}

bool printable(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7f; });
}

}  // namespace

std::string_view ike_vendor_name(Bytes id) noexcept {
  for (const Vendor& vendor : vendors)
    if (begins_with(id, vendor.id)) return vendor.name;
  for (const Vendor& vendor : words)
    if (begins_with_word(id, vendor.id)) return vendor.name;
  // Two letters and ten that are a hash of the version.
  if (id.size() == 12 && begins_with_word(id, "OE") && printable(id)) return "Openswan";
  return {};
}

}  // namespace espdump::wire
