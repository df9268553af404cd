"""Random valid IPsec traffic, sealed by scapy, with what is true of every packet.

Nothing here knows espdump: SAs and packets are drawn from a seed, scapy seals them, and a receive window after
RFC 4303 section 3.4.3 and appendix A says what becomes of each number.
"""
import random
import struct
import warnings

warnings.simplefilter('ignore')

from scapy.config import conf  # noqa: E402  (the warnings of its imports must be off first)

conf.route6 = None  # no look at this host's routes

from scapy.layers.inet import ICMP, IP, IPOption, TCP, UDP  # noqa: E402
from scapy.layers.inet6 import (HBHOptUnknown, ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop,  # noqa: E402
                                PadN)
from scapy.layers.ipsec import AH, CRYPT_ALGOS, ESP, SecurityAssociation  # noqa: E402
from scapy.packet import Raw  # noqa: E402

# scapy's name, the kernel's name, bytes of a key with its salt. Some libraries have dropped the oldest of them.
CIPHERS = [suite for suite in (
    ('NULL', 'ecb(cipher_null)', (0,)),
    ('AES-CBC', 'cbc(aes)', (16, 24, 32)),
    ('AES-CTR', 'rfc3686(ctr(aes))', (20, 28, 36)),
    ('DES', 'cbc(des)', (8,)),
    ('3DES', 'cbc(des3_ede)', (24,)),
    ('CAST', 'cbc(cast5)', (16,)),
    ('Blowfish', 'cbc(blowfish)', (16, 24, 56)),
) if suite[0] in CRYPT_ALGOS]
# scapy's name, the kernel's name, bytes of a key with its salt, bytes of an ICV
AEADS = (
    ('AES-GCM', 'rfc4106(gcm(aes))', (20, 28, 36), (16,)),
    ('AES-CCM', 'rfc4309(ccm(aes))', (19, 27, 35), (8, 12, 16)),
    ('CHACHA20-POLY1305', 'rfc7539esp(chacha20,poly1305)', (36,), (16,)),
)
# scapy's name, the kernel's name, bytes of a key, bytes of an ICV
INTEGRITY = (
    ('HMAC-SHA1-96', 'hmac(sha1)', (20,), 12),
    ('SHA2-256-128', 'hmac(sha256)', (32,), 16),
    ('SHA2-384-192', 'hmac(sha384)', (48,), 24),
    ('SHA2-512-256', 'hmac(sha512)', (64,), 32),
    ('HMAC-MD5-96', 'hmac(md5)', (16,), 12),
    ('AES-CMAC-96', 'cmac(aes)', (16,), 12),
)


class Frame:
    """One packet on the wire. `icv` is 'ok', 'bad' or 'none'; `verdict` 'new', 'duplicate' or 'stale'."""

    def __init__(self, sa, number, wire, inner, icv):
        self.sa, self.number, self.wire, self.inner, self.icv = sa, number, wire, inner, icv
        self.verdict = 'new'


class Window:
    """Which numbers a receiver has seen."""

    def __init__(self, size):
        self.size, self.top, self.seen = size, None, set()

    def verdict(self, number):
        if number in self.seen:
            return 'duplicate'
        if self.top is not None and number + self.size <= self.top:
            return 'stale'
        self.seen.add(number)
        self.top = number if self.top is None else max(self.top, number)
        return 'new'


def octets(rng, size):
    return bytes(rng.getrandbits(8) for _ in range(size))


def address(rng, version, host):
    if version == 4:
        return '10.%d.%d.%d' % (rng.randrange(1, 250), rng.randrange(256), host)
    return 'fd%02x:%x::%x' % (rng.randrange(256), rng.randrange(1, 65536), host)


