// Of an integrity gateway, as `espdump gateway` holds what left it against what came in.
#include "packet/explanations.hpp"

namespace espdump::explanations {
namespace {

constexpr Check its_counters{"cat /proc/net/xfrm_stat",
                             "on a gateway that is Linux: which counter rose with the drops"};

constexpr Explanation table[] = {
    {"gateway.dropped-valid",
     "An authentic packet with a number not seen before came in and did not leave: the gateway loses good traffic.",
     {"a full queue or a rate limit", "it learns new SAs later than their first packets come",
      "the largest packets are lost: its own MTU", "its window is narrower than reordering on the way",
      "the egress capture lost them"},
     {{its_counters, {"ip -s link; tc -s qdisc show", "drops on its interfaces"}}},
     {"Compare its counters of drops with the number here; look at which packets they are: sizes, times, first of an "
      "SA.",
      "Take the captures with a large buffer (`tcpdump -B 65536`), and look at what tcpdump says it dropped."}},
    {"gateway.duplicated",
     "A packet came in once and left more than once. The receiver counts the second as a replay.",
     {"a loop of bridges or bonds", "a gateway that sends again from a queue",
      "the egress capture shows packets twice"},
     {{{"bridge link; cat /proc/net/bonding/*", "loops and modes"}}},
     {"Capture on one interface of the egress side; if they are still two, the gateway makes them."}},
    {"gateway.injected",
     "An ESP packet left the gateway that never came in.",
     {"forged, or changed beyond recognition, where its ICV is bad",
      "somebody behind the ingress capture holds the keys, where it verifies", "the ingress capture lost it"},
     {{{"espdump egress.pcap --keys xfrm.txt -V", "the packet: its ICV, MAC addresses, TTL"}}},
     {"Compare the link addresses with those of other packets: they say which device sent it."}},
    {"gateway.leaked-bad-icv",
     "A packet that is not authentic went through. That is what the gateway is there to prevent.",
     {"the ICV is checked for some packets only: not under load, for fragments, or while keys change",
      "verification is off, or its result is not used", "it fails open when it has no key"},
     {{its_counters, {"espdump gateway --make-test …", "captures that try each kind once"}}},
     {"It has to compute the ICV of every packet and drop it where that differs (RFC 4303 section 3.4.4)."}},
    {"gateway.leaked-plaintext",
     "What ESP protects left in the clear, too.",
     {"a policy or firewall rule that lets inner packets out", "the SA was away for a moment, and nothing blocked",
      "captured on the host that decrypts, which shows its own decrypted packets"},
     {{{"sudo ip xfrm policy", "a `dir out` policy with `action block`, or templates with `level required`"},
       {"sudo nft list ruleset", "what may leave on that side"}}},
     {"Let nothing but ESP and IKE leave on that side.", "Capture on the wire, not on the host that decrypts."}},
    {"gateway.leaked-replay",
     "A repeated packet, or one left of the window, went through.",
     {"no window, or one that is not kept per SA", "it is checked before the ICV only, and moved by forged packets",
      "a window that starts anew: restart, failover"},
     {{its_counters, {"sudo ip xfrm state", "`replay-window` of the gateway's SAs"}}},
     {"Keep a window of numbers for each SA; check it before and after the ICV, move it after (RFC 4303 section "
      "3.4.3)."}},
    {"gateway.leaked-unknown",
     "A packet that could not be verified went through: of an SPI that no SA has, or of an SA without integrity.",
     {"it forwards what it has no SA for", "SAs without integrity are loaded",
      "the keys given to espdump are not all that the gateway has"},
     {{{"sudo ip xfrm state", "whether the gateway has that SPI"}, its_counters}},
     {"Drop what has no SA, and refuse SAs without integrity.",
      "If the SPI is one of yours, take the keys again: `sudo ip xfrm state > xfrm.txt`."}},
    {"gateway.modified",
     "A packet left changed in what must not change: between SPI and ICV nothing may, and of the headers only what "
     "routers change.",
     {"a gateway that seals anew, or rewrites lengths or padding", "offloads that touch ESP",
      "a faulty memory or network card"},
     {{{"ethtool -k INTERFACE", "esp-hw-offload, tx-esp-segmentation, rx-gro"}}},
     {"TTL, checksum, DSCP by policy and CE of ECN may change; look at the first byte that differs in what the report "
      "shows."}},
    {"gateway.reordered",
     "Packets left in another order than they came.",
     {"several queues or processors, one SA spread over them"},
     {{{"ethtool -l INTERFACE", "queues; ESP is spread by addresses, and by SPI where the card can"}}},
     {"Nothing has to be done while the distance stays far below the receivers' windows."}},
};

}  // namespace

std::span<const Explanation> gateway() noexcept { return table; }

}  // namespace espdump::explanations
