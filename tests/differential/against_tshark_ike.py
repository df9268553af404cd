#!/usr/bin/env python3
"""Random sealed IKEv2 messages, opened by tshark and by espdump with the same table: both must see what is in them.

usage: against_tshark_ike.py PROGRAM [COUNT [SEED]]

Of every message: whether its ICV verifies, its exchange and number, its payloads in their order, and its notifications.
Prints the seed. Ends with 77 where python's cryptography or tshark is not installed.
"""
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile

try:
    from ike_traffic import AUTH, CREATE_CHILD, INFORMATIONAL, SA, SEALED, IkeTraffic
except ImportError as error:
    print('skipped: %s (Debian: python3-cryptography)' % error)
    sys.exit(77)

NAMES = {'SA': 33, 'KE': 34, 'IDi': 35, 'IDr': 36, 'Ni': 40, 'Nr': 40, 'N': 41, 'D': 42, 'V': 43, 'TSi': 44, 'TSr': 45,
         'SK': SEALED}
EXCHANGES = {'IKE_AUTH': AUTH, 'CREATE_CHILD_SA': CREATE_CHILD, 'INFORMATIONAL': INFORMATIONAL}
FIELDS = ('isakmp.exchangetype', 'isakmp.messageid', 'isakmp.typepayload', 'isakmp.notify.msgtype')


def run(*command, home=None):
    environment = {**os.environ, 'WIRESHARK_CONFIG_DIR': home, 'HOME': home} if home else None
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=environment)
    assert done.returncode == 0, (command, done.returncode, done.stderr.decode())
    return done.stdout.decode()


def tshark(capture, home):
    fields = [word for field in FIELDS for word in ('-e', field)]
    text = run('tshark', '-n', '-r', capture, '-T', 'fields', '-E', 'separator=;', *fields, home=home)
    for line in text.splitlines():
        yield {name: [int(one, 0) for one in value.split(',')] if value else []
               for name, value in zip(FIELDS, line.split(';'))}


def differences_of(message, our, their):
    """What espdump says otherwise than the truth or, of messages that nobody altered, than tshark."""
    if our['icv'] != ('bad' if message.altered else 'ok'):
        yield 'the ICV is %s, altered: %s' % (our['icv'], message.altered)
    if message.altered:
        return
    payloads = [NAMES[name] for name in our['payloads']]
    if payloads != message.payloads:
        yield 'payloads %s, sealed were %s' % (payloads, message.payloads)
    # tshark lists proposals and transforms, too.
    seen = [kind for kind in their['isakmp.typepayload'] if kind >= SA]
    if [SEALED] + payloads != seen:
        yield 'payloads %s, tshark says %s' % (payloads, seen)
    if len(our['notifies']) != len(message.notifies) or their['isakmp.notify.msgtype'] != message.notifies:
        yield 'notifications %s, tshark says %s' % (our['notifies'], their['isakmp.notify.msgtype'])
    if [EXCHANGES[our['exchange']], our['message_id']] != their['isakmp.exchangetype'] + their['isakmp.messageid']:
        yield '%s %d, tshark says %s' % (our['exchange'], our['message_id'], their)


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    seed = sys.argv[3] if len(sys.argv) > 3 else secrets.token_hex(4)
    print('seed', seed)
    if shutil.which('tshark') is None:
        print('skipped: no tshark')
        sys.exit(77)
    traffic, found, opened = IkeTraffic(seed, count // 20, count), [], set()
    with tempfile.TemporaryDirectory() as folder:
        capture, table = os.path.join(folder, 'wire.pcap'), os.path.join(folder, 'ikev2_decryption_table')
        with open(capture, 'wb') as out:
            out.write(traffic.pcap())
        with open(table, 'w', encoding='ascii') as out:
            out.write(traffic.table())
        ours = [row['ike'] for row in map(json.loads, run(program, capture, '--keys', table, '--json').splitlines())
                if row['type'] == 'packet']
        theirs = list(tshark(capture, folder))
    assert len(ours) == len(theirs) == count
    for number, (message, our, their) in enumerate(zip(traffic.messages, ours, theirs), 1):
        found += ['message %d (%s, %s): %s' % (number, message.sa.cipher, message.sa.integrity, text)
                  for text in differences_of(message, our, their)]
        if our['decrypted']:
            opened |= {message.sa.cipher, message.sa.integrity}
    print('\n'.join(found[:20]))
    print('%d messages under %d algorithms, %d differences' % (count, len(opened), len(found)))
    sys.exit(1 if found or len(opened) < 25 else 0)


if __name__ == '__main__':
    main()
