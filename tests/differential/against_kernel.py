#!/usr/bin/env python3
"""Random traffic that scapy sealed, received by a Linux kernel: its counters against those that espdump tells.

usage: against_kernel.py PROGRAM [COUNT [SEED]]        all of it, on this kernel (root, XFRM)
       against_kernel.py make PROGRAM FOLDER [COUNT [SEED]]
       against_kernel.py play FOLDER                   only this needs root and XFRM; nothing but Python and iproute2
       against_kernel.py check PROGRAM FOLDER

The SAs are set up with what `espdump keys --to xfrm` writes, in a network namespace of their own, which is gone
afterwards. Per SA the kernel must have counted as received what scapy sealed and the replay window let in, and each
of its counters must be the one that espdump derives from the capture. Ends with 77 where the kernel has no XFRM.
"""
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

NAMESPACE = 'espdump-differential'
SKIPPED = 77


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, check=False, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError('%s: %s' % (' '.join(command[:6]), done.stderr.strip()))
    return done.stdout


def path(folder, name):
    return os.path.join(folder, name)


# --- make ----------------------------------------------------------------------------------------------------


def make(program, folder, count, seed):
    try:
        from traffic import Traffic
    except ImportError as error:
        print('skipped: %s (Debian: python3-scapy, python3-cryptography)' % error)
        sys.exit(SKIPPED)
    traffic = Traffic(seed, 60, count)
    with open(path(folder, 'wire.pcap'), 'wb') as out:
        out.write(traffic.pcap())
    with open(path(folder, 'keys.txt'), 'w', encoding='ascii') as out:
        out.write(traffic.dump())
    with open(path(folder, 'commands.txt'), 'w', encoding='ascii') as out:
        out.write(run(program, 'keys', path(folder, 'keys.txt'), '--to', 'xfrm'))
    accepted = {hex(sa.spi): 0 for sa in traffic.sas}
    for frame in traffic.frames:
        accepted[hex(frame.sa.spi)] += frame.icv != 'bad' and frame.verdict == 'new' and not frame.sa.refused
    with open(path(folder, 'truth.json'), 'w', encoding='ascii') as out:
        json.dump({'seed': seed, 'accepted': accepted, 'receivers': sorted({sa.dst for sa in traffic.sas})}, out)


# --- play ----------------------------------------------------------------------------------------------------


def inside(*command):
    return run('ip', 'netns', 'exec', NAMESPACE, *command)


def has_xfrm():
    try:
        inside('ip', 'xfrm', 'state', 'count')
        inside('ip', 'xfrm', 'state', 'add', 'src', '10.0.0.1', 'dst', '10.0.0.2', 'proto', 'esp', 'spi', '1', 'enc',
               'cbc(aes)', '0x' + '00' * 16)
        inside('ip', 'xfrm', 'state', 'flush')
    except RuntimeError as error:
        print('skipped:', error)
        return False
    return True


def set_up(folder):
    inside('ip', 'link', 'add', 'far', 'type', 'veth', 'peer', 'name', 'near')
    for device in ('lo', 'far', 'near'):
        inside('ip', 'link', 'set', device, 'mtu', '9000', 'up')
    with open(path(folder, 'truth.json'), encoding='ascii') as text:
        for receiver in json.load(text)['receivers']:
            inside('ip', 'addr', 'add', receiver, 'dev', 'near', *(('nodad',) if ':' in receiver else ()))
    with open(path(folder, 'commands.txt'), encoding='ascii') as text:
        for command in text:  # each with its own error, and quotes that only a shell takes away
            run('ip', 'netns', 'exec', NAMESPACE, 'sh', '-s', input=command)


def records(capture):
    with open(capture, 'rb') as whole:
        data, at = whole.read(), 24
    while at < len(data):
        size = struct.unpack_from('<I', data, at + 8)[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def send(capture):
    """From within the namespace: every packet to `near`, and a socket that takes ESP out of UDP."""
    encapsulation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    encapsulation.setsockopt(socket.IPPROTO_UDP, 100, 2)  # UDP_ENCAP, UDP_ENCAP_ESPINUDP
    encapsulation.bind(('0.0.0.0', 4500))
    with open('/sys/class/net/near/address', encoding='ascii') as text:
        to = bytes.fromhex(text.read().strip().replace(':', ''))
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind(('far', 0))
    for number, packet in enumerate(records(capture)):
        raw.send(to + b'\x02\0\0\0\0\x01' + (b'\x08\x00' if packet[0] >> 4 == 4 else b'\x86\xdd') + packet)
        if number % 20 == 0:
            time.sleep(0.002)  # no queue on the way may overflow
    time.sleep(1)


def play(folder):
    run('ip', 'netns', 'add', NAMESPACE)
    try:
        if not has_xfrm():
            return SKIPPED
        set_up(folder)
        # Its own process, with /sys of that namespace.
        inside(sys.executable, os.path.abspath(__file__), 'send', path(folder, 'wire.pcap'))
        for name, command in (('states.txt', ('ip', '-s', 'xfrm', 'state')), ('xfrm_stat', ('cat', '/proc/net/xfrm_stat'))):
            with open(path(folder, name), 'w', encoding='ascii') as out:
                out.write(inside(*command))
    finally:
        run('ip', 'netns', 'del', NAMESPACE)
    return 0


# --- check ---------------------------------------------------------------------------------------------------


def check(program, folder):
    with open(path(folder, 'truth.json'), encoding='ascii') as text:
        truth = json.load(text)
    lines = run(program, path(folder, 'wire.pcap'), '--keys', path(folder, 'keys.txt'), '--json', '--kernel-stats',
                path(folder, 'states.txt'), '--kernel-stats', path(folder, 'xfrm_stat')).splitlines()
    rows = [json.loads(line) for line in lines]
    spis = {row['id']: hex(int(row['spi'], 16)) for row in rows if row['type'] == 'sa'}
    compared, found = 0, []
    for row in (row for row in rows if row['type'] == 'kernel_stats'):
        if not row['equal']:
            found.append('espdump and the kernel differ: %s %s' % (spis.get(row.get('sa')), row['counters']))
        if 'sa' in row:
            compared += 1
            spi = spis[row['sa']]
            if row['counters']['packets']['kernel'] != truth['accepted'][spi]:
                found.append('SPI %s: scapy sealed %d new ones, the kernel took %d' % (
                    spi, truth['accepted'][spi], row['counters']['packets']['kernel']))
    expected = sum(1 for count in truth['accepted'].values() if count)
    if compared < expected:
        found.append('%d SAs compared of %d' % (compared, expected))
    print('\n'.join(found[:20]))
    print('seed %s: %d SAs compared, %d differences' % (truth['seed'], compared, len(found)))
    return 1 if found else 0


def main():
    verb, rest = sys.argv[1], sys.argv[2:]
    if verb == 'send':
        send(*rest)
        return 0
    if verb == 'play':
        return play(*rest)
    if verb == 'check':
        return check(*rest)
    program, rest = (rest[0], rest[1:]) if verb == 'make' else (verb, rest)
    folder = rest.pop(0) if verb == 'make' else None
    from peers import arguments  # which the guest of the laboratory does not have
    program, count, seed = arguments([program, *rest], 4000)
    if verb == 'make':
        make(program, folder, count, seed)
        return 0
    if os.geteuid() != 0:
        print('skipped: setting SAs up needs root')
        return SKIPPED
    with tempfile.TemporaryDirectory() as temporary:
        make(program, temporary, count, seed)
        return play(temporary) or check(program, temporary)


if __name__ == '__main__':
    sys.exit(main())
