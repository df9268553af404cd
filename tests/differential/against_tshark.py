#!/usr/bin/env python3
"""Random traffic that scapy sealed, opened by tshark and by espdump: both must see the same.

usage: against_tshark.py PROGRAM [COUNT [SEED]]

tshark gets its keys as `espdump keys --to wireshark` writes them, so that is tried, too. Of every packet of an SA that
tshark's table can have: ICV, contents, and the fields of what is inside. Prints the seed. Ends with 77 where scapy or
tshark is not installed.
"""
import os
import sys
import tempfile

from peers import SKIPPED, arguments, espdump, needs_tshark, packets, tshark

try:
    from traffic import Traffic
except ImportError as error:
    print('skipped: %s (Debian: python3-scapy, python3-cryptography)' % error)
    sys.exit(SKIPPED)

FIELDS = ('esp.icv_good', 'esp.icv_bad', 'esp.protocol', 'ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst', 'udp.srcport',
          'udp.dstport', 'tcp.srcport', 'tcp.dstport')
PREFERENCES = ('esp.enable_encryption_decode:TRUE', 'esp.enable_authentication_check:TRUE')


def both_see(program, traffic, folder):
    """(frame, espdump's record, tshark's fields) of every packet whose SA is in tshark's table."""
    capture, keys = os.path.join(folder, 'wire.pcap'), os.path.join(folder, 'keys.txt')
    with open(capture, 'wb') as out:
        out.write(traffic.pcap())
    with open(keys, 'w', encoding='ascii') as out:
        out.write(traffic.dump())
    table = espdump(program, 'keys', keys, '--to', 'wireshark')
    with open(os.path.join(folder, 'esp_sa'), 'w', encoding='ascii') as out:
        out.write(table)
    ours = packets(program, capture, '--keys', keys)
    theirs = list(tshark(capture, folder, FIELDS, *PREFERENCES))
    assert len(ours) == len(theirs) == len(traffic.frames)
    for frame, our, their in zip(traffic.frames, ours, theirs):
        if '"0x%08x"' % frame.sa.spi in table:
            yield frame, our, their


def icv_of(fields):
    """What tshark says of it; None: nothing, which it does of algorithms that it cannot compute."""
    if fields.get('esp.icv_good') == ['1']:
        return 'ok'
    return 'bad' if fields.get('esp.icv_bad') == ['1'] else None


def inside(frame, inner, fields):
    """Pairs of what espdump and tshark say of the innermost packet's header."""
    name = 'ipv6' if ':' in inner['src'] else 'ip'
    same = frame.sa.mode == 'tunnel' and (name == 'ipv6') == (frame.sa.version == 6)
    for end in ('src', 'dst'):
        yield inner[end], fields.get(name + '.' + end, [''])[1 if same else 0:][:1]
    protocol = inner['protocol']
    if protocol in ('udp', 'tcp'):
        at = 1 if protocol == 'udp' and frame.sa.udp else 0
        for end in ('src', 'dst'):
            yield str(inner[end[0] + 'port']), fields.get('%s.%sport' % (protocol, end), [])[at:][:1]


def main():
    needs_tshark()
    program, count, seed = arguments(sys.argv[1:], 3000)
    traffic = Traffic(seed, 60, count, ('aead', 'both', 'both', 'encryption'))
    icvs, opened, differences = {}, {}, []
    with tempfile.TemporaryDirectory() as folder:
        for number, (frame, our, their) in enumerate(both_see(program, traffic, folder), 1):
            ipsec, icv = our['ipsec'][0], icv_of(their)
            # tshark 4.0 knows no ESN: it computes the ICV without the upper half.
            if icv and not frame.sa.esn:
                icvs[frame.sa.integrity or frame.sa.cipher] = icvs.get(frame.sa.integrity or frame.sa.cipher, 0) + 1
                if icv != ipsec['icv']:
                    differences.append('frame %d: ICV %s, tshark says %s' % (number, ipsec['icv'], icv))
            if ipsec['decrypted'] and 'esp.protocol' in their and 'inner' in our:
                opened[frame.sa.cipher] = opened.get(frame.sa.cipher, 0) + 1
                differences += ['frame %d (%s): %s, tshark says %s' % (number, frame.sa.cipher, ours, theirs)
                                for ours, theirs in inside(frame, our['inner'], their) if theirs != [ours]]
    print('\n'.join(differences[:20]))
    print('ICVs compared:', icvs)
    print('contents compared:', opened)
    # Less would say that nothing was compared.
    enough = sum(icvs.values()) > count / 4 and sum(opened.values()) > count / 3 and len(icvs) > 4 and len(opened) > 5
    print('%d differences' % len(differences) if enough else 'tshark opened too few packets to compare')
    sys.exit(1 if differences or not enough else 0)


if __name__ == '__main__':
    main()
