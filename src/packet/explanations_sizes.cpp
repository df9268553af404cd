// Of packets too large for a path.
#include "packet/explanations.hpp"

namespace espdump::explanations {
namespace {

constexpr std::string_view see_mtu =
    "`espdump mtu --keys xfrm.txt --mtu N` prints what fits, and the commands that set it.";

constexpr Explanation table[] = {
    {"mss.clamped",
     "The MSS that a TCP connection announces was rewritten on the way, or its two directions announce different ones.",
     {"a clamp on a gateway: `TCPMSS --clamp-mss-to-pmtu`, `tcp option maxseg size set` of nft",
      "hosts with different MTUs"},
     {{{"sudo nft list ruleset | grep maxseg", "clamps of nftables"},
       {"sudo iptables-save -t mangle | grep TCPMSS", "clamps of iptables"}}},
     {"Nothing has to be done where that is meant. A clamp of SYN/ACKs as well as of SYNs protects both directions."}},
    {"mss.too-large",
     "TCP inside the SA announces segments that do not fit through it: with ESP around them they exceed the path MTU. "
     "They are cut, or lost where nobody says so (mtu.blackhole).",
     {"no clamp on the gateway, and hosts with an MTU of 1500", "a clamp for one direction only",
      "a path with a smaller MTU than assumed (PPPoE, another tunnel)"},
     {{{"tracepath PEER", "outside the tunnel: the path MTU between the gateways"},
       {"ping -M do -s SIZE ADDRESS",
        "through the tunnel: the largest that is answered, plus 28, is what fits inside"}}},
     {see_mtu, "Clamp on both gateways, in both directions."}},
    {"mtu.blackhole",
     "Small packets get through the tunnel, large ones never: a connection opens, and hangs as soon as data flow. Some "
     "link is too narrow, and the ICMP that would say so is not sent, does not arrive, or is not heeded.",
     {"a firewall that drops ICMP \"fragmentation needed\" or \"packet too big\"",
      "the DF bit on packets of the tunnel, and no clamp for TCP inside",
      "a link below 1500 bytes between the gateways: PPPoE, LTE, another tunnel",
      "fragments of ESP that a firewall or NAT drops"},
     {{{"ping -M do -s 1400 ADDRESS", "through the tunnel: no answer, while -s 1000 is answered"},
       {"tracepath PEER", "outside the tunnel: where the MTU falls, or where it breaks off"},
       {"ip route get PEER", "`mtu N` with `expires`: what this gateway learnt"},
       {"nstat -az TcpRetransSegs", "on the sending host: it rises while the connection hangs"}}},
     {see_mtu, "Let ICMP type 3 code 4 and ICMPv6 type 2 through to the gateways.",
      "Where TCP is not all: the MTU of the route or interface into the tunnel (`ip route change … mtu N`)."}},
    {"mtu.exceeded",
     "A router on the path says by ICMP that a packet of the tunnel is too large. Whoever heeds it sends smaller ones; "
     "the report tells whether that happened.",
     {"a link below the MTU of the gateway's interface", "an MSS that does not account for ESP"},
     {{{"ip route get PEER", "`mtu N`: the gateway has learnt it"},
       {"sysctl net.ipv4.ip_no_pmtu_disc", "0: it may learn"}}},
     {see_mtu, "Let these messages reach the gateway, and do not filter ICMP as a whole."}},
    {"mtu.outer-fragments",
     "Packets of the tunnel are larger than the path's MTU and are cut into IP fragments. It works until somebody "
     "drops "
     "fragments; each lost one loses the whole packet, and both ends work more.",
     {"an MTU or MSS inside that does not account for ESP, with DF off outside",
      "a link below 1500 bytes between the gateways"},
     {{{"nstat -az IpFragCreates IpReasmOKs IpReasmFails", "fragments made, joined and given up on a gateway"}}},
     {see_mtu, "Then packets go in one piece."}},
};

}  // namespace

std::span<const Explanation> sizes() noexcept { return table; }

}  // namespace espdump::explanations
