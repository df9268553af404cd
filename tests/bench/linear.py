#!/usr/bin/env python3
"""Whether time grows with the number of packets and no faster, for hostile captures and every command that reads them.

usage: linear.py BUILD_DIRECTORY [PACKETS [KIND]...]

Makes each kind of make_adversary with PACKETS (30,000) and four times as many; for `gateway` also what may come out
behind: nothing, half, everything in another order, altered, twice; and what may have been behind a VPN gateway: the
packets inside, with an ICMP error about each, of which half leave, all, or all and in the clear, too. Prints nanoseconds of CPU a packet with the many,
and how many times that is what a packet takes with the few; fails where it is more than 1.7 times. Each number is the
least of three runs, without the time of a start.
"""
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile

KINDS = ('usual spis forged forged-one-source fragments pieces jumps jumps-esn gaps backwards replays connections '
         'sent-again streams alike sas ike ike-usual icmp empty headers tunnels payloads proposals ike-pieces aggregates').split()
FACTOR, BOUND = 4, 1.7


def cpu(command):
    least = float('inf')
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, check=False).returncode
        assert status in (0, 1, 3), (status, command)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        least = min(least, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return least


def records(data):
    at = 24
    while at < len(data):
        size = 16 + struct.unpack_from('<I', data, at + 8)[0]
        yield data[at:at + size]
        at += size


def altered(record):
    return record[:-1] + bytes([record[-1] ^ 1]) if len(record) > 60 else record


def write_outputs(folder):
    """What a gateway may make of the capture."""
    with open(folder + '/capture.pcap', 'rb') as capture:
        data = capture.read()
    packets = list(records(data))
    shuffled = packets[:]
    random.Random(1).shuffle(shuffled)
    for name, made in (('empty', ()), ('half', packets[1::2]), ('shuffled', shuffled),
                       ('altered', map(altered, packets)), ('twice', (packet * 2 for packet in packets))):
        with open('%s/%s.pcap' % (folder, name), 'wb') as out:
            out.write(data[:24] + b''.join(made))


def time_of(record):
    return struct.unpack_from('<II', record)


def ip_record(time, packet):
    return struct.pack('<IIII', *time, len(packet), len(packet)) + packet


def error_about(record, mtu):
    """An ICMP error of a router that has no route for so large a packet."""
    icmp = struct.pack('>BBHHH', 3, 4, 0, 0, mtu) + record[16:44]
    return ip_record(time_of(record),
                     struct.pack('>BBHHHBBHII', 0x45, 0, 20 + len(icmp), 0, 0, 64, 1, 0, 0xc0000203, 0xc0000201) + icmp)


def write_inside(program, folder):
    """The packets inside, as the protected side of a VPN gateway has them, and what may be on its other side."""
    subprocess.run([program, folder + '/capture.pcap', '--keys', folder + '/xfrm-state.txt', '-q', '-w',
                    folder + '/inside.pcap'], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(folder + '/capture.pcap', 'rb') as capture, open(folder + '/inside.pcap', 'rb') as inside:
        outer, inner = capture.read(), inside.read()
    packets = [ip_record(time_of(record), record[16:]) for record in records(inner)]
    refused = [error_about(packet, n % 1400 + 576) for n, packet in enumerate(packets) if len(packet) > 44]
    for name, made in (('refused', packets + refused), ('leaking', list(records(outer)) + packets)):
        with open('%s/%s.pcap' % (folder, name), 'wb') as out:
            out.write(outer[:24] + b''.join(sorted(made, key=time_of)))


def commands(program, folder):
    capture, keys = folder + '/capture.pcap', ['--keys', folder + '/xfrm-state.txt']
    for options in (['-q'], ['-V'], ['--json'], ['-q', '--html', folder + '/page.html'],
                    ['-q', '-w', folder + '/inner.pcapng']):
        yield ' '.join(word for word in options if '/' not in word), [program, capture, *keys, *options]
    yield 'two captures', [program, capture, folder + '/shuffled.pcap', *keys, '-q']
    yield 'no keys', [program, capture, '-q']
    for behind in ('empty', 'half', 'shuffled', 'altered', 'twice'):
        other = '%s/%s.pcap' % (folder, behind)
        yield 'gateway, ' + behind, [program, 'gateway', capture, other, *keys, '--json']
        yield '--protects, ' + behind, [program, 'gateway', '--protects', other, capture, *keys, '--json']
    for plain, outer in (('inside', 'half'), ('refused', 'half'), ('inside', 'twice'), ('inside', 'leaking')):
        yield '--protects %s, %s' % (plain, outer), [program, 'gateway', '--protects', '%s/%s.pcap' % (folder, plain),
                                                     '%s/%s.pcap' % (folder, outer), *keys, '--json']


def measure(build, kind, packets, start):
    with tempfile.TemporaryDirectory() as work:
        folders = []
        for count in (packets, FACTOR * packets):
            folders.append('%s/%d' % (work, count))
            os.mkdir(folders[-1])
            subprocess.run([build + '/tests/bench/make_adversary', kind, str(count), folders[-1]], check=True)
            write_outputs(folders[-1])
            write_inside(build + '/espdump', folders[-1])
        few, many = (list(commands(build + '/espdump', folder)) for folder in folders)
        for (name, small), (_, large) in zip(few, many):
            each = (cpu(large) - start) / (FACTOR * packets)
            yield name, each * 1e9, each * packets / max(cpu(small) - start, 2e-3)


def main():
    build = os.path.abspath(sys.argv[1])
    packets = int(sys.argv[2]) if len(sys.argv) > 2 else 30000
    start = cpu([build + '/espdump', 'explain', 'icv.bad'])
    failed = False
    print('| packets | slowest | ns a packet | grows fastest | times |\n|---|---|---|---|---|')
    for kind in sys.argv[3:] or KINDS:
        rows = list(measure(build, kind, packets, start))
        slowest, steepest = max(rows, key=lambda row: row[1]), max(rows, key=lambda row: row[2])
        print('| %s | %s | %.0f | %s | %.2f |' % (kind, slowest[0], slowest[1], steepest[0], steepest[2]), flush=True)
        failed = failed or steepest[2] > BOUND
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