class Sa:
    """A random SA with its stream of packets."""

    def __init__(self, rng, spi, kinds):
        self.rng, self.spi = rng, spi
        kind = rng.choice(kinds)
        self.protocol = 'ah' if kind == 'ah' else 'esp'
        self.version = rng.choice((4, 6))
        self.mode = rng.choice(('tunnel', 'transport'))
        self.udp = self.protocol == 'esp' and self.version == 4 and rng.random() < 0.3
        self.src, self.dst = address(rng, self.version, 1), address(rng, self.version, 2)
        self.lines, algorithms = self.suite(kind)
        # scapy binds the high half of a number only where the cipher is an AEAD or the protocol AH.
        self.esn = kind in ('aead', 'ah') and rng.random() < 0.4
        self.window = rng.choice((4, 32) if not self.esn and rng.random() < 0.5 else (32, 64, 128, 1024))
        # RFC 4302 pads AH to 4 bytes under IPv4, and so does scapy; Linux does it with `align4`, and is strict about it.
        self.align4 = self.protocol == 'ah' and rng.random() < 0.6
        self.refused = self.protocol == 'ah' and self.version == 4 and not self.align4 and (12 + self.icv) % 8 != 0
        self.number = rng.choice((0, 5, 1000, 2**32 - 300)) + (rng.choice((0, 1, 77)) << 32 if self.esn else 0)
        self.first = self.number
        outer = IP if self.version == 4 else IPv6
        self.scapy = SecurityAssociation(
            AH if self.protocol == 'ah' else ESP, spi=spi, esn_en=self.esn,
            tunnel_header=outer(src=self.src, dst=self.dst) if self.mode == 'tunnel' else None,
            nat_t_header=UDP(sport=4500, dport=4500) if self.udp else None, **algorithms)
        self.sent, self.skipped, self.judge = [], [], Window(self.window)

    def suite(self, kind):
        """The kernel's lines and scapy's arguments."""
        rng = self.rng
        if kind == 'aead':
            name, kernel, keys, icvs = rng.choice(AEADS)
            key, self.icv = octets(rng, rng.choice(keys)), rng.choice(icvs)
            self.cipher, self.integrity = name, None
            return (['aead %s 0x%s %d' % (kernel, key.hex(), 8 * self.icv)],
                    {'crypt_algo': name, 'crypt_key': key, 'crypt_icv_size': self.icv})
        lines, algorithms, self.cipher, self.integrity, self.icv = [], {}, None, None, 0
        if kind != 'encryption':
            name, kernel, keys, self.icv = rng.choice(INTEGRITY)
            key, self.integrity = octets(rng, rng.choice(keys)), name
            lines.append('auth-trunc %s 0x%s %d' % (kernel, key.hex(), 8 * self.icv))
            algorithms.update(auth_algo=name, auth_key=key)
        if kind != 'ah':
            name, kernel, keys = rng.choice([c for c in CIPHERS if kind != 'encryption' or c[0] != 'NULL'])
            key, self.cipher = octets(rng, rng.choice(keys)), name
            lines.append('enc %s 0x%s' % (kernel, key.hex()) if key else 'enc %s ' % kernel)
            algorithms.update(crypt_algo=name, crypt_key=key)
        return lines, algorithms

    def dump(self):
        """As `ip xfrm state` prints it."""
        large = self.esn or self.window > 32
        flags = ['af-unspec'] * (self.mode == 'tunnel') + ['align4'] * self.align4 + ['esn'] * self.esn
        out = ['src %s dst %s' % (self.src, self.dst),
               '\tproto %s spi 0x%08x reqid 1 mode %s' % (self.protocol, self.spi, self.mode),
               '\treplay-window %d %s' % (0 if large else self.window, 'flag ' * bool(flags) + ' '.join(flags))]
        out += ['\t' + line for line in self.lines]
        if self.udp:
            out.append('\tencap type espinudp sport 4500 dport 4500 addr 0.0.0.0')
        if large:
            words = (self.window + 31) // 32
            out += ['\tanti-replay esn context:',
                    '\t seq-hi 0x%x, seq 0x%x, oseq-hi 0x0, oseq 0x0' % (self.first >> 32, self.first & 0xffffffff),
                    '\t replay_window %d, bitmap-length %d' % (self.window, words),
                    '\t ' + '00000000 ' * words]
        else:
            out.append('\tanti-replay context: seq 0x%x, oseq 0x0, bitmap 0x00000000' % self.first)
        return '\n'.join(out) + '\n'

    def seal(self, packet, number):
        sealed = self.scapy.encrypt(packet, seq_num=number & 0xffffffff, esn_en=self.esn, esn=number >> 32)
        if self.udp:  # scapy 2.5 leaves the length of an empty datagram in it
            sealed[UDP].len = len(sealed[UDP])
        return bytes(sealed)

    def fresh(self, number):
        """A packet that nobody has altered, under this number."""
        version = self.rng.choice((4, 6)) if self.mode == 'tunnel' else self.version
        ends = (None, None) if self.mode == 'tunnel' else (self.src, self.dst)
        packet = inner_packet(self.rng, version, *ends)
        frame = Frame(self, number, self.seal(packet, number), bytes(packet), 'ok' if self.icv else 'none')
        self.sent.append(frame)
        return frame

    def altered(self, frame):
        """The same with a bit of the ICV, or of what it covers, turned around."""
        wire = bytearray(frame.wire)
        covered = self.icv + (4 if self.protocol == 'esp' else 0)  # before AH's ICV is its number
        wire[len(wire) - 1 - self.rng.randrange(covered)] ^= 1 << self.rng.randrange(8)
        return Frame(self, frame.number, bytes(wire), None, 'bad')

    def step(self):
        """The next packet: mostly the next number, now and then one that is late, comes again, or was altered."""
        draw = self.rng.random()
        if draw < 0.04 and len(self.sent) > 40:  # far enough back that no capture would see one packet twice
            old = self.rng.choice(self.sent[-200:-30])
            frame = Frame(self, old.number, old.wire, old.inner, old.icv)
        elif draw < 0.08 and self.skipped:
            frame = self.fresh(self.skipped.pop(self.rng.randrange(len(self.skipped))))
        else:
            ahead = self.rng.randrange(1, self.window + 20) if draw > 0.95 and not self.wraps() else 0
            self.skipped += range(self.number + 1, self.number + 1 + min(ahead, 40))
            self.number += 1 + ahead
            frame = self.fresh(self.number)
            if 0.08 <= draw < 0.11 and self.icv:
                self.sent.pop()
                frame = self.altered(frame)
        if frame.icv != 'bad':
            frame.verdict = self.judge.verdict(frame.number)
        return frame

    def wraps(self):
        """Short numbers must not begin anew: no receiver would take them."""
        return not self.esn and self.number + self.window + 300 >= 2**32

    def ended(self):
        return not self.esn and self.number + 2 >= 2**32


