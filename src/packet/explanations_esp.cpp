// Of single ESP and AH packets, their numbers, and captures of them.
#include "packet/explanations.hpp"

namespace espdump::explanations {
namespace {

constexpr Explanation table[] = {
    {"capture.duplicate",
     "The very same packet stands in the capture more than once. It was sent once and counts once; a replay is "
     "something else, and is told apart by place and time.",
     {"captured on `any`, which shows a packet on each interface that it passes",
      "captured on both sides of a router or bridge, or on a bond and its members",
      "a mirror port that copies both directions of a link"},
     {{{"tcpdump -D", "the interfaces there are: choose one that packets pass once"}}},
     {"Nothing has to be done. `tcpdump -i INTERFACE` in place of `any` avoids it."}},
    {"capture.truncated",
     "Bytes are missing from frames, or the file ends in the middle of one. What is there was analysed; an ICV covers "
     "the whole packet, so a packet that is cut cannot be verified or opened.",
     {"a snap length smaller than the packets (`tcpdump -s N`, a default of old versions)",
      "tcpdump was killed, or the disk was full, before it had written its last block",
      "the file is still being written, or was copied while it was"},
     {{{"capinfos FILE", "its packet size limit, and whether the file is cut short"}}},
     {"Capture whole packets: `tcpdump -s 0 -w FILE`.",
      "Stop tcpdump with Ctrl-C or SIGINT, and copy the file after that."}},
    {"limit.reached",
     "Whatever a capture holds, what is kept of it is bounded, so that nobody can make espdump use up the memory. This "
     "capture has more of something than there is room for; what is said of the rest stands. docs/security.md has all "
     "bounds.",
     {"a scan or a flood: SPIs, addresses or connections that are different in each packet",
      "a very busy gateway, or a very long capture", "a key file with more than 64 SAs of one SPI"},
     {{{"espdump FILE --json | jq -r 'select(.type==\"packet\").src' | sort | uniq -c | sort -n",
        "which addresses send most packets"}}},
     {"Look at parts of the capture: by time (`editcap -A`, `-B`), or by host (`tcpdump -r FILE -w PART host "
      "ADDRESS`)."}},
    {"esp.malformed",
     "An ESP packet that nobody could have sent so: too short for IV and ICV, not a whole number of cipher blocks, or, "
     "once opened, with a pad length or next header that cannot be. Or an AH header of another length than its SA "
     "makes. Linux drops it; where the ICV was right before, XfrmInStateProtoError rises and `failed` does not.",
     {"the SA loaded here has another cipher or ICV length than the one in use",
      "of AH under IPv4: only one end has `flag align4`, so that they pad the header to different lengths",
      "a middlebox that cuts, pads or rewrites packets",
      "a sender with a broken implementation, or someone who sends random bytes to the SPI"},
     {{{"sudo ip -s xfrm state", "whether `failed` of the SA stays still while packets are dropped"},
       {"cat /proc/net/xfrm_stat", "XfrmInStateProtoError; XfrmInHdrError where packets are shorter than a header"}}},
     {"Make sure that the algorithms of the SA are those in use, ICV length included.",
      "Give AH `flag align4` at both ends (`ip xfrm state … flag align4`), as RFC 4302 and strongSwan have it.",
      "Capture close to the sender: what is malformed there is the sender's; what is not was broken on the way."}},
    {"esp.truncated-capture",
     "The snap length cut an ESP or AH packet. Its number is known, but the ICV stands at its end, so nobody can say "
     "from this capture whether it is authentic.",
     {"a snap length smaller than the packet (`tcpdump -s N`)"},
     {{{"capinfos FILE", "the packet size limit of the file"}}},
     {"Capture whole packets: `tcpdump -s 0 -w FILE`."}},
    {"esp.unknown-spi",
     "No loaded SA answers to the destination, protocol and SPI of a packet. A Linux receiver without that SA drops it "
     "and counts XfrmInNoStates; here it only means that the key files do not have it.",
     {"the keys were taken before or after a rekey: an SA of another generation",
      "the key file is of one end or namespace only, or of another pair of hosts",
      "a NAT changed the destination, and the file names the address behind it",
      "the sender goes on with an SA that the receiver has deleted"},
     {{{"sudo ip xfrm state", "whether an SA with that SPI is there now"},
       {"cat /proc/net/xfrm_stat", "XfrmInNoStates on the receiver: it does not know the SPI either"},
       {"swanctl --list-sas", "the SPIs of the child on both ends: the one's `out` is the other's `in`"}}},
     {"Take the keys while the SA lives: `sudo ip xfrm state > xfrm.txt`, or `sudo ip xfrm monitor > monitor.txt` "
      "across rekeys.",
      "Or give espdump the keys of IKE (a charon log with keys): all later SAs follow from them.",
      "Where the receiver itself does not know the SPI, let it send DELETE for what it drops, and rekey or restart the "
      "child on the sender."}},
    {"icv.bad",
     "The integrity check value at the end of the packet is not what the SA's key makes of its bytes: the packet is "
     "not "
     "what the sender sealed, or not sealed with this key. Linux drops it and counts it under `failed` of the SA and "
     "XfrmInStateProtoError.",
     {"where no packet of the SA verifies: keys, algorithm, ICV length or ESN differ from those in use; the report "
      "says "
      "which of them it found",
      "keys of another generation: taken before or after a rekey",
      "where others verify: something on the way altered the packet (a middlebox, a faulty network card or its "
      "offload), or it was forged",
      "AH whose addresses a NAT changed"},
     {{{"sudo ip -s xfrm state", "`failed` of the SA: it rises by one with each such packet"},
       {"cat /proc/net/xfrm_stat", "XfrmInStateProtoError rises likewise"},
       {"sudo ip xfrm state | grep -A6 SPI",
        "on both ends: the lines `aead`, `enc`, `auth-trunc` have to be equal, "
        "the number of bits behind the key too, and `flag esn` on both or none"},
       {"ethtool -k INTERFACE", "offloads that touch ESP (esp-hw-offload, tx-esp-segmentation): try without"}}},
     {"Load the same keys, ICV length and ESN on both ends; an IKE daemon does that by itself.",
      "SHA-256 with an ICV of 96 bits is a kernel or peer from before RFC 4868: set `auth-trunc … 128`, or "
      "`sha256_96 = yes` in swanctl.conf where the peer knows no better.",
      "Where single packets are bad, capture at both ends and look at which hop they change."}},
    {"packet.malformed",
     "A length or field of some header breaks the rules of its protocol. What stands behind it was not read. The "
     "receiver's stack drops such packets.",
     {"a sender with a broken stack, or a fuzzer or scanner",
      "a capture that damages packets: offloads, a truncated "
      "mirror"},
     {{{"nstat -az IpInHdrErrors Ip6InHdrErrors", "whether the receiver counts them"}}},
     {"Nothing has to be done unless they are many: then find the sender by the frames that the report names."}},
    {"replay.duplicate",
     "An authentic packet came with a sequence number that had come before. A receiver with a replay window drops the "
     "second one; Linux counts it under `replay` of the SA, or under `replay-window` where the window has moved on, "
     "and "
     "under XfrmInStateSeqError; with ESN, what is left of the window counts as `failed`.",
     {"someone who records packets and sends them again",
      "a tap or mirror port whose copies leak back into the network; a loop of bridges or bonds",
      "a sender that lost its counter (restored snapshot, keys loaded twice): then the bytes differ"},
     {{{"sudo ip -s xfrm state", "`replay` and `replay-window` of the SA on the receiver"},
       {"cat /proc/net/xfrm_stat", "XfrmInStateSeqError"},
       {"sudo ip xfrm state", "`replay-window 0` on the receiver means that nothing is checked"}}},
     {"Find who sends the copy: its MAC address, TTL and IP identification beside those of the first (`espdump -V`).",
      "Keep the window on: `replay_window = 32` or more in swanctl.conf, `replay-window 32` of `ip xfrm state`.",
      "A duplicate with other bytes is the sender's: see seq.restart and nonce.reuse."}},
    {"replay.stale",
     "An authentic packet, never seen before, whose number lies so far back that the receiver's window has passed it. "
     "The receiver drops a good packet: Linux counts it under `replay-window` and XfrmInStateSeqError, with ESN under "
     "`failed`.",
     {"several paths of different length under one SA (ECMP, bonding, two providers)",
      "queues that favour some packets: QoS by the DSCP that Linux copies to the outer header",
      "a window of 32 on a fast link, where a few milliseconds are many packets"},
     {{{"sudo ip -s xfrm state", "`replay-window` under `stats` rises on the receiver"},
       {"tc -s qdisc show", "classes on the sender that split one SA's packets"}}},
     {"Widen the window: `replay_window = 2048` in swanctl.conf, `replay-window 2048` of `ip xfrm state add`.",
      "Or keep one SA on one path, and do not copy the DSCP (`copy_dscp = no` in swanctl.conf)."}},
    {"seq.exhausting",
     "A 32-bit sequence counter is in its last sixteenth, or came round. At its end Linux stops sending on the SA and "
     "counts XfrmOutStateSeqError: the tunnel stands still until it is rekeyed.",
     {"hand-made SAs, which nobody rekeys",
      "lifetimes in time alone on a fast link: 2^32 packets are 72 minutes at a million a second"},
     {{{"sudo ip -s xfrm state", "`oseq` of the sender's SA, and its lifetime in packets"},
       {"cat /proc/net/xfrm_stat", "XfrmOutStateSeqError on the sender: it has stopped"}}},
     {"Rekey by packets before the end: `life_packets` and `rekey_packets` in swanctl.conf.",
      "Use extended sequence numbers: `esn` in esp_proposals, `flag esn` of `ip xfrm state add`."}},
    {"seq.lost",
     "Numbers between the lowest and the highest of an SA never came. The sender takes a number for each packet that "
     "it "
     "encrypts, so each gap is a packet that was lost, or that this capture missed.",
     {"loss on the way: congestion, a policer, packets too large for the path (see mtu.blackhole)",
      "the capture lost them: tcpdump says `packets dropped by kernel` at its end",
      "taken at the sender: its own queues dropped them behind the encryption"},
     {{{"sudo ip -s xfrm state", "`oseq` of the sender against `packets` of the receiver's SA"},
       {"nstat -az && tc -s qdisc show", "drops in the stack and in queues on either end"}}},
     {"Capture at both ends and give espdump both files: what left here and never came there was lost between.",
      "Capture with a larger buffer: `tcpdump -B 65536`."}},
    {"seq.reordered",
     "Packets came in another order than they were numbered in, but the receiver's window takes them.",
     {"several paths or receive queues", "QoS between the ends"},
     {{{"sudo ip -s xfrm state", "`replay-window` under `stats`: as long as it stays 0, none was lost by it"}}},
     {"Nothing has to be done while the distance stays well below the window; see replay.stale for what comes then."}},
    {"seq.restart",
     "The numbers of an SA went back to the start, and packets with low numbers verify under the same key. The "
     "receiver "
     "drops them until they pass its window; and in a counter mode each of them repeats a nonce.",
     {"hand-made SAs loaded a second time, with the same keys, by a script or at boot",
      "a host restored from a snapshot, or migrated, with live SAs"},
     {{{"sudo ip -s xfrm state", "`add` time of the sender's SA, and its `oseq`"},
       {"sudo ip xfrm monitor", "an SA that is deleted and added with the same SPI and key"}}},
     {"New keys for each start: let an IKE daemon make them, or draw them anew in the script.",
      "With AES-GCM, CCM, CTR or ChaCha20 treat what was sent under the old key as readable (see nonce.reuse)."}},
};

}  // namespace

std::span<const Explanation> esp() noexcept { return table; }

}  // namespace espdump::explanations
