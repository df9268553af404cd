#!/usr/bin/env python3
"""Random sealed IKEv2 messages, opened by tshark and by espdump with the same table: both must see what is in them.

usage: against_tshark_ike.py PROGRAM [COUNT [SEED]]

Of every message: whether its ICV verifies, its exchange and number, its payloads in their order, and its notifications.
Prints the seed. Ends with 77 where python's cryptography or tshark is not installed.
"""
import os
import sys
import tempfile

from peers import SKIPPED, arguments, needs_tshark, packets, tshark

try:
    from ike_traffic import AUTH, CREATE_CHILD, INFORMATIONAL, SA, SEALED, IkeTraffic
except ImportError as error:
    print('skipped: %s (Debian: python3-cryptography)' % error)
    sys.exit(SKIPPED)

NAMES = {'SA': 33, 'KE': 34, 'IDi': 35, 'IDr': 36, 'Ni': 40, 'Nr': 40, 'N': 41, 'D': 42, 'V': 43, 'TSi': 44, 'TSr': 45,
         'SK': SEALED}
# Those of the registry of IKEv2 that ike_traffic draws.
NOTIFIES = {'NO_PROPOSAL_CHOSEN': 14, 'INVALID_KE_PAYLOAD': 17, 'AUTHENTICATION_FAILED': 24, 'TS_UNACCEPTABLE': 38,
            'INITIAL_CONTACT': 16384, 'NAT_DETECTION_DESTINATION_IP': 16389, 'USE_TRANSPORT_MODE': 16391,
            'REKEY_SA': 16393, 'ESP_TFC_PADDING_NOT_SUPPORTED': 16394, 'NON_FIRST_FRAGMENTS_ALSO': 16395,
            'MULTIPLE_AUTH_SUPPORTED': 16404}
EXCHANGES = {'IKE_AUTH': AUTH, 'CREATE_CHILD_SA': CREATE_CHILD, 'INFORMATIONAL': INFORMATIONAL}
FIELDS = ('isakmp.exchangetype', 'isakmp.messageid', 'isakmp.typepayload', 'isakmp.notify.msgtype')


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
    notifies = [NOTIFIES[name] for name in our['notifies']]
    if notifies != message.notifies or notifies != their['isakmp.notify.msgtype']:
        yield 'notifications %s, tshark says %s' % (notifies, their['isakmp.notify.msgtype'])
    if [EXCHANGES[our['exchange']], our['message_id']] != their['isakmp.exchangetype'] + their['isakmp.messageid']:
        yield '%s %d, tshark says %s' % (our['exchange'], our['message_id'], their)


def main():
    needs_tshark()
    program, count, seed = arguments(sys.argv[1:], 2000)
    traffic, found, opened = IkeTraffic(seed, count // 20, count), [], set()
    with tempfile.TemporaryDirectory() as folder:
        capture, table = os.path.join(folder, 'wire.pcap'), os.path.join(folder, 'ikev2_decryption_table')
        with open(capture, 'wb') as out:
            out.write(traffic.pcap())
        with open(table, 'w', encoding='ascii') as out:
            out.write(traffic.table())
        ours = [packet['ike'] for packet in packets(program, capture, '--keys', table)]
        theirs = [{name: [int(one, 0) for one in fields.get(name, ())] for name in FIELDS}
                  for fields in tshark(capture, folder, FIELDS)]
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