def upper_layer(rng, version):
    size = rng.choice((0, 1, rng.randrange(64), rng.randrange(1300)))
    ports = {'sport': rng.randrange(1024, 4000), 'dport': rng.randrange(6000, 60000)}
    kind = rng.randrange(4)
    if kind == 0:
        return UDP(**ports) / Raw(octets(rng, size))
    if kind == 1:
        return TCP(**ports, seq=rng.getrandbits(32), ack=rng.getrandbits(32), flags=rng.choice('SAPF')) / Raw(
            octets(rng, size))
    if kind == 2:
        echo = ICMP(id=rng.getrandbits(16)) if version == 4 else ICMPv6EchoRequest(id=rng.getrandbits(16))
        return echo / Raw(octets(rng, size))
    return Raw(octets(rng, size + 1))


def inner_packet(rng, version, src, dst):
    src, dst = src or address(rng, version, 7), dst or address(rng, version, 9)
    upper = upper_layer(rng, version)
    raw = isinstance(upper, Raw)
    if version == 4:
        header = IP(src=src, dst=dst, id=rng.getrandbits(16), ttl=rng.randrange(1, 255), tos=rng.getrandbits(8),
                    flags=rng.choice((0, 'DF')))
        if rng.random() < 0.1:  # router alert: immutable on the way
            header.options = [IPOption(b'\x94\x04\x00\x00')]
        if raw:
            header.proto = 253  # RFC 3692: for experiments
    else:
        header = IPv6(src=src, dst=dst, tc=rng.getrandbits(8), fl=rng.getrandbits(20), hlim=rng.randrange(1, 255))
        if rng.random() < 0.1:
            header = header / IPv6ExtHdrHopByHop(options=[PadN(optdata=b'\0' * 4)])
        elif rng.random() < 0.1:
            header = header / IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=0x1e, optdata=octets(rng, 4))])
        if raw:
            header.lastlayer().nh = 253
    return (header / upper).__class__(bytes(header / upper))


class Traffic:
    """`count` packets of `sas` SAs, in the order of the wire, ten milliseconds apart."""

    def __init__(self, seed, sas, count, kinds=('aead', 'both', 'both', 'encryption', 'ah')):
        rng = random.Random(seed)
        self.sas = [Sa(rng, 0x1000 + i, kinds) for i in range(sas)]
        self.frames = []
        while len(self.frames) < count:
            running = [sa for sa in self.sas if not sa.ended()]
            if not running:
                break
            self.frames.append(rng.choice(running).step())

    def dump(self):
        return ''.join(sa.dump() for sa in self.sas)

    def pcap(self):
        """With link type RAW."""
        out = [struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101)]
        for i, frame in enumerate(self.frames):
            out.append(struct.pack('<IIII', 1_700_000_000 + i // 100, i % 100 * 10_000, len(frame.wire),
                                   len(frame.wire)) + frame.wire)
        return b''.join(out)
