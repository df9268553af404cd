"""Random IKEv2 messages sealed under random keys (RFC 7296 section 3.14, RFC 5282), with what is true of each.

Nothing here knows espdump: payloads are drawn from a seed and written by hand, python's cryptography seals them.
"""
import hmac
import random
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM

# Names of Wireshark's table.
CIPHERS = (
    ('NULL [RFC2410]', 0), ('3DES [RFC2451]', 24), ('AES-CBC-128 [RFC3602]', 16), ('AES-CBC-192 [RFC3602]', 24),
    ('AES-CBC-256 [RFC3602]', 32), ('AES-CTR-128 [RFC5930]', 20), ('AES-CTR-192 [RFC5930]', 28),
    ('AES-CTR-256 [RFC5930]', 36))
# The third: bytes of the ICV.
AEADS = tuple(('AES-%s-%d with %d octet ICV [RFC5282]' % (mode, bits, icv), bits // 8 + (4 if mode == 'GCM' else 3), icv)
              for mode in ('GCM', 'CCM') for bits in (128, 192, 256) for icv in (8, 12, 16))
# Hash, bytes of the key and of the ICV.
INTEGRITIES = (
    ('HMAC_MD5_96 [RFC2403]', 'md5', 16, 12), ('HMAC_SHA1_96 [RFC2404]', 'sha1', 20, 12),
    ('HMAC_MD5_128 [RFC4595]', 'md5', 16, 16), ('HMAC_SHA1_160 [RFC4595]', 'sha1', 20, 20),
    ('HMAC_SHA2_256_128 [RFC4868]', 'sha256', 32, 16), ('HMAC_SHA2_384_192 [RFC4868]', 'sha384', 48, 24),
    ('HMAC_SHA2_512_256 [RFC4868]', 'sha512', 64, 32))
SA, KE, ID_I, ID_R, NONCE, NOTIFY, DELETE, VENDOR, TS_I, TS_R = 33, 34, 35, 36, 40, 41, 42, 43, 44, 45
SEALED = 46
INIT, AUTH, CREATE_CHILD, INFORMATIONAL = 34, 35, 36, 37


class IkeSa:
    def __init__(self, rng):
        self.rng = rng
        self.spis = (self.octets(8), self.octets(8))
        self.aead = rng.random() < 0.5
        if self.aead:
            self.cipher, size, self.icv = rng.choice(AEADS)
            self.integrity, self.hash = 'NONE [RFC4306]', None
        else:
            self.cipher, size = rng.choice(CIPHERS)
            self.integrity, self.hash, key, self.icv = rng.choice(INTEGRITIES)
        self.keys = (self.octets(size), self.octets(size))
        self.integrity_keys = (b'', b'') if self.aead else (self.octets(key), self.octets(key))
        self.next = [0, 0]

    def octets(self, size):
        return bytes(self.rng.getrandbits(8) for _ in range(size))

    def row(self):
        return '%s,%s,%s,%s,"%s",%s,%s,"%s"\n' % (*(spi.hex() for spi in self.spis), *(key.hex() for key in self.keys),
                                                  self.cipher, *(key.hex() for key in self.integrity_keys), self.integrity)

    def encrypt(self, way, head, plain):
        """IV, ciphertext and, of an AEAD, ICV."""
        key = self.keys[way]
        if self.aead:
            salt, iv = key[-4:] if 'GCM' in self.cipher else key[-3:], self.octets(8)
            key = key[:-len(salt)]
            if 'GCM' in self.cipher:
                sealed = AESGCM(key).encrypt(salt + iv, plain, head)
                return iv + sealed[:len(sealed) - 16 + self.icv]
            return iv + AESCCM(key, tag_length=self.icv).encrypt(salt + iv, plain, head)
        if not key:
            return plain
        if 'CTR' in self.cipher:
            iv = self.octets(8)
            cipher = Cipher(algorithms.AES(key[:-4]), modes.CTR(key[-4:] + iv + bytes((0, 0, 0, 1))))
        else:
            algorithm = algorithms.TripleDES(key) if '3DES' in self.cipher else algorithms.AES(key)
            iv = self.octets(algorithm.block_size // 8)
            cipher = Cipher(algorithm, modes.CBC(iv))
        encryptor = cipher.encryptor()
        return iv + encryptor.update(plain) + encryptor.finalize()

    def block(self):
        return 16 if 'CBC' in self.cipher else 8 if '3DES' in self.cipher else 1

    def seal(self, way, exchange, number, response, first, chain, altered):
        pad = -(len(chain) + 1) % self.block() + self.rng.choice((0, 0, self.block()))
        plain = chain + self.octets(pad) + bytes((pad,))
        iv = 0 if not self.keys[0] else 8 if self.aead or 'CTR' in self.cipher or '3DES' in self.cipher else 16
        size = 4 + iv + len(plain) + self.icv
        flags = (0x20 if response else 0) | (0x08 if way == 0 else 0)
        head = self.spis[0] + self.spis[1] + struct.pack('>BBBBII', SEALED, 0x20, exchange, flags, number, 28 + size)
        head += struct.pack('>BBH', first, 0, size)
        out = head + self.encrypt(way, head, plain)
        if not self.aead:
            out += hmac.new(self.integrity_keys[way], out, self.hash).digest()[:self.icv]
        if altered:
            at = self.rng.randrange(32, len(out))
            out = out[:at] + bytes((out[at] ^ 1 << self.rng.randrange(8),)) + out[at + 1:]
        return out


class Message:
    """One message: `payloads` by type, `notifies` by type; `altered`: a bit of it was flipped on the way."""

    def __init__(self, sa, wire, exchange, number, payloads, notifies, altered):
        self.sa, self.wire, self.exchange, self.number = sa, wire, exchange, number
        self.payloads, self.notifies, self.altered = payloads, notifies, altered


def transforms(sa, kinds):
    rows = [struct.pack('>BBH', kind, 0, identifier) + (struct.pack('>HH', 0x800e, bits) if bits else b'')
            for kind, identifier, bits in kinds]
    return b''.join(struct.pack('>BBH', 3 if row is not rows[-1] else 0, 0, 4 + len(row)) + row for row in rows), len(rows)


def body_of(sa, kind, notifies):
    rng = sa.rng
    if kind == NOTIFY:
        protocol, spi = rng.choice(((0, b''), (3, sa.octets(4)), (2, sa.octets(4))))
        number = rng.choice((14, 16384, 16389, 16391, 16393, 16394, 16395, 16404, 17, 24, 38))
        notifies.append(number)
        return struct.pack('>BBH', protocol, len(spi), number) + spi + sa.octets(rng.choice((0, 2, 20)))
    if kind == DELETE:
        protocol, spis = rng.choice(((1, []), (3, [sa.octets(4) for _ in range(rng.randrange(1, 4))])))
        return struct.pack('>BBH', protocol, 4 if spis else 0, len(spis)) + b''.join(spis)
    if kind == KE:
        return struct.pack('>HH', 31, 0) + sa.octets(32)
    if kind in (ID_I, ID_R):
        return rng.choice((b'\1\0\0\0' + sa.octets(4), b'\2\0\0\0gw.example', b'\5\0\0\0' + sa.octets(16)))
    if kind in (TS_I, TS_R):
        one = struct.pack('>BBHHH', 7, 0, 16, 0, 65535) + bytes((10, 0, 0, 0, 10, 0, 0, 255))
        two = struct.pack('>BBHHH', 8, 17, 40, 53, 53) + sa.octets(16) + bytes((255,)) * 16
        chosen = rng.choice(((one,), (two,), (one, two)))
        return struct.pack('>BBH', len(chosen), 0, 0) + b''.join(chosen)
    if kind == SA:
        rows, count = transforms(sa, [(1, 12, rng.choice((128, 256))), (3, 12, 0), (5, rng.randrange(2), 0)])
        return struct.pack('>BBHBBBB', 0, 0, 12 + len(rows), 1, 3, 4, count) + sa.octets(4) + rows
    return sa.octets(rng.randrange(16, 64))


def draw(sa):
    rng = sa.rng
    way, response = rng.randrange(2), rng.random() < 0.5
    exchange = rng.choice((AUTH, CREATE_CHILD, INFORMATIONAL, INFORMATIONAL))
    number = sa.next[way] = sa.next[way] + 1
    kinds = [rng.choice((SA, KE, ID_I, ID_R, NONCE, NOTIFY, NOTIFY, DELETE, VENDOR, TS_I, TS_R))
             for _ in range(rng.randrange(6))]
    notifies, chain = [], b''
    for at, kind in enumerate(kinds):
        body = body_of(sa, kind, notifies)
        chain += struct.pack('>BBH', (kinds + [0])[at + 1], 0, 4 + len(body)) + body
    altered = rng.random() < 0.1
    ike = sa.seal(way, exchange, number, response, (kinds + [0])[0], chain, altered)
    return Message(sa, packet(rng, way, ike), exchange, number, kinds, notifies, altered)


def packet(rng, way, ike):
    ports = (4500, 4500) if rng.random() < 0.5 else (500, 500)
    data = (bytes(4) if ports[0] == 4500 else b'') + ike
    udp = struct.pack('>HHHH', *ports, 8 + len(data), 0) + data
    ends = [bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))]
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + ends[way] + ends[1 - way]
    words = sum(struct.unpack('>10H', head))
    words = (words & 0xffff) + (words >> 16)
    return head[:10] + struct.pack('>H', ~(words + (words >> 16)) & 0xffff) + head[12:] + udp


class IkeTraffic:
    def __init__(self, seed, sas, count):
        rng = random.Random('ike ' + seed)
        self.sas = [IkeSa(rng) for _ in range(sas)]
        self.messages = [draw(rng.choice(self.sas)) for _ in range(count)]

    def table(self):
        return ''.join(sa.row() for sa in self.sas)

    def pcap(self):
        out = struct.pack('<IHHIIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101)
        for at, message in enumerate(self.messages):
            out += struct.pack('<IIII', 1700000000 + at // 1000, at % 1000 * 1000, len(message.wire), len(message.wire))
            out += message.wire
        return out
