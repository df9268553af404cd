// Of SAs: their keys, algorithms, selectors and life.
#include "packet/explanations.hpp"

namespace espdump::explanations {
namespace {

constexpr Explanation table[] = {
    {"algorithm.deprecated",
     "An SA uses what RFC 8221 or RFC 9395 says not to use (DES, 3DES, Blowfish, MD5 …), or "
     "encrypts "
     "without integrity. It works, and protects less than it seems to.",
     {"a proposal kept for an old peer", "a hand-made SA copied from an old example"},
     {{{"swanctl --list-sas", "the algorithms in use, behind `ESP:`"},
       {"sudo ip xfrm state", "the lines `enc`, `auth-trunc`, `aead` of the SA"}}},
     {"Move both ends to `aes256gcm16` or `chacha20poly1305` (esp_proposals in swanctl.conf, `esp=` in ipsec.conf), or "
      "to `aes256-sha256`."}},
    {"key.shared",
     "Several SAs have one and the same key. A packet of one SA can be passed off as one of another, and in a counter "
     "mode equal IVs under the same key give plaintext away.",
     {"hand-made SAs with one key for both directions, or for many peers",
      "a script that draws its key once, outside the loop"},
     {{{"espdump keys xfrm.txt", "which SAs share a key, without printing it"}}},
     {"A key of its own for each SA and direction. An IKE daemon does that by itself."}},
    {"key.weak",
     "A key follows a pattern, is printable text, or has too few bits. Whoever guesses it reads and forges the "
     "traffic; "
     "no algorithm makes up for that.",
     {"a key typed by hand, or copied from documentation",
      "a key of nothing but zeros: what a kernel in lockdown mode "
      "prints in place of keys"},
     {{{"espdump keys xfrm.txt", "which SA, and why its key is weak, without printing it"},
       {"cat /sys/kernel/security/lockdown", "`[confidentiality]` in brackets: the kernel hides keys"}}},
     {"Draw keys: `openssl rand -hex 20` for AES-128-GCM with its salt, `-hex 36` for AES-256-GCM.",
      "Better, let IKE agree on them."}},
    {"key.wrong-encryption",
     "The ICV of the SA's packets verifies, so its integrity key is right; but what its cipher yields is noise. With "
     "separate keys for both, the one for the cipher is wrong.",
     {"a dump of an integrity gateway, where the encryption key is withheld and `ecb(cipher_null)` stands in its place",
      "one of two keys mistyped, or of another generation"},
     {{{"sudo ip xfrm state", "the line `enc` on an end that decrypts, against the one loaded here"}}},
     {"Load the encryption key of an end that decrypts.",
      "To check integrity alone, `--verify-only` is enough, and nothing is tried."}},
    {"nonce.reuse",
     "Two different packets were encrypted under one key with one IV, in a counter mode. Whoever has both can XOR them "
     "and has the XOR of their contents; with AES-GCM and GMAC the authentication key follows, and with it forging.",
     {"the same keys loaded twice: the counter, and with it the IV, starts again",
      "a host restored from a snapshot or cloned, with live SAs",
      "one key for both directions or for several SAs, each of which counts from the start"},
     {{{"sudo ip xfrm state", "whether two SAs show one key; `oseq`, whether the counter is smaller than it was"},
       {"journalctl --list-boots", "a restart, or a restored snapshot, between the two packets"}}},
     {"Replace the keys at once, and treat what they protected as readable.",
      "Never load a key twice; never restore a host with live SAs; a key of its own for each direction.",
      "Let an IKE daemon make the keys."}},
    {"sa.expired",
     "Packets are sent on an SA that its receiver has given up. The receiver drops them and counts XfrmInNoStates.",
     {"lifetimes of the two ends differ, and the DELETE was lost",
      "an end that restarted and forgot its SAs while the other keeps sending",
      "the clock or time zone of the monitor log is another one than that of the capture (set TZ)"},
     {{{"swanctl --list-sas", "on both ends: are the SPIs of the child the same?"},
       {"cat /proc/net/xfrm_stat", "XfrmInNoStates on the receiver"}}},
     {"Make the lifetimes of both ends alike, and turn on dead peer detection (`dpd_delay`).",
      "At once: `swanctl --rekey --child NAME`, or terminate and initiate it."}},
    {"sa.one-way",
     "One SA of a pair carries traffic, the other none: packets go out and no answer comes back through the tunnel.",
     {"a firewall, NAT or provider that drops ESP (or UDP 4500) in one direction",
      "the receiver drops what it gets: wrong keys, policy, or selectors",
      "no route back into the tunnel at the far end, or in the host behind it",
      "captured on an interface that one direction does not pass"},
     {{{"sudo ip -s xfrm state", "on both ends: `packets` of the SA in and of the SA out"},
       {"cat /proc/net/xfrm_stat", "the counter that rises at the receiver says why it drops"},
       {"ip route get ADDRESS",
        "at the far end: does the answer go into the tunnel? And `ip xfrm policy`, `dir out`"}}},
     {"If the receiver's SA counts packets, look behind it: routes, firewall, the host itself.",
      "If it does not, packets do not arrive: let ESP (IP protocol 50) and UDP 500 and 4500 through in both "
      "directions."}},
    {"sa.shared-spi",
     "Both directions have the same SPI. That is legal: an SA is known by destination, protocol and SPI.",
     {"hand-made SAs, for whose writer one number is easier than two"},
     {{{"espdump keys xfrm.txt", "whether their keys differ: key.shared says if not"}}},
     {"Nothing has to be done while the keys differ."}},
    {"selector.mismatch",
     "A packet came out of the SA that its selector or policy does not cover. Linux drops it after decryption and "
     "counts XfrmInStateMismatch (the SA's selector), XfrmInNoPols or XfrmInTmplMismatch (the policies).",
     {"the two ends have agreed on other traffic selectors than one of them routes into the tunnel",
      "a NAT rule on the sending gateway that rewrites before ESP, or fails to",
      "a peer that sends what it should not"},
     {{{"sudo ip xfrm policy", "`dir in` and `dir fwd` on the receiver: is the packet covered?"},
       {"cat /proc/net/xfrm_stat", "XfrmInStateMismatch, XfrmInNoPols, XfrmInTmplMismatch"},
       {"swanctl --list-sas", "`local` and `remote` of the child on both ends"}}},
     {"Make `local_ts` of each end equal `remote_ts` of the other (leftsubnet and rightsubnet in ipsec.conf).",
      "Take packets for the tunnel out of masquerading: a rule with `-m policy --dir out --pol ipsec -j ACCEPT` before "
      "it."}},
};

}  // namespace

std::span<const Explanation> keys() noexcept { return table; }

}  // namespace espdump::explanations
