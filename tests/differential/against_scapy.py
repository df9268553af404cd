#!/usr/bin/env python3
"""Random traffic that scapy sealed, held against what espdump says of it.

usage: against_scapy.py PROGRAM [COUNT [SEED]]

Of every packet: ICV, verdict on its number, whether it was decrypted; and byte by byte what was inside. Prints the
seed. Ends with 77 where scapy is not installed.
"""
import os
import struct
import sys
import tempfile

from peers import SKIPPED, arguments, packets

try:
    from traffic import Traffic
except ImportError as error:
    print('skipped: %s (Debian: python3-scapy, python3-cryptography)' % error)
    sys.exit(SKIPPED)


def records(path):
    data, at = open(path, 'rb').read(), 24
    while at < len(data):
        size = struct.unpack_from('<I', data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def say(frame, number, told):
    sa = frame.sa
    return 'frame %d (SPI 0x%x, %s %s %s IPv%d%s%s, window %d, number %d): %s' % (
        number, sa.spi, sa.protocol, sa.mode, '/'.join(filter(None, (sa.cipher, sa.integrity))), sa.version,
        ' in UDP' if sa.udp else '', ' ESN' if sa.esn else '', sa.window, frame.number, told)


def verdict_of(packet, frame):
    for code in packet['findings']:
        if code in ('replay.duplicate', 'replay.stale'):
            return code[len('replay.'):]
    return 'new' if frame.icv != 'bad' else frame.verdict


def compare(frame, number, packet):
    ipsec = packet.get('ipsec')
    if not ipsec:
        yield say(frame, number, 'no IPsec seen')
        return
    first = ipsec[0]
    for name, told, truth in (('SPI', int(first['spi'], 16), frame.sa.spi), ('icv', first['icv'], frame.icv),
                              ('number', first['seq'], told_number(frame)),
                              ('decrypted', first['decrypted'], frame.icv != 'bad'),
                              ('verdict', verdict_of(packet, frame), frame.verdict)):
        if told != truth:
            yield say(frame, number, '%s is %s, scapy says %s' % (name, told, truth))


def told_number(frame):
    """Of a packet that does not verify, nobody knows the upper half that it was not sent with."""
    return frame.number & 0xffffffff if frame.icv == 'bad' else frame.number


def inner_mistakes(frames, path):
    written = records(path)
    for number, frame in enumerate(frames, 1):
        if frame.icv == 'bad':
            continue
        packet = next(written, None)
        if packet != frame.inner:
            yield say(frame, number, 'inside is %s, scapy put in %s' % (packet and packet.hex(), frame.inner.hex()))
            return
    if next(written, None) is not None:
        yield 'more packets written than there are'


def mistakes(program, traffic, folder, options):
    capture, keys, inner = (os.path.join(folder, name) for name in ('wire.pcap', 'keys.txt', 'inner.pcap'))
    with open(capture, 'wb') as out:
        out.write(traffic.pcap())
    with open(keys, 'w', encoding='ascii') as out:
        out.write(traffic.dump())
    told = packets(program, capture, '--keys', keys, '-w', inner, *options)
    assert len(told) == len(traffic.frames)
    for number, (frame, packet) in enumerate(zip(traffic.frames, told), 1):
        yield from compare(frame, number, packet)
    yield from inner_mistakes(traffic.frames, inner)


def main():
    program, count, seed = arguments(sys.argv[1:], 5000)
    traffic = Traffic(seed, 60, count)
    found = []
    for options in (('--crypto', 'auto'), ('--crypto', 'openssl', '-j', '2')):
        with tempfile.TemporaryDirectory() as folder:
            found += ['%s: %s' % (' '.join(options), mistake)
                      for mistake in mistakes(program, traffic, folder, options)]
    print('\n'.join(found[:20]))
    suites = {(sa.cipher, sa.integrity, sa.protocol, sa.mode, sa.version, sa.udp, sa.esn) for sa in traffic.sas}
    print('%d packets of %d SAs, %d kinds of them; %d differences' % (len(traffic.frames), len(traffic.sas),
                                                                     len(suites), len(found)))
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
